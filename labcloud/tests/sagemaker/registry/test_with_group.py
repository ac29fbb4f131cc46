"""A version and its group, which is made with it: both of them, or none."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.registry import packages
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, MODEL_PACKAGE_GROUP

from ..conftest import Play, Stage

NO_IMAGE = {"InferenceSpecification": {"Containers": [{"Image": "nobody/nothing:1"}]}}
AWAY = "arn:aws:sagemaker:us-east-1:210987654321:model-package-group/g"


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"ModelPackageGroupName": "g", **NO_IMAGE}, "nobody/nothing:1"),
        ({"ModelPackageGroupName": "g", "Tags": [{"Key": "k", "Value": "v"}]}, "Tags cannot"),
        ({"ModelPackageGroupName": "g", "ModelCard": {"ModelCardContent": "["}}, "must be a model"),
        ({"ModelPackageGroupName": "g" * 64}, "at 'modelPackageGroupName' failed to satisfy"),
        ({"ModelPackageGroupName": "g/h"}, "at 'modelPackageGroupName' failed to satisfy"),
        ({"ModelPackageGroupName": AWAY}, "does not exist"),
    ],
)  # fmt: skip
def test_a_group_is_not_made_for_a_version_that_is_refused(
    act: Play, request_: dict[str, Any], said: str
) -> None:
    async def scene(stage: Stage) -> None:
        with pytest.raises(ValidationError, match=said):
            await packages.create_with_group(stage.cloud, request_)
        assert MODEL_PACKAGE_GROUP.all(stage.cloud) == []

    act(scene)


def test_a_group_is_made_with_its_version(act: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Stage) -> None:
        request = {"ModelPackageGroupName": "g"}

        def full(*_: Any) -> int:
            raise OSError("no space")

        with monkeypatch.context() as patch:
            patch.setattr(packages, "next_version", full)
            with pytest.raises(OSError, match="no space"):
                await packages.create_with_group(stage.cloud, request)
        assert MODEL_PACKAGE_GROUP.all(stage.cloud) == []
        for number in (1, 2):
            made = await packages.create_with_group(stage.cloud, request)
            assert made["ModelPackageArn"].endswith(f":model-package/g/{number}")
        (group,) = MODEL_PACKAGE_GROUP.all(stage.cloud)
        assert (group["ModelPackageGroupName"], group["ModelPackageGroupStatus"]) == (
            "g", "Completed"
        )  # fmt: skip
        assert len(MODEL_PACKAGE.all(stage.cloud)) == 2

    act(scene)
