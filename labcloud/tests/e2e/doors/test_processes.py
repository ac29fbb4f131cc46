"""What runs, and what it sees: sockets, secrets, open files, and who may read the state."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from labcloud.client import launch
from labcloud.state.credentials import Credentials
from labcloud.state.home import Home
from labcloud_support.life import SLOW, Life, eventually
from labcloud_support.resources import deploy, undeploy, upload

from .marks import SECRET


@pytest.fixture(scope="module")
def busy(
    shared: Life, s3: Any, sagemaker: Any, golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]], bucket: str,
) -> Iterator[list[psutil.Process]]:  # fmt: skip
    """The processes of a labcloud that trains and serves: the nursery, a worker, a server."""
    case = golden["softprob"]
    upload(s3, bucket, golden, case["channels"].values())
    sagemaker.create_training_job(**request_of("artifact", case))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="artifact")
    artifact = sagemaker.describe_training_job(TrainingJobName="artifact")["ModelArtifacts"]
    deploy(sagemaker, "e", artifact["S3ModelArtifacts"])
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")
    sagemaker.create_training_job(**request_of("slow", case | {"hyperparameters": SLOW}))
    trains = eventually(lambda: shared.workers(serving=False), "a job trains")
    nursery, serves = shared.nursery(), shared.workers(serving=True)
    assert nursery
    assert len(trains) == len(serves) == 1
    yield [nursery, *trains, *serves]
    sagemaker.stop_training_job(TrainingJobName="slow")
    undeploy(sagemaker, "e")


def test_only_the_server_listens_and_on_loopback_only(
    shared: Life, busy: list[psutil.Process]
) -> None:
    def listening(process: psutil.Process) -> list[tuple[str, int]]:
        return [
            (connection.laddr.ip, connection.laddr.port)
            for connection in process.net_connections("inet")
            if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
        ]

    assert listening(shared.server) == [("127.0.0.1", shared.running.port)]
    for process in busy:
        assert listening(process) == []


def test_no_container_sees_the_server_s_secrets(shared: Life, busy: list[psutil.Process]) -> None:
    own = Credentials.load(shared.home)
    assert own
    for process in busy:
        seen = process.environ()
        assert not {"MY_TOKEN", "AWS_SECRET_ACCESS_KEY", "LABCLOUD_HOME"} & set(seen)
        raw = Path(f"/proc/{process.pid}/environ").read_bytes()
        raw += Path(f"/proc/{process.pid}/cmdline").read_bytes()
        for secret in (SECRET, own.secret_key, own.access_key):
            assert secret not in seen.values()
            assert secret.encode() not in raw


def test_the_server_holds_no_secret_of_its_user_s(shared: Life, tmp_path: Path) -> None:
    """A job runs as the same user: it can read the environment of the server."""
    assert os.environ.get("PATH") == shared.server.environ()["PATH"]
    for process in (shared.server, *shared.server.children(recursive=True)):
        # A child may have ended meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            raw = Path(f"/proc/{process.pid}/environ").read_bytes()
            assert SECRET.encode() not in raw
            assert b"AWS_SECRET_ACCESS_KEY" not in raw


@pytest.mark.parametrize(
    "start", [["-m", "labcloud"], [str(Path(sys.executable).with_name("labcloud"))]]
)
def test_nor_where_it_is_started_in_the_foreground(tmp_path: Path, start: list[str]) -> None:
    home = Home(tmp_path / "home")
    secret = {"LABCLOUD_HOME": str(home.path), "MY_TOKEN": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET}
    command = [sys.executable, *start, "start", "--foreground", "--port", "0"]
    with subprocess.Popen(command, env=os.environ | secret) as process:
        try:
            running = eventually(home.running, "it runs")
            assert running.pid == process.pid
            raw = Path(f"/proc/{process.pid}/environ").read_bytes()
            assert SECRET.encode() not in raw
            assert str(home.path).encode() in raw
        finally:
            launch.stop(home)


def test_no_container_holds_a_file_of_the_server_s(
    shared: Life, busy: list[psutil.Process]
) -> None:
    server = Path(f"/proc/{shared.running.pid}/fd")
    (port,) = [
        os.readlink(server / str(connection.fd))
        for connection in shared.server.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    nursery = busy[0]
    for process in busy:
        links: dict[int, str] = {}
        for entry in Path(f"/proc/{process.pid}/fd").iterdir():
            # It may have been closed meanwhile.
            with contextlib.suppress(FileNotFoundError):
                links[int(entry.name)] = os.readlink(entry)
        assert port not in links.values()
        if process == nursery:
            # What it says of itself goes where the server's own first words went.
            links = {number: link for number, link in links.items() if number > 2}
        jobs = str(shared.home.jobs)
        held = [link for link in links.values() if link.startswith(str(shared.home.path))]
        assert not [link for link in held if not link.startswith(jobs)], links


def open_to_others(folder: Path) -> list[str]:
    """Paths at and below a folder that another user could read, write, or look into."""
    found: list[str] = []
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o066:
        found.append(f"{folder} {mode:o}")
    if not mode & 0o011:
        return found
    for path in folder.iterdir():
        # It may have gone meanwhile.
        with contextlib.suppress(FileNotFoundError):
            if path.is_dir():
                found += open_to_others(path)
            elif stat.S_IMODE(path.stat().st_mode) & 0o066 and not path.is_socket():
                found.append(f"{path} {stat.S_IMODE(path.stat().st_mode):o}")
    return found


def test_the_state_directory_is_private(shared: Life, busy: list[psutil.Process]) -> None:
    assert open_to_others(shared.home.path) == []
    assert stat.S_IMODE(shared.home.credentials.stat().st_mode) == 0o600
    for name in ("", "jobs", "objects"):
        assert stat.S_IMODE((shared.home.path / name).stat().st_mode) == 0o700


def test_a_directory_that_was_there_before_is_made_private(tmp_path: Path) -> None:
    """As with LABCLOUD_HOME on a volume, or a folder that `mkdir` made: its mode is 0755."""
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    found = Life(folder, alone=True)
    try:
        s3 = found.client("s3")
        s3.create_bucket(Bucket="private")
        s3.put_object(Bucket="private", Key="k", Body=b"x")
        # The folder itself may stay as its owner made it; what lies in it may not be read.
        readable = [path for path in open_to_others(folder) if path != f"{folder} 755"]
        assert readable == []
    finally:
        launch.stop(found.home)
