"""Answers that come in parts, break off, or come too late; and what their headers say."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from botocore.eventstream import EventStreamBuffer

from labcloud.sagemaker.runtime.proxied import as_sent

from .conftest import Play, Serving

SHORT = aiohttp.ClientTimeout(total=0.3)


class Client:
    """An ASGI client that sees an answer as it comes."""

    def __init__(self, serving: Serving, path: str, body: bytes) -> None:
        self._messages: asyncio.Queue[Any] = asyncio.Queue()
        scope = {
            "type": "http", "method": "POST", "path": f"/e/{path}", "query_string": b"",
            "headers": [], "root_path": "", "http_version": "1.1", "scheme": "http",
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        self.task = asyncio.create_task(serving.app(scope, receive, self._messages.put))

    async def headers(self) -> dict[str, str]:
        start = await self._messages.get()
        return {name.decode(): value.decode() for name, value in start["headers"]}

    async def part(self) -> bytes:
        message = await self._messages.get()
        body: bytes = message["body"]
        return body

    async def rest(self) -> tuple[bytes, bool]:
        """All that comes yet, and whether the answer was ended."""
        await self.task
        messages = [self._messages.get_nowait() for _ in range(self._messages.qsize())]
        body = b"".join(each["body"] for each in messages)
        return body, bool(messages) and not messages[-1]["more_body"]


def events(stream: bytes) -> list[tuple[dict[str, Any], bytes]]:
    """The events of a stream as botocore reads them."""
    buffer = EventStreamBuffer()
    buffer.add_data(stream)
    return [(event.headers, event.payload) for event in buffer]


def test_a_stream_s_part_comes_before_the_next_is_made(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        client = Client(serving, "invocations-response-stream", b"parts")
        headers = await client.headers()
        assert headers["content-type"] == "application/vnd.amazon.eventstream"
        assert headers["x-amzn-sagemaker-content-type"] == "text/plain"
        assert headers["x-amzn-invoked-production-variant"] == "AllTraffic"
        ((said, payload),) = events(await client.part())
        assert (said[":event-type"], payload) == ("PayloadPart", b"one")
        assert not client.task.done()
        (serving.reports / "go").touch()
        rest, ended = await client.rest()
        assert [payload for _, payload in events(rest)] == [b"two"]
        assert ended

    play(scene)


def test_a_stream_that_breaks_off_says_so(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        client = Client(serving, "invocations-response-stream", b"break")
        await client.headers()
        rest, ended = await client.rest()
        *parts, (said, payload) = events(rest)
        assert [part for _, part in parts] == [b"one"]
        assert said[":message-type"] == "exception"
        assert said[":exception-type"] == "ModelStreamError"
        assert b'"ErrorCode": "StreamBroken"' in payload
        assert ended

    play(scene)


@pytest.mark.timings(streamed_invocation=3, invocation=3)
def test_a_stream_that_takes_too_long_says_so(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        client = Client(serving, "invocations-response-stream", b"parts")
        await client.headers()
        rest, _ = await client.rest()
        assert b'"ErrorCode": "ModelInvocationTimeExceeded"' in events(rest)[-1][1]

    play(scene)


def test_an_answer_of_unknown_length_is_passed_on_as_it_comes(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        client = Client(serving, "invocations", b"parts")
        assert (await client.headers())["content-type"] == "text/plain"
        assert await client.part() == b"one"
        (serving.reports / "go").touch()
        assert await client.rest() == (b"two", True)
        client = Client(serving, "invocations", b"break")
        await client.headers()
        assert await client.rest() == (b"one", False)
        (variant,) = serving.traffic.fleet.variants
        assert variant.replicas[0].in_flight == 0

    play(scene)


@pytest.mark.timings(invocation=0.5)
def test_an_invocation_that_takes_too_long(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({"InitialInstanceCount": 2})
        answer = await serving.invoke(b"hang")
        assert answer.status_code == 424
        found = answer.json()
        assert found["OriginalStatusCode"] == 0
        assert found["OriginalMessage"].startswith("Your invocation timed out while waiting")

    play(scene)


def test_a_model_error_names_the_log_of_the_instance_that_made_it(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({"InitialInstanceCount": 2})
        (variant,) = serving.traffic.fleet.variants
        answers = [(await serving.invoke(b"fail")).json() for _ in range(2)]
        assert {each["LogStreamArn"].rpartition("log-stream:")[2] for each in answers} == {
            each.stream.name for each in variant.replicas
        }
        assert {each["OriginalStatusCode"] for each in answers} == {500}
        assert answers[0]["Message"].startswith("Received server error (500) from primary with")

    play(scene)


def test_custom_attributes_go_both_ways(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        name = "x-amzn-sagemaker-custom-attributes"
        answer = await serving.invoke(x_amzn_sagemaker_custom_attributes="trace=1")
        assert answer.headers[name] == "said trace=1"
        assert name not in (await serving.invoke()).headers

    play(scene)


def test_a_header_of_any_bytes_is_passed_on() -> None:
    """As aiohttp has read them: in UTF-8, and half a surrogate pair for each other byte."""
    given = {"a": "text/csv", "b": "é", "c": "t\udce9", "d": "中"}
    found = {name: value.encode("latin-1") for name, value in as_sent(given).items()}
    assert found == {"a": b"text/csv", "b": b"\xe9", "c": b"t\xe9", "d": "中".encode()}
