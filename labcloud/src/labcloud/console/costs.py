"""What the work would have cost on AWS, and what would cost now if it ran there.

The times are those of this machine. What was deleted is not counted, for nothing knows of it.
"""

from __future__ import annotations

import asyncio
import time
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
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.states import EndpointStatus
from labcloud.state.records import Record

_GIGABYTE = 1024**3


@dataclass(frozen=True)
class Line:
    """What the jobs of one kind on one type of instance have used. `cost` is in dollars.

    Without a kind, it is about endpoints. `seconds` are those of all instances together.
    """

    kind: Kind | None
    instance: str
    jobs: int
    seconds: float
    cost: float | None

    @property
    def title(self) -> str:
        return self.kind.title if self.kind else "Endpoints"


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


def instances_of(cloud: Cloud, record: Record) -> Counter[str]:
    """The instances of an endpoint by type; those that it is to have, where it has none yet."""
    assert ENDPOINT.quota
    return ENDPOINT.quota.instances(cloud, record)


def served(cloud: Cloud) -> list[Line]:
    """The use of the endpoints that there are, since they were created, by instance type.

    No record says what an endpoint had before its last change: it is counted with what it has.
    """
    number, seconds, now = Counter[str](), defaultdict[str, float](float), time.time()
    for record in ENDPOINT.all_but(cloud, (EndpointStatus.FAILED,)):
        for instance, count in instances_of(cloud, record).items():
            number[instance] += 1
            seconds[instance] += count * max(0.0, now - record["CreationTime"])
    return [
        Line(None, each, number[each], seconds[each], prices.cost(each, 1, seconds[each]))
        for each in sorted(number)
    ]


def of_endpoint(cloud: Cloud, record: Record) -> Runs | None:
    """What an endpoint would cost now; None for one that has failed."""
    if record[ENDPOINT.status] == EndpointStatus.FAILED:
        return None
    counted, name = instances_of(cloud, record), record[ENDPOINT.name]
    costing = [prices.cost(each, number, 3600) for each, number in counted.items()]
    known = [each for each in costing if each is not None]
    hourly = sum(known) if counted and len(known) == len(costing) else None
    said = ", ".join(f"{number} × {each}" for each, number in counted.items())
    return Runs("Endpoint", ("endpoints", name), name, said, hourly)


def running(cloud: Cloud) -> list[Runs]:
    """What runs now: endpoints, and jobs that have begun."""
    endpoints = ENDPOINT.all_but(cloud, (EndpointStatus.FAILED,))
    found = [runs for record in endpoints if (runs := of_endpoint(cloud, record))]
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


def hourly(cloud: Cloud) -> prices.Sum:
    """What all that runs now would cost an hour."""
    return prices.summed((each.hourly, 1) for each in running(cloud))


async def costs(request: Request) -> Response:
    """What runs now. The sums over all jobs and objects come when the page asks for them."""
    return page(request, "costs.html", now=running(desk(request).cloud), prices=prices)


async def sums(request: Request) -> Response:
    at = desk(request)
    billed = [kind for kind in KINDS if kind.instance]
    lines = await asyncio.gather(*[asyncio.to_thread(spent, at.cloud, kind) for kind in billed])
    past = [*served(at.cloud), *(line for found in lines for line in found)]
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
        total=prices.summed((line.cost, line.jobs) for line in past if line.seconds),
        hourly=hourly(at.cloud),
        monthly=sum(each[2] for each in stored),
        unknown=sorted({line.instance for line in past if line.cost is None and line.seconds}),
    )  # fmt: skip


ROUTES = [Route("/costs", costs), Route("/costs/sums", sums)]
