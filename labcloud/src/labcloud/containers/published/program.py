"""Runs a program of a published image as Docker would run it; in a child of the nursery.

This process stays with the program: hands SIGTERM on to it, and to it alone, hands requests on to
its port, and ends with its exit code.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import signal
import socket
from pathlib import Path
from typing import TypedDict

from labcloud.containers.contract import ML
from labcloud.containers.process.kernel import die_with_parent
from labcloud.containers.published import drivers, packages, private
from labcloud.containers.published.door import Door
from labcloud.containers.relay import relay
from labcloud.state.home import LOOPBACK

PORT = 8080
# The exit code of a shell for a program that does not exist.
_NOT_FOUND = 127


class Plan(TypedDict):
    """What to run, written as JSON by the engine. Paths of the image are absolute."""

    command: list[str]
    workdir: str
    # The image's files on this machine, and an empty folder.
    image: str
    staging: str
    # Further folders that it sees, by their paths in the image.
    folders: dict[str, str]
    # Paths that it can only read.
    read_only: list[str]
    isolated: bool
    # Whether its program takes its requests from the socket that MODEL_SERVER_BIND names.
    listens: bool
    # Where it finds labcloud if it has a network of its own, and the port of this machine that
    # answers there; 0: it does not.
    door: tuple[int, int]
    # What the log begins with.
    notes: list[str]
    # What of this machine it does not see.
    hidden: list[str]
    # What its Dockerfile's pip asks for, where such packages are kept, and pip's environment.
    packages: list[packages.Wanted]
    sets: str
    pip: dict[str, str]


def main(root: Path, plan_file: Path, sock: socket.socket | None = None) -> int:
    """Runs what a plan says; `root` is to be its /opt/ml, `sock` listens for its requests."""
    plan: Plan = json.loads(plan_file.read_text())
    for note in plan["notes"]:
        say(note)
    image, sets = Path(plan["image"]), Path(plan["sets"])
    with contextlib.suppress(OSError):
        # Whoever keeps something there says why it cannot be.
        sets.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Here, where there still is a network.
    for said in packages.provide(plan["packages"], sets, image, plan["pip"]):
        say(said)
    network = (sock is None or plan["listens"]) and not plan["isolated"]
    inside, outside = plan["door"]
    door = Door(outside) if outside and not network else None
    try:
        folders = {ML: root} | {path: Path(folder) for path, folder in plan["folders"].items()}
        private.enter(
            image,
            folders,
            Path(plan["staging"]),
            network=network,
            hidden=[Path(path) for path in plan["hidden"]],
            kept=[sets],
        )
        for path in plan["read_only"]:
            private.protect(Path(path))
        workdir, command, inherited = Path(plan["workdir"]), plan["command"], list[int]()
        # Its short name: a path of a Unix socket has room for about 100 bytes.
        os.environ["HOME"] = os.environ["TMPDIR"] = f"{ML}/tmp"
    except private.Forbidden as error:
        workdir, command, inherited = _in_the_open(plan, {"/": image, ML: root}, sock, error)
        sock = None
        if door:
            door.remove()
            os.environ["AWS_ENDPOINT_URL"] = f"http://{LOOPBACK}:{outside}"
    else:
        private.shed_rights()
        if door:
            door.open(inside)
        if plan["listens"] and sock:
            inherited = [_bind(sock)]
            sock = None
    # A signal that comes before there is a program waits until there is one.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    pid = os.fork()
    if pid == 0:
        _become(command, workdir, inherited)
    return asyncio.run(_accompany(pid, sock))


def say(what: str) -> None:
    print(f"[labcloud] {what}", flush=True)


def _in_the_open(
    plan: Plan, places: dict[str, Path], sock: socket.socket | None, error: Exception
) -> tuple[Path, list[str], list[int]]:
    """Working directory, command and descriptors where there are no namespaces.

    `places` says where on this machine the folders of the container are.
    """
    say(
        f"This machine gives a process no /opt/ml of its own ({error}). SAGEMAKER_BASE_DIR says "
        "where it is instead; a program that does not ask for it needs Docker."
    )
    if plan["isolated"]:
        say("EnableNetworkIsolation has no effect here: that needs Docker, too.")
    for path in plan["folders"]:
        say(f"Nothing appears at {path} here, either: that is a folder of the checkpoints alone.")
    os.environ["SAGEMAKER_BASE_DIR"] = str(places[ML])
    for name in ("PIP_TARGET", "PYTHONPATH", "PATH"):
        # Where its own packages are, among others. A framework image has another place for them.
        if name in os.environ:
            os.environ[name] = os.environ[name].replace(
                f"{ML}/tmp/packages", f"{places[ML]}/tmp/packages"
            )
    os.environ["PATH"] = os.pathsep.join(
        moved(path, places) for path in os.environ["PATH"].split(os.pathsep)
    )
    inherited = []
    if sock:
        inherited = [_bind(sock)]
        say("Likewise, MODEL_SERVER_BIND says where to listen.")
    command = [moved(word, places) for word in plan["command"]]
    if drivers.are_there(places[ML]):
        if why := drivers.tell(places[ML]):
            say(f"{why}. LABCLOUD_HOME names another folder.")
        command = [drivers.told(word, places[ML]) for word in command]
    workdir = Path(moved(plan["workdir"], places))
    return workdir if workdir.is_dir() else places[ML], command, inherited


def _bind(sock: socket.socket) -> int:
    """Tells a program where to listen: its descriptor, which the program is to inherit."""
    os.environ["MODEL_SERVER_BIND"] = f"fd://{sock.fileno()}"
    return sock.fileno()


def moved(word: str, places: dict[str, Path]) -> str:
    """Where a path of the container lies on this machine. Other paths are returned unchanged."""
    for path, folder in places.items():
        top = path.rstrip("/") + "/"
        below = word.removeprefix(top).strip("/")
        if word.startswith(top) and below and (here := folder / below).exists():
            return str(here)
    return word


def _become(command: list[str], workdir: Path, inherited: list[int]) -> None:
    """Turns this child into the program. Does not return."""
    code = _NOT_FOUND
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        # A group of its own: a signal to the group of this process does not reach it.
        os.setpgid(0, 0)
        die_with_parent()
        os.chdir(workdir)
        for descriptor in inherited:
            os.set_inheritable(descriptor, True)
        os.execvp(command[0], command)
    except FileNotFoundError:
        say(f'exec: "{command[0]}": executable file not found in $PATH')
    except OSError as error:
        say(f'exec: "{command[0]}": {error.strerror}')
        code = _NOT_FOUND - 1
    finally:
        os._exit(code)


async def _accompany(pid: int, sock: socket.socket | None) -> int:
    """Returns the program's exit code, 128 + the signal's number after a death by signal."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def reap() -> None:
        # Other children too: the orphans of the program become children of this process.
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == pid and not ended.done():
                    ended.set_result(os.waitstatus_to_exitcode(found[1]))

    def terminate() -> None:
        if not ended.done():
            os.kill(pid, signal.SIGTERM)

    loop.add_signal_handler(signal.SIGCHLD, reap)
    loop.add_signal_handler(signal.SIGTERM, terminate)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    reap()
    handler = functools.partial(relay, host=LOOPBACK, port=PORT)
    server = await asyncio.start_unix_server(handler, sock=sock) if sock else None
    code = await ended
    if server:
        server.close()
    return code if code >= 0 else 128 - code
