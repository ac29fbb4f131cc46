"""The model servers behind an endpoint: replicas of a variant, variants of a fleet.

A replica is one container that serves, kept alive; a fleet is what one endpoint configuration
asks for. Which fleet an endpoint uses, and when it changes, is decided in labcloud.jobs.endpoints.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import aiohttp

from labcloud.cloud import Cloud
from labcloud.containers.archives import BadArchive, unpack
from labcloud.containers.contract import Contract
from labcloud.containers.definition import artifact_of, container_of
from labcloud.containers.engine import (
    PING_DEADLINE,
    SERVING_GRACE,
    ContainerSpec,
    ModelServer,
)
from labcloud.jobs.data import ClientError, download_channel
from labcloud.store.logs import ENDPOINTS, LogStream
from labcloud.store.objects import Location, ObjectStoreError
from labcloud.store.records import Record

# A model server that dies is started again after this long; doubled at each death in a row (s).
_BACKOFF = (0.5, 30.0)
_PING_TIMEOUT = aiohttp.ClientTimeout(total=2)
# A container that answers its pings, and says no each time, is given up after this long (seconds).
# AWS goes on for four minutes; here somebody is waiting for the reason.
_REFUSALS = 10.0
# How often an unanswered ping is repeated (seconds).
_PING_EVERY = 0.1
# AWS gives a container 60 s to answer an invocation.
INVOCATION_TIMEOUT = aiohttp.ClientTimeout(total=60)

logger = logging.getLogger(__name__)


class PingFailed(Exception):
    """A model server that did not become healthy; the message is the endpoint's FailureReason."""

    def __init__(self, variant: str) -> None:
        super().__init__(
            f"The primary container for production variant {variant} did not pass the ping health "
            "check. Please check CloudWatch logs for this endpoint."
        )


class Replica:
    """One model server and the connections to it."""

    def __init__(self, cloud: Cloud, spec: ContainerSpec, variant: str, stream: LogStream) -> None:
        self.cloud = cloud
        self.spec = spec
        self.variant = variant
        self.stream = stream
        self.session: aiohttp.ClientSession | None = None
        self._container: ModelServer | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._follower: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Returns once /ping has answered 200. Raises PingFailed, ImageNotAvailable."""
        await self._launch()
        try:
            async with asyncio.timeout(PING_DEADLINE):
                await self._healthy()
        except (TimeoutError, _Unhealthy) as error:
            raise PingFailed(self.variant) from error
        self._keeper = asyncio.create_task(self._keep())

    async def _launch(self) -> None:
        self._container = container = await self.cloud.engine.serve(self.spec)
        self._follower = asyncio.create_task(self.stream.follow(container.lines()))
        if self.session:
            await self.session.close()
        self.session = aiohttp.ClientSession(
            base_url="http://model",
            connector=aiohttp.UnixConnector(path=str(container.socket), limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def _healthy(self) -> None:
        """Returns when /ping has answered 200. Raises _Unhealthy when it will not."""
        assert self._container and self.session
        ended = asyncio.create_task(self._container.wait())
        first_refusal: float | None = None
        try:
            while True:
                if ended.done():
                    raise _Unhealthy
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with self.session.get("/ping", timeout=_PING_TIMEOUT) as response:
                        if response.status == 200:
                            return
                        first_refusal = first_refusal or time.monotonic()
                if first_refusal and time.monotonic() - first_refusal > _REFUSALS:
                    raise _Unhealthy
                await asyncio.wait([ended], timeout=_PING_EVERY)
        finally:
            ended.cancel()

    async def _keep(self) -> None:
        """Starts the server again when it dies, with growing pauses, for as long as it takes."""
        pause, most = _BACKOFF
        while True:
            assert self._container
            code = await self._container.wait()
            if self._stopping:
                return
            self.stream.write(f"[labcloud] the model server ended with code {code}; restarting it")
            logger.warning(
                "a model server ended with code %d", code,
                extra={"event": "model-server-ended", "log": self.stream.name},
            )  # fmt: skip
            await asyncio.sleep(pause)
            pause = min(pause * 2, most)
            try:
                await self._launch()
                async with asyncio.timeout(PING_DEADLINE):
                    await self._healthy()
                pause = _BACKOFF[0]
            except (_Unhealthy, TimeoutError):
                # One that does not answer is no better than one that has ended.
                self._container.kill()
            except Exception:
                # A full disk, say. The next round finds the container ended as before.
                logger.exception("a model server does not start")

    async def stop(self) -> None:
        """SIGTERM, SIGKILL after the grace; returns when nothing is left of it."""
        self._stopping = True
        if self._keeper:
            self._keeper.cancel()
        if self.session:
            await self.session.close()
        if self._container:
            self._container.terminate()
            try:
                await asyncio.wait_for(self._container.wait(), SERVING_GRACE)
            except TimeoutError:
                self._container.kill()
                await self._container.wait()
        if self._follower:
            await asyncio.gather(self._follower, return_exceptions=True)


class _Unhealthy(Exception):
    """The container ended, or says no, before it was healthy."""


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
    cloud.engine.check(container["Image"])
    replicas = []
    for number in range(settings.get("InitialInstanceCount", 1)):
        contract = Contract(folder / str(number))
        await asyncio.to_thread(_fetch, cloud, container, contract)
        spec = ContainerSpec(
            image=container["Image"],
            root=contract.root,
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


def _fetch(cloud: Cloud, container: dict[str, Any], contract: Contract) -> None:
    """Puts the model's files into /opt/ml/model."""
    contract.create()
    uri = artifact_of(container)
    if uri is None:
        return
    location = Location.parse(uri)
    if location.key.endswith(".tar.gz"):
        archive = contract.root / "tmp" / "model.tar.gz"
        try:
            cloud.objects.download(location, archive)
            unpack(archive, contract.model)
        except (BadArchive, ObjectStoreError) as error:
            raise ClientError(f"Failed to extract model data archive {uri}: {error}") from error
        archive.unlink()
    else:
        download_channel(
            cloud.objects, {"DataSource": {"S3DataSource": {"S3Uri": uri}}}, contract.model
        )
