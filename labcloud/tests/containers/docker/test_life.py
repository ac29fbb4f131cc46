"""What is left of containers when they, labcloud or the daemon have ended."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import labcloud
from labcloud.containers.docker import DockerEngine, daemon
from labcloud.containers.engine import ImageNotAvailable
from labcloud_support.docker import docker
from labcloud_support.needs import unavailable

from .conftest import Play, Stage, until

# The labcloud of these tests, wherever the programs lie.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(labcloud.__file__).parents[1])}
# Not nobody: that one may own things.
SOMEBODY = 12345
# A folder and a file that none but root may touch.
ROOTS = "mkdir -m 700 /opt/ml/model/a; echo x >/opt/ml/model/a/b; chmod 600 /opt/ml/model/a/b\n"
SOCKET = Path("/var/run/docker.sock")
# It does not close those at which nobody answers.
sdk_leaves_sockets = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def as_somebody(*words: str) -> list[str]:
    """The program of owner.py, run by a user that is not root; what it prints is for us.

    Where the tests are root's, it may still read everything, as Python itself may lie in root's.
    """
    command = [sys.executable, str(Path(__file__).with_name("owner.py")), *words]
    if os.getuid() != 0:
        return command
    who = ["--reuid", str(SOMEBODY), "--regid", str(SOCKET.stat().st_gid), "--clear-groups"]
    rights = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    return ["setpriv", *who, *rights, *command]


def home_of_somebody(folder: Path) -> Path:
    home = folder / "home"
    home.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(home, SOMEBODY, -1)
    return home


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Docker gives files to the user")
def test_files_are_the_users_afterwards(image: str, tmp_path: Path) -> None:
    home = home_of_somebody(tmp_path)
    done = subprocess.run(
        as_somebody(image, str(home), ROOTS + "ln -s /etc/passwd /opt/ml/output/failure"),
        env=ENVIRONMENT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["me"] != 0
    assert found["owners"] == [found["me"]]
    assert found["left"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Docker gives files to the user")
def test_what_a_killed_labcloud_has_left_goes_at_the_next_start(image: str, tmp_path: Path) -> None:
    home = home_of_somebody(tmp_path)
    label = f"label=labcloud.home={home}"

    def containers() -> list[str]:
        return docker("ps", "--all", "--quiet", "--filter", label).stdout.split()

    with subprocess.Popen(
        as_somebody(image, str(home), ROOTS + "echo ready; sleep 300", "kept"),
        env=ENVIRONMENT, stdout=subprocess.PIPE, text=True,
    ) as killed:  # fmt: skip
        assert killed.stdout is not None
        assert killed.stdout.readline() == "ready\n"
        killed.kill()
    assert len(containers()) == 1
    again = subprocess.run(
        as_somebody(image, str(home), "exit 0"),
        env=ENVIRONMENT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert (found["owners"], found["left"]) == ([found["me"]], [])
    assert containers() == []


async def _start_and_close(home: Path) -> None:
    engine = DockerEngine(home)
    await engine.start()
    await engine.close()


def test_those_of_another_labcloud_stay(play: Play, tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        container = await stage.begin("echo ready; sleep 60")
        await until(container, "ready")
        await _start_and_close(tmp_path / "other")
        assert stage.containers() == [container.id]

    play(scene)


def test_close_ends_everything(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        running = [await stage.begin("sleep 60"), await stage.engine.serve(stage.spec())]
        # One is on its way, and nobody waits for it any more.
        late = asyncio.create_task(stage.begin("sleep 60"))
        await asyncio.sleep(0)
        late.cancel()
        await stage.engine.close()
        assert [await container.wait() for container in running] == [137, 137]
        assert stage.containers() == []

    play(scene)


def test_a_link_in_the_place_of_a_folder_is_not_followed(play: Play) -> None:
    """It would lead out of /opt/ml to what labcloud itself may read."""

    async def scene(stage: Stage) -> None:
        done = await stage.train(
            "cd /opt/ml; rmdir model; ln -s / model; ln -s /etc/passwd output/failure; "
            "mkfifo output/data/pipe"
        )
        assert (done.root / "model").is_dir() and not (done.root / "model").is_symlink()
        assert not os.path.lexists(done.root / "output" / "failure")

    play(scene)


@contextlib.contextmanager
def answering(path: Path) -> Iterator[None]:
    """A daemon answers at this socket as long as this lasts; then it is as if that had died."""
    program = Path(__file__).with_name("stand_in.py")
    command = [sys.executable, str(program), str(path), str(SOCKET)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.kill()
    path.unlink()


@pytest.fixture
def socket(image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this test's daemon listens, once it does. It is looked for each time."""
    if not SOCKET.is_socket():
        unavailable(f"the daemon does not listen at {SOCKET}")
    path = tmp_path / "docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    monkeypatch.setattr(daemon, "_PATIENCE", 0.0)
    yield path
    # While the warning about them is still ignored.
    gc.collect()


@sdk_leaves_sockets
def test_no_daemon_is_said_in_the_system_s_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"unix://{tmp_path / 'none.sock'}"
    monkeypatch.setenv("DOCKER_HOST", place)
    looked = daemon.Daemon(tmp_path)
    assert looked.api() is None
    assert looked.reason == f"no Docker daemon answers ({place}: No such file or directory)"
    # While the warning about the socket is still ignored.
    gc.collect()


@sdk_leaves_sockets
def test_a_daemon_that_comes_later_is_found(image: str, tmp_path: Path, socket: Path) -> None:
    async def scene() -> None:
        engine = DockerEngine(tmp_path)
        await engine.start()
        assert engine.reason.startswith("no Docker daemon answers (")
        assert not await engine.holds(image)
        with pytest.raises(ImageNotAvailable, match="no Docker daemon answers"):
            await engine.check(image)
        with answering(socket):
            assert await engine.holds(image)
            assert engine.reason == ""
        assert not await engine.holds(image)
        with answering(socket):
            assert await engine.holds(image)
            await engine.close()

    asyncio.run(asyncio.wait_for(scene(), 60))


@sdk_leaves_sockets
def test_a_container_whose_daemon_dies_has_failed(image: str, tmp_path: Path, socket: Path) -> None:
    async def scene() -> None:
        stage = Stage(image, tmp_path, DockerEngine(tmp_path))
        with answering(socket):
            container = await stage.begin("echo ready; sleep 300")
            await until(container, "ready")
        assert await container.wait() == 1
        assert [line async for line in container.lines()] == [
            "[labcloud] the container is lost: the Docker daemon does not answer any more"
        ]
        with answering(socket):
            # The daemon is back, and with it the container, which nobody wants any more.
            assert await stage.engine.holds(image)
            assert daemons_own(tmp_path) == []
            await stage.engine.close()

    asyncio.run(asyncio.wait_for(scene(), 60))


def daemons_own(home: Path) -> list[str]:
    """The containers of a state directory, as the daemon itself has them."""
    label = f"label=labcloud.home={home}"
    command = ["-H", f"unix://{SOCKET}", "ps", "--all", "--quiet", "--filter", label]
    return docker(*command).stdout.split()
