"""What containers print, in CloudWatch Logs: groups, streams, and lines as they appear.

CloudWatch Logs itself is moto's, mounted in this process; its events are in files.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from moto.logs.exceptions import ResourceAlreadyExistsException, ResourceNotFoundException
from moto.logs.models import logs_backends

from labcloud.aws import log_events, log_pages
from labcloud.text import CONTROLS, as_one_line

TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"
TRANSFORM_JOBS = "/aws/sagemaker/TransformJobs"
PROCESSING_JOBS = "/aws/sagemaker/ProcessingJobs"
ENDPOINTS = "/aws/sagemaker/Endpoints/"

# Lines that come within this time (seconds) are stored together, but no more text than this at a
# time (characters), and not more lines: others wait meanwhile.
_BATCH = 0.1
_MOST = 256 * 1024
_EVENTS = 1000

_TAB = CONTROLS[ord("\t")]


def as_logged(line: str) -> str:
    """A line as CloudWatch shows it: the tab, for one, arrives as #011."""
    # Most lines of metrics have tabs and nothing else to be replaced.
    return as_one_line(line.replace("\t", _TAB))


class Logs:
    """The log groups of one account in one region. What containers print is kept in `folder`."""

    def __init__(self, account: str, region: str, folder: Path) -> None:
        log_pages.apply()
        log_events.keep_in(folder)
        self._backend: Any = logs_backends[account][region]

    def stream(self, group: str, name: str) -> LogStream:
        """The stream of this name, made where it is missing."""
        with contextlib.suppress(ResourceAlreadyExistsException):
            self._backend.create_log_group(group, {})
        with contextlib.suppress(ResourceAlreadyExistsException):
            self._backend.create_log_stream(group, name)
        return LogStream(self._backend, group, name)


class LogStream:
    """One stream, appended to."""

    def __init__(self, backend: Any, group: str, name: str) -> None:
        self._backend = backend
        self.group = group
        self.name = name
        self._pending: list[dict[str, Any]] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, line: str) -> None:
        """Adds a line; it can be read within a tenth of a second."""
        self._add(as_logged(line))

    def put(self, message: str) -> None:
        """Adds an event as it is, with its tabs and line breaks."""
        self._add(message)

    def put_all(self, messages: list[str]) -> None:
        """Adds several events as they are, of the same time."""
        now = int(time.time() * 1000)
        self._pending += [{"timestamp": now, "message": message} for message in messages]
        self._added(sum(map(len, messages)))

    def _add(self, message: str) -> None:
        self._pending.append({"timestamp": int(time.time() * 1000), "message": message})
        self._added(len(message))

    def _added(self, size: int) -> None:
        self._size += size
        if self._size > _MOST or len(self._pending) > _EVENTS:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_BATCH, self.flush)

    def flush(self) -> None:
        """Makes everything written readable now."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._pending:
            events, self._pending, self._size = self._pending, [], 0
            # Somebody may have deleted the stream. The job goes on.
            with contextlib.suppress(ResourceNotFoundException):
                self._backend.put_log_events(self.group, self.name, events)

    async def follow(
        self, lines: AsyncIterator[str], also: Callable[[str], None] | None = None
    ) -> None:
        """Writes lines until they end; `also` sees each of them as logged."""
        try:
            async for line in lines:
                message = as_logged(line)
                self._add(message)
                if also:
                    also(message)
        finally:
            self.flush()
