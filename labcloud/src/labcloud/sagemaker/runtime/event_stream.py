"""application/vnd.amazon.eventstream: how AWS frames the parts of a streamed answer.

A message is its length, the length of its headers, a checksum of those two, the headers, the
payload, and a checksum of it all; see "Event stream encoding" in the Smithy specification.
"""

from __future__ import annotations

import json
import struct
import zlib

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
# Around headers and payload: two lengths and two checksums (bytes).
_FRAME = 16


def event(kind: str, payload: bytes) -> bytes:
    """An event whose payload is bytes."""
    headers = {":event-type": kind, ":content-type": "application/octet-stream"}
    return _message({**headers, ":message-type": "event"}, payload)


def exception(kind: str, **fields: str) -> bytes:
    """The error that ends a stream, by the name of its shape."""
    headers = {":exception-type": kind, ":content-type": "application/json"}
    return _message({**headers, ":message-type": "exception"}, json.dumps(fields).encode())


def _message(headers: dict[str, str], payload: bytes) -> bytes:
    head = b"".join(_header(name, value) for name, value in headers.items())
    lengths = struct.pack("!II", _FRAME + len(head) + len(payload), len(head))
    prelude = lengths + struct.pack("!I", zlib.crc32(lengths))
    whole = prelude + head + payload
    return whole + struct.pack("!I", zlib.crc32(whole))


def _header(name: str, value: str) -> bytes:
    text = value.encode()
    return (
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", _STRING, len(text)) + text
    )
