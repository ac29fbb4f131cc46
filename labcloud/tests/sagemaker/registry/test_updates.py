"""Updates of a version that come at the same time, and ones that are repeated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from labcloud.sagemaker.errors import Conflict, ValidationError
from labcloud.sagemaker.registry import packages, specification
from labcloud.sagemaker.registry.groups import create_model_package_group
from labcloud.sagemaker.registry.packages import describe_model_package
from labcloud.sagemaker.registry.updates import update_model_package

from ..conftest import Play, Stage


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at a specification that waits for something; any image and artifact will do."""

    async def checked(cloud: Any, given: Any, *, versioned: bool) -> Any:
        await asyncio.sleep(0)
        return given

    monkeypatch.setattr(specification, "checked", checked)


def adding(*names: str, **members: Any) -> dict[str, Any]:
    new = [{"Name": name, "Containers": [{"Image": "i"}]} for name in names]
    return {"AdditionalInferenceSpecificationsToAdd": new, **members}


async def version(stage: Stage) -> str:
    await create_model_package_group(stage.cloud, {"ModelPackageGroupName": "g"})
    made = await packages.create_model_package(stage.cloud, {"ModelPackageGroupName": "g"})
    return str(made["ModelPackageArn"])


def test_updates_at_the_same_time_lose_nothing(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        arn = await version(stage)

        async def update(name: str, **members: Any) -> Any:
            request = adding(name, ModelPackageArn=arn, **members)
            return await update_model_package(stage.cloud, request)

        await asyncio.gather(
            update("a", CustomerMetadataProperties={"x": "1"}),
            update("b", CustomerMetadataProperties={"y": "2"}),
            update("c", ModelApprovalStatus="Approved"),
        )
        found = await describe_model_package(stage.cloud, {"ModelPackageName": arn})
        names = [each["Name"] for each in found["AdditionalInferenceSpecifications"]]
        assert sorted(names) == ["a", "b", "c"]
        assert found["CustomerMetadataProperties"] == {"x": "1", "y": "2"}
        assert found["ModelApprovalStatus"] == "Approved"
        # Two with one name: one of them comes too late.
        said = await asyncio.gather(update("d"), update("d"), return_exceptions=True)
        assert [type(each) for each in said] == [dict, ValidationError]

    act(scene)


def test_an_update_with_a_token_is_done_once(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        arn = await version(stage)
        request = adding("a", ModelPackageArn=arn, ClientToken="t")
        both = [update_model_package(stage.cloud, request) for _ in range(2)]
        assert await asyncio.gather(*both) == [{"ModelPackageArn": arn}] * 2
        await update_model_package(stage.cloud, request)
        with pytest.raises(Conflict, match="The ClientToken t was used for another request"):
            await update_model_package(stage.cloud, {**request, "ApprovalDescription": "d"})
        found = await describe_model_package(stage.cloud, {"ModelPackageName": arn})
        assert len(found["AdditionalInferenceSpecifications"]) == 1
        # Of the last ones only: a client repeats a request soon.
        for number in range(60):
            change = {"ModelPackageArn": arn, "ClientToken": str(number)}
            await update_model_package(stage.cloud, change)
        with pytest.raises(ValidationError, match="must be unique"):
            await update_model_package(stage.cloud, request)

    act(scene)
