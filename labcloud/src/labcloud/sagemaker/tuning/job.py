"""One tuning job: begins training jobs, hears of their results, and ends them and itself.

A search that learns from results must not depend on which of several jobs was faster. So job k is
proposed from the results of the jobs 1 to k - MaxParallelTrainingJobs, all of which have ended by
then, and from no others, even where more are known; and results are taken in the jobs' order. With
a RandomSeed and the same results, the whole search is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import sqlite3
import time
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.states import ENDED, LOST, JobStatus
from labcloud.sagemaker.training import job as training
from labcloud.sagemaker.training.beginning import begin
from labcloud.sagemaker.tuning import children
from labcloud.sagemaker.tuning.completion import Completion
from labcloud.sagemaker.tuning.objective import value_of
from labcloud.sagemaker.tuning.plan import Definition, Plan
from labcloud.sagemaker.tuning.stopping import Course
from labcloud.state.records import AlreadyExists, Missing, Record

KIND = "hyper-parameter-tuning-job"
STATUS = "HyperParameterTuningJobStatus"
# Changes with every training job that begins or ends, so that a Describe can wait for it.
PROGRESS = "Progress"
# AWS gives up where none of the first jobs has brought a result.
_ATTEMPTS = 5
_NONE_SUCCEEDED = (
    "No training job succeeded after {} attempts. For additional details, please take a look at "
    "the training job failures by listing training jobs for the hyperparameter tuning job."
)

logger = logging.getLogger(__name__)


@dataclass
class Child:
    """A training job of this tuning job."""

    number: int
    definition: Definition
    summary: dict[str, Any]
    task: asyncio.Task[None]
    course: Course

    @property
    def name(self) -> str:
        found: str = self.summary["TrainingJobName"]
        return found


class TuningJob:
    """The work of one tuning job."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        self.record = cloud.records.get(KIND, name)
        config = self.record["HyperParameterTuningJobConfig"]
        self.stop = asyncio.Event()
        self._completion = Completion(config.get("TuningJobCompletionCriteria", {}))
        self._limits = config["ResourceLimits"]
        self._parallel: int = self._limits["MaxParallelTrainingJobs"]
        self._threads = 1
        self._children: list[Child] = []
        # How many of the first jobs have ended, and how many of those the search knows.
        self._settled = self._told = 0
        self._succeeded = False

    async def run(self) -> None:
        """Ends with the record in a final state and with none of its training jobs running."""
        reason = ""
        try:
            reason = await self._search()
        except asyncio.CancelledError:
            with contextlib.suppress(OSError, sqlite3.Error):
                self._end(JobStatus.FAILED, LOST)
            raise
        except Exception as error:
            logger.exception("tuning job %s", self.name)
            reason = f"InternalServerError: {type(error).__name__}: {error}"
        await self._stop_children()
        status = JobStatus.FAILED if reason else JobStatus.COMPLETED
        if self.stop.is_set():
            status, reason = JobStatus.STOPPED, ""
        await self.cloud.insist(lambda: self._end(status, reason or None))

    async def _search(self) -> str:
        """Returns the reason of a failure, or an empty string."""
        # Warm starts read other jobs' records, and records belong to this thread.
        plan = Plan(self.cloud, KIND, self.record, secrets.randbits(31))
        await asyncio.to_thread(plan.prepare)
        # As many training jobs as there may be at a time use all cores, and none twice.
        at_once = min(self._parallel, plan.jobs)
        self._threads = max(1, (os.cpu_count() or 1) // at_once)
        seconds = self._limits.get("MaxRuntimeInSeconds")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self._step(plan):
                    pass
        attempts = min(_ATTEMPTS, plan.jobs)
        failed = not self._succeeded and self._settled >= attempts
        return _NONE_SUCCEEDED.format(attempts) if failed else ""

    async def _step(self, plan: Plan) -> bool:
        """Begins what may begin, then waits for a job to end; False when the search is over.

        One job is settled at a time, and what may then begin begins before the next is: which
        jobs there are in the end does not depend on which have ended together.
        """
        while not self.stop.is_set() and self._may_begin(plan):
            await self._begin(plan)
        if self.stop.is_set() or self._settled == len(self._children):
            return False
        following = self._children[self._settled]
        if not following.task.done():
            await self._news(plan)
        if not following.task.done():
            return True
        await self._settle(following)
        if self._completion.met:
            return False
        return self._succeeded or self._settled < _ATTEMPTS

    def _may_begin(self, plan: Plan) -> bool:
        running = sum(not child.task.done() for child in self._children)
        behind = len(self._children) - self._settled
        busy = behind if plan.in_order else running
        return len(self._children) < plan.jobs and busy < self._parallel

    async def _begin(self, plan: Plan) -> None:
        number = len(self._children) + 1
        definition = plan.definition(number)
        while plan.in_order and self._told < number - self._parallel:
            child = self._children[self._told]
            child.definition.search.tell(child.number, value_of(child.summary))
            self._told += 1
        tuned = await asyncio.to_thread(definition.search.propose, number)
        child = await self._begun(number, definition, tuned)
        self._children.append(child)
        await self.cloud.insist(self._save)

    async def _begun(self, number: int, definition: Definition, tuned: dict[str, str]) -> Child:
        course = Course()

        def heard(metric: str, value: float) -> None:
            self._heard(number - 1, metric, value, course)

        while True:
            name = f"{self.name}-{number:03d}-{uuid.uuid4().hex[:8]}"
            request = definition.request(name, tuned) | {
                "TuningJobArn": self.record["HyperParameterTuningJobArn"],
                "Threads": self._threads,
                "Tags": self.record["Tags"],
            }
            with contextlib.suppress(AlreadyExists):
                # What a search has found is not given up because the disk is full for a while.
                task = await self.cloud.insist(partial(begin, self.cloud, request, heard))
                break
        found = self.cloud.records.get(training.KIND, name)
        summary = children.begun(found, definition.name, tuned)
        return Child(number, definition, summary, task, course)

    async def _news(self, plan: Plan) -> None:
        """Waits until a job ends or the tuning job is stopped, and records what has ended."""
        running = [child for child in self._children if not child.task.done()]
        stopping = asyncio.create_task(self.stop.wait())
        try:
            await asyncio.wait(
                [stopping, *(child.task for child in running)],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            stopping.cancel()
        for child in running:
            if child.task.done():
                self._look(child)
        await self.cloud.insist(self._note)

    async def _settle(self, child: Child) -> None:
        """Takes the result of the next job in order into account."""
        self._look(child)
        self._settled += 1
        value = value_of(child.summary)
        if value is not None:
            self._succeeded = True
            self._completion.add(value, child.definition.objective)
        await self.cloud.insist(self._note)

    def _look(self, child: Child) -> None:
        child.summary = children.current(self.cloud, child.summary, child.definition.objective)

    # ---- stopping ---------------------------------------------------------------------------

    def _heard(self, place: int, metric: str, value: float, course: Course) -> None:
        """A value from a running job's log: stops the job where the rule says so."""
        child = self._children[place] if place < len(self._children) else None
        job: training.TrainingJob | None = (
            self.cloud.running.get((training.KIND, child.name)) if child else None
        )
        if child is None or job is None or metric != child.definition.objective.metric:
            return
        course.add(value)
        rule = child.definition.rule
        earlier = [each.course for each in self._children[: max(0, place + 1 - self._parallel)]]
        if rule is None or job.stop.requested.is_set():
            return
        if rule.stops(child.number, course, earlier, maximize=child.definition.objective.maximize):
            # What the container still says while it is being stopped depends on chance.
            job.metrics.close()
            job.stop.requested.set()
            asyncio.get_running_loop().call_soon(self._stop_child, child)

    def _stop_child(self, child: Child) -> None:
        with contextlib.suppress(Missing, OSError, sqlite3.Error):
            # On a full disk it is stopped without a word about it.
            status = self.cloud.records.get(training.KIND, child.name)["TrainingJobStatus"]
            if status == JobStatus.IN_PROGRESS:
                training.stop(self.cloud, child.name)

    async def _stop_children(self) -> None:
        for child in self._children:
            if not child.task.done():
                self._stop_child(child)
        running = [child.task for child in self._children if not child.task.done()]
        if running:
            await asyncio.wait(running)
        for child in self._children:
            self._look(child)

    # ---- the record -------------------------------------------------------------------------

    def _save(self, **changes: Any) -> None:
        with contextlib.suppress(Missing):
            self.cloud.records.update(KIND, self.name, **self._progress() | changes)

    def _note(self) -> None:
        """What the records of the training jobs say, too."""
        with contextlib.suppress(Missing):
            self.cloud.records.note(KIND, self.name, **self._progress())

    def _progress(self) -> dict[str, Any]:
        ended = sum(child.task.done() for child in self._children)
        return {
            children.FIELD: [child.summary for child in self._children],
            PROGRESS: f"{len(self._children)} begun, {ended} ended",
            "TuningJobCompletionDetails": self._completion.details(),
            "LastModifiedTime": time.time(),
        }

    def _end(self, status: str, reason: str | None) -> None:
        self._save(**ended(self.record, status, reason))
        self.cloud.tell(KIND, self.name, status, reason)


def ended(record: Record, status: str, reason: str | None) -> dict[str, Any]:
    """The changes to a tuning job's record when it ends."""
    now = time.time()
    return {
        STATUS: status,
        PROGRESS: status,
        "FailureReason": reason,
        "HyperParameterTuningEndTime": now,
        "ConsumedResources": {"RuntimeInSeconds": max(1, round(now - record["CreationTime"]))},
    }


def start(cloud: Cloud, name: str) -> None:
    """Begins the work of a tuning job whose record has just been written."""
    cloud.work(KIND, name, TuningJob(cloud, name))


def stop(cloud: Cloud, name: str) -> None:
    """Asks a running tuning job to end; its record says Stopping from now on."""
    cloud.records.update(
        KIND, name, LastModifiedTime=time.time(),
        **{STATUS: JobStatus.STOPPING, PROGRESS: JobStatus.STOPPING},
    )  # fmt: skip
    job: TuningJob | None = cloud.running.get((KIND, name))
    if job:
        job.stop.set()


def recover(cloud: Cloud) -> None:
    """After a restart, and after the training jobs: what was running has been lost."""
    for record in cloud.records.all(KIND):
        if record[STATUS] not in ENDED:
            record |= ended(record, JobStatus.FAILED, LOST)
        record[children.FIELD] = children.all_current(cloud, record)
        cloud.records.update(KIND, record["HyperParameterTuningJobName"], **record)
