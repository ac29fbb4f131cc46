"""Steps that make a resource by the same API function as a user's request, and wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from labcloud.sagemaker.errors import ApiError
from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.job import Job
from labcloud.sagemaker.pipelines import arguments
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import Reference
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import StepFailed, StepStopped, Unparsed
from labcloud.sagemaker.pipelines.retries import kind_of_error, kind_of_reason
from labcloud.sagemaker.pipelines.steps.kind import CACHE, RETRIES, Attempt, Kind, Properties
from labcloud.sagemaker.protocol import Operation, shaped
from labcloud.sagemaker.resource import Resource
from labcloud.sagemaker.states import JobStatus
from labcloud.sagemaker.validation import validate

JobClass = type[Job]


@dataclass(frozen=True)
class CreateKind(Kind):
    """A step whose arguments are those of a Create operation.

    `title` is that of the operations (CreateTrainingJob), `metadata` the member of the step's
    Metadata, `keys` what must be the same for the cache (None: it is never asked).
    """

    type: str
    title: str
    metadata: str
    create: Operation
    describe: Operation
    fields: Fields
    resource: Resource
    job: JobClass | None = None
    members: frozenset[str] = frozenset({CACHE, RETRIES})
    longest_name: int = 63
    keys: Callable[[dict[str, Any]], Any] | None = None
    # Members that no step may have, for the execution sets them.
    unknown: tuple[str, ...] = ()
    # Operations whose answers the properties have, too.
    more: tuple[str, ...] = field(default=())

    @property
    def operation(self) -> str:
        return f"Create{self.title}"

    @property
    def name_member(self) -> str:
        return self.resource.name

    def check(self, step: Step) -> None:
        for member in self.unknown:
            if member in step.arguments:
                raise Unparsed(f"Unknown Argument member '{member}'.")
        arguments.check(
            step.arguments, self.operation, self.fields, given_later=(self.name_member,)
        )

    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        operations = (f"Describe{self.title}", *self.more)
        return any(_leads(arguments.output_shape(each), path) for each in operations)

    def assigned(self, step: Step) -> Iterable[tuple[Reference, str]]:
        return arguments.assigned(step.arguments, arguments.input_shape(self.operation))

    def failure_kind(self, reason: str) -> str:
        """The exception type of a job's FailureReason; empty: no policy is about it."""
        return kind_of_reason(reason)

    def cache_key(self, attempt: Attempt) -> Any:
        return None if self.keys is None else self.keys(attempt.arguments)

    async def run(self, attempt: Attempt) -> Properties:
        name = attempt.name
        request = {**attempt.arguments, self.name_member: name}
        answer = await invoke(attempt, self.operation, self.create, self.fields, request)
        attempt.tell({self.metadata: {"Arn": answer[self.resource.arn]}})
        await self._wait(attempt, name)
        return await self._properties(attempt, name)

    async def _wait(self, attempt: Attempt, name: str) -> None:
        if self.job is None:
            return
        task = attempt.cloud.tasks.get((self.resource.kind, name))
        if task is not None:
            await self._until_ended(attempt, self.job, name, task)
        record = self.resource.find(attempt.cloud, name)
        status, reason = record[self.resource.status], record.get("FailureReason", "")
        if status == JobStatus.FAILED:
            raise StepFailed(f"ClientError: {reason}", self.failure_kind(reason))
        if status == JobStatus.STOPPED:
            raise StepStopped

    async def _until_ended(
        self, attempt: Attempt, job: JobClass, name: str, task: asyncio.Task[None]
    ) -> None:
        stopping = asyncio.create_task(attempt.stop.wait())
        try:
            await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if not task.done():
            attempt.stopping()

            def stop() -> None:
                status = self.resource.find(attempt.cloud, name)[self.resource.status]
                if status == JobStatus.IN_PROGRESS:
                    job.request_stop(attempt.cloud, name)

            # On a full disk too: a retry would run what goes on a second time.
            await attempt.cloud.write_when_possible(stop)
            await asyncio.wait([task])

    async def _properties(self, attempt: Attempt, name: str) -> Properties:
        found = await self.describe(attempt.cloud, {self.name_member: name})
        described: Properties = shaped(found, arguments.output_shape(f"Describe{self.title}"))
        return described


async def invoke(
    attempt: Attempt, operation: str, create: Operation, fields: Fields, request: dict[str, Any]
) -> dict[str, Any]:
    """Asks an operation as a user would. Raises StepFailed."""
    shape = arguments.input_shape(operation)
    try:
        checked = validate(arguments.as_request(request, shape), shape)
        fields.check(operation, checked)
        return await create(attempt.cloud, checked)
    except ApiError as error:
        raise StepFailed(
            f"ClientError: Failed to invoke sagemaker:{operation}. Error Details: {error.message}",
            kind_of_error(error),
        ) from error


def only(*members: str) -> Callable[[dict[str, Any]], Any]:
    """A cache key of these members of the arguments, as AWS documents them by step type."""
    return lambda given: {name: given.get(name) for name in members}


def _leads(shape: Shape, path: tuple[Part, ...]) -> bool:
    """Whether there can be something at a path below a shape."""
    if not path:
        return True
    part, rest = path[0], path[1:]
    if isinstance(shape, StructureShape):
        return part in shape.members and _leads(shape.members[str(part)], rest)
    if isinstance(shape, ListShape):
        return _leads(shape.member, rest)
    if isinstance(shape, MapShape):
        return isinstance(part, str) and _leads(shape.value, rest)
    return False
