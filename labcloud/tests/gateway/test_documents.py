"""A page behind the door, as a browser gets it: it is no page of this host."""

from __future__ import annotations

import asyncio
from typing import cast

import httpx
import pytest
from starlette.responses import Response
from starlette.types import ASGIApp

from labcloud.gateway.application import Gateway
from labcloud.state.credentials import Credentials

BROWSER = {"User-Agent": "Mozilla/5.0"}
OWN = "script-src 'none'"


def answer(application: ASGIApp, path: str = "/door/x", **headers: str) -> httpx.Headers:
    gateway = Gateway(cast(Credentials, None), {})
    gateway.open_door("/door", application)

    async def run() -> httpx.Headers:
        transport = httpx.ASGITransport(app=gateway)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return (await client.get(path, headers=sent)).headers

    return asyncio.run(run())


def page(kind: str = "text/html", **headers: str) -> ASGIApp:
    return Response("<script></script>", media_type=kind, headers=headers)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/json"])
@pytest.mark.parametrize("wanted", ["document", "iframe", "object"])
def test_a_document_has_an_origin_of_its_own(kind: str, wanted: str) -> None:
    found = answer(page(kind, **{"Content-Security-Policy": OWN}), Sec_Fetch_Dest=wanted)
    # Its own policy stays, and cannot take the other one away.
    own, sandbox = found.get_list("content-security-policy")
    assert own == OWN
    assert sandbox.split()[0] == "sandbox"
    assert "allow-scripts" in sandbox
    assert "allow-same-origin" not in sandbox


def test_a_browser_that_does_not_say_what_it_wants_is_given_a_document() -> None:
    assert "sandbox" in answer(page(), **BROWSER)["content-security-policy"]


def test_what_a_script_asks_for_is_not_shown_from_the_cache() -> None:
    found = answer(page(Vary="Origin"), **BROWSER, Sec_Fetch_Dest="empty")
    assert "content-security-policy" not in found
    assert found.get_list("vary", split_commas=True) == ["Origin", "Sec-Fetch-Dest"]


def test_programs_get_what_is_answered() -> None:
    found = answer(page())
    assert not {"content-security-policy", "vary"} & set(found)


def test_a_pdf_can_be_shown() -> None:
    assert "content-security-policy" not in answer(page("application/pdf"), **BROWSER)
    two = page("application/pdf")
    cast(Response, two).headers.append("Content-Type", "text/html")
    assert "sandbox" in answer(two, **BROWSER)["content-security-policy"]


def test_what_is_refused_is_no_page_either() -> None:
    found = answer(page(), "/<script>", Sec_Fetch_Dest="document")
    assert "sandbox" in found["content-security-policy"]
