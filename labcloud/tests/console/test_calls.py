"""Calls within the server, to applications that answer oddly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from labcloud.console.calls import LARGEST_ANSWER, Calls, Refusal

Parts = Callable[[Send], Awaitable[None]]


def invoke(parts: Parts, **asked: Any) -> Any:
    """InvokeEndpoint of an application that sends these parts: what it was asked; its answer."""
    scopes: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await parts(send)

    calls = Calls({"sagemaker": application}, "key", "us-east-1", 8462)
    answer = asyncio.run(calls("sagemaker-runtime", "InvokeEndpoint", EndpointName="e", **asked))
    return scopes[0], answer


async def _whole(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"1", "more_body": False})


def test_an_answer_in_parts() -> None:
    async def parts(send: Send) -> None:
        for each in (b"one", b"two", b""):
            await send({"type": "http.response.body", "body": each, "more_body": bool(each)})

    _, answer = invoke(parts, Body=b"x")
    assert bytes(answer["Body"]) == b"onetwo"


def test_an_answer_that_breaks_off_is_none() -> None:
    async def parts(send: Send) -> None:
        await send({"type": "http.response.body", "body": b"one", "more_body": True})

    with pytest.raises(Refusal, match="broken off"):
        invoke(parts, Body=b"x")


def test_an_answer_without_an_end_is_not_kept() -> None:
    sent = 0

    async def parts(send: Send) -> None:
        nonlocal sent
        while True:
            sent += 1
            part = {"type": "http.response.body", "body": bytes(1024**2), "more_body": True}
            await send(part)

    with pytest.raises(Refusal, match="more than 64 MB"):
        invoke(parts, Body=b"x")
    assert sent == LARGEST_ANSWER // 1024**2 + 1


@pytest.mark.parametrize("value", ["a\x00", "a\nb", "a\r\nx: y", "\x7f"])
def test_a_header_has_no_control_character(value: str) -> None:
    for member in ("ContentType", "Accept", "TargetVariant"):
        with pytest.raises(Refusal, match="control character"):
            invoke(_whole, Body=b"x", **{member: value})
    scope, _ = invoke(_whole, Body=b"x", ContentType="text/csv;\tx=é")
    assert (b"content-type", "text/csv;\tx=é".encode()) in scope["headers"]


def test_what_no_client_would_send_is_refused() -> None:
    with pytest.raises(Refusal, match="Invalid type for parameter Body"):
        invoke(_whole, Body=1)


def test_the_query_of_an_operation_s_path_is_kept() -> None:
    scopes: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        body = b"<ListBucketResult></ListBucketResult>"
        await send({"type": "http.response.body", "body": body})

    calls = Calls({"s3": application}, "key", "us-east-1", 8462)
    asyncio.run(calls("s3", "ListObjectsV2", Bucket="b?x", Prefix="a&b"))
    assert scopes[0]["path"] == "/b?x"
    assert scopes[0]["query_string"] == b"list-type=2&prefix=a%26b"
