"""The session's labcloud as boto3 sees it, and a bucket with small data in it."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError

from labcloud.client import launch
from labcloud_support.life import Life
from labcloud_support.resources import IMAGE, ROLE, upload, variant

from .pipelines.definitions import Pipelines, definition
from .scripts import SKLEARN
from .transforms import Transforms
from .tuning.tunings import settings
from .wire import Wire

GOLDEN = Path(__file__).parents[1] / "golden"

_numbers = count(1)

# Their assertions are to say what they have found, as the tests' own do.
pytest.register_assert_rewrite(f"{__package__}.stateful", f"{__package__}.full_disk")


@pytest.fixture(scope="session")
def session(cloud_environment: dict[str, str]) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=cloud_environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud_environment["AWS_SECRET_ACCESS_KEY"],
        region_name=cloud_environment["AWS_REGION"],
    )


@pytest.fixture(scope="session")
def client(session: boto3.Session, cloud_environment: dict[str, str]) -> Callable[[str], Any]:
    """A boto3 client of a service, pointed at the session's labcloud."""
    url = cloud_environment["AWS_ENDPOINT_URL"]
    return functools.cache(lambda service: session.client(service, endpoint_url=url))


@pytest.fixture(scope="session")
def sagemaker(client: Callable[[str], Any]) -> Any:
    return client("sagemaker")


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """The recorded training cases, by id, and their files under `files`."""
    recorded = json.loads((GOLDEN / "xgboost-training.json").read_text())
    return {case["id"]: case for case in recorded["cases"]} | {"files": recorded["files"]}


@pytest.fixture(scope="session")
def bucket(client: Callable[[str], Any], golden: dict[str, Any]) -> str:
    """A bucket with every recorded file at <file>/data."""
    upload(client("s3"), "data-of-the-tests", golden, golden["files"])
    return "data-of-the-tests"


@pytest.fixture(scope="session")
def wire(cloud_environment: dict[str, str]) -> Wire:
    """Requests to the session's labcloud that are sent as they are built."""
    return Wire(cloud_environment)


@pytest.fixture
def own_bucket(client: Callable[[str], Any]) -> str:
    """An empty bucket that no other test uses."""
    name = f"bucket-{next(_numbers)}"
    client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def name() -> Iterator[str]:
    """A resource name that no other test uses."""
    yield f"test-{next(_numbers)}"


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """A labcloud for one test alone, which may kill it."""
    found = Life(tmp_path / "home")
    yield found
    launch.stop(found.home)


@pytest.fixture
def life_alone(tmp_path: Path) -> Iterator[Life]:
    """One in an interpreter of its own, so that its memory is what a user's labcloud has."""
    found = Life(tmp_path / "home", alone=True)
    yield found
    launch.stop(found.home)


@pytest.fixture(scope="session")
def request_of(bucket: str) -> Callable[..., dict[str, Any]]:
    """A CreateTrainingJob request for a recorded case; keywords replace top-level fields."""

    def build(name: str, case: dict[str, Any], **changes: Any) -> dict[str, Any]:
        channels = []
        for channel, file in case["channels"].items():
            source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{file}/"}
            described = {"ChannelName": channel, "DataSource": {"S3DataSource": source}}
            if case["content_type"]:
                described["ContentType"] = case["content_type"]
            channels.append(described)
        request = {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "HyperParameters": case["hyperparameters"],
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/output"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 120},
        }
        return request | changes

    return build


@pytest.fixture(scope="session")
def finished(sagemaker: Any) -> Callable[[str], dict[str, Any]]:
    """Waits for a training job to end and describes it."""

    def wait(name: str) -> dict[str, Any]:
        # The waiter raises for a job that has failed; whether it should have is the test's affair.
        with contextlib.suppress(WaiterError):
            sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
        described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return described

    return wait


@pytest.fixture(scope="session")
def log_of(client: Callable[[str], Any]) -> Callable[[str], list[str]]:
    """The lines of a training job's log."""
    logs = client("logs")
    group = "/aws/sagemaker/TrainingJobs"

    def read(name: str) -> list[str]:
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
        stream = streams["logStreams"][0]["logStreamName"]
        events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
        return [event["message"] for event in events["events"]]

    return read


@pytest.fixture(scope="session")
def trained(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any
) -> dict[str, Any]:
    """A finished job: three iris classes, softprob."""
    sagemaker.create_training_job(**request_of("trained-for-all", golden["softprob"]))
    described: dict[str, Any] = finished("trained-for-all")
    return described


@pytest.fixture(scope="session")
def model(sagemaker: Any, trained: dict[str, Any]) -> str:
    """A model of that job's artifact."""
    sagemaker.create_model(
        ModelName="model-for-all",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"],
        },
    )
    return "model-for-all"


@pytest.fixture(scope="session")
def config(sagemaker: Any, model: str) -> str:
    """An endpoint configuration of that model."""
    sagemaker.create_endpoint_config(
        EndpointConfigName="config-for-all", ProductionVariants=[variant(model)]
    )
    return "config-for-all"


@pytest.fixture(scope="session")
def endpoint(sagemaker: Any, config: str) -> str:
    """An endpoint of that configuration, in service."""
    sagemaker.create_endpoint(EndpointName="endpoint-for-all", EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="endpoint-for-all")
    return "endpoint-for-all"


@pytest.fixture(scope="session")
def transformed(client: Callable[[str], Any], bucket: str, model: str) -> str:
    """A finished transform job of that model."""
    jobs = Transforms(client, bucket, model)
    jobs.run("transformed-for-all", {"rows.csv": b"5.9,3.0,5.1,1.8\n"})
    return "transformed-for-all"


@pytest.fixture(scope="session")
def processed(sagemaker: Any) -> str:
    """A processing job that has ended, for tests that only look at it."""
    sagemaker.create_processing_job(
        ProcessingJobName="processed-for-all", RoleArn=ROLE,
        AppSpecification={"ImageUri": SKLEARN, "ContainerEntrypoint": ["true"]},
        ProcessingResources={"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
    )  # fmt: skip
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName="processed-for-all")
    return "processed-for-all"


@pytest.fixture(scope="session")
def tuned(sagemaker: Any, request_of: Any, golden: dict[str, Any]) -> str:
    """A finished tuning job of two training jobs."""
    request = request_of("tuned-for-all", golden["softprob"])
    # A copy: it is that of the recorded case, which other tests use, too.
    static = dict(request.pop("HyperParameters"))
    del request["TrainingJobName"], static["max_depth"]
    depths = {"Name": "max_depth", "MinValue": "2", "MaxValue": "4"}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuned-for-all",
        HyperParameterTuningJobConfig=settings(
            "validation:mlogloss", {"IntegerParameterRanges": [depths]}, 2, 1, Strategy="Bayesian"
        ),
        TrainingJobDefinition={**request, "StaticHyperParameters": static},
    )
    status = "InProgress"
    while status == "InProgress":
        status = sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="tuned-for-all"
        )["HyperParameterTuningJobStatus"]
    assert status == "Completed"
    return "tuned-for-all"


@pytest.fixture(scope="session")
def packaged(sagemaker: Any) -> str:
    """A model package that is in no group, beside a group with one version."""
    specification = {
        "Containers": [{"Image": IMAGE}],
        "SupportedTransformInstanceTypes": ["ml.m5.large"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
    }
    sagemaker.create_model_package(
        ModelPackageName="package-for-all", InferenceSpecification=specification
    )
    sagemaker.create_model_package_group(ModelPackageGroupName="group-for-all")
    sagemaker.create_model_package(
        ModelPackageGroupName="group-for-all", InferenceSpecification=specification
    )
    return "package-for-all"


@pytest.fixture(scope="session")
def executed(sagemaker: Any) -> str:
    """The ARN of an execution that has succeeded, of a pipeline that only looks at a parameter."""
    told = {"Type": "Equals", "LeftValue": {"Get": "Parameters.Word"}, "RightValue": "yes"}
    arguments = {"Conditions": [told], "IfSteps": [], "ElseSteps": []}
    text = definition(
        {"Name": "Look", "Type": "Condition", "Arguments": arguments},
        parameters=[{"Name": "Word", "Type": "String", "DefaultValue": "yes"}],
    )
    sagemaker.create_pipeline(
        PipelineName="pipeline-for-all", PipelineDefinition=text, RoleArn=ROLE
    )
    pipelines = Pipelines(sagemaker)
    arn = pipelines.start("pipeline-for-all")
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    return arn


@pytest.fixture(scope="session")
def ecr(client: Callable[[str], Any]) -> Any:
    return client("ecr")


@pytest.fixture
def repository(ecr: Any, name: str) -> str:
    ecr.create_repository(repositoryName=f"sagemaker-{name}")
    return f"sagemaker-{name}"


@pytest.fixture
def request_(request_of: Any, golden: dict[str, Any], name: str) -> dict[str, Any]:
    """A CreateTrainingJob request of the built-in XGBoost."""
    found: dict[str, Any] = request_of(name, golden["softprob"])
    return found


@pytest.fixture
def request_for(request_of: Any, golden: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """A CreateTrainingJob request that names an image."""

    def build(name: str, image: str, **changes: Any) -> dict[str, Any]:
        request: dict[str, Any] = request_of(name, golden["softprob"])
        request["AlgorithmSpecification"] |= {"TrainingImage": image, **changes}
        return request

    return build
