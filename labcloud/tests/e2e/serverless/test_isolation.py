"""What a function finds of the machine, and what it can write: nothing that another one runs."""

from __future__ import annotations

import ctypes
import os
import pty
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud_support.lambdas import Lambdas
from labcloud_support.life import life_with

CURIOUS = """
import ctypes, glob, os, socket, subprocess, sys
def tries(path):
    try:
        with open(path, "w") as file:
            file.write("x")
        return True
    except OSError:
        return False
def attempts(state):
    yield ["true"]
    for flags in ("remount,rw,bind", "remount,rw"):
        yield ["mount", "-o", flags, "/var/task"]
    yield ["umount", "-lR", state]
    yield ["unshare", "-Urm", "sh", "-c", f"mount -o remount,rw,bind /var/task; umount -l {state}"]
def handler(event, context):
    state, home = event["state"], event["home"]
    found = {"written": [], "read": [], "packages": []}
    for attempt in attempts(state):
        subprocess.run(attempt, capture_output=True)
        for folder in ("/var/task", "/var/runtime", "/", "/usr/lib", "/var/tmp", "/dev/shm", state,
                       home, event["source"], os.path.dirname(os.__file__)):
            if tries(f"{folder}/written-by-a-function"):
                found["written"].append(folder)
        if tries(event["terminal"]):
            found["written"].append("a terminal")
        for place in (state, home):
            for folder, _, names in os.walk(place):
                found["read"] += [os.path.join(folder, name) for name in names]
    for process in glob.glob("/proc/[0-9]*"):
        if process == f"/proc/{os.getpid()}":
            continue
        try:
            with open(f"{process}/environ") as file:
                if "AWS_LAMBDA_FUNCTION_NAME" in file.read():
                    found["read"].append(process)
        except OSError:
            pass
    for name in ("numpy", "moto", "labcloud", "starlette", "xgboost"):
        try:
            __import__(name)
            found["packages"].append(name)
        except ImportError:
            pass
    if ctypes.CDLL(None).shmget(event["segment"], 0, 0) != -1:
        found["read"].append("memory of another program's")
    try:
        socket.socket(socket.AF_UNIX).connect(event["socket"])
        found["read"].append("a socket of this machine's")
    except OSError:
        pass
    import boto3, botocore
    found["boto3"] = boto3.__file__
    with open("/tmp/mine", "w") as file:
        file.write("x")
    found["tmp"] = sorted(os.listdir("/tmp"))
    try:
        with open("/tmp/large", "wb") as file:
            for _ in range(600):
                file.write(bytes(2**20))
        found["large"] = True
    except OSError as error:
        found["large"] = error.strerror
    os.unlink("/tmp/large")
    return found
"""
IDLE = "def handler(event, context): return event"


@pytest.fixture(scope="module")
def agent() -> Iterator[str]:
    """The path of a socket, outside of what is covered anyway, on which somebody listens."""
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        listening.bind(f"{folder}/agent")
        listening.listen()
        yield f"{folder}/agent"


@pytest.fixture(scope="module")
def terminal() -> Iterator[str]:
    """The path of a terminal of this user's."""
    ours, theirs = pty.openpty()
    yield os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


@pytest.fixture(scope="module")
def segment() -> Iterator[int]:
    """The key of shared memory of System V that another program has: shmget(2)."""
    library, key = ctypes.CDLL(None), 1 + secrets.randbelow(2**31 - 1)
    create, remove = 0o1000, 0
    found = library.shmget(key, 4096, create | 0o600)
    assert found != -1
    yield key
    library.shmctl(found, remove, None)


@pytest.fixture(scope="module")
def lambdas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lambdas]:
    """A server whose user has a home with something in it."""
    folder = tmp_path_factory.mktemp("isolated")
    (folder / "home").mkdir()
    (folder / "home" / "notes.txt").write_text("not for functions")
    with life_with(folder / "state", HOME=str(folder / "home")) as life:
        yield Lambdas(life)


def test_a_function_has_its_tmp_and_nothing_else(
    lambdas: Lambdas, agent: str, terminal: str, segment: int
) -> None:
    state = lambdas.life.home.path
    lambdas.make("other", IDLE)
    lambdas.call("other", 0)
    lambdas.make("curious", CURIOUS, MemorySize=1024, Timeout=120)
    places = {
        "socket": agent,
        "terminal": terminal,
        "segment": segment,
        "state": str(state),
        "home": str(state.parent / "home"),
        "source": str(Path(__file__).parents[3] / "src" / "labcloud"),
    }
    found = lambdas.call("curious", places).answer
    assert found == {
        "written": [], "read": [], "packages": [], "boto3": "/var/runtime/boto3/__init__.py",
        "tmp": ["mine"], "large": "No space left on device",
    }  # fmt: skip
