"""Passes a socket on to the daemon's, until it is killed: `stand_in.py HERE DAEMON`."""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while content := await source.read(65536):
            target.write(content)
            await target.drain()
    target.close()


async def main(here: str, daemon: str) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(daemon)
        await asyncio.gather(copy(reader, back), copy(there, writer))

    server = await asyncio.start_unix_server(connected, here)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
