"""The model registry: groups, versions, their metrics, and whether somebody has approved them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.console.calls import Call, Refusal
from labcloud.console.desk import NotThere, desk
from labcloud.console.jobs import ROWS, places
from labcloud.console.pages import page, see_other
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.registry.groups import versions_in
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, MODEL_PACKAGE_GROUP

# A larger file of metrics is only linked to (bytes), and so many values of one are shown.
_LARGEST = 256 * 1024
_MOST = 200
_DEEPEST = 8
APPROVALS = {"approve": "Approved", "reject": "Rejected"}


async def table(request: Request) -> Response:
    cloud = desk(request).cloud
    search = request.query_params.get("search", "").strip()
    after = request.query_params.get("after")
    asked = {"MaxResults": ROWS, "NameContains": search} | ({"NextToken": after} if after else {})
    kind = MODEL_PACKAGE_GROUP.kind
    names, token = listing(cloud.records.places, kind, asked, has_status=True)
    groups = []
    for name in names:
        newest = cloud.records.places.page(
            MODEL_PACKAGE.kind, versions_in(name), by="created", descending=True, after=None, size=1
        )
        found = [cloud.records.get(MODEL_PACKAGE.kind, place.name) for place in newest]
        groups.append((cloud.records.get(kind, name), next(iter(found), None)))
    return page(
        request, "registry.html", groups=groups, next=token.get("NextToken"), after=after,
        search=search, total=sum(cloud.records.places.statuses(kind).values()),
    )  # fmt: skip


async def group(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    described = await at.describe(MODEL_PACKAGE_GROUP, name)
    after = request.query_params.get("after")
    status = request.query_params.get("status", "")
    asked = {"MaxResults": ROWS} | ({"NextToken": after} if after else {})
    if status:
        asked["StatusEquals"] = status
    names, token = listing(
        at.cloud.records.places, MODEL_PACKAGE.kind, asked, has_status=True, more=versions_in(name)
    )
    return page(
        request, "group.html", name=name, described=described, status=status,
        versions=[at.cloud.records.get(MODEL_PACKAGE.kind, each) for each in names],
        next=token.get("NextToken"), after=after, statuses=["PendingManualApproval",
                                                            *APPROVALS.values()],
        labels=MODEL_PACKAGE_GROUP.find(at.cloud, name).get("Tags", []),
    )  # fmt: skip


def _name(request: Request) -> str:
    return f"{request.path_params['name']}/{request.path_params['version']}"


async def version(request: Request) -> Response:
    at, name = desk(request), _name(request)
    record = MODEL_PACKAGE.find(at.cloud, name)
    described = await at.describe(MODEL_PACKAGE, record[MODEL_PACKAGE.arn])
    return page(
        request, "version.html", name=request.path_params["name"], described=described,
        number=request.path_params["version"], places=list(places(described)),
        metrics=[
            (member.removesuffix(".S3Uri"), found)
            for member, place in places(described.get("ModelMetrics", {}))
            if (found := await _metrics(at.call, place))
        ],
        containers=described.get("InferenceSpecification", {}).get("Containers", []),
    )  # fmt: skip


async def _metrics(call: Call, place: str) -> list[tuple[str, float]]:
    """The numbers in a file of metrics, by their members; none where it is no such file."""
    bucket, _, key = place.removeprefix("s3://").partition("/")
    try:
        head = await call("s3", "HeadObject", Bucket=bucket, Key=key)
        if head["ContentLength"] > _LARGEST:
            return []
        found = await call("s3", "GetObject", Bucket=bucket, Key=key)
        return list(_numbers(json.loads(bytes(found["Body"])), ()))[:_MOST]
    except (Refusal, ValueError, RecursionError):
        return []


def _numbers(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict) and len(path) < _DEEPEST:
        for name, item in value.items():
            yield from _numbers(item, path if name == "value" and path else (*path, name))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield ".".join(path), value


async def decide(request: Request) -> Response:
    """Approves or rejects a version, with a reason."""
    at = desk(request)
    given = await at.fields(request)
    status = APPROVALS.get(given.get("decision", ""))
    if status is None:
        raise NotThere("A version is approved or rejected.")
    record = MODEL_PACKAGE.find(at.cloud, _name(request))
    reason = {"ApprovalDescription": given["reason"]} if given.get("reason") else {}
    await at.call(
        "sagemaker", "UpdateModelPackage", ModelPackageArn=record[MODEL_PACKAGE.arn],
        ModelApprovalStatus=status, **reason,
    )  # fmt: skip
    return see_other("registry", request.path_params["name"], request.path_params["version"])


async def ask_delete(request: Request) -> Response:
    name = _name(request)
    MODEL_PACKAGE.find(desk(request).cloud, name)
    parts = ["registry", *name.split("/")]
    return page(
        request, "ask.html", title="Delete model version", name=name,
        said="Its artifacts in Amazon S3 stay, and so do models that were made of it.",
        action=[*parts, "delete"], back=parts, query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at = desk(request)
    await at.fields(request)
    record = MODEL_PACKAGE.find(at.cloud, _name(request))
    await at.call("sagemaker", "DeleteModelPackage", ModelPackageName=record[MODEL_PACKAGE.arn])
    return see_other("registry", request.path_params["name"])


_VERSION = "/registry/{name}/{version}"
ROUTES = [
    Route("/registry", table),
    Route("/registry/{name}", group),
    Route(_VERSION, version),
    Route(_VERSION + "/decide", decide, methods=["POST"]),
    Route(_VERSION + "/delete", ask_delete),
    Route(_VERSION + "/delete", delete, methods=["POST"]),
]
