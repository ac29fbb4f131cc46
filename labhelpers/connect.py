"""Connects a notebook to SageMaker: to an AWS account, or to labcloud on this machine."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from labhelpers.errors import NotConnected

# The names of all resources of the course start with it. leftovers finds them by it, and the IAM
# policies of the labs are limited to it.
PREFIX = "labs-"
# The folder of the bucket in which the course stores everything.
FOLDER = "sagemaker-labs"
# The folder of a lab, and what else a project can be called.
_LAB = re.compile(r"\d\d-[a-z0-9-]{1,30}")
_PROJECT = re.compile(r"(?=.{2,30}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_latest_moment = 0


@dataclass(frozen=True)
class Lab:
    """A connected lab: the SDK's session, the account, and the lab's own names and places."""

    name: str
    session: Any = field(repr=False)
    account: str
    region: str
    bucket: str
    role: str
    is_local: bool

    @property
    def prefix(self) -> str:
        """The beginning of the names of this lab's resources."""
        return prefix_of(self.name)

    def resource_name(self, label: str = "") -> str:
        """A new name for a resource, of at most 63 characters: prefix, label, time (UTC)."""
        moment = _moment()
        stem = f"{self.prefix}{label}".strip("-")[: 62 - len(moment)].rstrip("-")
        return f"{stem}-{moment}"

    def tuning_job_name(self) -> str:
        """A new name for a tuning job, of 32 characters at most. No more are allowed."""
        short = self.name[:2] if _LAB.fullmatch(self.name) else self.name[:7].rstrip("-")
        return f"{PREFIX}{short}-{_moment()}"

    def uri(self, *parts: str) -> str:
        """An S3 URI in the course's folder of the bucket: uri("iris", "train")."""
        return "/".join([f"s3://{self.bucket}", FOLDER, *parts])

    def client(self, service: str) -> Any:
        """A boto3 client of the session with which this lab is connected."""
        return self.session.boto_session.client(service)


def prefix_of(name: str) -> str:
    """The beginning of the names of a lab's resources.

    Of a project of your own it ends with two dashes: `churn` is not the beginning of `churn-2`.
    """
    return f"{PREFIX}{name}{'-' if _LAB.fullmatch(name) else '--'}"


def connect(name: str) -> Lab:
    """Connects a lab, named by its folder (`01-xgboost-iris`), and prints what it is connected to.

    A project of your own has a name of your own: small letters, digits and single dashes.
    In SageMaker Studio the role is Studio's own. Elsewhere, the credentials must be those of a role
    that SageMaker may assume. Creates SageMaker's default bucket if there is none, which is free
    while it is empty. Raises NotConnected.
    """
    if not _LAB.fullmatch(name) and not _PROJECT.fullmatch(name):
        raise NotConnected(
            f"{name!r} cannot be a name. Name a lab by its folder, for example 01-xgboost-iris. A "
            "project of your own has small letters, digits and single dashes, begins with a "
            "letter, and has at most 30 characters."
        )
    _quiet()
    boto = _boto_session()
    from sagemaker.core.helper.session_helper import Session, get_execution_role

    try:
        session = Session(boto_session=boto)
        identity = boto.client("sts", endpoint_url=_sts(boto)).get_caller_identity()
        role = get_execution_role(session)
        bucket = session.default_bucket()
    except ValueError as error:
        raise NotConnected(
            "Your credentials are not those of a role, and SageMaker needs a role to run jobs "
            f"as. Open the lab in SageMaker Studio, or with ./lab open. ({error})"
        ) from error
    except EndpointConnectionError as error:
        raise NotConnected(
            f"{error.kwargs['endpoint_url']} does not answer. If that is labcloud, it has been "
            "stopped: run ./lab open in a terminal, then restart this notebook's kernel."
        ) from error
    except (ClientError, BotoCoreError) as error:
        raise NotConnected(
            f"AWS does not let you in: {error}. Are the credentials valid and the region right? "
            "Without an AWS account, start the lab with ./lab open."
        ) from error
    endpoint = urlsplit(boto.client("sagemaker").meta.endpoint_url).hostname
    lab = Lab(
        name=name,
        session=session,
        account=identity["Account"],
        region=boto.region_name,
        bucket=bucket,
        role=role,
        is_local=endpoint in _LOOPBACK,
    )
    where = "labcloud on this machine" if lab.is_local else f"AWS account {lab.account}"
    print(
        f"Connected to {where}: region {lab.region}, bucket {lab.bucket}, "
        f"role {lab.role.rsplit('/', 1)[-1]}"
    )
    return lab


def _moment() -> str:
    """The time in UTC, to the millisecond, as the end of a name. Later with every call."""
    global _latest_moment
    _latest_moment = max(time.time_ns() // 1_000_000, _latest_moment + 1)
    seconds, thousandths = divmod(_latest_moment, 1000)
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(seconds)) + f"-{thousandths:03d}"


def _boto_session() -> boto3.Session:
    try:
        session = boto3.Session()
        region, credentials = session.region_name, session.get_credentials()
    except BotoCoreError as error:
        raise NotConnected(f"Your AWS configuration cannot be used: {error}") from error
    if region is None:
        raise NotConnected(
            "No AWS region is set. Set AWS_DEFAULT_REGION, or start the lab with ./lab open."
        )
    if credentials is None:
        raise NotConnected(
            "No AWS credentials were found. In SageMaker Studio they come with the notebook; on "
            "your own machine, start the lab with ./lab open, which needs no account."
        )
    return session


def _sts(session: boto3.Session) -> str | None:
    """The address of STS: that of SageMaker if it is labcloud's, AWS's own otherwise."""
    endpoint: str = session.client("sagemaker").meta.endpoint_url
    return endpoint if urlsplit(endpoint).hostname in _LOOPBACK else None


def _quiet() -> None:
    """Turns off the SDK's progress panels and notices. `watch` prints the same, in order.

    The panels redraw themselves, and the output that a notebook stores cannot.
    """
    import rich

    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("sagemaker").propagate = False
    rich.reconfigure(force_jupyter=False, force_terminal=False)
