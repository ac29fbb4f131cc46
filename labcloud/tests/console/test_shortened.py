"""Addresses that were shortened by hand."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Match

from labcloud.console import shortened
from labcloud.console.application import PAGES
from labcloud.console.door import PATH


def _parents(path: str) -> list[str]:
    """`/a/{b}/c` has `/a/{b}` and `/a`."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts) - 1, 1, -1)]


_SHORTENED = sorted({parent for page in PAGES for parent in _parents(page.path)})


@pytest.mark.parametrize("path", _SHORTENED)
def test_all_that_an_address_can_be_shortened_to_is_there(path: str) -> None:
    asked = {"type": "http", "method": "GET", "path": path.replace("{", "").replace("}", "")}
    assert any(page.matches(asked)[0] is Match.FULL for page in PAGES), path


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/jobs", "/jobs/training-jobs"),
        (
            "/jobs?status=Failed&name=a%26b&a=1&a=",
            "/jobs/training-jobs?status=Failed&name=a%26b&a=1&a=",
        ),
        ("/endpoint-configs", "/endpoints"),
        ("/apis/rest", "/apis"),
        ("/pipelines/a{0}b/executions", "/pipelines/a%7B0%7Db"),
        ("/pipelines/p/executions/i/steps", "/pipelines/p/executions/i"),
    ],
)
def test_it_leads_to_the_page_that_lists_what_is_there(asked: str, page: str) -> None:
    async def get() -> httpx.Response:
        application = httpx.ASGITransport(Starlette(routes=shortened.ROUTES))
        async with httpx.AsyncClient(transport=application, base_url="http://console") as client:
            return await client.get(asked)

    answer = asyncio.run(get())
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}{page}")
