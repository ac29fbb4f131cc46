"""Tries an image of your own on this machine, before SageMaker runs it.

A folder takes the place of /opt/ml. With Docker, the image runs as on an instance. Without Docker,
the programs of the image run as processes, with the Python of this environment.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_server import LocalServer

from labhelpers.errors import ImageError, JobFailed, LabError
from labhelpers.images.docker_cli import docker, has_docker, in_studio, network_options
from labhelpers.lab import Lab

# How long a server may take to end (seconds), as on SageMaker.
_GRACE = 30


@dataclass(frozen=True)
class LocalTest:
    """An image's name on this machine, the folder of its programs, and its folder /opt/ml."""

    lab: Lab
    image: str
    programs: Path
    ml: Path

    def train(self) -> None:
        """Runs `train` and prints its lines. The results of an earlier run are deleted first.

        Raises JobFailed with the text that `train` has written to output/failure.
        """
        for name in ("model", "output"):
            shutil.rmtree(self.ml / name, ignore_errors=True)
            (self.ml / name).mkdir(parents=True)
        if self._with_docker():
            print(f"$ docker run --rm --volume {self.ml}:/opt/ml {self.image} train", flush=True)
            # SageMaker runs it as root. Here it runs as you, so that you own the model.
            me = ["--user", f"{os.getuid()}:{os.getgid()}"]
            command = ["docker", "run", "--rm", *me, *self._options(), self.image, "train"]
        else:
            print(f"$ SAGEMAKER_BASE_DIR={self.ml} {self.programs}/train", flush=True)
            command = [self._program("train")]
        with subprocess.Popen(
            command, cwd=self.programs, env=self._environment(), text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            for line in process.stdout:
                print(f"    {self._inside(line.rstrip())}", flush=True)
        if process.returncode:
            failure = self.ml / "output" / "failure"
            said = failure.read_text() if failure.is_file() else "it left no output/failure"
            code = process.returncode
            raise JobFailed(f"train ended with exit code {code}: {self._inside(said)}")

    @contextlib.contextmanager
    def serving(self) -> Iterator[LocalServer]:
        """Runs `serve` until the block ends, and yields a client for it.

        Raises JobFailed with its last lines if it ends or does not answer.
        """
        with self._container() if self._with_docker() else self._process() as server:
            yield server

    @contextlib.contextmanager
    def _container(self) -> Iterator[LocalServer]:
        print(f"$ docker run --volume {self.ml}:/opt/ml:ro {self.image} serve", flush=True)
        # A free port, which only this machine can reach.
        port = [] if in_studio() else ["--publish", "127.0.0.1::8080"]
        begun = docker("run", "--detach", *port, *self._options(":ro"), self.image, "serve")
        if begun.returncode:
            raise ImageError(f"docker run has failed: {begun.stderr.strip()}")
        container = begun.stdout.strip()

        def runs() -> bool:
            state = docker("inspect", "--format", "{{.State.Running}}", container)
            return state.stdout.strip() == "true"

        def log() -> str:
            printed = docker("logs", container)
            return printed.stdout + printed.stderr

        try:
            published = docker("port", container, "8080/tcp").stdout.split()
            server = LocalServer(published[0] if published else "127.0.0.1:8080")
            server.wait(runs, log)
            yield server
        finally:
            docker("stop", "--time", str(_GRACE), container, seconds=2 * _GRACE)
            docker("rm", "--force", container)

    @contextlib.contextmanager
    def _process(self) -> Iterator[LocalServer]:
        print(f"$ SAGEMAKER_BASE_DIR={self.ml} {self.programs}/serve", flush=True)
        # Only this user can reach the socket. A port would be open to other users.
        with tempfile.TemporaryDirectory(prefix="serve-") as folder:
            path = Path(folder) / "socket"
            log = Path(folder) / "log"
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [self._program("serve")],
                    cwd=self.programs,
                    env=self._environment() | {"MODEL_SERVER_BIND": f"unix:{path}"},
                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    start_new_session=True,
                )  # fmt: skip
            try:
                server = LocalServer(str(path), self._inside)
                server.wait(lambda: process.poll() is None, log.read_text)
                yield server
            finally:
                process.terminate()
                try:
                    process.wait(_GRACE)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def _with_docker(self) -> bool:
        """Whether Docker runs the image. Raises ImageError if there is no such image."""
        if not has_docker(self.lab):
            return False
        if docker("image", "inspect", self.image).returncode:
            raise ImageError(f"There is no image {self.image} on this machine. Was it built?")
        return True

    def _inside(self, text: str) -> str:
        """The text of a program, with /opt/ml in place of the folder's path."""
        return text.replace(str(self.ml.resolve()), "/opt/ml")

    def _options(self, mode: str = "") -> list[str]:
        return [*network_options(), "--volume", f"{self.ml.resolve()}:/opt/ml{mode}"]

    def _program(self, name: str) -> str:
        path = self.programs.resolve() / name
        if not path.is_file():
            raise LabError(f"There is no program {name} in {self.programs}")
        return str(path)

    def _environment(self) -> dict[str, str]:
        """This environment, with its Python first on the PATH, and the folder as /opt/ml."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {
            **os.environ,
            "PATH": path,
            "SAGEMAKER_BASE_DIR": str(self.ml.resolve()),
            "MODEL_SERVER_WORKERS": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
