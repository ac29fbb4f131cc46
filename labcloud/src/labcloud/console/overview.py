"""The first page: what there is, what runs, and the newest jobs."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.apis.store import KINDS as API_KINDS
from labcloud.cloud import Cloud
from labcloud.console import costs
from labcloud.console.desk import desk
from labcloud.console.jobs import row
from labcloud.console.kinds import KINDS, Kind
from labcloud.console.pages import live
from labcloud.functions.records import KIND as FUNCTION
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.pipelines.resource import PIPELINE
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE_GROUP
from labcloud.sagemaker.states import JobStatus

_NEWEST = 8


async def overview(request: Request) -> Response:
    at = desk(request)
    places = at.cloud.records.places
    counts = [(kind, places.statuses(kind.resource.kind)) for kind in KINDS]
    endpoints = places.statuses(ENDPOINT.kind)
    buckets = await at.call("s3", "ListBuckets")
    return live(
        request, "overview.html", "overview_live.html",
        counts=[(kind, sum(of.values()), running(kind, of), of.get(JobStatus.FAILED, 0))
                for kind, of in counts],
        endpoints=endpoints, models=sum(places.statuses(MODEL.kind).values()),
        pipelines=sum(places.statuses(PIPELINE.kind).values()),
        groups=sum(places.statuses(MODEL_PACKAGE_GROUP.kind).values()),
        functions=sum(places.statuses(FUNCTION).values()),
        apis=sum(sum(places.statuses(kind).values()) for kind in API_KINDS),
        buckets=len(buckets.get("Buckets") or []), newest=newest(at.cloud),
        hourly=costs.hourly(at.cloud),
    )  # fmt: skip


def running(kind: Kind, counts: dict[str, int]) -> int:
    return sum(count for status, count in counts.items() if status not in kind.resource.final)


def newest(cloud: Cloud) -> list[dict[str, Any]]:
    """The newest jobs of all kinds."""
    found = []
    for kind in KINDS:
        page = cloud.records.places.page(
            kind.resource.kind, (), by="created", descending=True, after=None, size=_NEWEST
        )
        found += [(place.created, kind, place.name) for place in page]
    found.sort(key=lambda each: (-each[0], each[2]))
    return [
        row(kind, cloud.records.get(kind.resource.kind, name)) for _, kind, name in found[:_NEWEST]
    ]


ROUTES = [Route("/", overview)]
