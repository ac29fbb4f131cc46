"""A client that sends one request again and again over a few connections, and an echo server.

The client writes bytes that were made beforehand and reads just enough of an answer to know where
it ends, so that it does not measure itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)

ECHO = """
import sys, uvicorn

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)

Server(uvicorn.Config(app, port=0, access_log=False, log_level="warning", lifespan="off")).run()
"""


@dataclass(frozen=True)
class Prepared:
    """A request's bytes, and where they go."""

    host: str
    port: int
    data: bytes


def signed_request(url: str, body: bytes) -> Prepared:
    """A POST of CSV, signed with the environment's key (good for five minutes)."""
    request = AWSRequest(method="POST", url=url, data=body, headers={"Content-Type": "text/csv"})
    key = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(key, "sagemaker", os.environ["AWS_REGION"]).add_auth(request)
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    data = "\r\n".join([*lines, "", ""]).encode() + body
    return Prepared(str(parts.hostname), int(parts.port or 80), data)


@dataclass(frozen=True)
class Load:
    """What a load has found: answers a second, and the time that each of them took (seconds)."""

    rate: float
    latencies: list[float]


async def load(request: Prepared, connections: int, seconds: float) -> Load:
    """Sends a request again and again; raises RuntimeError for an answer that is not 200."""
    deadline = time.perf_counter() + seconds
    began = time.perf_counter()
    each = await asyncio.gather(*[_one(request, deadline) for _ in range(connections)])
    latencies = [latency for one in each for latency in one]
    return Load(len(latencies) / (time.perf_counter() - began), latencies)


async def _one(request: Prepared, deadline: float) -> list[float]:
    reader, writer = await asyncio.open_connection(request.host, request.port)
    latencies = []
    while (sent := time.perf_counter()) < deadline:
        writer.write(request.data)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head.decode()}{body.decode(errors='replace')}")
        latencies.append(time.perf_counter() - sent)
    writer.close()
    await writer.wait_closed()
    return latencies


@contextlib.contextmanager
def echo_server() -> Iterator[str]:
    """A bare uvicorn that answers each request with its body; yields its address."""
    process = subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
