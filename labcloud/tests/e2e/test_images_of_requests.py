"""Which images a request may name, and what a built-in one does not run."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud_support.resources import ROLE

from .pushed import REGISTRY, push
from .test_refusals import refusal, refused_job

LINEAR_LEARNER = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"


def test_an_image_of_another_region_is_refused(
    sagemaker: Any, request_: dict[str, Any], name: str
) -> None:
    image = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    request_["AlgorithmSpecification"]["TrainingImage"] = image
    assert refused_job(sagemaker, request_) == (
        "Invalid DNS suffix 'amazonaws.com' for region 'eu-west-1' in training image. Please "
        "provide the valid <region>.<dns-suffix>: 'us-east-1.amazonaws.com'"
    )
    container = {"Image": image}
    assert refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
    ) == (
        "ValidationException",
        f'Region of "{image}" does not match expected region of us-east-1. Cross region ECR image '
        "pulls are not allowed.",
    )


@pytest.mark.parametrize("repository", ["sagemaker-xgboost:3.0-5", "pytorch-training:2.1-cpu"])
def test_an_image_of_another_account_is_refused(
    sagemaker: Any, request_: dict[str, Any], name: str, repository: str
) -> None:
    image = f"141502667606.dkr.ecr.us-east-1.amazonaws.com/{repository}"
    request_["AlgorithmSpecification"]["TrainingImage"] = image
    assert refused_job(sagemaker, request_).startswith("Access denied for repository: ")
    _, message = refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": image},
    )  # fmt: skip
    assert message.startswith(
        f"The repository of your image {image} does not grant ecr:GetDownloadUrlForLayer, "
        "ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to sagemaker.amazonaws.com "
        "service principal."
    )


def test_an_image_of_ones_own_may_be_called_as_a_built_in_one(
    sagemaker: Any, ecr: Any, request_for: Any, finished: Any, log_of: Any, name: str
) -> None:
    ecr.create_repository(repositoryName="sagemaker-xgboost")
    image = push(ecr, "sagemaker-xgboost", tag="3.0-5")
    assert image == f"{REGISTRY}/sagemaker-xgboost:3.0-5"
    sagemaker.create_training_job(**request_for(name, image))
    assert finished(name)["TrainingJobStatus"] == "Completed"
    assert log_of(name)[-1].startswith("It trains in ")


@pytest.mark.parametrize(
    ("member", "value"),
    [("ContainerEntrypoint", ["sh", "-c", "exit 3"]), ("ContainerArguments", ["x"])],
)
def test_an_image_without_a_framework_runs_no_program_of_the_request(
    sagemaker: Any, request_: dict[str, Any], member: str, value: list[str]
) -> None:
    request_["AlgorithmSpecification"] |= {"TrainingImage": LINEAR_LEARNER, member: value}
    assert f"does not implement {member} of the image" in refused_job(sagemaker, request_)


def test_an_image_without_a_framework_runs_no_script(
    sagemaker: Any, request_: dict[str, Any]
) -> None:
    request_["AlgorithmSpecification"]["TrainingImage"] = LINEAR_LEARNER
    request_["HyperParameters"] = {"sagemaker_program": "train.py"}
    assert refused_job(sagemaker, request_) == (
        f"The image {LINEAR_LEARNER} runs its own algorithm, and no script: leave out the "
        "hyperparameter sagemaker_program, and what belongs to it, or use a framework image"
    )


def test_a_framework_image_runs_the_program_of_the_request(
    sagemaker: Any, request_: dict[str, Any], finished: Any, name: str
) -> None:
    """An entrypoint is not the algorithm: its hyperparameters and metrics are the user's."""
    request_["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["sh", "-c", "echo score=7; exit 3"],
        "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9]+)"}],
    }
    request_["HyperParameters"] = {"no-such": "thing"}
    sagemaker.create_training_job(**request_)
    job = finished(name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == (
        "Failed", "AlgorithmError: , exit code: 3",
    )  # fmt: skip
    assert [each["Name"] for each in job["AlgorithmSpecification"]["MetricDefinitions"]] == [
        "score"
    ]
    assert [each["Value"] for each in job["FinalMetricDataList"]] == [7.0]
