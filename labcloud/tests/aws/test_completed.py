"""Requests whose threads go on when the server no longer waits for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

import pytest
from a2wsgi import WSGIMiddleware
from starlette.types import ASGIApp, Message

from labcloud.aws.completed import Completed

SCOPE = {
    "type": "http", "method": "PUT", "path": "/", "query_string": b"", "headers": [],
    "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2),
    "root_path": "",
}  # fmt: skip


class Stage:
    """An application whose thread works until it is let go, then answers in parts."""

    def __init__(self, *parts: bytes, begins_before: bool = False) -> None:
        self._parts = parts
        self._begins_before = begins_before
        self.works, self.go = threading.Event(), threading.Event()
        self.done = False
        self.sent: list[Message] = []
        # A client that reads nothing, once it is told to.
        self.reads = asyncio.Event()
        self.reads.set()
        self.application = Completed(cast(ASGIApp, WSGIMiddleware(cast(Any, self._wsgi))))

    def _wsgi(self, _: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._begins_before:
            start_response("200 OK", [])
        self.works.set()
        assert self.go.wait(30)
        if not self._begins_before:
            start_response("200 OK", [])
        yield from self._parts
        self.done = True

    async def send(self, message: Message) -> None:
        await self.reads.wait()
        self.sent.append(message)

    async def begin(self) -> asyncio.Task[None]:
        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        request = asyncio.create_task(self._asked(receive))
        await asyncio.to_thread(self.works.wait, 30)
        return request

    async def _asked(self, receive: Callable[[], Awaitable[Message]]) -> None:
        await self.application(SCOPE, receive, self.send)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        await asyncio.wait_for(scene(), 30)

    asyncio.run(limited())


@pytest.mark.parametrize("times", [1, 3])
def test_a_short_answer_is_sent_when_its_thread_has_ended(times: int) -> None:
    async def scene() -> None:
        stage = Stage(b"saved")
        request = await stage.begin()
        closing = asyncio.create_task(stage.application.close())
        for _ in range(times):
            request.cancel()
            await asyncio.sleep(0)
        assert not request.done()
        assert not closing.done()
        stage.go.set()
        await closing
        assert stage.done
        await request
        assert stage.body == b"saved"
        assert not stage.sent[-1].get("more_body")

    play(scene)


def test_a_long_answer_breaks_off_and_its_thread_ends() -> None:
    async def scene() -> None:
        stage = Stage(*[b"x" * 20_000] * 50)
        request = await stage.begin()
        request.cancel()
        await asyncio.sleep(0)
        stage.go.set()
        await stage.application.close()
        assert stage.done
        with pytest.raises(asyncio.CancelledError):
            await request
        assert stage.body == b"x" * 20_000

    play(scene)


def test_a_client_that_reads_nothing_is_not_waited_for() -> None:
    async def scene() -> None:
        stage = Stage(*[b"x"] * 50, begins_before=True)
        stage.reads.clear()
        request = await stage.begin()
        stage.go.set()
        await asyncio.sleep(0)
        request.cancel()
        await stage.application.close()
        assert stage.done
        with pytest.raises(asyncio.CancelledError):
            await request
        assert stage.sent == []

    play(scene)
