"""Training jobs: Create, Describe, List, Stop, Delete, Update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.errors import ResourceInUse, ValidationError
from labcloud.sagemaker.images import require_training_image
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.locations import location, require_objects
from labcloud.sagemaker.quotas import TRAINING, check_quota
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.sagemaker.tags import unique_tags
from labcloud.sagemaker.training import job as training
from labcloud.sagemaker.training.beginning import begin
from labcloud.state.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KIND = training.KIND


async def create_training_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    await check_training_job(cloud, request)
    arn = cloud.arns.sagemaker(KIND, request["TrainingJobName"])
    try:
        begin(cloud, request | {"Tags": unique_tags(request.get("Tags", []))})
    except AlreadyExists as error:
        raise ResourceInUse(
            "Training job names must be unique within an AWS account and region, and a training "
            f"job with this name already exists ({arn})"
        ) from error
    return {"TrainingJobArn": arn}


async def describe_training_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return await cloud.described(KIND, request["TrainingJobName"], "TrainingJobStatus", ENDED)
    except Missing as error:
        raise _not_found() from error


async def list_training_jobs(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    page, token = listing(
        cloud.records.all(KIND),
        request,
        name="TrainingJobName",
        status="TrainingJobStatus",
        status_of_page=True,
    )
    return {"TrainingJobSummaries": page, **token}


async def stop_training_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    record = _find(cloud, request["TrainingJobName"])
    status = record["TrainingJobStatus"]
    if status in ENDED:
        raise ValidationError(
            f"The request was rejected because the training job is in status {status}"
        )
    if status == JobStatus.IN_PROGRESS:
        training.stop(cloud, request["TrainingJobName"])
    return {}


async def delete_training_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["TrainingJobName"]
    status = _find(cloud, name)["TrainingJobStatus"]
    if status not in ENDED:
        raise ResourceInUse(
            f"The request was rejected because the training job is in status {status}"
        )
    cloud.records.delete(KIND, name)
    return {}


def _find(cloud: Cloud, name: str) -> Record:
    try:
        return cloud.records.get(KIND, name)
    except Missing as error:
        raise _not_found() from error


def _not_found() -> ValidationError:
    return ValidationError("Requested resource not found.")


async def check_training_job(cloud: Cloud, request: dict[str, Any], jobs: int = 1) -> None:
    """What the model's constraints do not say, of `jobs` such training jobs at a time.

    Raises ValidationError, ResourceLimitExceeded.
    """
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        raise ValidationError(
            "AlgorithmSpecification must name a TrainingImage: labcloud has no AlgorithmName "
            "from AWS Marketplace"
        )
    access = algorithm.get("TrainingImageConfig", {}).get("TrainingRepositoryAccessMode")
    await require_training_image(
        cloud, algorithm["TrainingImage"], request["RoleArn"], private=access == "Vpc"
    )
    if request.get("ResourceConfig", {}).get("InstanceCount", 1) > 1:
        raise ValidationError("labcloud trains on one instance: set InstanceCount to 1")
    location(request["OutputDataConfig"]["S3OutputPath"])
    _check_quota(cloud, request.get("ResourceConfig", {}).get("InstanceType", ""), jobs)
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(names) != len(set(names)):
        raise ValidationError("Channel names must be unique in InputDataConfig")
    for channel in request.get("InputDataConfig", []):
        source = channel["DataSource"].get("S3DataSource")
        if source is None:
            raise ValidationError(
                f"Channel {channel['ChannelName']}: labcloud reads data from S3DataSource only"
            )
        if source["S3DataType"] != "S3Prefix":
            raise ValidationError(
                f"Channel {channel['ChannelName']}: labcloud reads S3DataType S3Prefix, "
                f"not {source['S3DataType']}"
            )
        if channel.get("InputMode", algorithm.get("TrainingInputMode")) == "Pipe":
            raise ValidationError(
                f"Channel {channel['ChannelName']}: labcloud has no Pipe mode; use File"
            )
        require_objects(cloud, source["S3Uri"], request["RoleArn"])


def _check_quota(cloud: Cloud, instance_type: str, wanted: int) -> None:
    used = sum(
        record["TrainingJobStatus"] not in ENDED
        and record.get("ResourceConfig", {}).get("InstanceType", "") == instance_type
        for record in cloud.records.all(KIND)
    )
    check_quota(instance_type, TRAINING, used, wanted)


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": describe_training_job,
    "ListTrainingJobs": list_training_jobs,
    "StopTrainingJob": stop_training_job,
    "DeleteTrainingJob": delete_training_job,
}
