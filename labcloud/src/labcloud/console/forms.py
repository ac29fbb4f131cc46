"""What forms of the console send: fields, and one file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.parse import parse_qsl

from starlette.requests import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)

# What the fields of a form may have (bytes), and how much of a file is read at a time.
_FIELDS = 64 * 1024
_CHUNK = 1024**2
_PIECE = 16 * 1024
# S3's own limit for one PutObject.
LARGEST_FILE = 5 * 1024**3


class BadForm(Exception):
    """A form that its page does not take; the message says why."""


async def fields(request: Request, limit: int = _FIELDS) -> dict[str, str]:
    """The fields of a form. Raises BadForm."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise BadForm(f"This form may send {limit:,} bytes at most.")
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=50))


@dataclass
class Upload:
    """A file that a form has sent, in a file of ours that goes when it is closed."""

    fields: dict[str, str]
    name: str
    content_type: str
    file: IO[bytes]
    size: int = 0
    # The field whose value comes; none while the file does.
    _current: str = ""
    # What its fields have so far (bytes).
    _held: int = 0

    def take(self, event: Event, check: Callable[[dict[str, str]], None]) -> None:
        """The next part of the form. Raises BadForm."""
        if isinstance(event, Field):
            self._current = event.name
            self.fields[event.name] = ""
        elif isinstance(event, File):
            check(self.fields)
            self._current, self.name = "", event.filename
            self.content_type = event.headers.get("content-type", "")
        elif isinstance(event, Data) and self._current:
            self._held += len(event.data)
            if self._held > _FIELDS:
                raise BadForm(f"The fields of this form may have {_FIELDS:,} bytes at most.")
            self.fields[self._current] += event.data.decode(errors="replace")
        elif isinstance(event, Data):
            self.size += len(event.data)
            if self.size > LARGEST_FILE:
                raise BadForm("An upload may have 5 GB at most.")
            self.file.write(event.data)

    async def chunks(self) -> AsyncIterator[bytes]:
        self.file.seek(0)
        while part := self.file.read(_CHUNK):
            yield part


@contextlib.asynccontextmanager
async def upload(
    request: Request, check: Callable[[dict[str, str]], None]
) -> AsyncIterator[Upload]:
    """A form with one file after its fields. Raises BadForm.

    `check` is called with the fields before the file is read.
    """
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise BadForm("This form sends no file.")
    decoder = MultipartDecoder(boundary.encode("latin-1"), _FIELDS, max_parts=10)
    with tempfile.TemporaryFile() as file:
        found = Upload({}, "", "", file)
        try:
            async for event in _events(request, decoder):
                found.take(event, check)
        except (ValueError, RequestEntityTooLarge) as error:
            raise BadForm("What this form has sent cannot be read.") from error
        if not found.name:
            raise BadForm("Choose a file first.")
        yield found


async def _events(request: Request, decoder: MultipartDecoder) -> AsyncIterator[Event]:
    """The parts of a form as they come."""
    async for piece in request.stream():
        # The decoder holds no more than what a field may have.
        for start in range(0, max(1, len(piece)), _PIECE):
            decoder.receive_data(piece[start : start + _PIECE] or None)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
                if isinstance(event, Epilogue):
                    return
