"""Serves until it is asked to die; BEHAVIOUR names what each start does: serve, hang or refuse."""

from __future__ import annotations

import os
import signal
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    behaviour = "serve"

    def do_GET(self) -> None:
        self.answer(200 if self.behaviour == "serve" else 500, b"")

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

    def address_string(self) -> str:
        return "socket"


def main(root: Path, sock: socket.socket) -> int:
    counter = root / "tmp" / "starts"
    starts = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(starts + 1))
    behaviours = os.environ["BEHAVIOUR"].split(",")
    Handler.behaviour = behaviours[min(starts, len(behaviours) - 1)]
    print(f"start {starts}: {Handler.behaviour}", flush=True)
    while Handler.behaviour == "hang":
        signal.pause()
    server = HTTPServer(("", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = sock
    while True:
        connection, _ = sock.accept()
        Handler(connection, ("socket", 0), server)
        connection.close()
