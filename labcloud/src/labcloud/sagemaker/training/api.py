"""Training jobs: what a request for one must hold, and the table of their operations."""

from __future__ import annotations

from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_training_image
from labcloud.sagemaker.locations import location, require_objects
from labcloud.sagemaker.quotas import check_quota
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB


async def create_training_job(cloud: Cloud, request: Request) -> Answer:
    await check_training_job(cloud, request)
    TrainingJob.begin(cloud, request)
    return {"TrainingJobArn": TRAINING_JOB.arn_of(cloud, request["TrainingJobName"])}


async def check_training_job(cloud: Cloud, request: Request, jobs: int = 1) -> None:
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
    instance_type = request.get("ResourceConfig", {}).get("InstanceType", "")
    check_quota(cloud, TRAINING_JOB, Counter({instance_type: jobs}))
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


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    **TrainingJob.operations(deletes=True),
}
