"""One execution of a pipeline: begins the steps that may begin, until none is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.failures import LOST
from labcloud.sagemaker.job import Job
from labcloud.sagemaker.pipelines import records, selection
from labcloud.sagemaker.pipelines.checks import checked
from labcloud.sagemaker.pipelines.definition import Definition, Step
from labcloud.sagemaker.pipelines.graph import End, Result, Schedule
from labcloud.sagemaker.pipelines.problems import StepStopped
from labcloud.sagemaker.pipelines.resource import (
    EXECUTION,
    ExecutionStatus,
    identifier_of,
    pipeline_of,
)
from labcloud.sagemaker.pipelines.scope import FILES, ExecutionScope
from labcloud.sagemaker.pipelines.step_run import StepRun
from labcloud.sagemaker.pipelines.steps.condition import OUTCOME
from labcloud.sagemaker.pipelines.steps.kind import Properties
from labcloud.state.records import Record

# AWS's words.
_FAILED = "Step failure: One or multiple steps failed."
# The steps that run at a time where nobody says how many; AWS's quota.
_AT_ONCE = 50
_FAIL = "Fail"


class PipelineExecution(Job):
    """The work of one execution. It ends with none of its steps running."""

    resource = EXECUTION
    statuses = ExecutionStatus

    def __init__(self, cloud: Cloud, name: str) -> None:
        super().__init__(cloud, name)
        config = self.request.get("ParallelismConfiguration", {})
        # How many steps may run at a time, and that it has changed.
        self._at_once: int = config.get("MaxParallelExecutionSteps", _AT_ONCE)
        self._changed = asyncio.Event()
        # The Callback steps that wait, by token.
        self.waiting: dict[str, asyncio.Future[Properties]] = {}
        self._number = 0
        # A Fail step was reached: nothing begins any more.
        self._failing = False
        self._with_failures = False

    def allow(self, at_once: int) -> None:
        """Changes how many steps may run at a time. Those that run go on."""
        self._at_once = at_once
        self._changed.set()

    async def work(self) -> str:
        definition = checked(text_of(self.cloud, self.request))
        scope = scope_of(self.cloud, self.request, definition)
        done = self._former(scope)
        self._reuse(definition, scope)
        chosen = selection.selected(self.request)
        steps = [each for each in definition.steps.values() if not chosen or each.name in chosen]
        schedule = Schedule(steps, done)
        await self._run_all(definition, schedule, scope)
        if self.stop.is_set():
            return ""
        return self._judged(schedule)

    async def _run_all(
        self, definition: Definition, schedule: Schedule, scope: ExecutionScope
    ) -> None:
        running: dict[asyncio.Task[Result], str] = {}
        try:
            while True:
                while len(running) < self._at_once and (name := self._next(schedule)):
                    step = definition.steps[name]
                    run = await self._begun(step, scope)
                    running[asyncio.create_task(run.run())] = name
                if not running:
                    return
                for task in await self._first_ended(running):
                    name = running.pop(task)
                    schedule.ended(name, task.result())
                    self._failing |= definition.steps[name].type == _FAIL
        except Exception:
            await self._let_end(running)
            raise
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _first_ended(
        self, running: Collection[asyncio.Task[Result]]
    ) -> list[asyncio.Task[Result]]:
        """The steps that have ended; none where another number of steps may run meanwhile."""
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait([*running, changed], return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        self._changed.clear()
        return [task for task in running if task.done()]

    async def _let_end(self, running: Collection[asyncio.Task[Result]]) -> None:
        """Stops the steps that run, with their jobs: nobody would ever wait for these again."""
        self.stop.set()
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(StepStopped())
        if running:
            await asyncio.wait(running)

    def _next(self, schedule: Schedule) -> str | None:
        return None if self.stop.is_set() or self._failing else schedule.next()

    def _judged(self, schedule: Schedule) -> str:
        """The FailureReason, or an empty string."""
        failed = {
            name
            for name, result in schedule.results.items()
            if result.end in (End.FAILED, End.STOPPED)
        }
        if failed - schedule.handled:
            return _FAILED
        self._with_failures = bool(failed)
        return ""

    def outcome(self, reason: str) -> str:
        if self._with_failures and not reason and not self.stop.is_set():
            return ExecutionStatus.WITH_FAILURES
        return super().outcome(reason)

    # ---- the records of steps ---------------------------------------------------------------

    async def _begun(self, step: Step, scope: ExecutionScope) -> StepRun:
        shown = {
            "StepDisplayName": step.body.get("DisplayName"),
            "StepDescription": step.body.get("Description"),
        }
        body = {
            "StepName": step.name,
            **{name: text for name, text in shown.items() if text},
            "StepStatus": "Starting",
            "AttemptCount": 1,
            "Metadata": {},
        }
        name = await self.cloud.write_when_possible(lambda: self._insert(body))
        arn = self.request["PipelineExecutionArn"]
        return StepRun(self.cloud, step, self.name, arn, name, scope, self.stop, self.waiting)

    def _insert(self, body: Record) -> str:
        self._number += 1
        name = f"{self.name}/{self._number:09d}"
        now = time.time()
        self.cloud.records.insert(
            records.STEP, name, {**body, "StartTime": now, "CreationTime": now}
        )
        return name

    def _former(self, scope: ExecutionScope) -> dict[str, Result]:
        """The steps that have succeeded before a retry. The others' records go."""
        found = {}
        for name, record in records.steps(self.cloud, self.name).items():
            self._number = max(self._number, int(name.rpartition("/")[2]))
            if record["StepStatus"] != "Succeeded":
                self.cloud.records.delete(records.STEP, name)
                continue
            properties = record.get("Properties", {})
            scope.properties_of[record["StepName"]] = properties
            found[record["StepName"]] = Result(End.SUCCEEDED, properties.get(OUTCOME))
        return found

    def _reuse(self, definition: Definition, scope: ExecutionScope) -> None:
        """Lists the steps of a former execution that the selected ones need."""
        chosen = selection.selected(self.request)
        if chosen is None:
            return
        source = self.request["SelectiveExecutionConfig"].get("SourcePipelineExecutionArn")
        there = selection.results(self.cloud, source)
        for name in selection.needed(definition, chosen):
            if name in there and name not in scope.properties_of:
                scope.properties_of[name] = there[name].get("Properties", {})
                body = selection.reused(there[name], source)
                self._insert({**body, "EndTime": time.time()})

    # ---- the end of the server --------------------------------------------------------------

    def _end(self, status: str, reason: str) -> None:
        records.end_steps(self.cloud, self.name, *_lost_steps(status))
        super()._end(status, reason)

    @classmethod
    def recover(cls, cloud: Cloud) -> None:
        records.remove_orphans(cloud)
        super().recover(cloud)

    @classmethod
    def _lost(cls, cloud: Cloud, record: Record) -> None:
        stopping = record[EXECUTION.status] == ExecutionStatus.STOPPING
        status = ExecutionStatus.STOPPED if stopping else ExecutionStatus.FAILED
        records.end_steps(cloud, record[EXECUTION.name], *_lost_steps(status))
        super()._lost(cloud, record)


def _lost_steps(status: str) -> tuple[str, str]:
    """The status and reason of steps that were running when their execution ended."""
    stopped = status == ExecutionStatus.STOPPED
    return ("Stopped", "") if stopped else ("Failed", LOST)


def text_of(cloud: Cloud, execution: Record) -> str:
    """The definition that an execution follows."""
    pipeline, number = pipeline_of(execution[EXECUTION.name]), execution["PipelineVersionId"]
    record = cloud.records.get(records.VERSION, records.version_name(pipeline, number))
    text: str = record["PipelineDefinition"]
    return text


def scope_of(cloud: Cloud, execution: Record, definition: Definition) -> ExecutionScope:
    """What the definition's expressions mean in an execution."""
    files = {name: each.body.get(FILES) or [] for name, each in definition.steps.items()}
    return ExecutionScope(cloud.objects, execution["Parameters"], execution["Variables"], files)


def variables(cloud: Cloud, name: str, started: str) -> dict[str, Any]:
    """The variables of an execution, of which those of steps and of the moment come later."""
    pipeline = pipeline_of(name)
    return {
        "StartDateTime": started,
        "PipelineName": pipeline,
        "PipelineArn": cloud.arns.sagemaker("pipeline", pipeline),
        "PipelineExecutionId": identifier_of(name),
        "PipelineExecutionArn": EXECUTION.arn_of(cloud, name),
    }
