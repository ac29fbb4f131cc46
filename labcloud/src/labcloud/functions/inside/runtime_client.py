"""The Runtime API's client, in place of the C part of awslambdaric, which is not built everywhere.

It speaks HTTP over one socket that this process has inherited: nobody else can reach it. A function
imports this file; nothing of labcloud's is there.
"""

import http.client
import socket
from typing import Any

# A number, of which awslambdaric computes how much time is left.
_DEADLINE = "Lambda-Runtime-Deadline-Ms"
_BASE = "/2018-06-01/runtime"
_connection: http.client.HTTPConnection | None = None


def initialize_client(user_agent: str) -> None:
    """awslambdaric says who it is. There is nothing to be done with it."""


def connect(descriptor: int) -> None:
    """Uses the socket with this descriptor from now on; programs that are started get none."""
    global _connection
    _connection = http.client.HTTPConnection("runtime")
    _connection.sock = socket.socket(fileno=descriptor)
    _connection.sock.set_inheritable(False)


def request(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of the answer. Raises RuntimeError where there is none."""
    assert _connection is not None
    try:
        _connection.request(method, path, body or None, headers or {})
        answer = _connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    except (OSError, http.client.HTTPException) as error:
        raise RuntimeError(f"The Runtime API does not answer: {error}") from error


def next() -> tuple[bytes, dict[str, Any]]:
    """The next event, and what is said about it. Waits."""
    _, body, headers = request("GET", f"{_BASE}/invocation/next")
    return body, headers | {_DEADLINE: int(headers.get(_DEADLINE, 0))}


def post_invocation_result(
    invoke_id: str, content: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    """What the handler has returned."""
    path = f"{_BASE}/invocation/{invoke_id}/response"
    request("POST", path, content, {"Content-Type": content_type})


def post_error(
    invoke_id: str, error: str, xray_fault: str, invocation_id: str | None = None
) -> None:
    """What the handler has raised."""
    request("POST", f"{_BASE}/invocation/{invoke_id}/error", error.encode())
