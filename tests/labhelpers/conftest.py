"""What the tests of labhelpers share: a lab that is connected to labcloud, and work done in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from sagemaker.core.resources import Endpoint

from labcloud.client.local import entered
from labhelpers import Lab, clean_up, connect, upload, watch
from labhelpers.images import build_and_push, delete_image

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
# Label first, two features: one of them gives the label away.
ROWS = "".join(f"{row % 2},{row % 2},{row % 5}\n" for row in range(40))

Start = Callable[..., str]


@pytest.fixture
def axes() -> Iterator[Axes]:
    """Where one test draws."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def module_lab(cloud_environment: dict[str, str]) -> Iterator[Lab]:
    with entered(cloud_environment):
        yield connect("99-tests")


@pytest.fixture
def lab(module_lab: Lab) -> Iterator[Lab]:
    """A learner of its own for each test; what it makes is gone afterwards."""
    lab = replace(module_lab, learner=uuid.uuid4().hex[:8])
    yield lab
    clean_up(lab)


@pytest.fixture(scope="module")
def train(module_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts a training job of the built-in XGBoost, and returns its name."""
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_text(ROWS)

    def start(lab: Lab, name: str = "", **hyperparameters: str) -> str:
        name = name or lab.resource_name()
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": upload(lab, path, lab.uri(lab.name, "rows.csv")),
            "S3DataDistributionType": "FullyReplicated",
        }
        lab.client("sagemaker").create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            RoleArn=lab.role,
            HyperParameters={"objective": "binary:logistic", **hyperparameters},
            InputDataConfig=[
                {
                    "ChannelName": channel,
                    "DataSource": {"S3DataSource": source},
                    "ContentType": "text/csv",
                }
                for channel in ("train", "validation")
            ],
            OutputDataConfig={"S3OutputPath": lab.uri(lab.name, "output")},
            ResourceConfig={
                "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 300},
        )  # fmt: skip
        return name

    return start


@pytest.fixture(scope="module")
def tune(module_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts a tuning job of the built-in XGBoost, and returns its name."""
    path = tmp_path_factory.mktemp("tuning") / "rows.csv"
    path.write_text(ROWS)

    def start(lab: Lab, jobs: int = 4, kind: str = "Minimize", **static: str) -> str:
        name = lab.tuning_job_name()
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": upload(lab, path, lab.uri(lab.name, "rows.csv")),
            "S3DataDistributionType": "FullyReplicated",
        }
        metric = "validation:logloss" if kind == "Minimize" else "validation:auc"
        ranges = [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}]
        lab.client("sagemaker").create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"Type": kind, "MetricName": metric},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
                "ParameterRanges": {"ContinuousParameterRanges": ranges},
                "RandomSeed": 1,
            },
            TrainingJobDefinition={
                "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                "RoleArn": lab.role,
                "StaticHyperParameters": {
                    "objective": "binary:logistic", "num_round": "2", **static,
                },
                "InputDataConfig": [
                    {
                        "ChannelName": channel,
                        "DataSource": {"S3DataSource": source},
                        "ContentType": "text/csv",
                    }
                    for channel in ("train", "validation")
                ],
                "OutputDataConfig": {"S3OutputPath": lab.uri(lab.name, "output")},
                "ResourceConfig": {
                    "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
                },
                "StoppingCondition": {"MaxRuntimeInSeconds": 300},
            },
        )  # fmt: skip
        return name

    return start


@pytest.fixture(scope="module")
def trained(module_lab: Lab, train: Start) -> str:
    """A training job of five rounds that has completed."""
    return watch(module_lab, train(module_lab, num_round="5"))


@pytest.fixture(scope="module")
def deploy(module_lab: Lab, trained: str) -> Start:
    """Makes a model, its endpoint configuration and its endpoint, and returns their name."""
    job = module_lab.client("sagemaker").describe_training_job(TrainingJobName=trained)
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]

    def start(lab: Lab, artifact: str = artifact, instance: str = "ml.m5.large") -> str:
        name, sagemaker = lab.resource_name(), lab.client("sagemaker")
        container: dict[str, Any] = {"Image": IMAGE, "ModelDataUrl": artifact}
        sagemaker.create_model(
            ModelName=name, PrimaryContainer=container, ExecutionRoleArn=lab.role
        )
        variant = {
            "VariantName": "AllTraffic", "ModelName": name,
            "InstanceType": instance, "InitialInstanceCount": 1,
        }  # fmt: skip
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        return name

    return start


@pytest.fixture(scope="module")
def transform(module_lab: Lab, trained: str, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts a transform job of the trained model, and returns its name."""
    folder = tmp_path_factory.mktemp("records")

    def start(lab: Lab, records: str = "1,0\n0,1\n", name: str = "", **more: Any) -> str:
        name, sagemaker = name or lab.resource_name(), lab.client("sagemaker")
        (folder / "records.csv").write_text(records)
        upload(lab, folder / "records.csv", lab.uri(lab.name, name) + "/")
        job = sagemaker.describe_training_job(TrainingJobName=trained)
        sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={
                "Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
            },
            ExecutionRoleArn=lab.role,
        )  # fmt: skip
        source = {"S3DataType": "S3Prefix", "S3Uri": lab.uri(lab.name, name) + "/"}
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=name,
            TransformInput={
                "DataSource": {"S3DataSource": source},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            TransformOutput={"S3OutputPath": lab.uri(lab.name, "output")},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **({"MaxConcurrentTransforms": 1} | more),
        )
        return name

    return start


@pytest.fixture(scope="module")
def process() -> Start:
    """Starts a processing job that runs a line of Python, and returns its name."""

    def start(lab: Lab, line: str = "print('All rows are there.')") -> str:
        name = lab.resource_name()
        lab.client("sagemaker").create_processing_job(
            ProcessingJobName=name,
            AppSpecification={
                "ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", "-c", line],
            },
            RoleArn=lab.role,
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
                }
            },
        )  # fmt: skip
        return name

    return start


@pytest.fixture
def endless(transform: Start) -> Start:
    """Starts a transform job that takes long: a request for each of very many records."""

    def start(lab: Lab, name: str = "") -> str:
        return transform(lab, "1,0\n" * 1_000_000, name, BatchStrategy="SingleRecord")

    return start


@pytest.fixture
def deployed(lab: Lab, deploy: Start, capsys: pytest.CaptureFixture[str]) -> str:
    """The name of an endpoint in service, of its configuration and of its model."""
    name = watch(lab, Endpoint(endpoint_name=deploy(lab)))
    capsys.readouterr()
    return name


@pytest.fixture
def push(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[str], str]]:
    """Pushes an image of 1 MB to a new repository whose name begins so, and returns the name."""
    monkeypatch.setenv("LABCLOUD_ENGINE", "process")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / "noise").write_bytes(os.urandom(1_000_000))
    pushed = []

    def start(beginning: str) -> str:
        name = f"{beginning}-image"
        build_and_push(lab, tmp_path, name)
        pushed.append(name)
        capsys.readouterr()
        return name

    yield start
    for name in pushed:
        delete_image(lab, name)
