"""A streamed answer of a model while the server is being stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

from botocore.eventstream import EventStreamBuffer
from starlette.types import Message

from labcloud.sagemaker.runtime.proxied import EventStreamResponse, ProxiedResponse


class _Endless:
    """An answer of a model server that has begun and never ends."""

    status = 200
    content_length = None

    def __init__(self) -> None:
        self.content = self
        self.waits = asyncio.Event()

    async def iter_any(self) -> AsyncIterator[bytes]:
        yield b"a part"
        self.waits.set()
        await asyncio.Event().wait()

    def close(self) -> None: ...


def stopped(kind: type[ProxiedResponse]) -> list[Message]:
    """What a client has been sent when the server has been stopped in the middle."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def play() -> None:
        model = _Endless()
        answer = kind(cast(Any, model), {}, lambda: None)
        request = asyncio.ensure_future(answer({"type": "http"}, receive, send))
        await model.waits.wait()
        request.cancel()
        await request

    asyncio.run(play())
    return sent


def test_a_stream_says_that_it_ends() -> None:
    buffer = EventStreamBuffer()
    sent = stopped(EventStreamResponse)
    for message in sent:
        buffer.add_data(message.get("body", b""))
    part, end = (event.to_response_dict() for event in buffer)
    assert part["body"] == b"a part"
    assert end["headers"][":exception-type"] == "InternalStreamFailure"
    assert b"labcloud is being stopped." in end["body"]
    assert not sent[-1]["more_body"]


def test_another_answer_breaks_off() -> None:
    assert [message.get("more_body") for message in stopped(ProxiedResponse)] == [None, True]
