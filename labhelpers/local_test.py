"""Tries an image of your own on this machine, before SageMaker does.

A folder stands for /opt/ml. With Docker the image runs, as it would on an instance; without, the
programs that it would hold run as they are, with this environment's Python.
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

from labhelpers.connect import Lab
from labhelpers.docker_cli import docker, has_docker, in_studio, network
from labhelpers.errors import ImageError, JobFailed, LabError
from labhelpers.local_server import LocalServer

# What a server gets to end (seconds), as on SageMaker.
_GRACE = 30


@dataclass(frozen=True)
class LocalTest:
    """An image's name on this machine, its programs' folder, and the folder that is its /opt/ml."""

    lab: Lab
    image: str
    programs: Path
    ml: Path

    def train(self) -> None:
        """Runs `train` and prints its lines. What an earlier run has left goes first.

        Raises JobFailed with what `train` has left in output/failure.
        """
        for name in ("model", "output"):
            shutil.rmtree(self.ml / name, ignore_errors=True)
            (self.ml / name).mkdir(parents=True)
        if self._with_docker():
            print(f"$ docker run --rm --volume {self.ml}:/opt/ml {self.image} train", flush=True)
            # As you, so that the model is yours; SageMaker runs it as root.
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
        """Runs `serve` until the block ends, and yields what answers there.

        Raises JobFailed with its last lines if it ends, or does not answer, before.
        """
        with self._container() if self._with_docker() else self._process() as server:
            yield server

    @contextlib.contextmanager
    def _container(self) -> Iterator[LocalServer]:
        print(f"$ docker run --volume {self.ml}:/opt/ml:ro {self.image} serve", flush=True)
        # A port that is free, and that this machine alone can reach.
        port = [] if in_studio() else ["--publish", "127.0.0.1::8080"]
        begun = docker("run", "--detach", *port, *self._options(":ro"), self.image, "serve")
        if begun.returncode:
            raise ImageError(f"docker run has failed: {begun.stderr.strip()}")
        container = begun.stdout.strip()

        def runs() -> bool:
            state = docker("inspect", "--format", "{{.State.Running}}", container)
            return state.stdout.strip() == "true"

        def said() -> str:
            log = docker("logs", container)
            return log.stdout + log.stderr

        try:
            published = docker("port", container, "8080/tcp").stdout.split()
            server = LocalServer(published[0] if published else "127.0.0.1:8080")
            server.wait(runs, said)
            yield server
        finally:
            docker("stop", "--time", str(_GRACE), container, seconds=2 * _GRACE)
            docker("rm", "--force", container)

    @contextlib.contextmanager
    def _process(self) -> Iterator[LocalServer]:
        print(f"$ SAGEMAKER_BASE_DIR={self.ml} {self.programs}/serve", flush=True)
        # A socket that only this user can reach, where a port would be open to the network.
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
        """Whether the image runs, and not its programs. Raises LabError where nothing can."""
        if not has_docker(self.lab):
            return False
        if docker("image", "inspect", self.image).returncode:
            raise ImageError(f"There is no image {self.image} on this machine. Was it built?")
        return True

    def _inside(self, text: str) -> str:
        """A program's words as they would be in the container, where the folder is /opt/ml."""
        return text.replace(str(self.ml.resolve()), "/opt/ml")

    def _options(self, mode: str = "") -> list[str]:
        return [*network(), "--volume", f"{self.ml.resolve()}:/opt/ml{mode}"]

    def _program(self, name: str) -> str:
        path = self.programs.resolve() / name
        if not path.is_file():
            raise LabError(f"There is no program {name} in {self.programs}")
        return str(path)

    def _environment(self) -> dict[str, str]:
        """This one's, with its own Python before all others, and /opt/ml where the folder is."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {
            **os.environ,
            "PATH": path,
            "SAGEMAKER_BASE_DIR": str(self.ml.resolve()),
            "MODEL_SERVER_WORKERS": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
