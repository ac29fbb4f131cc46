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
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

# What the fields of a form may have (bytes), and how much of a file is read at a time.
_FIELDS = 64 * 1024
_CHUNK = 1024**2
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
        current = ""
        async for part in request.stream():
            decoder.receive_data(part or None)
            event = decoder.next_event()
            while not isinstance(event, NeedData | Epilogue):
                if isinstance(event, Field):
                    current = event.name
                    found.fields[current] = ""
                elif isinstance(event, File):
                    current = ""
                    found.name = event.filename
                    found.content_type = event.headers.get("content-type", "")
                    check(found.fields)
                elif isinstance(event, Data):
                    _take(found, current, event.data)
                event = decoder.next_event()
            if isinstance(event, Epilogue):
                break
        if not found.name:
            raise BadForm("Choose a file first.")
        yield found


def _take(found: Upload, field: str, data: bytes) -> None:
    if field:
        found.fields[field] += data.decode(errors="replace")
        return
    found.size += len(data)
    if found.size > LARGEST_FILE:
        raise BadForm("An upload may have 5 GB at most.")
    found.file.write(data)
