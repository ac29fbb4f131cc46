"""The log of one process of a function: its lines, as AWS formats them, and the tail of a call."""

from __future__ import annotations

import asyncio
import datetime
import math
import os
import platform
import select
import uuid

from labcloud.aws.log_events import LARGEST_STREAM
from labcloud.aws.logs import Logs
from labcloud.containers.lines import Lines
from labcloud.functions.results import Result

# What X-Amz-Log-Result holds (bytes).
_TAIL = 4096
_READ = 64 * 1024
# So much is read at a time of what has been printed when a call ends: one that prints without end
# does not hold it up (reads).
_READS = 64
# No longer than this (seconds), and not more lines at a time: each takes some microseconds.
_LONGEST = 1.0
_LINES = 500


def group_of(function: str) -> str:
    return f"/aws/lambda/{function}"


def now() -> str:
    """The time as AWS writes it into logs."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Log:
    """A stream of its own for each process, as on AWS."""

    def __init__(self, logs: Logs, group: str) -> None:
        today = datetime.datetime.now(datetime.UTC).strftime("%Y/%m/%d")
        self.name = f"{today}/[$LATEST]{uuid.uuid4().hex}"
        self._stream = logs.stream(group, self.name)
        self._tail = b""
        self._printed = 0

    def write(self, text: str) -> None:
        """One event. awslambdaric joins the lines of an error with carriage returns."""
        self.write_all([text])

    def write_all(self, texts: list[str]) -> None:
        """One event each. What is printed after the first 256 MiB is not kept."""
        messages = [text.replace("\r", "\n") + "\n" for text in texts]
        # Each line has one byte at least: no more of them are in the tail.
        last = "".join(messages[-_TAIL:]).encode("utf-8", "replace")
        self._tail = (self._tail + last)[-_TAIL:]
        if self._printed <= LARGEST_STREAM:
            self._printed += sum(map(len, messages))
            self._stream.put_all(messages)

    def tail(self) -> bytes:
        """The last 4 KB since the last call of this, or since the beginning."""
        found, self._tail = self._tail, b""
        return found

    def flush(self) -> None:
        self._stream.flush()

    def init_start(self) -> None:
        """Which Python this is. AWS says the ARN of its own build, too."""
        self.write(f"INIT_START Runtime Version: python:{platform.python_version()}")

    def start(self, request_id: str) -> None:
        self.write(f"START RequestId: {request_id} Version: $LATEST")

    def report(
        self, request_id: str, result: Result, seconds: float, init: float, memory: int, used: int
    ) -> None:
        """END and REPORT; `seconds` and `init` are durations, 0.0 for a process that was there.

        `memory` is in MB, `used` in bytes. AWS bills the start, too.
        """
        if result.said:
            self.write(result.said)
        self.write(f"END RequestId: {request_id}")
        spent, begun = seconds * 1000, init * 1000
        parts = [
            f"REPORT RequestId: {request_id}", f"Duration: {spent:.2f} ms",
            f"Billed Duration: {math.ceil(spent + begun)} ms", f"Memory Size: {memory} MB",
            f"Max Memory Used: {min(math.ceil(used / 1024**2), memory)} MB",
        ]  # fmt: skip
        if init:
            parts.append(f"Init Duration: {begun:.2f} ms")
        if result.status:
            parts.append(f"Status: {result.status}")
        if result.error_type:
            parts.append(f"Error Type: {result.error_type}")
        self.write("\t".join([*parts, ""]))

    def init_report(self, seconds: float) -> None:
        """Of a start that took too long."""
        spent = f"INIT_REPORT Init Duration: {seconds * 1000:.2f} ms"
        self.write(f"{spent}\tPhase: init\tStatus: timeout")


class Output:
    """What a process prints, from a pipe into its log. The descriptor is closed at its end."""

    def __init__(self, descriptor: int, log: Log) -> None:
        self._descriptor: int | None = descriptor
        self._log = log
        self._lines = Lines()
        # Lines that have been read and not been written.
        self._rest: list[str] = []
        self._next: asyncio.Handle | None = None
        os.set_blocking(descriptor, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> bool:
        """Whether there was something. It takes a hundredth of a second: others work meanwhile."""
        if self._next:
            self._next.cancel()
            self._next = None
        if self._descriptor is None:
            return False
        if not self._rest:
            try:
                chunk = os.read(self._descriptor, _READ)
            except BlockingIOError:
                return False
            except OSError:
                chunk = b""
            if not chunk:
                self.close()
                return False
            self._rest = self._lines.feed(chunk)
        lines, self._rest = self._rest[:_LINES], self._rest[_LINES:]
        self._log.write_all(lines)
        if self._rest:
            # Of these, the event loop does not know.
            self._next = self._loop.call_soon(self._read)
        return True

    async def drain(self) -> None:
        """Takes what has been printed so far, a line without an end, too."""
        deadline = self._loop.time() + _LONGEST
        for _ in range(_READS):
            while self._read() and self._rest and self._loop.time() < deadline:
                await asyncio.sleep(0)
            if self._rest or self._loop.time() > deadline or not self._readable():
                break
            await asyncio.sleep(0)
        if not self._rest:
            self._log.write_all(self._lines.end())

    def _readable(self) -> bool:
        if self._descriptor is None:
            return False
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            self._log.write_all([*self._rest, *self._lines.end()])
            self._rest = []
