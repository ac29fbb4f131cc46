"""One step of an execution, from its record to its end: the cache, attempts and their retries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import sqlite3
import string
import time
from dataclasses import dataclass, field
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.failures import failure_reason
from labcloud.sagemaker.pipelines import cache, records
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import as_text, evaluate, reads_files
from labcloud.sagemaker.pipelines.graph import End, Result
from labcloud.sagemaker.pipelines.problems import StepFailed, StepStopped, Unresolved
from labcloud.sagemaker.pipelines.resource import identifier_of, pipeline_of
from labcloud.sagemaker.pipelines.retries import Retries, refused
from labcloud.sagemaker.pipelines.scope import ExecutionScope
from labcloud.sagemaker.pipelines.steps.condition import OUTCOME
from labcloud.sagemaker.pipelines.steps.kind import RETRIES, Attempt, Properties
from labcloud.sagemaker.pipelines.steps.table import kind_of
from labcloud.state.records import Missing
from labcloud.text import as_lines

_LETTERS = string.ascii_letters + string.digits
_RANDOM = 10
# What a step's FailureReason may have (characters).
_LONGEST_REASON = 1024
_TARGETS = ("FunctionArn", "SqsQueueUrl")

logger = logging.getLogger(__name__)


@dataclass
class StepRun:
    """A step that runs. `execution` and `record` are names of records."""

    cloud: Cloud
    step: Step
    execution: str
    execution_arn: str
    record: str
    scope: ExecutionScope
    stop: asyncio.Event
    waiting: dict[str, asyncio.Future[Properties]]
    # What a later run must have in common with this one to be spared; None: it is not remembered.
    _key: Any = None
    # What a full disk did not take.
    _unwritten: dict[str, Any] = field(default_factory=dict)

    async def run(self) -> Result:
        """Does the step, and leaves its end in its record."""
        retries = Retries(self.step.body.get(RETRIES) or [])
        attempts = 1
        while True:
            try:
                return await self._succeeded(await self._attempt())
            except StepStopped:
                return await self._ended(End.STOPPED, "")
            except StepFailed as error:
                reason, kind = str(error), error.kind
            except Exception as error:
                reason, kind = failure_reason(error, f"step {self.step.name}"), ""
            pause = None if self.stop.is_set() else retries.pause(kind)
            if pause is None:
                if kind and not retries.covers(kind):
                    reason += refused(kind, self.execution_arn, self.step.name)
                return await self._ended(End.FAILED, reason)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self.stop.wait()
                return await self._ended(End.STOPPED, "")
            attempts += 1
            self._note(AttemptCount=attempts)

    # ---- one attempt ------------------------------------------------------------------------

    async def _attempt(self) -> Properties:
        attempt = await self._made()
        if self.stop.is_set():
            # Files were read, or the disk had no room: nothing begins any more.
            raise StepStopped
        kind = kind_of(self.step.type)
        self._key = kind.cache_key(attempt)
        if self._key is not None and cache.is_asked(self.step):
            pipeline = pipeline_of(self.execution)
            if found := cache.look_up(self.cloud, pipeline, self.step, self._key):
                source, properties, metadata = found
                self._key = None
                hit = {"SourcePipelineExecutionArn": source}
                self._note(Metadata=metadata, CacheHitResult=hit)
                return properties
        return await kind.run(attempt)

    async def _made(self) -> Attempt:
        kind = kind_of(self.step.type)
        identifier = identifier_of(self.execution)
        random = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
        # First the name: the other arguments may ask for it.
        given = await _evaluated(self.step.arguments.get(kind.name_member), self.scope)
        prefix = "" if given is None else as_text(given)
        name = kind.job_name(identifier, self.step, random, prefix)
        scope = self.scope.with_variables(**{f"{self.step.type}JobName": name})
        wanted = {
            "Arguments": {
                member: value
                for member, value in self.step.arguments.items()
                if member != kind.name_member
            },
            "Target": next(filter(None, map(self.step.body.get, _TARGETS)), ""),
        }
        found = await _evaluated(wanted, scope)
        if given is not None:
            found["Arguments"][kind.name_member] = given
        return Attempt(
            cloud=self.cloud,
            step=self.step,
            arguments=found["Arguments"],
            target=as_text(found["Target"]),
            execution_arn=self.execution_arn,
            name=name,
            stop=self.stop,
            tell=lambda metadata: self._note(StepStatus="Executing", Metadata=metadata),
            stopping=lambda: self._note(StepStatus="Stopping"),
            waiting=self.waiting,
        )

    # ---- the record -------------------------------------------------------------------------

    def _note(self, **changes: Any) -> None:
        """Writes how far the step is. What a full disk does not take is written with the next.

        It never fails: the step's job has begun, and somebody has to wait for its end.
        """
        self._unwritten |= changes
        try:
            with contextlib.suppress(Missing):
                self.cloud.records.update_soon(records.STEP, self.record, **self._unwritten)
        except (OSError, sqlite3.Error) as error:
            logger.error("could not write: %s", error, extra={"event": "write-failed"})
        else:
            self._unwritten.clear()

    async def _succeeded(self, properties: Properties) -> Result:
        self.scope.properties_of[self.step.name] = properties
        await self._written(StepStatus="Succeeded", Properties=properties)
        if self._key is not None:
            record = self.cloud.records.get(records.STEP, self.record)
            pipeline = pipeline_of(self.execution)
            await self.cloud.write_when_possible(
                lambda: cache.remember(
                    self.cloud, pipeline, self.step, self._key, self.execution_arn, record
                )
            )
        return Result(End.SUCCEEDED, properties.get(OUTCOME))

    async def _ended(self, end: End, reason: str) -> Result:
        said = as_lines(reason)[:_LONGEST_REASON]
        await self._written(StepStatus=end.value, FailureReason=said or None)
        return Result(end)

    async def _written(self, **changes: Any) -> None:
        def write() -> None:
            with contextlib.suppress(Missing):
                end = {**self._unwritten, **changes, "EndTime": time.time()}
                self.cloud.records.update(records.STEP, self.record, **end)

        await self.cloud.write_when_possible(write)


async def _evaluated(value: Any, scope: ExecutionScope) -> Any:
    """Raises StepFailed."""
    try:
        if reads_files(value):
            return await asyncio.to_thread(evaluate, value, scope)
        return evaluate(value, scope)
    except Unresolved as error:
        raise StepFailed(f"ClientError: {error}") from error
