"""Serves until it is asked to die.

BEHAVIOUR names what each start does: serve, hang, refuse, or stay (it serves, and ignores SIGTERM).
"""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from .. import one_socket


class Handler(one_socket.Handler):
    behaviour = "serve"

    def do_GET(self) -> None:
        self.answer(200 if self.behaviour in ("serve", "stay") else 500, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if body == b"die":
            os._exit(3)
        if body == b"hang":
            signal.pause()
        self.answer(200, body.upper())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        # Who asks for a ping has gone when it has the headers.
        if body:
            self.wfile.write(body)


def main(root: Path, sock: socket.socket) -> int:
    counter = root / "tmp" / "starts"
    starts = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(starts + 1))
    behaviours = os.environ["BEHAVIOUR"].split(",")
    Handler.behaviour = behaviours[min(starts, len(behaviours) - 1)]
    if Handler.behaviour == "stay":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(f"start {starts}: {Handler.behaviour}", flush=True)
    while Handler.behaviour == "hang":
        signal.pause()
    server = one_socket.server_on(sock, Handler)
    while True:
        connection, _ = sock.accept()
        Handler(connection, ("socket", 0), server)
        connection.close()
