"""The HTTP server of the fakes: it answers on a socket that somebody else has bound."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    """A handler for a Unix socket, whose clients have no address."""

    def address_string(self) -> str:
        return "socket"


def server_on(sock: socket.socket, handler: type[Handler]) -> HTTPServer:
    server = HTTPServer(("", 0), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = sock
    return server
