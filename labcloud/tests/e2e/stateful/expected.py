"""What must be there of objects, training jobs and endpoints that were acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field

from labcloud_support.life import LOST

# How a training job may have ended: status and reason.
Ending = tuple[str, str | None]
COMPLETED: Ending = ("Completed", None)
STOPPED: Ending = ("Stopped", None)
KILLED: Ending = ("Failed", "AlgorithmError: , exit code: 137")
GONE_WITH_THE_SERVER: Ending = ("Failed", LOST)
ENDED = ("Completed", "Stopped", "Failed")


@dataclass
class Version:
    """One version of an object, or (no body) a delete marker."""

    id: str
    etag: str
    body: bytes | None


@dataclass
class Job:
    """A training job that was acknowledged; `endings` are those that are allowed."""

    endless: bool
    endings: set[Ending]
    stopping: bool = False
    # No server runs any more that could end it.
    lost: bool = False
    ended: Ending | None = None
    artifact: str | None = None


@dataclass
class Endpoint:
    """An endpoint that was acknowledged, on one of `configs`."""

    configs: set[str]
    # Nobody has waited for it since its last change.
    settled: bool = False
    # It was in service before, or was updated from what was.
    served: bool = False
    before: set[str] = field(default_factory=set)
    # A process was killed while it was created.
    may_fail: bool = False
    failed: bool = False

    def interrupted(self) -> None:
        """A kill or a restart came between: an update may have been lost."""
        if not self.settled:
            self.configs |= self.before
