"""A request that is repeated after the death of the server makes what it was to make before."""

from __future__ import annotations

import pytest

from labcloud.sagemaker.errors import Conflict
from labcloud.sagemaker.registry.groups import create_model_package_group, next_version
from labcloud.sagemaker.registry.packages import create_model_package, delete_model_package
from labcloud.sagemaker.registry.tokens import planned

from ..conftest import Play, Stage

REQUEST = {"ModelPackageGroupName": "g", "ClientToken": "t"}


async def made(stage: Stage, **request: str) -> str:
    answer = await create_model_package(stage.cloud, {"ModelPackageGroupName": "g", **request})
    return str(answer["ModelPackageArn"]).rpartition("/")[2]


def test_what_was_planned_and_not_made_is_made_once(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        await create_model_package_group(stage.cloud, {"ModelPackageGroupName": "g"})
        # The server died before the package was on the disk, and another request came first.
        assert planned(stage.cloud, REQUEST, lambda: f"g/{next_version(stage.cloud, 'g')}") == "g/1"
        assert await made(stage) == "2"
        assert await made(stage, **REQUEST) == "1"
        assert await made(stage, **REQUEST) == "1"
        with pytest.raises(Conflict):
            await made(stage, **REQUEST, ModelPackageDescription="another")
        assert await made(stage) == "3"

    act(scene)


def test_a_token_goes_with_its_package(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        await create_model_package_group(stage.cloud, {"ModelPackageGroupName": "g"})
        assert await made(stage, **REQUEST) == "1"
        await delete_model_package(stage.cloud, {"ModelPackageName": "g/1"})
        assert stage.cloud.records.all("model-package-token") == []
        assert await made(stage, **REQUEST) == "2"

    act(scene)
