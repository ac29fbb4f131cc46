"""Packages for a container that runs: it asks, and a process outside of it installs them.

So every container can read what others have installed, and none can change it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcloud.containers.packages import kept
from labcloud.containers.packages.asked import HARMLESS, REQUIREMENT
from labcloud.containers.packages.cover import Cover
from labcloud.containers.packages.settings import NAMES
from labcloud.containers.process.kernel import die_with_parent
from labcloud.state.trees import remove

# The variable that tells a container's pip where to ask, and the name of that socket.
REQUESTS = "LABCLOUD_REQUIREMENTS"
SOCKET = "packages.sock"
_LONGEST = 1 << 20
# Files of this machine that they name would be others in the container.
_FILES = ("PIP_CONFIG_FILE", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_FIND_LINKS")


@dataclass(frozen=True)
class Reply:
    """What became of a request. Without a `folder` nothing is kept; `code` is pip's.

    None: it is not for the broker, and pip itself may do it in the container.
    """

    code: int | None
    folder: str = ""
    already: bool = False


@contextlib.contextmanager
def _within(folder: Path) -> Iterator[None]:
    """The address of a Unix socket has room for about 100 bytes: a name, from its folder."""
    before = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def ask(place: Path, wanted: list[str], flags: list[str], output: int) -> Reply:
    """Asks the broker that listens at `place`. pip's words go to `output`. Raises OSError."""
    environment = {name: os.environ[name] for name in NAMES if name in os.environ}
    request = {"wanted": wanted, "flags": flags, "environment": environment}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        with _within(place.parent):
            asking.connect(place.name)
        socket.send_fds(asking, [json.dumps(request).encode() + b"\n"], [output])
        with asking.makefile("rb") as answer:
            return Reply(**json.loads(answer.readline() or b'{"code": null}'))


class Broker:
    """A process that installs. Begun before its container is, and ends with this process.

    `settings` are pip's own here. `folder`, in which it listens, is the container's.
    """

    def __init__(
        self, folder: Path, sets: Path, hidden: tuple[Path, ...], settings: Mapping[str, str]
    ) -> None:
        self._sets = sets
        self._own = {name: text for name, text in settings.items() if name in NAMES}
        self._work = sets / f".work-{os.getpid()}"
        self._cover = Cover(hidden, (sets,), self._work)
        (folder / SOCKET).unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _within(folder):
            listening.bind(SOCKET)
        listening.listen()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                # A container that is told to stop may be installing.
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                die_with_parent()
                while True:
                    self._serve(listening.accept()[0])
            finally:
                os._exit(0)
        listening.close()

    def _serve(self, asking: socket.socket) -> None:
        with asking, contextlib.suppress(OSError):
            received, outputs, _, _ = socket.recv_fds(asking, _LONGEST, 1)
            while received and not received.endswith(b"\n") and len(received) < _LONGEST:
                received += asking.recv(_LONGEST)
            try:
                reply = self._done(json.loads(received), outputs[0])
            except (ValueError, TypeError, KeyError, IndexError, OSError):
                reply = Reply(None)
            finally:
                for output in outputs:
                    os.close(output)
            asking.sendall(json.dumps(vars(reply)).encode() + b"\n")

    def _done(self, request: dict[str, Any], output: int) -> Reply:
        wanted, flags = sorted(set(request["wanted"])), list(request["flags"])
        given = {name: str(text) for name, text in request["environment"].items() if name in NAMES}
        others = {name: text for name, text in given.items() if self._own.get(name) != text}
        safe = all(REQUIREMENT.fullmatch(each) for each in wanted) and set(flags) <= set(HARMLESS)
        if not safe or any(name in others for name in _FILES):
            return Reply(None)
        # Packages of another index are others.
        key = [*wanted, *sorted(f"{name}={text}" for name, text in others.items())]
        folder = self._sets / kept.key(key)
        environment = {
            "PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self._work),
            "TMPDIR": str(self._work), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **self._own, **given,
        }  # fmt: skip
        with kept.locked(folder):
            if kept.is_made(folder):
                return Reply(0, str(folder), already=True)
            self._work.mkdir(mode=0o700, exist_ok=True)
            try:
                code = kept.make(
                    folder, ["install", *flags, *wanted], wanted,
                    environment=environment, cover=self._cover, output=output,
                )  # fmt: skip
            finally:
                remove(self._work)
        return Reply(code, str(folder) if code == 0 else "")
