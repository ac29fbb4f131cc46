"""An input larger than the memory it may take: a transform job streams it through, row by row.

LABCLOUD_TEST_INPUT_MB is the size of the input; 1024 is what is promised, and takes two minutes.
The size without it would not fit beside what the processes need either, if it were held.
"""

from __future__ import annotations

import io
import os
import sys
import tarfile
import threading
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import xgboost as xgb

from labcloud_support.life import Life
from labcloud_support.memory import MB
from labcloud_support.resources import IMAGE

SIZE = int(os.environ.get("LABCLOUD_TEST_INPUT_MB", "384")) * MB
MOST = 700 * MB
ROWS = 10_000


class FamilyWatch:
    """The most memory that a process and all that it started had, shared pages counted once."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most = 0
        self.of_each: list[int] = []

    def _look(self) -> None:
        while not self._done.wait(0.1):
            each = []
            for process in [self._server, *self._server.children(recursive=True)]:
                try:
                    each.append(process.memory_full_info().pss)
                except psutil.Error:
                    # It has ended meanwhile.
                    continue
            if sum(each) > self.most:
                self.most, self.of_each = sum(each), each

    def __enter__(self) -> FamilyWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def archived(path: Path) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.add(path, "xgboost-model")
    return content.getvalue()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts shared pages once")
def test_a_large_input_streams_through_in_order(life_alone: Life, tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    data = np.round(chance.normal(size=(ROWS, 10)), 4).astype("float32")
    booster = xgb.train(
        {"max_depth": 4, "nthread": 2}, xgb.DMatrix(data, label=data @ np.arange(10)), 10
    )
    booster.save_model(tmp_path / "model.ubj")
    block = "".join(",".join(f"{value:.4f}" for value in row) + "\n" for row in data).encode()
    expected = "".join(f"{value}\n" for value in booster.predict(xgb.DMatrix(data)).tolist())
    repeats = SIZE // len(block) + 1
    with (tmp_path / "input").open("wb") as file:
        for _ in range(repeats):
            file.write(block)
    s3, sagemaker = life_alone.client("s3"), life_alone.client("sagemaker")
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="model.tar.gz", Body=archived(tmp_path / "model.ubj"))
    sagemaker.create_model(
        ModelName="m",
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://large/model.tar.gz"},
    )
    with FamilyWatch(life_alone.running.pid) as watch:
        s3.upload_file(str(tmp_path / "input"), "large", "in/rows.csv")
        (tmp_path / "input").unlink()
        began = time.monotonic()
        job = transformed(sagemaker)
        taken = time.monotonic() - began
    print(
        f"{SIZE / MB:.0f} MB in {taken:.1f} s, at most {watch.most / MB:.0f} MB of memory: "
        + ", ".join(f"{each / MB:.0f}" for each in watch.of_each)
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert watch.most < MOST
    s3.download_file("large", "out/rows.csv.out", str(tmp_path / "output"))
    with (tmp_path / "output").open("rb") as output:
        lines = cycle(expected.encode().splitlines(keepends=True))
        number = 0
        for number, (line, wanted) in enumerate(zip(output, lines, strict=False), start=1):
            assert line == wanted, f"line {number}"
    assert number == repeats * ROWS


def transformed(sagemaker: Any) -> dict[str, Any]:
    """A job over everything below in/, described when it has ended."""
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://large/in/"}
    sagemaker.create_transform_job(
        TransformJobName="large",
        ModelName="m",
        TransformInput={
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": "s3://large/out", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="large")
    job: dict[str, Any] = sagemaker.describe_transform_job(TransformJobName="large")
    return job
