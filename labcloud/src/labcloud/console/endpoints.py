"""Endpoints: their table, one endpoint's variants and traffic, and requests to it."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.aws.logs import ENDPOINTS
from labcloud.cloud import Cloud
from labcloud.console import costs
from labcloud.console.calls import Refusal
from labcloud.console.charts import Chart, chart
from labcloud.console.desk import desk
from labcloud.console.jobs import ROWS
from labcloud.console.logs import LINES, tail
from labcloud.console.pages import live, page, see_other
from labcloud.sagemaker.endpoints.resource import ENDPOINT, ENDPOINT_CONFIG
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.states import CHANGING, EndpointStatus

# So far back goes what the charts show (seconds).
_HOUR = 3600
# What is shown of an answer (bytes).
_SHOWN = 64 * 1024
# A form's own encoding makes three characters of one byte.
_ENCODED = 3
# CloudWatch's latencies are in microseconds.
_MILLI = 1e3
CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines", "text/libsvm")


async def table(request: Request) -> Response:
    cloud = desk(request).cloud
    search = request.query_params.get("search", "").strip()
    after = request.query_params.get("after")
    asked = {"MaxResults": ROWS, "NameContains": search} | ({"NextToken": after} if after else {})
    names, token = listing(cloud.records.places, ENDPOINT.kind, asked, has_status=True)
    records = [cloud.records.get(ENDPOINT.kind, name) for name in names]
    return live(
        request, "endpoints.html", "endpoints_table.html",
        endpoints=[(each, costs.of_endpoint(cloud, each)) for each in records],
        next=token.get("NextToken"), after=after, search=search,
        total=sum(cloud.records.places.statuses(ENDPOINT.kind).values()),
    )  # fmt: skip


async def endpoint(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    described = await at.describe(ENDPOINT, name)
    record = ENDPOINT.find(at.cloud, name)
    log = await tail(at.call, ENDPOINTS + name, stream=request.query_params.get("log", ""))
    variants = described.get("ProductionVariants", [])
    settings = record.get("Deployment", {}).get("Config", {}).get("ProductionVariants", [])
    return live(
        request, "endpoint.html", "endpoint_live.html",
        name=name, described=described, variants=variants, log=log, most=LINES,
        settings={each["VariantName"]: each for each in settings},
        traffic=traffic(at.cloud, name), charts=charts(at.cloud, name),
        types=CONTENT_TYPES, labels=record.get("Tags", []),
        runs=costs.of_endpoint(at.cloud, record),
        serves=described["EndpointStatus"] not in (EndpointStatus.CREATING, EndpointStatus.FAILED),
        changing=described["EndpointStatus"] in CHANGING,
    )  # fmt: skip


def traffic(cloud: Cloud, name: str) -> dict[str, dict[str, float]]:
    """By variant, since the server's start: requests, refusals, errors, and times (ms)."""
    found = {}
    for variant, minutes in cloud.metrics.of(name).items():
        model = [each.values["ModelLatency"] for each in minutes]
        calls = sum(each.count for each in model)
        overhead = sum(each.values["OverheadLatency"].total for each in minutes)
        found[variant] = {
            "calls": calls,
            "refused": sum(each.values["Invocation4XXErrors"].total for each in minutes),
            "failed": sum(each.values["Invocation5XXErrors"].total for each in minutes),
            "model": sum(each.total for each in model) / _MILLI / max(1, calls),
            "most": max((each.most for each in model), default=0.0) / _MILLI,
            "overhead": overhead / _MILLI / max(1, calls),
        }
    return found


def charts(cloud: Cloud, name: str) -> list[Chart]:
    """Requests a minute and the model's latency, by variant, over the last hour."""
    now = int(time.time()) // 60 * 60
    calls: list[tuple[str, list[tuple[float, float]]]] = []
    latencies: list[tuple[str, list[tuple[float, float]]]] = []
    for variant, minutes in sorted(cloud.metrics.of(name).items()):
        late = [
            (float(m.at - now) / 60, m.values["ModelLatency"])
            for m in minutes
            if m.at > now - _HOUR
        ]
        calls.append((variant, [(at, float(summary.count)) for at, summary in late]))
        average = [(at, summary.total / summary.count / _MILLI) for at, summary in late]
        latencies.append((variant, average))
    found = [
        chart("Invocations", calls, "minutes from now", "requests a minute", from_zero=True),
        chart("ModelLatency", latencies, "minutes from now", "average, ms", from_zero=True),
    ]
    return [each for each in found if each]


async def invoke(request: Request) -> Response:
    """Sends what a form holds to the endpoint, and shows what it answers."""
    at, name = desk(request), request.path_params["name"]
    given = await at.fields(request, at.cloud.max_payload * _ENCODED)
    members = {"ContentType": "type", "Accept": "accept", "TargetVariant": "variant"}
    asked = {member: given[name] for member, name in members.items() if given.get(name)}
    # A form's lines end as those of HTTP do.
    body = given.get("body", "").replace("\r\n", "\n").encode()
    began = time.perf_counter()
    answer: dict[str, Any] = {}
    refused = None
    try:
        answer = await at.call(
            "sagemaker-runtime", "InvokeEndpoint", EndpointName=name, Body=body, **asked
        )
    except Refusal as error:
        refused = error
    values = {
        "name": name, "refused": refused, "answer": answer, "size": len(answer.get("Body", b"")),
        "text": answer.get("Body", b"")[:_SHOWN].decode(errors="replace"), "shown": _SHOWN,
        "took": (time.perf_counter() - began) * 1000,
    }  # fmt: skip
    whole = request.headers.get("hx-request") != "true"
    return page(request, "answered.html" if whole else "answer.html", **values)


async def ask_delete(request: Request) -> Response:
    name = request.path_params["name"]
    ENDPOINT.find(desk(request).cloud, name)
    return page(
        request, "ask.html", title="Delete endpoint", name=name,
        said="Its model servers end. Its configuration and its models stay.",
        action=["endpoints", name, "delete"], back=["endpoints", name], query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    await at.fields(request)
    await at.call("sagemaker", "DeleteEndpoint", EndpointName=name)
    return see_other("endpoints")


async def config(request: Request) -> Response:
    name = request.path_params["name"]
    described = await desk(request).describe(ENDPOINT_CONFIG, name)
    return page(request, "config.html", name=name, described=described)


ROUTES = [
    Route("/endpoints", table),
    Route("/endpoints/{name}", endpoint),
    Route("/endpoints/{name}/invoke", invoke, methods=["POST"]),
    Route("/endpoints/{name}/delete", ask_delete),
    Route("/endpoints/{name}/delete", delete, methods=["POST"]),
    Route("/endpoint-configs/{name}", config),
]
