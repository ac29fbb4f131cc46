"""One tuning job: begins training jobs, hears of their results, and ends them and itself.

A search that learns from results must not depend on which of several jobs was faster. So job k is
proposed from the results of the jobs 1 to k - MaxParallelTrainingJobs, all of which have ended by
then, and from no others, even where more are known; and results are taken in the jobs' order. With
a RandomSeed and the same results, the whole search is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sqlite3
import time
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceInUse
from labcloud.sagemaker.job import Job, setting_aside
from labcloud.sagemaker.states import JobStatus
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.tuning import children
from labcloud.sagemaker.tuning.completion import Completion
from labcloud.sagemaker.tuning.objective import value_of
from labcloud.sagemaker.tuning.plan import Definition, Plan
from labcloud.sagemaker.tuning.resource import PROGRESS, TUNING_JOB
from labcloud.sagemaker.tuning.stopping import History
from labcloud.state.records import Missing, Record

# AWS gives up if none of the first training jobs has a result.
_ATTEMPTS = 5
_NONE_SUCCEEDED = (
    "No training job succeeded after {} attempts. For additional details, please take a look at "
    "the training job failures by listing training jobs for the hyperparameter tuning job."
)


@dataclass
class Child:
    """A training job of this tuning job."""

    number: int
    definition: Definition
    summary: dict[str, Any]
    task: asyncio.Task[None]
    history: History

    @property
    def name(self) -> str:
        found: str = self.summary["TrainingJobName"]
        return found


class TuningJob(Job):
    """The work of one tuning job. It ends with none of its training jobs running."""

    resource = TUNING_JOB

    def __init__(self, cloud: Cloud, name: str) -> None:
        super().__init__(cloud, name)
        config = self.request["HyperParameterTuningJobConfig"]
        self._completion = Completion(config.get("TuningJobCompletionCriteria", {}))
        self._limits = config["ResourceLimits"]
        self._parallel: int = self._limits["MaxParallelTrainingJobs"]
        self._threads = 1
        self._children: list[Child] = []
        # How many of the first jobs have ended, and how many of those the search knows.
        self._settled = self._told = 0
        self._succeeded = False

    @classmethod
    def when_begun(cls, cloud: Cloud, record: Record) -> dict[str, Any]:
        return {PROGRESS: JobStatus.IN_PROGRESS, children.FIELD: []}

    @classmethod
    def when_stopping(cls, record: Record) -> dict[str, Any]:
        return {PROGRESS: JobStatus.STOPPING}

    @classmethod
    def when_ended(cls, record: Record, status: str) -> dict[str, Any]:
        now = time.time()
        seconds = max(1, round(now - record["CreationTime"]))
        return {
            PROGRESS: status,
            "HyperParameterTuningEndTime": now,
            "ConsumedResources": {"RuntimeInSeconds": seconds},
        }

    def results(self, record: Record, status: str) -> dict[str, Any]:
        return self._progress() | self.when_ended(record, status)

    @classmethod
    def recover(cls, cloud: Cloud) -> None:
        """After a restart, and after the training jobs, whose ends the summaries tell."""
        super().recover(cloud)
        for record in TUNING_JOB.all(cloud):
            with setting_aside(cloud, TUNING_JOB, record):
                found = children.all_current(cloud, record)
                if record[children.FIELD] != found:
                    name = record[TUNING_JOB.name]
                    TUNING_JOB.update(cloud, name, **{children.FIELD: found})

    async def work(self) -> str:
        try:
            reason = await self._search()
        except Exception:
            await self._stop_children()
            if not self.stop.is_set():
                raise
            return ""
        await self._stop_children()
        return "" if self.stop.is_set() else reason

    async def _search(self) -> str:
        """Returns the reason of a failure, or an empty string."""
        # Warm starts read other jobs' records, and records belong to this thread.
        plan = Plan(self.cloud, self.request, secrets.randbits(31))
        await asyncio.to_thread(plan.prepare)
        # The training jobs that run at a time share the cores among them.
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
        await self.cloud.write_when_possible(self._save)

    async def _begun(self, number: int, definition: Definition, tuned: dict[str, str]) -> Child:
        history = History()

        def heard(metric: str, value: float) -> None:
            self._heard(number - 1, metric, value, history)

        while True:
            name = f"{self.name}-{number:03d}-{uuid.uuid4().hex[:8]}"
            request = definition.request(name, tuned) | {
                "TuningJobArn": self.request["HyperParameterTuningJobArn"],
                "Threads": self._threads,
                "Tags": self.request["Tags"],
            }
            with contextlib.suppress(ResourceInUse):
                # What a search has found is not given up because the disk is full for a while.
                begin = partial(TrainingJob.begin, self.cloud, request, heard)
                task = await self.cloud.write_when_possible(begin)
                break
        found = self.cloud.records.get(TRAINING_JOB.kind, name)
        summary = children.begun(found, definition.name, tuned)
        return Child(number, definition, summary, task, history)

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
        await self.cloud.write_when_possible(self._save_soon)

    async def _settle(self, child: Child) -> None:
        """Takes the result of the next job in order into account."""
        self._look(child)
        self._settled += 1
        value = value_of(child.summary)
        if value is not None:
            self._succeeded = True
            self._completion.add(value, child.definition.objective)
        await self.cloud.write_when_possible(self._save_soon)

    def _look(self, child: Child) -> None:
        child.summary = children.current(self.cloud, child.summary, child.definition.objective)

    # ---- stopping ---------------------------------------------------------------------------

    def _heard(self, place: int, metric: str, value: float, history: History) -> None:
        """A value from a running job's log: stops the job where the rule says so."""
        child = self._children[place] if place < len(self._children) else None
        job = TrainingJob.running(self.cloud, child.name) if child else None
        if child is None or job is None or metric != child.definition.objective.metric:
            return
        history.add(value)
        rule = child.definition.rule
        earlier = [each.history for each in self._children[: max(0, place + 1 - self._parallel)]]
        if rule is None or job.stop.is_set():
            return
        if rule.stops(child.number, history, earlier, maximize=child.definition.objective.maximize):
            # What the container still says while it is being stopped depends on chance.
            job.metrics.close()
            job.stop.set()
            asyncio.get_running_loop().call_soon(self._stop_child, child)

    def _stop_child(self, child: Child) -> None:
        with contextlib.suppress(Missing, OSError, sqlite3.Error):
            # On a full disk it is stopped without a word about it.
            record = self.cloud.records.get(TRAINING_JOB.kind, child.name)
            if record[TRAINING_JOB.status] == JobStatus.IN_PROGRESS:
                TrainingJob.request_stop(self.cloud, child.name)

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

    def _save(self) -> None:
        with contextlib.suppress(Missing):
            TUNING_JOB.update(self.cloud, self.name, **self._progress())

    def _save_soon(self) -> None:
        """What the records of the training jobs say, too."""
        with contextlib.suppress(Missing):
            TUNING_JOB.update_soon(self.cloud, self.name, **self._progress())

    def _progress(self) -> dict[str, Any]:
        ended = sum(child.task.done() for child in self._children)
        return {
            children.FIELD: [child.summary for child in self._children],
            PROGRESS: f"{len(self._children)} begun, {ended} ended",
            "TuningJobCompletionDetails": self._completion.details(),
        }
