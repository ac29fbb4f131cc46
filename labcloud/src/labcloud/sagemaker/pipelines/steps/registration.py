"""RegisterModel steps, which make a model package, and its group where there is none."""

from __future__ import annotations

from labcloud.sagemaker.pipelines.steps.jobs import CreateKind, invoke
from labcloud.sagemaker.pipelines.steps.kind import RETRIES, Attempt, Properties
from labcloud.sagemaker.registry.fields import CREATE_PACKAGE
from labcloud.sagemaker.registry.packages import create_with_group, describe_model_package
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE

_GROUP = "ModelPackageGroupName"


class _RegisterModel(CreateKind):
    async def run(self, attempt: Attempt) -> Properties:
        request = dict(attempt.arguments)
        if request.get(_GROUP) is None:
            # In no group: AWS makes a package without a version, and chooses its name.
            request[self.name_member] = attempt.name
        answer = await invoke(attempt, self.operation, self.create, self.fields, request)
        arn: str = answer[self.resource.arn]
        attempt.tell({self.metadata: {"Arn": arn}})
        return await self._properties(attempt, arn)


REGISTER_MODEL = _RegisterModel(
    type="RegisterModel",
    title="ModelPackage",
    metadata="RegisterModel",
    # Tutorials rely on it that the group is made.
    create=create_with_group,
    describe=describe_model_package,
    fields=CREATE_PACKAGE,
    resource=MODEL_PACKAGE,
    members=frozenset({RETRIES}),
    # AWS's words for it are known: it is not among what its API model of the step has.
    unknown=("ModelPackageName",),
)
