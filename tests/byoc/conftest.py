"""A labcloud for each engine, with images that were built and pushed as the lab does it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from botocore.exceptions import WaiterError

from labcloud.client import launch
from labcloud_support.docker import base_argument, docker, require_docker
from labcloud_support.life import Life, eventually
from labcloud_support.resources import ROLE, deploy_image
from labhelpers.images import build_and_push, delete_image
from labhelpers.lab import Lab

CONTAINER = Path(__file__).parents[2] / "container"
DOCKERFILE = f"""
ARG BASE={base_argument()}
FROM ${{BASE}}
WORKDIR /opt/program
COPY . /opt/program
RUN chmod 755 /opt/program/*
ENV PATH=/opt/program:$PATH
"""
# What a master process is called in its command line.
_KILL = """
import os, pathlib, signal, sys
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
    if parent == "1" and sys.argv[1] in (folder / "cmdline").read_text():
        os.kill(int(folder.name), signal.SIGKILL)
"""


@dataclass
class Scene:
    """One engine at work: its labcloud, and all that a test asks of it."""

    engine: str
    life: Life
    lab: Lab
    _names: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.sagemaker = self.lab.client("sagemaker")
        self.s3 = self.lab.client("s3")

    def push(self, context: Path, name: str) -> str:
        """Builds and pushes an image; its name is this process's own."""
        with pytest.MonkeyPatch.context() as patch:
            if self.engine == "process":
                patch.setenv("LABCLOUD_ENGINE", "process")
            return build_and_push(self.lab, context, f"sagemaker-labs-{name}-{os.getpid()}")

    def train(self, image: str, **changes: Any) -> dict[str, Any]:
        """A training job from its beginning to its end."""
        name = self.begin(image, **changes)
        with contextlib.suppress(WaiterError):
            waiter = self.sagemaker.get_waiter("training_job_completed_or_stopped")
            waiter.wait(TrainingJobName=name)
        found: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return found

    def begin(self, image: str, **changes: Any) -> str:
        name = f"job-{next(self._names)}"
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.lab.bucket}/training"}
        request = {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {
                "TrainingImage": image,
                "TrainingInputMode": "File",
                "MetricDefinitions": [
                    {"Name": "train:accuracy", "Regex": "train:accuracy=([0-9.]+)"}
                ],
            },
            "InputDataConfig": [
                {"ChannelName": "training", "DataSource": {"S3DataSource": source}}
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.lab.bucket}/output"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 120},
        }  # fmt: skip
        self.sagemaker.create_training_job(**(request | changes))
        return name

    def log(self, group: str, prefix: str) -> list[str]:
        """The lines of a log, but those that labcloud adds where there is no Docker."""
        logs = self.lab.client("logs")
        group = f"/aws/sagemaker/{group}"
        lines = []
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            if stream["logStreamName"].startswith(prefix):
                events = logs.get_log_events(
                    logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
                )
                lines += [event["message"] for event in events["events"]]
        return [line for line in lines if not line.startswith("[labcloud] Without Docker:")]

    def until_logged(self, group: str, prefix: str, line: str) -> None:
        eventually(lambda: line in self.log(group, prefix), f"{prefix} says {line!r}")

    def deploy(self, image: str, artifact: str) -> str:
        """An endpoint that is being created."""
        name = f"endpoint-{next(self._names)}"
        deploy_image(self.sagemaker, name, image, artifact)
        return name

    def in_service(self, endpoint: str) -> str:
        self.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint)
        return endpoint

    def invoke(self, endpoint: str, body: str, kind: str = "text/csv", **more: str) -> str:
        answer = self.lab.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, Body=body, ContentType=kind, **more
        )
        return str(answer["Body"].read().decode())

    def crash(self, server: str) -> None:
        """Kills nginx or gunicorn, as `serve` has started it."""
        if self.engine == "docker":
            (container,) = self.containers()
            docker("exec", container, "python3", "-c", _KILL, server)
            return
        for process in self.life.server.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                command = " ".join(process.cmdline())
                parent = process.parent()
                if server in command and parent and "/serve" in " ".join(parent.cmdline()):
                    process.kill()
                    return
        raise AssertionError(f"{server} does not run")

    def containers(self) -> list[str]:
        label = f"label=labcloud.home={self.life.home.path}"
        return docker("ps", "--all", "--quiet", "--filter", label).stdout.split()

    def servers(self) -> list[str]:
        """What runs of endpoints: containers, or the processes of programs."""
        if self.engine == "docker":
            return self.containers()
        found = []
        for process in self.life.server.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                name = process.name()
                if process.status() != psutil.STATUS_ZOMBIE and name in ("nginx", "serve"):
                    found.append(name)
        return found


@pytest.fixture(scope="module", params=["process", "docker"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Scene]:
    engine = request.param
    if engine == "docker":
        require_docker()
    home = tmp_path_factory.mktemp(engine) / "home"
    life = Life(home, "--engine", "process" if engine == "process" else "auto")
    lab = Lab(
        name="03-byoc", session=SimpleNamespace(boto_session=life), account="123456789012",
        region="us-east-1", bucket="byoc", role=ROLE, learner="ana",
        is_local=True,
    )  # fmt: skip
    try:
        found = Scene(engine, life, lab)
        found.s3.create_bucket(Bucket="byoc")
        yield found
        for repository in lab.client("ecr").describe_repositories()["repositories"]:
            delete_image(lab, repository["repositoryName"])
    finally:
        launch.stop(life.home)


@pytest.fixture(scope="module")
def image(scene: Scene, tmp_path_factory: Any) -> str:
    """The course's own container, and iris to train it with."""
    folder = tmp_path_factory.mktemp("iris")
    subprocess.run([sys.executable, CONTAINER / "local_test" / "make_data.py", folder], check=True)
    data = folder / "test_dir" / "input" / "data" / "training" / "iris.csv"
    scene.s3.upload_file(str(data), "byoc", "training/iris.csv")
    return scene.push(CONTAINER, "trees")


@pytest.fixture(scope="module")
def trained(scene: Scene, image: str) -> dict[str, Any]:
    return scene.train(image, HyperParameters={"max_leaf_nodes": "5"})


@pytest.fixture(scope="module")
def endpoint(scene: Scene, image: str, trained: dict[str, Any]) -> str:
    return scene.in_service(
        scene.deploy(image, trained["ModelArtifacts"]["S3ModelArtifacts"])
    )  # fmt: skip


@pytest.fixture(scope="module")
def script(scene: Scene, image: str, tmp_path_factory: Any) -> Callable[..., str]:
    """An image whose programs are scripts, by name."""
    names = count(1)

    def build(**programs: str) -> str:
        name = f"script-{next(names)}"
        folder: Path = tmp_path_factory.mktemp(name)
        (folder / "Dockerfile").write_text(DOCKERFILE)
        for program, text in programs.items():
            (folder / program).write_text(text)
        return scene.push(folder, name)

    return build
