"""A disk that fills up under a running labcloud: refused is refused, acknowledged is kept.

The disk is a small tmpfs, which only root can mount.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labcloud.client import launch
from labcloud_support.life import ONCE, Life
from labcloud_support.needs import unavailable
from labcloud_support.resources import upload

from .disk import SIZE, Disk

_CAN_MOUNT = sys.platform == "linux" and os.geteuid() == 0

# Notes what a look at a service shows now, and must show after a kill.
Survives = Callable[[str, Callable[[Any], Any]], None]


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    if not _CAN_MOUNT:
        unavailable("only root can mount a small disk")
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        unavailable("this container may not mount a small disk")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def life(mounted: Disk) -> Iterator[Life]:
    """A labcloud on that disk, for all tests of a file."""
    found = Life(mounted.folder / "state")
    yield found
    launch.stop(found.home)


@pytest.fixture
def disk(mounted: Disk, life: Life) -> Iterator[Disk]:
    """The disk, with room on it at first; afterwards the same process still runs."""
    pid = life.running.pid
    yield mounted
    mounted.free()
    assert life.server.is_running()
    assert life.running.pid == pid


@pytest.fixture(scope="module")
def survives(life: Life) -> Iterator[Survives]:
    """After all tests of a file: what was noted is still there when the server was killed."""
    client = functools.cache(life.client)
    noted: list[tuple[str, Callable[[Any], Any], Any]] = []
    yield lambda service, look: noted.append((service, look, look(client(service))))
    life.kill()
    life.begin()
    client.cache_clear()
    for service, look, before in noted:
        assert look(client(service)) == before


@pytest.fixture(scope="module")
def s3(life: Life) -> Any:
    """It asks once, and not again when it is refused."""
    return life.client("s3", retries=ONCE)


@pytest.fixture(scope="module")
def sagemaker(life: Life) -> Any:
    """It asks once, and not again when it is refused."""
    return life.client("sagemaker", retries=ONCE)


@pytest.fixture(scope="module")
def training(
    s3: Any, golden: dict[str, Any], request_of: Callable[..., dict[str, Any]], bucket: str
) -> Callable[..., dict[str, Any]]:
    """Requests for training jobs on data that lies in the small disk's labcloud."""
    upload(s3, bucket, golden, golden["softprob"]["channels"].values())

    def build(name: str, **changes: Any) -> dict[str, Any]:
        return request_of(name, golden["softprob"] | changes)

    return build
