"""The image of the Dockerfile: labcloud in a container, called from outside."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from labcloud_support.docker import BUILD_OPTIONS, docker, require_docker
from labcloud_support.resources import ROLE

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    require_docker()
    name = f"labcloud-test:{uuid.uuid4().hex[:8]}"
    docker("build", "--tag", name, *BUILD_OPTIONS, PROJECT, seconds=900)
    yield name
    docker("rmi", "--force", name)


class Container:
    """A labcloud in a container, and its clients on this machine."""

    def __init__(self, image: str, volume: str) -> None:
        words = ("--detach", "--publish", "127.0.0.1::8462")
        state = ("--volume", f"{volume}:/var/lib/labcloud")
        self.id = docker("run", *words, *state, image).stdout.strip()
        # At once, as in the README: it waits for the server.
        said = self.run("labcloud", "env").stdout
        # Docker has chosen the port.
        port = docker("port", self.id, "8462").stdout.splitlines()[0].rpartition(":")[2]
        self.variables = dict(re.findall(r"^export (\w+)='?(.*?)'?$", said, re.M))
        self.url = f"http://127.0.0.1:{port}"

    def run(self, *words: str) -> Any:
        return docker("exec", self.id, *words, check=False)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=self.variables["AWS_REGION"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )

    def stop(self) -> None:
        docker("stop", self.id)
        # Here, not by --rm: the daemon would do it later, and its volume is in use until then.
        docker("rm", self.id)


@pytest.fixture
def volume(image: str) -> Iterator[str]:
    name = f"labcloud-test-{uuid.uuid4().hex[:8]}"
    yield name
    docker("volume", "rm", name)


def test_a_model_is_trained_and_served_and_kept(image: str, volume: str) -> None:
    container = Container(image, volume)
    try:
        assert "labcloud runs on http://127.0.0.1:8462" in docker("logs", container.id).stdout
        assert container.run("id", "-u").stdout.strip() == "8462"
        assert container.run("touch", "/opt/labcloud/mine").returncode != 0
        s3, sagemaker = container.client("s3"), container.client("sagemaker")
        s3.create_bucket(Bucket="data")
        rows = "".join(f"{number % 2},{number % 2},{number % 5}\n" for number in range(100))
        s3.put_object(Bucket="data", Key="train/rows.csv", Body=rows)
        source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}
        sagemaker.create_training_job(
            TrainingJobName="kept",
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            HyperParameters={"objective": "binary:logistic", "num_round": "5"},
            InputDataConfig=[
                {
                    "ChannelName": "train",
                    "DataSource": {"S3DataSource": source},
                    "ContentType": "text/csv",
                }
            ],
            OutputDataConfig={"S3OutputPath": "s3://data/models/"},
            ResourceConfig={
                "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 300},
            RoleArn=ROLE,
        )  # fmt: skip
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="kept")
        job = sagemaker.describe_training_job(TrainingJobName="kept")
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        container_of_model = {
            "Image": IMAGE,
            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        }
        sagemaker.create_model(
            ModelName="kept", PrimaryContainer=container_of_model, ExecutionRoleArn=ROLE
        )
        variant = {
            "VariantName": "AllTraffic", "ModelName": "kept",
            "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
        }  # fmt: skip
        sagemaker.create_endpoint_config(EndpointConfigName="kept", ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName="kept")
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="kept")
    finally:
        container.stop()

    again = Container(image, volume)
    try:
        asked = {"EndpointName": "kept", "ContentType": "text/csv", "Body": b"1,0"}
        answer = again.client("sagemaker-runtime").invoke_endpoint(**asked)
        assert float(answer["Body"].read()) > 0.5
    finally:
        again.stop()
