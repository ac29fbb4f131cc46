"""A cloud in this process that serves the image `echo`, and a client of its runtime API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from labcloud.sagemaker.endpoints import api
from labcloud.sagemaker.endpoints import configs as endpoint_configs
from labcloud.sagemaker.endpoints import updates as endpoint_updates
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.runtime.invoke import Invocations
from labcloud.state.records import Record
from labcloud.timings import Timings
from labcloud_support.theatre import Theatre

from ..conftest import IMAGE, Stage

CHANGING = ("Creating", "Updating", "RollingBack")


class Serving(Stage):
    """A cloud with one endpoint called `e`, and all that a test asks of it."""

    def __init__(self, folder: Path, theatre: Theatre, timings: Timings) -> None:
        super().__init__(folder, theatre, timings)
        invocations = Invocations(self.cloud)
        routes = [
            Route("/{name}/invocations", invocations.handle, methods=["POST"]),
            Route(
                "/{name}/invocations-response-stream", invocations.handle_stream, methods=["POST"]
            ),
        ]
        self.app = Starlette(routes=routes)
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://labcloud", timeout=60)

    async def close(self) -> None:
        await self.client.aclose()
        await super().close()

    async def config(self, name: str, *variants: dict[str, Any], **fields: Any) -> None:
        """Makes a configuration of variants, and for each a model with its `environment`."""
        described = []
        for number, variant in enumerate(variants):
            model = f"{name}-{number}"
            environment = {"REPORT": str(self.reports), **variant.pop("environment", {})}
            container = {"Image": variant.pop("image", IMAGE), "Environment": environment}
            self.cloud.records.insert(
                "model", model, {"ModelName": model, "PrimaryContainer": container}
            )
            described.append(
                {
                    "VariantName": "AllTraffic",
                    "ModelName": model,
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                    **variant,
                }
            )
        request = {"EndpointConfigName": name, "ProductionVariants": described, **fields}
        await endpoint_configs.create_endpoint_config(self.cloud, request)

    async def create(self, *variants: dict[str, Any], **fields: Any) -> Record:
        """The endpoint with these variants, in service."""
        await self.config("first", *variants, **fields)
        request = {"EndpointName": "e", "EndpointConfigName": "first"}
        await api.create_endpoint(self.cloud, request)
        return await self.settled()

    async def update(self, config: str, **fields: Any) -> None:
        request = {"EndpointName": "e", "EndpointConfigName": config, **fields}
        await endpoint_updates.update_endpoint(self.cloud, request)

    async def scale(self, *wanted: dict[str, Any]) -> None:
        request = {"EndpointName": "e", "DesiredWeightsAndCapacities": list(wanted)}
        await endpoint_updates.update_endpoint_weights_and_capacities(self.cloud, request)

    async def settled(self) -> Record:
        """The endpoint's record once it has stopped changing."""
        return await self.cloud.records.wait(
            ENDPOINT.kind, "e", lambda now: now["EndpointStatus"] not in CHANGING, 30
        )

    @property
    def traffic(self) -> Traffic:
        found = Traffic.of(self.cloud, "e")
        assert found
        return found

    async def invoke(self, body: bytes = b"word", **headers: str) -> httpx.Response:
        return await self.client.post(
            "/e/invocations",
            content=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    async def until(self, check: Callable[[], Any]) -> Any:
        """What `check` finds, once it is true."""
        while not (found := check()):
            await asyncio.sleep(0.01)
        return found


Scene = Callable[[Serving], Awaitable[None]]
Play = Callable[[Scene], None]


@pytest.fixture
def play(tmp_path: Path, echo_image: str, theatre: Theatre, timings: Timings) -> Play:
    """Runs a scene with such a cloud."""

    return theatre.with_each(lambda: Serving(tmp_path, theatre, timings))
