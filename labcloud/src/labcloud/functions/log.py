"""The log of one process of a function: its lines, as AWS formats them, and the tail of a call."""

from __future__ import annotations

import asyncio
import datetime
import math
import os
import platform
import uuid

from labcloud.aws.logs import Logs
from labcloud.containers.lines import Lines
from labcloud.functions.results import Result

# What X-Amz-Log-Result holds (bytes).
_TAIL = 4096
_READ = 64 * 1024
# So much is read at a time of what has been printed when a call ends: one that prints without end
# does not hold it up (reads).
_READS = 64


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

    def write(self, text: str) -> None:
        """One event. awslambdaric joins the lines of an error with carriage returns."""
        message = text.replace("\r", "\n") + "\n"
        self._stream.put(message)
        self._tail = (self._tail + message.encode("utf-8", "replace"))[-_TAIL:]

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
        os.set_blocking(descriptor, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> bool:
        """Whether there was something."""
        if self._descriptor is None:
            return False
        try:
            chunk = os.read(self._descriptor, _READ)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self.close()
            return False
        for line in self._lines.feed(chunk):
            self._log.write(line)
        return True

    def drain(self) -> None:
        """Takes what has been printed so far, a line without an end, too."""
        for _ in range(_READS):
            if not self._read():
                break
        for line in self._lines.end():
            self._log.write(line)

    def close(self) -> None:
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            for line in self._lines.end():
                self._log.write(line)
