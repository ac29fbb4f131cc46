"""The Runtime API of one process, as a function's runtime asks it: HTTP over one socket.

It is the function that speaks here, so nothing that it sends is believed, and nothing takes more
memory than an answer may have.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass

from labcloud.functions.results import Result, too_large

# What an answer may have (bytes). AWS says 6 MB, and refuses from a hundred bytes more on.
LARGEST_ANSWER = 6 * 1024**2 + 100
_HEAD = 64 * 1024
_PART = 64 * 1024
_BASE = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Event:
    """What a function is invoked with. `deadline` is in milliseconds since the epoch."""

    request_id: str
    payload: bytes
    deadline: int
    arn: str
    # JSON, and "" where the client gave none.
    client_context: str
    trace: str


class _Broken(Exception):
    """The function speaks no HTTP."""


class RuntimeApi:
    """The server's end of the socket. `ready` is set while the runtime waits for an event."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[Result]] = {}
        self.ready = asyncio.Event()
        # What the runtime says of a handler that cannot be loaded.
        self.failed: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def send(self, event: Event) -> asyncio.Future[Result]:
        """Gives the function an event; the answer comes as the future's result, or never."""
        answer = self._answers[event.request_id] = asyncio.get_running_loop().create_future()
        self._events.put_nowait(event)
        return answer

    async def serve(self) -> None:
        """Answers until the function's end of the socket closes, or this task is cancelled."""
        reader, writer = await asyncio.open_unix_connection(sock=self._socket, limit=_HEAD)
        try:
            with contextlib.suppress(OSError, _Broken, EOFError, ValueError):
                while True:
                    await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.LimitOverrunError as error:
            raise _Broken from error
        method, path, _ = head[0].split(" ")
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (f.partition(":") for f in head[1:])
        }
        content = await _body(reader, int(fields.get("content-length", "0")))
        what = path.removeprefix(_BASE)
        if method == "GET" and what == "invocation/next":
            await self._next(writer)
        elif method == "POST" and what == "init/error":
            if not self.failed.done():
                self.failed.set_result(Result(content or b"{}", failed=True))
            _write(writer, 202)
        elif method == "POST" and what.startswith("invocation/"):
            request_id, _, kind = what.removeprefix("invocation/").partition("/")
            known = kind in ("response", "error") and self._answered(request_id, kind, content)
            _write(writer, 202 if known else 400)
        else:
            _write(writer, 404)
        await writer.drain()

    def _answered(self, request_id: str, kind: str, content: bytes | None) -> bool:
        future = self._answers.pop(request_id, None)
        if future is None:
            return False
        if not future.done():
            failed = kind == "error"
            future.set_result(too_large() if content is None else Result(content, failed=failed))
        return True

    async def _next(self, writer: asyncio.StreamWriter) -> None:
        self.ready.set()
        event = await self._events.get()
        self.ready.clear()
        fields = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": event.arn,
            "Lambda-Runtime-Trace-Id": event.trace,
            "Content-Type": "application/json",
        }
        if event.client_context:
            fields["Lambda-Runtime-Client-Context"] = event.client_context
        _write(writer, 200, event.payload, fields)


async def _body(reader: asyncio.StreamReader, size: int) -> bytes | None:
    """None for one that is larger than an answer may be."""
    parts, left, kept = [], size, size <= LARGEST_ANSWER
    while left > 0:
        part = await reader.read(min(left, _PART))
        if not part:
            raise _Broken
        left -= len(part)
        if kept:
            parts.append(part)
    return b"".join(parts) if kept else None


def _write(
    writer: asyncio.StreamWriter,
    status: int,
    content: bytes = b"",
    fields: dict[str, str] | None = None,
) -> None:
    lines = [f"HTTP/1.1 {status} .", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + content)
