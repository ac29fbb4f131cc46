"""`train` and `serve` of container/, run as processes in an /opt/ml of their own."""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import httpx
import psutil

from labcloud_support.needs import unavailable

CONTAINER = Path(__file__).parents[2] / "container"
PROGRAM = CONTAINER / "decision_trees"
PYTHON = str(Path(sys.executable).parent)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
SECONDS = 120.0


def environment(ml: Path, *, nginx: bool = False, **more: str) -> dict[str, str]:
    """What `train` and `serve` see: the course's Python, with or without nginx on the PATH."""
    path = [PYTHON]
    if nginx:
        if NGINX is None:
            unavailable("nginx is not installed: apt-get install nginx-light")
        path.append(str(Path(NGINX).parent))
    return {
        "PATH": os.pathsep.join(path),
        "HOME": str(ml),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "SAGEMAKER_BASE_DIR": str(ml),
        **more,
    }


def train(ml: Path) -> subprocess.CompletedProcess[str]:
    """Runs the program in this process, which has imported scikit-learn already."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    before = signal.getsignal(signal.SIGTERM)
    with (
        patch.dict(os.environ, {"SAGEMAKER_BASE_DIR": str(ml)}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            runpy.run_path(str(PROGRAM / "train"), run_name="__main__")
        except SystemExit as end:
            assert isinstance(end.code, int)
            code = end.code
        finally:
            signal.signal(signal.SIGTERM, before)
    return subprocess.CompletedProcess(["train"], code, out.getvalue(), err.getvalue())


def train_process(ml: Path) -> subprocess.CompletedProcess[str]:
    """Runs the program as SageMaker does, which takes a second."""
    return subprocess.run(
        [PROGRAM / "train"],
        env=environment(ml),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


class Server:
    """A running `serve`, what it prints, and a client of it."""

    def __init__(self, process: subprocess.Popen[str], client: httpx.Client, port: int) -> None:
        self.process = process
        self.client = client
        self.port = port
        self._said: list[str] = []
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._add(line)
        self._add(None)

    def _add(self, line: str | None) -> None:
        with self._changed:
            if line is None:
                self._ended = True
            else:
                self._said.append(line)
            self._changed.notify_all()

    @property
    def said(self) -> str:
        return "".join(self._said)

    def until(self, text: str) -> None:
        """Waits until it has printed this."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or text in self.said, SECONDS)
        assert text in self.said, self.said

    def exit_code(self) -> int:
        """Waits for its end, and for the end of everything that it has printed."""
        code = self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        return code

    def master(self, name: str) -> psutil.Process:
        """The process of nginx or gunicorn that `serve` itself has started."""
        children = psutil.Process(self.process.pid).children()
        (found,) = (child for child in children if name in " ".join(child.cmdline()))
        return found


@contextlib.contextmanager
def serving(
    ml: Path,
    *,
    nginx: bool = False,
    socket_path: Path | None = None,
    inherited: socket.socket | None = None,
    program: Path = PROGRAM / "serve",
    arguments: Sequence[str] = (),
    **more: str,
) -> Iterator[Server]:
    """`serve` on a free port (or a Unix socket), up and listening."""
    port = free_port()
    more = {"SAGEMAKER_BIND_TO_PORT": str(port), "MODEL_SERVER_WORKERS": "1", **more}
    uds = str(socket_path) if socket_path else None
    with (
        subprocess.Popen(
            [program, *arguments],
            env=environment(ml, nginx=nginx, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[inherited.fileno()] if inherited else [],
        ) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            transport=httpx.HTTPTransport(retries=5, uds=uds),
            timeout=SECONDS,
            trust_env=False,
        ) as client,
    ):
        server = Server(process, client, port)
        started = psutil.Process(process.pid)
        try:
            server.until("Booting worker")
            yield server
        finally:
            family = started.children(recursive=True) if started.is_running() else []
            process.send_signal(signal.SIGTERM)
            try:
                server.exit_code()
            except subprocess.TimeoutExpired:
                for member in [*family, started]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        member.kill()
                raise


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])
