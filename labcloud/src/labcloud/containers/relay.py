"""One connection handed on to another address, byte for byte."""

from __future__ import annotations

import asyncio
import contextlib

_CHUNK = 64 * 1024
# Where a container's connections to labcloud come from: by it, they are told from those of this
# machine. All of 127.0.0.0/8 is loopback's on Linux, where such containers are.
FROM_CONTAINERS = "127.0.0.2"


async def relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int,
    source: str | None = None,
) -> None:  # fmt: skip
    """Pours what comes to `host` and its answers back, until that side ends the connection.

    `source` is the address from which it is handed on.
    """
    try:
        there = await asyncio.open_connection(
            host, port, local_addr=(source, 0) if source else None
        )
    except OSError:
        # It does not listen yet. The client sees a connection that closes, as with Docker's proxy.
        writer.close()
        return
    going = asyncio.create_task(_pour(reader, there[1]))
    back = asyncio.create_task(_pour(there[0], writer))
    # The other side decides when the connection ends: a client may close its own earlier.
    try:
        await asyncio.wait([back])
    finally:
        going.cancel()
        back.cancel()
        for end in (writer, there[1]):
            end.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
