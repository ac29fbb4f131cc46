"""RegisterModel steps, which make a model package, and its group where there is none."""

from __future__ import annotations

import contextlib

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines.steps.jobs import CreateKind, invoke
from labcloud.sagemaker.pipelines.steps.kind import RETRIES, Attempt, Properties
from labcloud.sagemaker.registry.fields import CREATE_PACKAGE
from labcloud.sagemaker.registry.groups import create_model_package_group
from labcloud.sagemaker.registry.packages import create_model_package, describe_model_package
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, MODEL_PACKAGE_GROUP, name_of
from labcloud.state.records import Missing

_GROUP = "ModelPackageGroupName"


class _RegisterModel(CreateKind):
    async def run(self, attempt: Attempt) -> Properties:
        request = dict(attempt.arguments)
        group = request.get(_GROUP)
        if group is None:
            # In no group: AWS makes a package without a version, and chooses its name.
            request[self.name_member] = attempt.name
        elif isinstance(group, str):
            await _with_group(attempt, group)
        answer = await invoke(attempt, self.operation, self.create, self.fields, request)
        arn: str = answer[self.resource.arn]
        attempt.tell({self.metadata: {"Arn": arn}})
        return await self._properties(attempt, arn)


async def _with_group(attempt: Attempt, name_or_arn: str) -> None:
    """Makes the group that is not there: tutorials rely on it."""
    cloud = attempt.cloud
    with contextlib.suppress(ValidationError):
        name = name_of(cloud, MODEL_PACKAGE_GROUP, name_or_arn)
        try:
            cloud.records.get(MODEL_PACKAGE_GROUP.kind, name)
        except Missing:
            await create_model_package_group(cloud, {_GROUP: name})


REGISTER_MODEL = _RegisterModel(
    type="RegisterModel",
    title="ModelPackage",
    metadata="RegisterModel",
    create=create_model_package,
    describe=describe_model_package,
    fields=CREATE_PACKAGE,
    resource=MODEL_PACKAGE,
    members=frozenset({RETRIES}),
    # AWS's words for it are known: it is not among what its API model of the step has.
    unknown=("ModelPackageName",),
)
