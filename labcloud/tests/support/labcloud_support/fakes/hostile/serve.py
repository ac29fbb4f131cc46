"""Answers each request with its body, after it has put things where outputs were once written."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from .. import one_socket


class Handler(one_socket.Handler):
    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main(root: Path, sock: socket.socket) -> int:
    for folder in (root, root / "tmp"):
        os.mkfifo(folder / "output-1")
        (folder / "output-2").symlink_to(os.environ["VICTIM"])
    server = one_socket.server_on(sock, Handler)
    server.serve_forever()
    return 0
