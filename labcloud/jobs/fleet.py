"""The model servers behind an endpoint: replicas of a variant, variants of a fleet.

A fleet is what one endpoint configuration asks for. Which fleet an endpoint uses, and when it
changes, is decided in labcloud.jobs.endpoints.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from labcloud.cloud import Cloud
from labcloud.containers.contract import Contract
from labcloud.containers.definition import container_of
from labcloud.containers.engine import ContainerSpec, ImageNotAvailable, not_available
from labcloud.jobs.artifacts import fetch_model
from labcloud.jobs.replica import Replica
from labcloud.store.logs import ENDPOINTS
from labcloud.store.records import Record


@dataclass
class Variant:
    """A production variant: its weight, and replicas that take turns."""

    name: str
    weight: float
    image: str
    replicas: list[Replica]

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.replicas)

    def next(self) -> Replica:
        return next(self._turns)


class Deployment(TypedDict):
    """What an endpoint serves: its configuration and the models, as they were when it began to.

    They may be deleted while it does.
    """

    Config: Record
    Models: dict[str, Record]


class Fleet:
    """All variants of an endpoint configuration."""

    def __init__(self, variants: list[Variant], folder: Path) -> None:
        self.variants = variants
        self._folder = folder
        self._random = random.Random()

    @classmethod
    async def prepare(cls, cloud: Cloud, endpoint: str, deployment: Deployment) -> Fleet:
        """Brings the artifacts of a deployment's models here. Raises ClientError."""
        folder = cloud.jobs_folder / "endpoints" / endpoint / secrets.token_hex(4)
        try:
            variants = [
                await _variant(
                    cloud,
                    endpoint,
                    settings,
                    container_of(deployment["Models"][settings["ModelName"]]),
                    folder / settings["VariantName"],
                )
                for settings in deployment["Config"]["ProductionVariants"]
            ]
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, True)
            raise
        return cls(variants, folder)

    async def start(self) -> None:
        """All replicas, at once. Raises the first one's error after all have settled."""
        replicas = [replica for variant in self.variants for replica in variant.replicas]
        results = await asyncio.gather(*[r.start() for r in replicas], return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def stop(self) -> None:
        replicas = [replica for variant in self.variants for replica in variant.replicas]
        await asyncio.gather(*[replica.stop() for replica in replicas])
        await asyncio.to_thread(shutil.rmtree, self._folder, True)

    def find(self, name: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.name == name), None)

    def choose(self) -> Variant:
        """A variant at random, by weight."""
        if len(self.variants) == 1:
            return self.variants[0]
        weights = [variant.weight for variant in self.variants]
        if not any(weights):
            weights = [1.0] * len(weights)
        return self._random.choices(self.variants, weights)[0]

    def described(self) -> list[dict[str, Any]]:
        """ProductionVariants of DescribeEndpoint."""
        return [
            {
                "VariantName": variant.name,
                "DeployedImages": [
                    {"SpecifiedImage": variant.image, "ResolvedImage": variant.image}
                ],
                "CurrentWeight": variant.weight,
                "DesiredWeight": variant.weight,
                "CurrentInstanceCount": len(variant.replicas),
                "DesiredInstanceCount": len(variant.replicas),
            }
            for variant in self.variants
        ]


async def _variant(
    cloud: Cloud,
    endpoint: str,
    settings: dict[str, Any],
    container: dict[str, Any],
    folder: Path,
) -> Variant:
    if not await cloud.engine.holds(container["Image"]):
        raise ImageNotAvailable(not_available(container["Image"]))
    replicas = []
    for number in range(settings.get("InitialInstanceCount", 1)):
        contract = Contract(folder / str(number))
        await asyncio.to_thread(fetch_model, cloud, container, contract)
        spec = ContainerSpec(
            image=container["Image"],
            root=contract.root,
            owner=f"endpoint/{endpoint}",
            instance_type=settings.get("InstanceType", ""),
            environment={
                "SAGEMAKER_REGION": cloud.arns.region,
                "AWS_REGION": cloud.arns.region,
                **container.get("Environment", {}),
            },
        )
        stream = cloud.logs.stream(
            ENDPOINTS + endpoint, f"{settings['VariantName']}/i-{secrets.token_hex(8)}"
        )
        replicas.append(Replica(cloud, spec, settings["VariantName"], stream))
    weight = settings.get("InitialVariantWeight", 1.0)
    return Variant(settings["VariantName"], weight, container["Image"], replicas)
