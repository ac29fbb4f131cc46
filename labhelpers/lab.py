"""A connected lab: where its data lie, and how its resources are called."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import Any

from labhelpers.errors import LabError

# The names of all resources of the course start with it, and the IAM policy is limited to it.
PREFIX = "labs-"
# The folder of the bucket in which the course stores everything.
FOLDER = "sagemaker-labs"
# Of its repositories. AmazonSageMakerFullAccess, a managed policy, covers names with "sagemaker".
IMAGE_PREFIX = f"{FOLDER}-"
# The name of a notebook, and what else a project can be called.
NOTEBOOK = re.compile(r"(\d\d[a-z]?)-[a-z0-9-]{1,30}")
PROJECT = re.compile(r"(?=.{2,30}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_latest = 0


@dataclass(frozen=True)
class Lab:
    """A connected lab: the SDK's session, the account, and the lab's own names and places."""

    name: str
    session: Any = field(repr=False)
    account: str
    region: str
    bucket: str
    role: str
    learner: str
    is_local: bool

    @property
    def prefix(self) -> str:
        """The beginning of the names of this lab's resources: `labs-LEARNER-01-`.

        Of a project of your own it ends with two dashes: `churn` is not the beginning of `churn-2`.
        """
        found = NOTEBOOK.fullmatch(self.name)
        own = f"{found[1]}-" if found else f"{self.name}--"
        return f"{PREFIX}{self.learner}-{own}"

    @property
    def base_name(self) -> str:
        """What the SDK adds the time to, for a job that it names itself."""
        return self.prefix[:-1]

    def of(self, name: str) -> Lab:
        """Another lab of the same learner: what it has made is found and named by its prefix."""
        return replace(self, name=name)

    def resource_name(self, label: str = "") -> str:
        """A new name for a resource, of at most 63 characters: prefix, label, time (UTC)."""
        moment = _moment()
        stem = f"{self.prefix}{label}".strip("-")[: 62 - len(moment)].rstrip("-")
        return f"{stem}-{moment}"

    def tuning_job_name(self) -> str:
        """A new name for a tuning job, of 32 characters at most. No more are allowed."""
        found = NOTEBOOK.fullmatch(self.name)
        short = found[1] if found else self.name[:4].rstrip("-")
        return f"{PREFIX}{self.learner}-{short}-{_moment(whole_seconds=True)}"

    def uri(self, *parts: str) -> str:
        """An S3 URI in the learner's folder of the bucket: uri("iris", "train").

        Raises LabError for a part that is no text.
        """
        if not all(isinstance(part, str) for part in parts):
            raise LabError(f"The parts of an address are texts in quotes, not {parts}")
        return "/".join([f"s3://{self.bucket}", FOLDER, self.learner, *parts])

    def repository(self, name: str) -> str:
        """The name of the learner's repository for an image: repository("decision-trees")."""
        return f"{IMAGE_PREFIX}{self.learner}-{name}"

    def pause(self, seconds: float = 15.0) -> None:
        """Waits before the next Describe: AWS answers at once, and refuses who asks too often.

        labcloud answers when something changes, so there this returns at once.
        """
        if not self.is_local:
            time.sleep(seconds)

    def client(self, service: str) -> Any:
        """A boto3 client of the session with which this lab is connected."""
        return self.session.boto_session.client(service)


def _moment(*, whole_seconds: bool = False) -> str:
    """The time in UTC, to the millisecond, as the end of a name. Later with every call.

    In whole seconds, without the century, it is shorter.
    """
    global _latest
    step = 1000 if whole_seconds else 1
    _latest = max(time.time_ns() // 1_000_000, _latest + step)
    seconds, thousandths = divmod(_latest, 1000)
    if whole_seconds:
        return time.strftime("%y%m%d-%H%M%S", time.gmtime(seconds))
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(seconds)) + f"-{thousandths:03d}"
