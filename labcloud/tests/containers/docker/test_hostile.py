"""What a container leaves in its /opt/ml leads nowhere on this machine: Docker is the wall."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud_support.docker import BUILD_OPTIONS, base_argument, docker, require_docker
from labcloud_support.fakes.hostile import train

from ...sagemaker.conftest import IMAGE, Play, Stage
from .test_jobs import with_docker

TRAIN = """#!/usr/bin/env python3
import sys
from pathlib import Path
sys.path.insert(0, "/")
import hostile
raise SystemExit(hostile.main(Path("/opt/ml")))
"""
# Where the outputs of a transform job were once written.
SERVE = """#!/usr/bin/env python3
import http.server, os, signal, sys
# The first process of a container is not ended by a signal that it does not handle.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b"")
    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

for folder in ("/opt/ml", "/opt/ml/tmp"):
    os.mkfifo(folder + "/output-1")
    os.symlink(os.environ["VICTIM"], folder + "/output-2")
http.server.HTTPServer(("", 8080), Handler).serve_forever()
"""


@pytest.fixture(scope="module", autouse=True)
def hostile_image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    require_docker()
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "train").write_text(TRAIN)
    (folder / "serve").write_text(SERVE)
    shutil.copy(train.__file__, folder / "hostile.py")
    (folder / "Dockerfile").write_text(
        f"ARG BASE={base_argument()}\nFROM ${{BASE}}\nCOPY hostile.py /\n"
        "COPY train serve /usr/local/bin/\nRUN chmod 755 /usr/local/bin/* && mkdir -p /opt/ml/tmp\n"
    )
    docker("build", "--tag", IMAGE, *BUILD_OPTIONS, folder, seconds=600)
    yield
    docker("image", "rm", "--force", IMAGE)


@pytest.mark.parametrize(
    ("leaves", "code", "status", "names"),
    [
        ("a pipe for the failure", 1, "Failed", None),
        ("a link for the failure", 1, "Failed", None),
        (
            "links for the archives; deep folders; folders without rights; a link for the data",
            0, "Completed", ["weights"],
        ),
    ],
)  # fmt: skip
def test_a_job_that_leaves_anything(
    act: Play, tmp_path: Path, leaves: str, code: int, status: str, names: list[str] | None
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "secret").write_text("secret")

    async def scene(stage: Stage) -> None:
        request = {
            "TrainingJobName": "job",
            "AlgorithmSpecification": {"TrainingImage": IMAGE},
            "HyperParameters": {"leaves": leaves, "victim": str(victim), "code": str(code)},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        }
        async with with_docker(stage):
            await TrainingJob.begin(stage.cloud, request)
        job = stage.cloud.records.get(TRAINING_JOB.kind, "job")
        assert job["TrainingJobStatus"] == status, job
        if code:
            assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
        assert stage.packed("job") == names

    act(scene)
    assert (victim / "secret").read_text() == "secret"
    assert [path.name for path in victim.iterdir()] == ["secret"]


def test_a_model_server_that_puts_things_in_the_place_of_outputs(act: Play, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("secret")

    async def scene(stage: Stage) -> None:
        stage.put(a=b"one\n", b=b"two\n", c=b"three\n")
        async with with_docker(stage):
            outputs = await stage.done(environment={"VICTIM": str(victim)})
        assert outputs == {"a.out": b"one\n", "b.out": b"two\n", "c.out": b"three\n"}
        assert list((stage.folder / "jobs" / "transform-job").iterdir()) == []

    act(scene)
    assert victim.read_text() == "secret"
