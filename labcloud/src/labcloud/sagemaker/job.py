"""A job: run → work → reason → clear → end, the same for every kind of it.

The record says InProgress when the job begins, and holds one of the final statuses when its task
has ended, also after an error, a stop, a full disk, or the end of the server. An execution of a
pipeline has other words for some of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ApiError, ResourceInUse, ValidationError
from labcloud.sagemaker.failures import LOST, failure_reason
from labcloud.sagemaker.resource import Answer, Request, Resource
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.state import trees
from labcloud.state.records import Missing, Record
from labcloud.text import as_lines

# What a FailureReason may have (characters).
_LONGEST_REASON = 1024

logger = logging.getLogger(__name__)


class Job(ABC):
    """The work of one job. What it knows, it reads from its record.

    A kind of job says what it is (`resource`), does its `work`, and may add to the record when the
    job begins, when it is asked to stop, and when it ends.
    """

    resource: ClassVar[Resource]
    # How AWS spells the statuses of this kind.
    statuses: ClassVar[type[JobStatus]] = JobStatus

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        self.request = cloud.records.get(self.resource.kind, name)
        # Set as soon as the job is to end early.
        self.stop = asyncio.Event()

    # ---- what a kind of job says ------------------------------------------------------------

    @abstractmethod
    async def work(self) -> str:
        """Does the job. Returns the FailureReason, or an empty string."""

    @classmethod
    def when_begun(cls, cloud: Cloud, record: Record) -> dict[str, Any]:
        """What else a new record holds."""
        return {}

    @classmethod
    def when_stopping(cls, record: Record) -> dict[str, Any]:
        """What else a record says once the job has been asked to stop."""
        return {}

    @classmethod
    def when_ended(cls, record: Record, status: str) -> dict[str, Any]:
        """What else a record says at the end."""
        return {}

    def results(self, record: Record, status: str) -> dict[str, Any]:
        """What a record says at the end that only the job itself knows."""
        return self.when_ended(record, status)

    # ---- its life ---------------------------------------------------------------------------

    @classmethod
    def begin(cls, cloud: Cloud, request: Request, *arguments: Any) -> asyncio.Task[None]:
        """Writes the record of a request that has been checked, and starts the work.

        The task ends with the job. Raises the error for a name that is taken. `arguments` are
        the class's own, after the name.
        """
        return cls.start(cloud, cls.write(cloud, request), *arguments)

    @classmethod
    def write(cls, cloud: Cloud, request: Request) -> str:
        """Writes the record of a new job that `start` is to follow. Returns its name."""
        record = cls.resource.new_record(cloud, request)
        record[cls.resource.status] = cls.statuses.IN_PROGRESS
        cls.resource.insert(cloud, record | cls.when_begun(cloud, record))
        name: str = record[cls.resource.name]
        return name

    @classmethod
    def start(cls, cloud: Cloud, name: str, *arguments: Any) -> asyncio.Task[None]:
        """Starts the work of a record that is there."""
        return cloud.run_job(cls.resource.kind, name, cls(cloud, name, *arguments))

    @classmethod
    def running(cls, cloud: Cloud, name: str) -> Self | None:
        """The job of this name, while it runs."""
        found = cloud.running.get((cls.resource.kind, name))
        return found if isinstance(found, cls) else None

    @classmethod
    def request_stop(cls, cloud: Cloud, name: str) -> None:
        """Asks a job to end; its record says Stopping from now on."""
        record = cloud.records.get(cls.resource.kind, name)
        changes = {cls.resource.status: JobStatus.STOPPING, **cls.when_stopping(record)}
        cls.resource.update(cloud, name, **changes)
        if job := cls.running(cloud, name):
            job.stop.set()

    @classmethod
    def recover(cls, cloud: Cloud) -> None:
        """After a restart: what was running has been lost, and its record says so."""
        for record in cls.resource.unfinished(cloud):
            with setting_aside(cloud, cls.resource, record):
                cls._lost(cloud, record)

    @classmethod
    def _lost(cls, cloud: Cloud, record: Record) -> None:
        """Ends the record of a job whose server has ended: what was being stopped has stopped."""
        stopped = record[cls.resource.status] == JobStatus.STOPPING
        status = JobStatus.STOPPED if stopped else JobStatus.FAILED
        changes = {
            cls.resource.status: status,
            "FailureReason": None if stopped else LOST,
            **cls.when_ended(record, status),
        }
        cls.resource.update(cloud, record[cls.resource.name], **changes)

    @property
    def folder(self) -> Path:
        """A folder for the job alone, which goes when it ends."""
        return self.cloud.jobs_folder / self.resource.kind / self.name

    async def run(self) -> None:
        """Runs the job. At the end the record has one of the final statuses."""
        try:
            reason = await self.work()
        except asyncio.CancelledError:
            # The server stops. On a full disk `recover` says it after the next start.
            reason = "" if self.stop.is_set() else LOST
            with contextlib.suppress(OSError, sqlite3.Error):
                self._end(self.outcome(reason), reason)
            raise
        except Exception as error:
            reason = failure_reason(error, f"{self.resource.called} {self.name}")
        finally:
            await asyncio.to_thread(remove_folder, self.folder)
        reason = as_lines(reason)
        status = self.outcome(reason)
        await self.cloud.write_when_possible(lambda: self._end(status, reason))

    def outcome(self, reason: str) -> str:
        """The final status."""
        if reason:
            return JobStatus.FAILED
        return JobStatus.STOPPED if self.stop.is_set() else self.statuses.COMPLETED

    def _end(self, status: str, reason: str) -> None:
        # The record may have been deleted meanwhile.
        with contextlib.suppress(Missing):
            record = self.cloud.records.get(self.resource.kind, self.name)
            changes = {
                self.resource.status: status,
                "FailureReason": reason[:_LONGEST_REASON] or None,
                **self.results(record, status),
            }
            self.resource.update(self.cloud, self.name, **changes)
            self.cloud.log_status(self.resource.kind, self.name, status, reason)

    # ---- operations -------------------------------------------------------------------------

    @classmethod
    def operations(cls, *, deletes: bool) -> dict[str, Callable[[Cloud, Request], Any]]:
        """Describe, List, Stop, and Delete where AWS has it, by AWS's names."""
        title = cls.resource.title
        found = cls.resource.operations() | {f"Stop{title}": cls._stop}
        return found | ({f"Delete{title}": cls._delete} if deletes else {})

    @classmethod
    async def _stop(cls, cloud: Cloud, request: Request) -> Answer:
        name = request[cls.resource.name]
        status = cls.resource.find(cloud, name)[cls.resource.status]
        if status in ENDED:
            raise cls._rejected(ValidationError, status)
        if status == JobStatus.IN_PROGRESS:
            cls.request_stop(cloud, name)
        return {}

    @classmethod
    async def _delete(cls, cloud: Cloud, request: Request) -> Answer:
        name = request[cls.resource.name]
        status = cls.resource.find(cloud, name)[cls.resource.status]
        if status not in ENDED:
            raise cls._rejected(ResourceInUse, status)
        cloud.records.delete(cls.resource.kind, name)
        return {}

    @classmethod
    def _rejected(cls, error: type[ApiError], status: str) -> ApiError:
        called = cls.resource.called
        return error(f"The request was rejected because the {called} is in status {status}")


@contextlib.contextmanager
def setting_aside(cloud: Cloud, resource: Resource, record: Record) -> Iterator[None]:
    """A record that cannot be recovered costs one resource, and no start."""
    try:
        yield
    except (OSError, sqlite3.Error):
        raise
    except Exception:
        name = record[resource.name]
        logger.exception("%s %s cannot be recovered", resource.called, name)
        cloud.records.set_aside(resource.kind, name)


def remove_folder(folder: Path) -> None:
    """Deletes a job's folder. A folder that stays is logged; the job does not fail. Blocking."""
    try:
        trees.remove(folder)
    except OSError:
        logger.warning("the folder %s could not be deleted", folder, extra={"event": "litter"})
