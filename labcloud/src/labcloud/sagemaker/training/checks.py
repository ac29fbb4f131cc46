"""What is wrong with a request for a training job, beyond what the service model says.

In AWS's words where they are public; the other messages are labcloud's.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import Any

import regex

from labcloud.cloud import Cloud
from labcloud.containers.contract import CHECKPOINTS, ML
from labcloud.containers.images import algorithm_of, built_in
from labcloud.containers.instances import has_storage
from labcloud.frameworks.table import framework_of
from labcloud.sagemaker.data import MANIFEST, PREFIX
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_training_image
from labcloud.sagemaker.locations import location, require_objects
from labcloud.sagemaker.quotas import check_quota
from labcloud.sagemaker.resource import Request
from labcloud.sagemaker.training.channels import PIPE, input_mode
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.volumes import check_volume_key

# AWS's default of MaxRuntimeInSeconds.
ONE_DAY = 86_400
_LONGEST = 28 * ONE_DAY


async def check_training_job(cloud: Cloud, request: Request, jobs: int = 1) -> None:
    """What the model's constraints do not say, of `jobs` such training jobs at a time.

    Raises ValidationError, ResourceLimitExceeded.
    """
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        raise ValidationError("AlgorithmSpecification must name a TrainingImage")
    _check_program(request)
    access = algorithm.get("TrainingImageConfig", {}).get("TrainingRepositoryAccessMode")
    await require_training_image(
        cloud, algorithm["TrainingImage"], request["RoleArn"], private=access == "Vpc"
    )
    _check_metrics(request)
    _check_instances(request.get("ResourceConfig", {}))
    _check_time(request)
    location(request["OutputDataConfig"]["S3OutputPath"])
    if "CheckpointConfig" in request:
        _check_checkpoints(request["CheckpointConfig"])
    instance_type = request["ResourceConfig"]["InstanceType"]
    check_quota(cloud, TRAINING_JOB, Counter({instance_type: jobs}))
    _check_channels(cloud, request)


def _check_program(request: Request) -> None:
    """What runs is the image's algorithm, or a script where AWS has a framework in the image.

    A definition of a tuning job has StaticHyperParameters, a training job HyperParameters.
    """
    algorithm = request["AlgorithmSpecification"]
    image = algorithm["TrainingImage"]
    if built_in(image) is None or framework_of(image):
        return
    hyperparameters = request.get("StaticHyperParameters") or request.get("HyperParameters") or {}
    if "sagemaker_program" in hyperparameters:
        raise ValidationError(
            f"The image {image} runs its own algorithm, and no script: leave out the "
            "hyperparameter sagemaker_program, and what belongs to it, or use a framework image"
        )
    for member in ("ContainerEntrypoint", "ContainerArguments"):
        if member in algorithm:
            raise ValidationError(
                f"labcloud does not implement {member} of the image {image}, which it has no files "
                "of: it runs the algorithm alone"
            )


def _check_metrics(request: Request) -> None:
    definitions = request["AlgorithmSpecification"].get("MetricDefinitions", [])
    if definitions and algorithm_of(request):
        raise ValidationError(
            "You can't override the metric definitions for Amazon SageMaker algorithms. Please "
            "retry the request without specifying metric definitions."
        )
    for each in definitions:
        try:
            regex.compile(each["Regex"])
        except regex.error as error:
            raise ValidationError(
                f"The Regex of the metric definition {each['Name']} is not a regular expression: "
                f"{error}"
            ) from error


def _check_instances(resources: dict[str, Any]) -> None:
    """A ResourceConfig says what runs the job. Raises ValidationError.

    The rules are those of AWS's service model, and the words labcloud's.
    """
    missing = [name for name in ("InstanceType", "InstanceCount") if name not in resources]
    if missing:
        raise ValidationError(f"ResourceConfig must have {' and '.join(missing)}")
    if resources["InstanceCount"] != 1:
        raise ValidationError("labcloud trains on one instance: set InstanceCount to 1")
    kind = resources["InstanceType"]
    if not has_storage(kind) and not resources.get("VolumeSizeInGB"):
        raise ValidationError(
            f"VolumeSizeInGB must be at least 1: {kind} has no storage of its own"
        )
    check_volume_key(kind, resources)


def _check_time(request: Request) -> None:
    """Managed spot training waits for instances, and says how long."""
    condition = request.get("StoppingCondition", {})
    if condition.get("MaxRuntimeInSeconds", ONE_DAY) > _LONGEST:
        raise ValidationError(f"MaxRuntimeInSeconds must not exceed {_LONGEST}, which is 28 days")
    spot = request.get("EnableManagedSpotTraining")
    if spot and request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        raise ValidationError(
            "KeepAlivePeriodInSeconds cannot be used with EnableManagedSpotTraining: a warm pool "
            "has no spot instances"
        )
    waits = condition.get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if waits is not None:
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It is only supported when "
                "EnableManagedSpotTraining is set to true"
            )
    elif waits is None or waits < condition.get("MaxRuntimeInSeconds", ONE_DAY):
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )


def _check_checkpoints(config: dict[str, str]) -> None:
    location(config["S3Uri"])
    path = config.get("LocalPath", CHECKPOINTS).rstrip("/")
    if (
        not path.startswith("/")
        or path != posixpath.normpath(path)
        or f"{ML}/".startswith(f"{path}/")
    ):
        raise ValidationError(
            f"The LocalPath of CheckpointConfig must be the absolute path of a folder, such as "
            f"{CHECKPOINTS}; it is {config['LocalPath']}"
        )


def _check_channels(cloud: Cloud, request: Request) -> None:
    channels = request.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in channels]
    if len(names) != len(set(names)):
        raise ValidationError("Channel names must be unique in InputDataConfig")
    for channel in channels:
        _check_channel(channel, request["AlgorithmSpecification"])
        source = channel["DataSource"]["S3DataSource"]
        require_objects(cloud, source["S3Uri"], request["RoleArn"])


def _check_channel(channel: dict[str, Any], algorithm: dict[str, Any]) -> None:
    name, source = channel["ChannelName"], channel["DataSource"].get("S3DataSource")
    if source is None:
        raise ValidationError(f"Channel {name}: its DataSource must have an S3DataSource")
    if (kind := source["S3DataType"]) not in (PREFIX, MANIFEST):
        raise ValidationError(
            f"Channel {name}: labcloud reads S3DataType {PREFIX} and {MANIFEST}, not {kind}"
        )
    if (mode := input_mode(channel, algorithm)) == PIPE:
        return
    for member in ("CompressionType", "RecordWrapperType"):
        if channel.get(member, "None") != "None":
            raise ValidationError(
                f"Channel {name}: {member} {channel[member]} is for the input mode Pipe only, and "
                f"the channel's is {mode}"
            )
