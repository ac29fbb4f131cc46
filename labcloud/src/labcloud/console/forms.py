"""What forms of the console send: fields, and one file."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
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

# What the fields of a form may have (bytes), how many they may be, and how much of a file is read
# at a time.
_FIELDS = 64 * 1024
_MOST = 50
_CHUNK = 1024**2
_PIECE = 16 * 1024
# S3's own limit for one PutObject.
LARGEST_FILE = 5 * 1024**3


# Raises where a form's file is not wanted: by the fields before it, and its name.
Check = Callable[[dict[str, str], str], None]


class BadForm(Exception):
    """A form that its page does not take; the message says why."""


async def fields(request: Request, limit: int = _FIELDS) -> dict[str, str]:
    """The fields of a form. Raises BadForm."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise BadForm(f"This form may send {limit:,} bytes at most.")
    # One may hold what an endpoint takes: others are answered meanwhile.
    return await asyncio.to_thread(_parsed, bytes(body))


def _parsed(body: bytes) -> dict[str, str]:
    text = body.decode(errors="replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST))
    except ValueError as error:
        raise BadForm(f"This form may send {_MOST} fields at most.") from error


@dataclass
class Upload:
    """A file that a form has sent, in a file of ours that goes when it is closed."""

    file: IO[bytes]
    fields: dict[str, str] = field(default_factory=dict)
    name: str = ""
    content_type: str = ""
    size: int = 0
    # The field whose value comes; none while the file does.
    _current: str = ""
    # What its fields have so far (bytes).
    _held: int = 0

    def take(self, event: Event, check: Check) -> None:
        """The next part of the form. Raises BadForm."""
        if isinstance(event, Field):
            self._current = event.name
            self.fields[event.name] = ""
        elif isinstance(event, File):
            if self.name:
                raise BadForm("Send one file at a time.")
            # Some browsers send the folder, too.
            self.name = event.filename.replace("\\", "/").rpartition("/")[2]
            check(self.fields, self.name)
            if not self.name:
                raise BadForm("Choose a file first.")
            self._current = ""
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
        await asyncio.to_thread(self.file.seek, 0)
        while part := await asyncio.to_thread(self.file.read, _CHUNK):
            yield part


@contextlib.asynccontextmanager
async def upload(request: Request, check: Check) -> AsyncIterator[Upload]:
    """A form with one file after its fields. Raises BadForm.

    `check` is called with the fields before the file is read, and with its name; it may block.
    """
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise BadForm("This form sends no file.")
    decoder = MultipartDecoder(boundary.encode("latin-1"), _FIELDS, max_parts=10)
    with tempfile.TemporaryFile() as file:
        found = Upload(file)
        try:
            async for content in _gathered(request.stream()):
                # Gigabytes are decoded and written: others are answered meanwhile.
                await asyncio.to_thread(_decode, decoder, content, found, check)
        except (ValueError, RequestEntityTooLarge) as error:
            raise BadForm("What this form has sent cannot be read.") from error
        if not found.name:
            raise BadForm("Choose a file first.")
        yield found


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Larger pieces, and an empty one at the end."""
    held = bytearray()
    async for piece in pieces:
        held += piece
        if len(held) >= _CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
    yield b""


def _decode(decoder: MultipartDecoder, content: bytes, found: Upload, check: Check) -> None:
    """The next bytes of a form; none at its end. Blocking."""
    # The decoder holds no more than what a field may have.
    for start in range(0, max(1, len(content)), _PIECE):
        decoder.receive_data(content[start : start + _PIECE] or None)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            found.take(event, check)
