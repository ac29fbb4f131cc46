"""`labcloud push`: a folder becomes an image of ECR's, by a name or a whole URI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.client.environment import address_and_key
from labcloud_support.command import labcloud
from labcloud_support.life import Life
from labcloud_support.resources import ROLE

TRAIN = "#!/bin/sh\necho pushed > /opt/ml/model/it\n"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    life = Life(tmp_path_factory.mktemp("pushed") / "home")
    yield life
    life.end(clean=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY train /opt/program/\n"
                                       "ENV PATH=/opt/program:/usr/bin:/bin\n")  # fmt: skip
    (folder / "train").write_text(TRAIN)
    (folder / "train").chmod(0o755)
    return folder


def test_a_folder_is_pushed_and_trained(life: Life, folder: Path) -> None:
    for name in ("my-image:1", f"{REGISTRY}/my-image:1"):
        pushed = labcloud(life.home.path, "push", str(folder), name)
        assert (pushed.returncode, pushed.stderr) == (0, "")
        uri = pushed.stdout.strip()
        assert uri == f"{REGISTRY}/my-image:1"
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    s3.create_bucket(Bucket="pushed")
    sagemaker.create_training_job(
        TrainingJobName="pushed",
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": uri, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://pushed/out"},
        ResourceConfig={
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
        },
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )  # fmt: skip
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName="pushed", WaiterConfig={"Delay": 1})
    job = sagemaker.describe_training_job(TrainingJobName="pushed")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Not A Name", "failed to satisfy constraint"),
        ("210987654321.dkr.ecr.us-east-1.amazonaws.com/own:5", "Push to own:5."),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/own", "Push to own:latest."),
    ],
)
def test_a_name_that_is_not_of_this_registry(
    life: Life, folder: Path, name: str, said: str
) -> None:
    refused = labcloud(life.home.path, "push", str(folder), name)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_that_is_none(life: Life, folder: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for given, said in (
        (f"{folder}/..", f"There is no Dockerfile in {tmp_path}.\n"),
        (
            f"{folder}/train",
            f"{folder}/train is a file. Name the folder that holds the Dockerfile.",
        ),
        (f"{missing}", f"{missing} is not there. Name the folder that holds the Dockerfile."),
    ):
        refused = labcloud(life.home.path, "push", given, "own")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith(said)


def test_a_shell_that_is_pointed_at_a_container_pushes_there(
    life: Life, folder: Path, tmp_path: Path
) -> None:
    variables = address_and_key(life.home, life.running)
    pushed = labcloud(tmp_path / "none", "push", str(folder), "from-a-shell", **variables)
    assert (pushed.returncode, pushed.stderr) == (0, "")
    assert pushed.stdout == f"{REGISTRY}/from-a-shell:latest\n"
    # Not to any other server of this machine, nor to AWS.
    for change in (
        {"AWS_ACCESS_KEY_ID": "test"}, {"AWS_ENDPOINT_URL": "https://ecr.amazonaws.com"},
    ):  # fmt: skip
        refused = labcloud(tmp_path / "none", "push", str(folder), "x", **variables | change)
        assert refused.returncode == 3
        assert "labcloud is not running" in refused.stderr
