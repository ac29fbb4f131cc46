"""Lambda functions: their table, one function's configuration and log, and events to it."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.console.calls import Refusal
from labcloud.console.desk import desk
from labcloud.console.jobs import ROWS
from labcloud.console.logs import LINES, tail
from labcloud.console.pages import live, page, see_other
from labcloud.functions.invoke import LARGEST_EVENT
from labcloud.functions.records import ACTIVE, KIND
from labcloud.sagemaker.listing import listing

# What is shown of an answer (bytes), and how many files of the code.
_SHOWN = 64 * 1024
_FILES = 100
# A form's own encoding makes three characters of one byte.
_ENCODED = 3


async def table(request: Request) -> Response:
    cloud = desk(request).cloud
    search = request.query_params.get("search", "").strip()
    after = request.query_params.get("after")
    asked = {"MaxResults": ROWS, "NameContains": search} | ({"NextToken": after} if after else {})
    names, token = listing(cloud.records.places, KIND, asked, has_status=True)
    return page(
        request, "functions.html", functions=[cloud.records.get(KIND, name) for name in names],
        next=token.get("NextToken"), after=after, search=search,
        total=sum(cloud.records.places.statuses(KIND).values()),
    )  # fmt: skip


async def function(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    found = await at.call("lambda", "GetFunction", FunctionName=name)
    settings = found["Configuration"]
    group = settings["LoggingConfig"]["LogGroup"]
    log = await tail(at.call, group, stream=request.query_params.get("log", ""))
    record = at.cloud.records.get(KIND, name)
    files = await asyncio.to_thread(at.files, record["CodeFolder"])
    return live(
        request, "function.html", "function_live.html",
        name=name, settings=settings, modified=record["LastModifiedTime"], log=log, most=LINES,
        active=settings["State"] == ACTIVE,
        variables=settings.get("Environment", {}).get("Variables", {}),
        files=files[:_FILES], more=max(0, len(files) - _FILES),
        labels=[{"Key": key, "Value": value} for key, value in found.get("Tags", {}).items()],
        reserved=found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    )  # fmt: skip


async def invoke(request: Request) -> Response:
    """Sends what a form holds to the function as its event, and shows what it returns."""
    at, name = desk(request), request.path_params["name"]
    given = await at.fields(request, LARGEST_EVENT * _ENCODED)
    began = time.perf_counter()
    answer: dict[str, Any] = {}
    refused = None
    try:
        answer = await at.call(
            "lambda", "Invoke", FunctionName=name, LogType="Tail",
            Payload=given.get("event", "").encode(),
        )  # fmt: skip
    except Refusal as error:
        refused = error
    payload = bytes(answer.get("Payload", b""))
    values = {
        "name": name, "refused": refused, "failed": answer.get("FunctionError"),
        "size": len(payload), "text": payload[:_SHOWN].decode(errors="replace"), "shown": _SHOWN,
        "said": base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"),
        "took": (time.perf_counter() - began) * 1000,
    }  # fmt: skip
    whole = request.headers.get("hx-request") != "true"
    return page(request, "returned_page.html" if whole else "returned.html", **values)


async def ask_delete(request: Request) -> Response:
    name = request.path_params["name"]
    await desk(request).call("lambda", "GetFunctionConfiguration", FunctionName=name)
    return page(
        request, "ask.html", title="Delete function", name=name,
        said="Its log stays. APIs and pipelines that call it fail from now on.",
        action=["functions", name, "delete"], back=["functions", name], query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    await at.fields(request)
    await at.call("lambda", "DeleteFunction", FunctionName=name)
    return see_other("functions")


ROUTES = [
    Route("/functions", table),
    Route("/functions/{name}", function),
    Route("/functions/{name}/invoke", invoke, methods=["POST"]),
    Route("/functions/{name}/delete", ask_delete),
    Route("/functions/{name}/delete", delete, methods=["POST"]),
]
