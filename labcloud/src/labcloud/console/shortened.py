"""Addresses that were shortened by hand: each leads to the page that lists what is there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from labcloud.console.shown import url

_EXECUTION = ("pipelines", "{name}", "executions", "{id}")
# What was asked for, and the parts of the page's address.
_LEADS_TO = {
    "/jobs": ("jobs", "training-jobs"),
    "/endpoint-configs": ("endpoints",),
    "/apis/{kind}": ("apis",),
    "/pipelines/{name}/executions": _EXECUTION[:2],
    "/pipelines/{name}/executions/{id}/steps": _EXECUTION,
}


def _leading_to(parts: tuple[str, ...]) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def lead(request: Request) -> Response:
        page = url(*(part.format(**request.path_params) for part in parts))
        query = request.url.query
        return RedirectResponse(f"{page}?{query}" if query else page, 303)

    return lead


ROUTES = [Route(path, _leading_to(parts)) for path, parts in _LEADS_TO.items()]
