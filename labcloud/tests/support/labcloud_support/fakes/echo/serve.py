"""Answers each line turned round, as many requests at a time as come, and reports every one.

The environment says the rest: REPORT is the folder of the reports, PARAMETERS what
/execution-parameters answers, PING the status of /ping (two: that of the first container and that
of the others), DELAY the longest random pause (seconds), TOGETHER how many requests are kept until
all of them are there, WRAP that a line becomes an attribute of a JSON object, STRIP that answers do
not end their line. The words of a body are orders: refuse (400), fail (500), fail-once,
nothing (204), die, die-once, hang, wait (until there is a file called `go` among the reports),
parts (one, and another when there is that file), break (off after a part). What a request's custom
attributes say is said again in the answer's.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from pathlib import Path
from typing import Any

from .. import one_socket

REPORTS = Path(os.environ.get("REPORT", "."))
TOGETHER = int(os.environ.get("TOGETHER", "1"))
# What a test has not said after this long it never will (seconds): then the container ends.
PATIENCE = 60.0
ORDERS = {b"refuse": 400, b"fail": 500, b"fail-once": 500, b"nothing": 204}


class Presence:
    """How many requests are under way, and how many have been at most."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = self.most = 0

    def __enter__(self) -> None:
        with self._changed:
            self._now += 1
            self.most = max(self.most, self._now)
            self._changed.notify_all()
            # For good once they have all been there: the last ones need not be that many.
            self._changed.wait_for(lambda: self.most >= TOGETHER, 10)

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._now -= 1


def report(**what: Any) -> None:
    """One line, whole: containers and threads write to the same file."""
    with (REPORTS / "report").open("ab", buffering=0) as file:
        file.write(json.dumps({"pid": os.getpid(), **what}).encode() + b"\n")


def first(word: bytes) -> bool:
    """Whether no container has been given this order before."""
    try:
        (REPORTS / word.decode()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def until_go() -> None:
    """Waits until the test has written the file `go`."""
    deadline = time.monotonic() + PATIENCE
    while not (REPORTS / "go").exists():
        if time.monotonic() > deadline:
            report(waited="in vain")
            os._exit(4)
        time.sleep(0.01)


def turned(body: bytes) -> bytes:
    """Each line turned round, or made a JSON object, or without the end of the last."""
    if "STRIP" in os.environ:
        return body.rstrip(b"\n")[::-1]
    if "WRAP" in os.environ:
        return b"".join(
            b'{"seen":%s}\n' % line.strip() for line in body.split(b"\n") if line.strip()
        )
    return b"\n".join(line[::-1] for line in body.split(b"\n"))


class Handler(one_socket.Handler):
    presence = Presence()
    health = 200

    def do_GET(self) -> None:
        if self.path == "/ping":
            self.answer(self.health)
        elif "PARAMETERS" in os.environ:
            self.answer(200, os.environ["PARAMETERS"].encode())
        else:
            self.answer(404)

    def do_POST(self) -> None:
        with self.presence:
            body = self.body()
            report(
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                size=len(body),
                body=body[:1000].decode(errors="replace"),
                most=self.presence.most,
            )
            time.sleep(random.uniform(0, float(os.environ.get("DELAY", "0"))))
        # Out of it before the answer: with that, the next one may come.
        self.obey(body)

    def obey(self, body: bytes) -> None:
        words = set(body.split()) if len(body) < 1000 else set()
        if b"die" in words or (b"die-once" in words and first(b"die-once")):
            os._exit(3)
        if b"hang" in words:
            threading.Event().wait()
        if b"wait" in words:
            until_go()
        if b"fail-once" in words and not first(b"fail-once"):
            words.remove(b"fail-once")
        if words & {b"parts", b"break"}:
            self.answer_in_parts(words)
            return
        for word in words & ORDERS.keys():
            self.answer(ORDERS[word], b"" if word == b"nothing" else b"told to\n\t" + word)
            return
        self.answer(200, turned(body))

    def answer_in_parts(self, words: set[bytes]) -> None:
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("transfer-encoding", "chunked")
        # Told, because it was a request of HTTP/1.0 to the library: a client could use it again.
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b"3\r\none\r\n")
        self.wfile.flush()
        if b"break" in words:
            os._exit(3)
        until_go()
        self.wfile.write(b"3\r\ntwo\r\n0\r\n\r\n")

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", "0")))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        return b"".join(chunks)

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        if attributes := self.headers.get("x-amzn-sagemaker-custom-attributes"):
            self.send_header("x-amzn-sagemaker-custom-attributes", f"said {attributes}")
        self.end_headers()
        if body:
            self.wfile.write(body)


def main(root: Path, sock: socket.socket) -> int:
    report(environment=dict(os.environ))
    pings = os.environ.get("PING", "200").split(",")
    Handler.health = int(pings[0] if first(b"started") else pings[-1])
    server = one_socket.server_on(sock, Handler)

    def serve(connection: socket.socket) -> None:
        # Who asked may have been stopped meanwhile.
        try:
            Handler(connection, ("socket", 0), server)
        except OSError as error:
            print(f"nobody waits: {error}", flush=True)
        connection.close()

    while True:
        connection, _ = sock.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
