"""Stages in this process, behind which a stand-in for Lambda answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from labcloud.apis import store
from labcloud.apis.httpapis.operations import OPERATIONS as HTTP
from labcloud.apis.restapis.operations import OPERATIONS as REST
from labcloud.apis.stage.door import Door
from labcloud.arns import Arns
from labcloud.cloud import Cloud
from labcloud.functions.asked import Answered
from labcloud.state.records import Records

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
INVOCATIONS = (
    f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
)


class StandIn:
    """Functions that return what a test says, and that remember who has called."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.allowed = True
        self.error: str | None = None

    def allows(self, function: str, principal: str, source_arn: str) -> bool:
        assert (function, principal) == (FUNCTION, "apigateway.amazonaws.com")
        self.sources.append(source_arn)
        return self.allowed

    async def invoke(self, function: str, payload: bytes) -> Answered:
        self.events.append(json.loads(payload))
        return Answered(await self.returns(), self.error)

    async def returns(self) -> bytes:
        return b'{"statusCode":200,"body":"hi"}'


class Scene:
    """A cloud that has APIs and nothing else, and its door."""

    def __init__(self, folder: Path) -> None:
        self.functions = StandIn()
        self.records = Records(folder / "records.sqlite")
        store.open_records(self.records)
        self.cloud = cast(
            Cloud,
            SimpleNamespace(
                arns=Arns("us-east-1", "123456789012"),
                records=self.records,
                functions=self.functions,
            ),
        )
        self.door = Door(self.cloud)

    async def http(self, operation: str, **request: Any) -> dict[str, Any]:
        return await HTTP[operation](self.cloud, request)

    async def rest(self, operation: str, **request: Any) -> dict[str, Any]:
        return await REST[operation](self.cloud, request)

    async def quick(self, **more: Any) -> str:
        """An HTTP API with the function behind it."""
        api = await self.http("CreateApi", Name="a", ProtocolType="HTTP", Target=FUNCTION, **more)
        return str(api["ApiId"])

    async def resting(self) -> str:
        """A REST API with the function behind POST of its root, at the stage `prod`."""
        api = await self.rest("CreateRestApi", name="a")
        at = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "POST"}
        await self.rest("PutMethod", **at, authorizationType="NONE")
        await self.rest(
            "PutIntegration", **at, type="AWS_PROXY", integrationHttpMethod="POST", uri=INVOCATIONS
        )
        await self.rest("CreateDeployment", restApiId=api["id"], stageName="prod")
        return str(api["id"])

    async def visit(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.door)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
            return await client.request(method, f"{store.DOOR}/{path}", **more)


Play = Callable[[Callable[[Scene], Awaitable[None]]], None]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Plays a scene on an event loop of its own."""
    scenes: list[Scene] = []

    def played(scene: Callable[[Scene], Awaitable[None]]) -> None:
        async def run() -> None:
            scenes.append(Scene(tmp_path))
            try:
                await scene(scenes[-1])
            finally:
                await scenes[-1].door.close()

        asyncio.run(run())

    yield played
    for scene in scenes:
        scene.records.close()
