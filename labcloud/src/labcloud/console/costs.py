"""What the work would have cost on AWS, and what would cost now if it ran there.

The times are those of this machine. What was deleted is not counted, for nothing knows of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.cloud import Cloud
from labcloud.console import prices
from labcloud.console.desk import desk
from labcloud.console.images import stored as stored_images
from labcloud.console.kinds import KINDS, Kind
from labcloud.console.pages import page
from labcloud.sagemaker.endpoints.resource import ENDPOINT, instances_of
from labcloud.sagemaker.states import EndpointStatus

_GIGABYTE = 1024**3


@dataclass(frozen=True)
class Line:
    """What the jobs of one kind on one type of instance have used. `cost` is in dollars."""

    kind: Kind
    instance: str
    jobs: int
    seconds: float
    cost: float | None


@dataclass(frozen=True)
class Runs:
    """Something that would cost by the hour now (dollars); None: its price is not known."""

    what: str
    parts: tuple[str, ...]
    name: str
    instances: str
    hourly: float | None


def spent(cloud: Cloud, kind: Kind) -> list[Line]:
    """The use of all jobs of a kind, by instance type. Blocking, for any thread."""
    jobs, seconds = Counter[str](), defaultdict[str, float](float)
    for measured in cloud.records.extracts(kind.resource.kind, kind.measures):
        use = kind.use(measured)
        jobs[use.instance] += 1
        seconds[use.instance] += (use.seconds or 0.0) * use.instances
    return [
        Line(kind, instance, number, seconds[instance],
             prices.cost(instance, 1, seconds[instance]))
        for instance, number in sorted(jobs.items())
    ]  # fmt: skip


def running(cloud: Cloud) -> list[Runs]:
    """What runs now: endpoints, and jobs that have begun."""
    found = []
    for record in ENDPOINT.all_but(cloud, (EndpointStatus.FAILED,)):
        config = record.get("Deployment", {}).get("Config", {})
        counted = instances_of(config.get("ProductionVariants", []))
        name = record[ENDPOINT.name]
        costing = [prices.cost(each, number, 3600) for each, number in counted.items()]
        known = [each for each in costing if each is not None]
        hourly = sum(known) if len(known) == len(costing) else None
        said = ", ".join(f"{number} × {each}" for each, number in counted.items())
        found.append(Runs("Endpoint", ("endpoints", name), name, said, hourly))
    for kind in KINDS:
        if not kind.instance:
            continue
        for record in kind.resource.unfinished(cloud):
            use, name = kind.use_of(record), record[kind.resource.name]
            if use.seconds is None:
                continue
            found.append(
                Runs(
                    kind.resource.called.capitalize(), ("jobs", kind.path, name), name,
                    f"{use.instances} × {use.instance}",
                    prices.cost(use.instance, use.instances, 3600),
                )
            )  # fmt: skip
    return found


async def costs(request: Request) -> Response:
    """What runs now. The sums over all jobs and objects come when the page asks for them."""
    return page(request, "costs.html", now=running(desk(request).cloud), prices=prices)


async def sums(request: Request) -> Response:
    at = desk(request)
    billed = [kind for kind in KINDS if kind.instance]
    lines = await asyncio.gather(*[asyncio.to_thread(spent, at.cloud, kind) for kind in billed])
    past = [line for found in lines for line in found]
    objects = await asyncio.to_thread(at.cloud.objects.stored)
    images = await stored_images(at.call)
    size = sum(bucket.size for bucket in objects.values())
    stored = [
        ("Objects in Amazon S3", size, size / _GIGABYTE * prices.GIGABYTE_OF_OBJECTS),
        ("Images in Amazon ECR", images, images / _GIGABYTE * prices.GIGABYTE_OF_IMAGES),
    ]
    whole = request.headers.get("hx-request") != "true"
    return page(
        request, "summed.html" if whole else "sums.html", past=past, stored=stored,
        total=sum(line.cost or 0.0 for line in past),
        hourly=sum(each.hourly or 0.0 for each in running(at.cloud)),
        monthly=sum(each[2] for each in stored),
        unknown=sorted({line.instance for line in past if line.cost is None and line.seconds}),
    )  # fmt: skip


ROUTES = [Route("/costs", costs), Route("/costs/sums", sums)]
