"""An application that works in threads, and whose requests come to their end.

A thread cannot be cancelled. Where the server is being stopped, and a request's task is cancelled,
its thread would write on into a database that is being closed, or wait for a loop that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What of an answer is still sent to a client for which the server does not wait (bytes): it is in
# the connection's buffer at once, however slowly the client reads.
_LAST = 32 * 1024


class Completed:
    """In front of an application: a request that is cancelled is worked on until it has ended.

    Its answer is sent if it is short and had not begun. Any other one breaks off.
    """

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        work = asyncio.create_task(self._work(scope, receive, answer))
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            answer.hurry()
            while not work.done():
                # It may be cancelled more than once.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([work])
            if work.exception() or not answer.whole:
                raise

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    async def close(self) -> None:
        """Returns when no thread works on a request any more."""
        while self._running:
            await asyncio.wait(self._running)


class _Answer:
    """What an application sends, as far as the client is waited for."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False
        # What may still be sent (bytes); None: all.
        self._left: int | None = None
        self._sending: asyncio.Task[None] | None = None
        self.whole = False

    def hurry(self) -> None:
        """From now on nobody is waited for. What is being sent is given up."""
        self._left = -1 if self._begun else _LAST
        if self._sending is not None:
            self._sending.cancel()

    async def __call__(self, message: Message) -> None:
        if self._left is not None:
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                return
        self._begun = True
        self._sending = asyncio.create_task(self._sent(message))
        try:
            await self._sending
        except asyncio.CancelledError:
            if self._left is None:
                raise
        else:
            self.whole = message["type"] == "http.response.body" and not message.get("more_body")
        finally:
            self._sending = None

    async def _sent(self, message: Message) -> None:
        await self._send(message)
