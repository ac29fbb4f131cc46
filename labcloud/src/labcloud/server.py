"""The app on its one port: what a labcloud is made of, put together."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from labcloud.apis import store as apis
from labcloud.apis.service import ApiGateway
from labcloud.apis.stage.door import Door
from labcloud.arns import Arns
from labcloud.aws import backends, cloudwatch, container_credentials, iam
from labcloud.aws.account import prepare_account
from labcloud.aws.ecr import Registry
from labcloud.aws.logs import Logs
from labcloud.aws.queues import Queues
from labcloud.aws.repositories import Repositories
from labcloud.aws.s3.objects import Objects
from labcloud.aws.s3.vault import Vault
from labcloud.client.push import MEDIA_TYPE
from labcloud.cloud import Cloud
from labcloud.console.application import Console
from labcloud.containers.access import Access
from labcloud.containers.engines import Choice, Engines
from labcloud.containers.process.engine import ProcessEngine
from labcloud.containers.published.images import PublishedImages
from labcloud.functions.service import Lambda
from labcloud.gateway.application import Gateway
from labcloud.sagemaker.endpoints import lifecycle
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.job import remove_folder
from labcloud.sagemaker.operations import FIELDS, OPERATIONS
from labcloud.sagemaker.protocol import ControlPlane
from labcloud.sagemaker.resources import JOBS, open_records
from labcloud.sagemaker.runtime.invoke import Invocations
from labcloud.sagemaker.runtime.protocol import not_here
from labcloud.state import format as state_format
from labcloud.state.credentials import Credentials
from labcloud.state.home import LOOPBACK, Home
from labcloud.state.records import Records
from labcloud.timings import Timings

if TYPE_CHECKING:
    from labcloud.containers.docker import DockerEngine

ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
_INVOKED = "/endpoints/{name}"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    A `port` is taken or the start fails (0: any that is free); None prefers that of the last life.
    """

    home: Home
    port: int | None = None
    region: str = DEFAULT_REGION
    account: str = ACCOUNT
    engine: Choice = Choice.AUTO
    timings: Timings = field(default_factory=Timings)
    # The address to listen on, and the names besides loopback's by which clients reach it.
    address: str = LOOPBACK
    names: tuple[str, ...] = ()
    # Whether the algorithms' libraries are loaded at the first job, not at the start.
    lazy: bool = False
    # What the body of an invocation may have, where it is not what AWS says (bytes).
    max_payload: int = Cloud.max_payload


def create_app(settings: Settings, credentials: Credentials, port: int) -> ASGIApp:
    """The ASGI application. Its lifespan starts and ends everything that runs behind it.

    `port` is where containers find it.
    """
    state_format.check(settings.home)
    vault = Vault(settings.account, settings.home.path)
    vault.load()
    prepare_account(settings.account, settings.region, credentials)
    images = Repositories(settings.account, settings.home.path)
    images.load()
    published = PublishedImages(
        settings.home.path / "contexts", lambda uri: images.layer(uri, MEDIA_TYPE)
    )
    session = functools.partial(container_credentials.variables, credentials)
    access = Access(port, settings.region, session, set(settings.names))
    engines = Engines(
        ProcessEngine(settings.home.path, published, lazy=settings.lazy, access=access),
        _docker(settings.home, access) if settings.engine is Choice.AUTO else None,
    )
    cloud = Cloud(
        arns=Arns(settings.region, settings.account),
        jobs_folder=settings.home.jobs,
        records=Records(settings.home.records),
        objects=Objects(settings.account, vault),
        logs=Logs(settings.account, settings.region, settings.home.logs),
        engine=engines,
        images=images,
        queues=Queues(settings.account, settings.region),
        instances=asyncio.Semaphore(max(2, os.cpu_count() or 2)),
        timings=settings.timings,
        max_payload=settings.max_payload,
    )
    cloudwatch.publish(settings.account, settings.region, cloud.metrics, cloud.training_metrics)
    open_records(cloud.records)
    apis.open_records(cloud.records)
    # Everything has been read.
    state_format.stamp(settings.home)
    moto = backends.application(vault, credentials)
    invocations = Invocations(cloud)
    sagemaker = Starlette(
        routes=[
            Route("/", ControlPlane(cloud, OPERATIONS, FIELDS).handle, methods=["POST"]),
            Route(_INVOKED + "/invocations", invocations.handle, methods=["POST"]),
            Route(
                _INVOKED + "/invocations-response-stream",
                invocations.handle_stream,
                methods=["POST"],
            ),
            Route("/{path:path}", not_here, methods=["GET", "POST", "PUT", "DELETE"]),
        ],
        # A path with a line's end in it matches none of these.
        exception_handlers={404: not_here, 405: not_here},
    )
    functions = Lambda(cloud, settings.home.path, functools.partial(_of_a_function, access))
    cloud.functions = functions
    services: dict[str, ASGIApp] = {
        "apigateway": ApiGateway(cloud),
        "sagemaker": sagemaker,
        "lambda": functions.service,
        **dict.fromkeys(backends.MOTO_NAMES, moto),
        "iam": iam.Simulation(settings.account, moto),
        "ecr": Registry(settings.account, images, published, moto),
    }
    console = Console(cloud, services, credentials, port, functions.files, settings.home.signed_out)
    services["labcloud"] = Starlette(
        routes=[
            Route("/status", _status(cloud, engines, functions)),
            Route("/console", console.token, methods=["POST"]),
            Route("/console/waits", console.waits, methods=["POST"]),
        ]
    )
    gateway = Gateway(
        credentials,
        services,
        access.names,
        settings.timings.request_body,
        # moto keeps what each region has apart.
        dict.fromkeys(("apigateway", "lambda", "sagemaker"), settings.region),
    )
    door = Door(cloud, settings.timings.request_body)
    gateway.open_door(apis.DOOR, door)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await cloud.engine.start()
        remove_folder(cloud.jobs_folder)
        for job in JOBS:
            job.recover(cloud)
        lifecycle.recover(cloud)
        await functions.start()
        try:
            yield
        finally:
            await door.close()
            await _shut_down(cloud, functions)
            await moto.close()
            vault.close()

    events = Starlette(lifespan=lifespan)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if Console.serves(scope):
            await console(scope, receive, send)
        else:
            await (events if scope["type"] == "lifespan" else gateway)(scope, receive, send)

    return app


def _docker(home: Home, access: Access) -> DockerEngine:
    from labcloud.containers.docker import DockerEngine

    return DockerEngine(home.path, access)


def _of_a_function(access: Access, name: str, role: str) -> dict[str, str]:
    """How a function finds AWS; its session is called as it is."""
    return access.variables(role, {}, session_name=name)


async def _shut_down(cloud: Cloud, functions: Lambda) -> None:
    """Jobs fail, endpoints stop and keep their records; nothing is left running."""
    tasks = list(cloud.tasks.values())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await functions.close()
    await lifecycle.shut_down(cloud)
    await cloud.engine.close()
    cloud.records.close()


def _status(
    cloud: Cloud, engines: Engines, functions: Lambda
) -> Callable[[Request], Awaitable[Response]]:
    async def status(_: Request) -> Response:
        kinds = [job.resource for job in JOBS]
        counted = {
            resource.called: cloud.records.places.statuses(resource.kind) for resource in kinds
        }
        endpoints = {
            record[ENDPOINT.name]: record[ENDPOINT.status] for record in ENDPOINT.all(cloud)
        }
        described = await engines.described()
        return JSONResponse(
            {
                "Engine": described,
                "Jobs": counted,
                "Endpoints": endpoints,
                "Functions": functions.states(),
                "APIs": apis.summary(cloud),
            }
        )

    return status
