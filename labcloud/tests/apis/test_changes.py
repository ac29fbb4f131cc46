"""What changes a REST API or a stage, and how much an API may have."""

from __future__ import annotations

import re

import pytest

from labcloud.apis.errors import BadRequest, LimitExceeded, TooManyRequests

from .conftest import FUNCTION, Play, Scene


def test_binary_types_are_added_replaced_and_removed(play: Play) -> None:
    async def scene(at: Scene) -> None:
        rest = await at.resting()

        async def after(op: str, kind: str, **more: str) -> object:
            path = f"/binaryMediaTypes/{kind.replace('/', '~1')}"
            answer = await at.rest(
                "UpdateRestApi", restApiId=rest, patchOperations=[{"op": op, "path": path, **more}]
            )
            return answer["binaryMediaTypes"]

        assert await after("add", "image/png") == ["image/png"]
        assert await after("add", "image/png") == ["image/png"]
        assert await after("add", "image/gif") == ["image/png", "image/gif"]
        assert await after("replace", "image/png", value="*/*") == ["*/*", "image/gif"]
        assert await after("remove", "image/gif") == ["*/*"]
        for wrong, more in (("image/png", {"value": "a/b"}), ("*/*", {})):
            with pytest.raises(BadRequest, match="Invalid patch path /binaryMediaTypes"):
                await after("replace", wrong, **more)

    play(scene)


@pytest.mark.parametrize(
    ("op", "path"),
    [
        *((op, "/binaryMediaTypes/a~1b") for op in ("copy", "move", "test")),
        *((op, "/name") for op in ("add", "remove", "copy")),
        ("remove", "/disableExecuteApiEndpoint"),
    ],
)
def test_an_operation_is_not_taken_for_another_one(play: Play, op: str, path: str) -> None:
    async def scene(at: Scene) -> None:
        rest = await at.resting()
        patch = {"op": op, "path": path, "value": "true", "from": "/description"}
        said = f"Invalid patch path  '{path}' specified for op '{op}'. "
        with pytest.raises(BadRequest, match=re.escape(said)):
            await at.rest("UpdateRestApi", restApiId=rest, patchOperations=[patch])
        shown = await at.rest("GetRestApi", restApiId=rest)
        assert (shown["name"], shown.get("binaryMediaTypes")) == ("a", None)

    play(scene)


@pytest.mark.parametrize(
    ("op", "path"),
    [
        *((op, "/variables/colour") for op in ("copy", "move", "test")),
        ("copy", "/deploymentId"),
        ("remove", "/description"),
        ("add", "/*/*/throttling/rateLimit"),
    ],
)
def test_nor_is_one_of_a_stage(play: Play, op: str, path: str) -> None:
    async def scene(at: Scene) -> None:
        stage = {"restApiId": await at.resting(), "stageName": "prod"}
        patch = {"op": op, "path": path, "value": "blue", "from": "/canarySettings/deploymentId"}
        with pytest.raises(BadRequest, match=f"specified for op '{op}'"):
            await at.rest("UpdateStage", **stage, patchOperations=[patch])
        assert "variables" not in await at.rest("GetStage", **stage)

    play(scene)


def test_an_api_has_the_quotas_of_aws(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api, rest = await at.quick(), await at.resting()
        for number in range(9):
            await at.http("CreateStage", ApiId=api, StageName=f"s{number}")
            await at.rest("CreateDeployment", restApiId=rest, stageName=f"s{number}")
        with pytest.raises(TooManyRequests, match="Maximum number of Stages for this API"):
            await at.http("CreateStage", ApiId=api, StageName="more")
        with pytest.raises(LimitExceeded, match="Maximum number of stages for this API"):
            await at.rest("CreateDeployment", restApiId=rest, stageName="more")
        record = at.records.get("http-api", api)
        (route,), (integration,) = record["Routes"].values(), record["Integrations"].values()
        many = {f"r{number}": {**route, "RouteId": f"r{number}"} for number in range(300)}
        at.records.update(
            "http-api", api, Routes=many, Integrations=dict.fromkeys(many, integration)
        )
        with pytest.raises(TooManyRequests, match="Maximum number of Routes for this API"):
            await at.http("CreateRoute", ApiId=api, RouteKey="GET /more")
        with pytest.raises(TooManyRequests, match="Please contact AWS if you need additional Int"):
            await at.http(
                "CreateIntegration",
                ApiId=api,
                IntegrationType="AWS_PROXY",
                IntegrationUri=FUNCTION,
                PayloadFormatVersion="2.0",
            )
        resources = at.records.get("rest-api", rest)["resources"]
        (root,) = resources.values()
        more = {f"r{number}": {**root, "id": f"r{number}"} for number in range(299)}
        at.records.update("rest-api", rest, resources={**resources, **more})
        with pytest.raises(LimitExceeded, match="Maximum number of resources for this API"):
            await at.rest("CreateResource", restApiId=rest, parentId=root["id"], pathPart="more")

    play(scene)
