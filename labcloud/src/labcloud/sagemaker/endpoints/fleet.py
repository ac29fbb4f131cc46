"""The model servers behind an endpoint: replicas of a variant, variants of a fleet.

A fleet is what one endpoint configuration asks for. Which fleet an endpoint uses, and when it
changes, is decided in blue_green.py; its size, in scaling.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypedDict

from labcloud.aws.logs import ENDPOINTS
from labcloud.cloud import Cloud
from labcloud.containers.contract import Contract
from labcloud.containers.engine import ContainerSpec, ImageNotAvailable, not_available
from labcloud.containers.threads import to_the_end
from labcloud.sagemaker.endpoints.capture import Capture, capture_of
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.images import resolved
from labcloud.sagemaker.job import remove_folder
from labcloud.sagemaker.models.artifacts import DownloadFailed, fetch_model
from labcloud.sagemaker.models.definition import SCRIPT, container_of
from labcloud.sagemaker.models.replica import Replica
from labcloud.state.records import Record


class Deployment(TypedDict):
    """What an endpoint serves: its configuration and the models, as they were when it began to.

    They may be deleted while the endpoint serves. The configuration's InitialVariantWeight and
    InitialInstanceCount are those that the endpoint has now.
    """

    Config: Record
    Models: dict[str, Record]


@dataclass
class Variant:
    """A production variant: its weight, and replicas that take turns.

    Under LEAST_OUTSTANDING_REQUESTS a request goes to one of those that have the least to do.
    """

    name: str
    weight: float
    image: str
    resolved_image: str
    replicas: list[Replica]
    least_outstanding: bool = False
    capture: Capture | None = None

    def __post_init__(self) -> None:
        self._turn = 0

    def next(self) -> Replica:
        """The replica for the next request: one that is ready, where there is one."""
        replicas = self.replicas
        if len(replicas) == 1:
            return replicas[0]
        self._turn = turn = (self._turn + 1) % len(replicas)
        in_turn = replicas[turn:] + replicas[:turn]
        if self.least_outstanding:
            return min(in_turn, key=lambda replica: (not replica.ready, replica.in_flight))
        return next((replica for replica in in_turn if replica.ready), in_turn[0])


class Fleet:
    """All variants of an endpoint configuration."""

    def __init__(self, cloud: Cloud, endpoint: str, deployment: Deployment) -> None:
        self.deployment = deployment
        self.variants: list[Variant] = []
        self.capture = capture_of(cloud, endpoint, deployment["Config"])
        self._cloud = cloud
        self._endpoint = endpoint
        self._folder = cloud.jobs_folder / "endpoints" / endpoint / secrets.token_hex(4)
        self._numbers = itertools.count()
        self._began = time.time()

    @classmethod
    async def prepare(cls, cloud: Cloud, endpoint: str, deployment: Deployment) -> Fleet:
        """Brings the artifacts of a deployment's models here. Raises ClientError."""
        fleet = cls(cloud, endpoint, deployment)
        try:
            for settings in deployment["Config"]["ProductionVariants"]:
                fleet.variants.append(await fleet._variant(settings))
        except BaseException:
            await asyncio.to_thread(_remove, fleet._folder)
            raise
        return fleet

    async def start(self) -> None:
        """All replicas, at once. Raises the first one's error after all have settled."""
        await _start(self.replicas)

    async def stop(self) -> None:
        """Stops at once. Requests under way are not answered."""
        await asyncio.gather(*[replica.stop() for replica in self.replicas])
        await self._clear()

    async def retire(self) -> None:
        """Stops, once the requests under way have been answered."""
        await retire(self.replicas)
        await self._clear()

    async def _clear(self) -> None:
        if self.capture:
            await self.capture.close()
        await asyncio.to_thread(_remove, self._folder)

    async def add(self, counts: dict[str, int]) -> dict[str, list[Replica]]:
        """Starts this many more replicas of each variant. They get no requests yet.

        Raises as `prepare` and `start` do, and stops what it has started.
        """
        added: dict[str, list[Replica]] = {}
        try:
            for settings in self.deployment["Config"]["ProductionVariants"]:
                name = settings["VariantName"]
                more = range(counts.get(name, 0))
                added[name] = [await self._replica(settings) for _ in more]
            await _start([replica for replicas in added.values() for replica in replicas])
        except BaseException:
            begun = [replica for replicas in added.values() for replica in replicas]
            await asyncio.gather(*[replica.stop() for replica in begun])
            raise
        return added

    def captured(self) -> dict[str, Any] | None:
        """DataCaptureConfig of DescribeEndpoint."""
        return self.capture.described() if self.capture else None

    def find(self, name: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.name == name), None)

    def choose(self, random: Random) -> Variant:
        """A variant at random, by weight."""
        if len(self.variants) == 1:
            return self.variants[0]
        weights = [variant.weight for variant in self.variants]
        if not any(weights):
            weights = [1.0] * len(weights)
        return random.choices(self.variants, weights)[0]

    def described(self) -> list[dict[str, Any]]:
        """ProductionVariants of DescribeEndpoint."""
        return [
            {
                "VariantName": variant.name,
                "DeployedImages": [
                    {
                        "SpecifiedImage": variant.image,
                        "ResolvedImage": variant.resolved_image,
                        "ResolutionTime": self._began,
                    }
                ],
                "CurrentWeight": variant.weight,
                "DesiredWeight": variant.weight,
                "CurrentInstanceCount": len(variant.replicas),
                "DesiredInstanceCount": len(variant.replicas),
            }
            for variant in self.variants
        ]

    @property
    def replicas(self) -> list[Replica]:
        return [replica for variant in self.variants for replica in variant.replicas]

    async def _variant(self, settings: dict[str, Any]) -> Variant:
        image = self._container(settings)["Image"]
        if not await self._cloud.engine.holds(image):
            raise ImageNotAvailable(not_available(image))
        number = settings.get("InitialInstanceCount", 1)
        return Variant(
            settings["VariantName"],
            settings.get("InitialVariantWeight", 1.0),
            image,
            resolved(self._cloud, image),
            [await self._replica(settings) for _ in range(number)],
            settings.get("RoutingConfig", {}).get("RoutingStrategy")
            == "LEAST_OUTSTANDING_REQUESTS",
            self.capture,
        )

    async def _replica(self, settings: dict[str, Any]) -> Replica:
        model, variant = self.deployment["Models"][settings["ModelName"]], settings["VariantName"]
        container = container_of(model)
        contract = Contract(self._folder / variant / str(next(self._numbers)) / "ml")
        try:
            async with asyncio.timeout(settings.get("ModelDataDownloadTimeoutInSeconds")):
                await to_the_end(fetch_model, self._cloud, container, contract)
        except TimeoutError as error:
            raise DownloadFailed(container) from error
        region = self._cloud.arns.region
        spec = ContainerSpec(
            image=container["Image"],
            root=contract.root,
            owner=f"{ENDPOINT.kind}/{self._endpoint}",
            instance_type=settings.get("InstanceType", ""),
            isolated=model.get("EnableNetworkIsolation", False),
            role=model.get("ExecutionRoleArn", ""),
            script=SCRIPT in container.get("Environment", {}),
            environment={
                "SAGEMAKER_REGION": region,
                "AWS_REGION": region,
                **container.get("Environment", {}),
            },
        )
        stream = self._cloud.logs.stream(
            ENDPOINTS + self._endpoint, f"{variant}/i-{secrets.token_hex(8)}"
        )
        deadline = settings.get("ContainerStartupHealthCheckTimeoutInSeconds")
        return Replica(self._cloud, spec, variant, stream, deadline)

    def _container(self, settings: dict[str, Any]) -> dict[str, Any]:
        return container_of(self.deployment["Models"][settings["ModelName"]])


async def retire(replicas: list[Replica]) -> None:
    """Stops replicas, once the requests under way have been answered."""
    await asyncio.gather(*[replica.retire() for replica in replicas])


async def _start(replicas: list[Replica]) -> None:
    results = await asyncio.gather(*[r.start() for r in replicas], return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _remove(folder: Path) -> None:
    """Deletes a fleet's folder, and that of its endpoint, unless another fleet is in it."""
    remove_folder(folder)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()
