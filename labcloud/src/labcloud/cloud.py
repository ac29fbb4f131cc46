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
from labcloud.aws.queues import Queues
from labcloud.aws.repositories import Repositories
from labcloud.aws.s3.objects import Objects
from labcloud.aws.training_metrics import TrainingMetrics
from labcloud.containers.engine import Engine
from labcloud.functions.asked import Functions
from labcloud.state.records import Record, Records
from labcloud.timings import Timings

T = TypeVar("T")
Key = tuple[str, str]

logger = logging.getLogger(__name__)


class Runs(Protocol):
    """What does the work of a record, from its beginning to its end."""

    def run(self) -> Coroutine[Any, Any, None]: ...


@dataclass
class Cloud:
    """The state that the API and the jobs share; used from the event loop's thread.

    Resources are known by their kind and name, as in `records`.
    """

    arns: Arns
    jobs_folder: Path
    records: Records
    objects: Objects
    logs: Logs
    engine: Engine
    # What Amazon ECR holds.
    images: Repositories
    # Those of Amazon SQS.
    queues: Queues
    # Training and transform containers that may run at the same time.
    instances: asyncio.Semaphore
    timings: Timings = field(default_factory=Timings)
    # What the body of an invocation may have (bytes): 25 MB, says AWS's Model Hosting FAQ. Older
    # pages and the service model say 6,291,456.
    max_payload: int = 25 * 1024**2
    metrics: InvocationMetrics = field(default_factory=InvocationMetrics)
    training_metrics: TrainingMetrics = field(default_factory=TrainingMetrics)
    # Lambda, where this cloud has it.
    functions: Functions | None = None
    # Whether the request at hand comes from a client that polls.
    polling: ContextVar[bool] = field(default_factory=lambda: ContextVar("polling", default=False))
    # Whether it comes from somebody who looks again by himself, and waits for nothing.
    at_once: ContextVar[bool] = field(default_factory=lambda: ContextVar("at_once", default=False))
    tasks: dict[Key, asyncio.Task[None]] = field(default_factory=dict)
    # Live things that a record cannot hold: the running job, the endpoint's traffic.
    running: dict[Key, object] = field(default_factory=dict)
    _seen: dict[Key, str] = field(default_factory=dict)

    # ---- work -------------------------------------------------------------------------------

    def run(self, kind: str, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs `work` in the background, as the task of this resource."""
        task = asyncio.get_running_loop().create_task(work, name=f"{kind}/{name}")
        self.tasks[kind, name] = task
        task.add_done_callback(lambda done: self._ended(kind, name, done))
        return task

    def run_job(self, kind: str, name: str, job: Runs) -> asyncio.Task[None]:
        """Runs a job in the background; while it runs, it can be found in `running`."""
        self.running[kind, name] = job
        task = self.run(kind, name, job.run())
        task.add_done_callback(lambda _: self.running.pop((kind, name), None))
        return task

    def _ended(self, kind: str, name: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get((kind, name)) is task:
            del self.tasks[kind, name]
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s %s: %r", kind, name, error, exc_info=error)

    @contextlib.asynccontextmanager
    async def instance(self, stop: asyncio.Event) -> AsyncIterator[bool]:
        """A place to run a job's container in, once one is free; False where `stop` came first."""
        acquiring = asyncio.create_task(self.instances.acquire())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([acquiring, stopping], return_when=asyncio.FIRST_COMPLETED)
            yield acquiring.done() and not stop.is_set()
        finally:
            stopping.cancel()
            if not acquiring.cancel():
                self.instances.release()

    # ---- records ----------------------------------------------------------------------------

    def log_status(self, kind: str, name: str, status: str, reason: str | None = None) -> None:
        """Logs the new status of a resource."""
        fields = {"event": "status", "kind": kind, "resource": name, "status": status}
        extra = fields | {"reason": reason} if reason else fields
        logger.info("%s %s: %s", kind, name, status, extra=extra)

    async def write_when_possible(self, change: Callable[[], T]) -> T:
        """Makes a change that must not get lost; tries again until the disk has room."""
        while True:
            try:
                return change()
            except (OSError, sqlite3.Error) as error:
                logger.error("could not write: %s", error, extra={"event": "write-failed"})
                await asyncio.sleep(self.timings.write_retry)

    async def described(self, kind: str, name: str, watched: str, final: tuple[str, ...]) -> Record:
        """The record for a Describe: at once the first time, else when its field `watched` changes.

        A final value is told at once. Raises records.Missing.
        """
        record = self.records.get(kind, name)
        if self.at_once.get():
            return record
        waiter = self.polling.get()
        before = record[watched]
        if before not in final and waiter:
            record = await self.records.wait(
                kind, name, lambda now: now[watched] in final, self.timings.describe_of_a_waiter
            )
        elif before not in final and (seen := self._seen.get((kind, name))):
            began = time.monotonic()
            if seen == before:
                await self.records.wait(
                    kind, name, lambda now: now[watched] != before, self.timings.describe
                )
            rest = began + self.timings.progress - time.monotonic()
            record = await self.records.wait(kind, name, lambda now: now[watched] in final, rest)
        if record[watched] in final:
            self._seen.pop((kind, name), None)
        else:
            self._seen[kind, name] = record[watched]
        return record
