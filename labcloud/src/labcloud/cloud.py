"""One cloud: the account, its stores, and the work under way. Every handler gets this object."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from labcloud.arns import Arns
from labcloud.aws.invocation_metrics import InvocationMetrics
from labcloud.aws.logs import Logs
from labcloud.aws.repositories import Repositories
from labcloud.aws.s3.objects import Objects
from labcloud.containers.engine import Engine
from labcloud.state.records import Record, Records

T = TypeVar("T")

logger = logging.getLogger(__name__)

# How long a Describe of something unfinished waits for its status to change (seconds): once a
# client has seen the status, and for botocore's waiters, which sleep up to two minutes between
# calls and would otherwise turn a one-second job into a two-minute one. Their clients give up
# reading after 60 s.
POLL_SECONDS = 5.0
WAITER_SECONDS = 30.0
# A client that asks again at once gets an answer about what is unfinished this often (seconds): the
# progress of a tuning job would keep both sides busy, on the cores that its training jobs need.
PROGRESS_SECONDS = 0.25
# How often a record that could not be written is written again (seconds).
RETRY_SECONDS = 1.0


class Job(Protocol):
    """The work of a record, from its beginning to its end."""

    def run(self) -> Coroutine[Any, Any, None]: ...


@dataclass
class Cloud:
    """The state that the API and the jobs share; used from the event loop's thread."""

    arns: Arns
    jobs_folder: Path
    records: Records
    objects: Objects
    logs: Logs
    engine: Engine
    # What Amazon ECR holds.
    images: Repositories
    # Training and transform containers that may run at the same time.
    instances: asyncio.Semaphore
    metrics: InvocationMetrics = field(default_factory=InvocationMetrics)
    polling: ContextVar[bool] = field(default_factory=lambda: ContextVar("polling", default=False))
    tasks: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)
    # Live things that a record cannot hold: the running job, the endpoint's model servers.
    running: dict[tuple[str, str], Any] = field(default_factory=dict)
    _seen: dict[tuple[str, str], str] = field(default_factory=dict)

    def start(self, kind: str, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs `work` in the background, as the task of this resource."""
        task = asyncio.get_running_loop().create_task(work, name=f"{kind}/{name}")
        self.tasks[kind, name] = task
        task.add_done_callback(lambda done: self._ended(kind, name, done))
        return task

    def work(self, kind: str, name: str, job: Job) -> asyncio.Task[None]:
        """Runs a job in the background; while it runs, it can be found in `running`."""
        self.running[kind, name] = job
        task = self.start(kind, name, job.run())
        task.add_done_callback(lambda _: self.running.pop((kind, name), None))
        return task

    def tell(self, kind: str, name: str, status: str, reason: str | None = None) -> None:
        """Logs what has become of a resource."""
        fields = {"event": "status", "kind": kind, "resource": name, "status": status}
        said = fields | {"reason": reason} if reason else fields
        logger.info("%s %s: %s", kind, name, status, extra=said)

    @contextlib.asynccontextmanager
    async def instance(self, stop: asyncio.Event) -> AsyncIterator[bool]:
        """A place to run a job's container in, once there is one; False where `stop` came first."""
        acquiring = asyncio.create_task(self.instances.acquire())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([acquiring, stopping], return_when=asyncio.FIRST_COMPLETED)
            yield acquiring.done() and not stop.is_set()
        finally:
            stopping.cancel()
            if not acquiring.cancel():
                self.instances.release()

    def _ended(self, kind: str, name: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get((kind, name)) is task:
            del self.tasks[kind, name]
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s %s: %r", kind, name, error, exc_info=error)

    async def insist(self, change: Callable[[], T]) -> T:
        """Makes a change to the records that must not get lost, again until the disk has room."""
        while True:
            try:
                return change()
            except (OSError, sqlite3.Error) as error:
                logger.error("could not write: %s", error, extra={"event": "write-failed"})
                await asyncio.sleep(RETRY_SECONDS)

    async def described(
        self, kind: str, name: str, status: str, settled: tuple[str, ...]
    ) -> Record:
        """The record for a Describe: at once the first time, else when its status has changed.

        A final status is told at once. Raises records.Missing.
        """
        record = self.records.get(kind, name)
        waiter = self.polling.get()
        before = record[status]
        if before not in settled and waiter:
            record = await self.records.wait(
                kind, name, lambda now: now[status] in settled, WAITER_SECONDS
            )
        elif before not in settled and (seen := self._seen.get((kind, name))):
            began = time.monotonic()
            if seen == before:
                await self.records.wait(kind, name, lambda now: now[status] != before, POLL_SECONDS)
            rest = began + PROGRESS_SECONDS - time.monotonic()
            record = await self.records.wait(kind, name, lambda now: now[status] in settled, rest)
        if record[status] in settled:
            self._seen.pop((kind, name), None)
        else:
            self._seen[kind, name] = record[status]
        return record
