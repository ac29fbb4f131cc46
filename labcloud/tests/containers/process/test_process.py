"""A container's output is read to its end, and its descriptor closed once."""

from __future__ import annotations

import asyncio
import os
import threading

import uvloop

from labcloud.containers.process.engine import ProcessContainer
from labcloud.containers.process.nursery import Child


def run(scene: object) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scene)  # type: ignore[arg-type]


def printed(content: bytes) -> ProcessContainer:
    """A container that has printed this and ended."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return ProcessContainer(Child(0, reading))


def test_lines_come_whole_and_long_ones_in_pieces() -> None:
    async def scene() -> None:
        container = printed(b"one\r\ntwo \xff\n\nlast")
        assert [line async for line in container.lines()] == ["one", "two \ufffd", "", "last"]

    run(scene())


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    async def scene() -> None:
        reading, writing = os.pipe()
        container = ProcessContainer(Child(0, reading))
        writer = asyncio.create_task(asyncio.to_thread(_write, writing, b"x" * 1_000_000))
        lines = [line async for line in container.lines()]
        await writer
        assert "".join(lines) == "x" * 1_000_000
        assert max(map(len, lines)) <= 512 * 1024

    run(scene())


def test_the_descriptor_is_closed_once() -> None:
    """Closed twice, it takes a file of another thread with it, which has got its number."""

    async def scene() -> None:
        done = threading.Event()
        opening = [asyncio.create_task(asyncio.to_thread(_open_and_close, done)) for _ in range(4)]
        for _ in range(2000):
            assert [line async for line in printed(b"line\n").lines()] == ["line"]
        done.set()
        await asyncio.gather(*opening)

    run(scene())


def _open_and_close(done: threading.Event) -> None:
    """Raises OSError (bad file descriptor) if somebody else closed what this has opened."""
    while not done.is_set():
        os.close(os.open("/", os.O_RDONLY))


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
