"""A server that is told to end while S3 writes: nothing is cut off, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.client import launch
from labcloud_support.life import ONCE, Life, eventually, life_with, with_modules

# S3 writes nothing as long as there is a file called `hold`.
HOLDS = """
import os, sys, time

if "start" in sys.orig_argv:
    from labcloud.aws.s3.vault import Vault

    folder, save = os.path.dirname(os.path.dirname(__file__)), Vault.save

    def late(self, changes):
        while os.path.exists(os.path.join(folder, "hold")):
            open(os.path.join(folder, "waits"), "w").close()
            time.sleep(0.01)
        save(self, changes)

    Vault.save = late
"""


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    modules = tmp_path / "modules"
    modules.mkdir()
    path = with_modules(modules, {"sitecustomize": HOLDS})
    options = ("--timing", "last_requests=0")
    with life_with(tmp_path / "home", *options, PYTHONPATH=path) as life:
        yield life


def test_a_write_comes_to_its_end_and_is_answered(life: Life, tmp_path: Path) -> None:
    s3 = life.client("s3", retries=ONCE)
    s3.create_bucket(Bucket="written")
    hold = tmp_path / "hold"
    hold.touch()
    answers: list[int] = []

    def write() -> None:
        answer = s3.put_object(Bucket="written", Key="late", Body=b"x" * 1000)
        answers.append(answer["ResponseMetadata"]["HTTPStatusCode"])

    writes = threading.Thread(target=write)
    ends = threading.Thread(target=launch.stop, args=[life.home])
    writes.start()
    eventually((tmp_path / "waits").exists, "S3 is about to write")
    ends.start()
    eventually(lambda: "Cancel 1 running" in life.home.log.read_text(), "the request is cancelled")
    assert ends.is_alive()
    hold.unlink()
    for thread in (writes, ends):
        thread.join(60)
        assert not thread.is_alive()
    assert answers == [200]
    log = life.home.log.read_text()
    assert "Traceback" not in log
    assert "could not write" not in log
    life.begin()
    assert life.client("s3").head_object(Bucket="written", Key="late")["ContentLength"] == 1000
