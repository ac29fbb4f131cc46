"""What is wrong with a request for a processing job, beyond what the service model says."""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import Any

from labcloud.cloud import Cloud
from labcloud.containers.contract import ML
from labcloud.containers.images import built_in
from labcloud.frameworks.table import framework_of
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_training_image
from labcloud.sagemaker.locations import location, require_objects
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.quotas import check_quota
from labcloud.sagemaker.resource import Request

# The folder of inputs and outputs in the container.
PROCESSING = f"{ML}/processing"
# Of a name of a folder (bytes).
_LONGEST = 255


async def check_processing_job(cloud: Cloud, request: Request) -> None:
    """Raises ValidationError, ResourceLimitExceeded."""
    image = request["AppSpecification"]["ImageUri"]
    await require_training_image(cloud, image, request["RoleArn"], private=False)
    _check_program(request["AppSpecification"])
    cluster = request["ProcessingResources"]["ClusterConfig"]
    missing = [name for name in ("InstanceType", "InstanceCount") if name not in cluster]
    if missing:
        raise ValidationError(f"ClusterConfig must have {' and '.join(missing)}")
    if cluster["InstanceCount"] != 1:
        raise ValidationError("labcloud processes on one instance: set InstanceCount to 1")
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    _check_names("InputName", inputs)
    _check_names("OutputName", outputs)
    for each in inputs:
        _check_input(cloud, each, request["RoleArn"])
    for each in outputs:
        target = _part(each, "OutputName", "S3Output")
        location(target["S3Uri"])
        _check_path(each["OutputName"], target)
    _check_folders(inputs, outputs)
    check_quota(cloud, PROCESSING_JOB, Counter({cluster["InstanceType"]: 1}))


def _check_program(application: dict[str, Any]) -> None:
    image = application["ImageUri"]
    if built_in(image) and not framework_of(image):
        raise ValidationError(f"The image {image} runs its own algorithm, and no other program")
    if framework_of(image) and "ContainerEntrypoint" not in application:
        raise ValidationError(
            f"The image {image} needs a ContainerEntrypoint: labcloud has no program of it that "
            "processes"
        )


def _check_names(member: str, parts: list[dict[str, Any]]) -> None:
    names = [each[member] for each in parts]
    if len(names) != len(set(names)):
        raise ValidationError(f"Each {member} must be unique")


def _check_input(cloud: Cloud, each: dict[str, Any], role: str) -> None:
    name, source = each["InputName"], _part(each, "InputName", "S3Input")
    _check_path(name, source)
    if source.get("S3InputMode", "File") != "File":
        raise ValidationError(f"Input {name}: labcloud does not implement S3InputMode Pipe")
    if source.get("S3CompressionType", "None") != "None":
        raise ValidationError(
            f"Input {name}: S3CompressionType Gzip can only be used with S3InputMode Pipe"
        )
    require_objects(cloud, source["S3Uri"], role)


def _check_folders(inputs: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> None:
    """Each input has a folder of its own, and no output has an input's.

    Users report that AWS refuses both, with an empty message.
    """
    seen: dict[str, str] = {}
    for each in inputs:
        path = posixpath.normpath(each["S3Input"]["LocalPath"])
        if path in seen:
            raise ValidationError(
                f"The inputs {seen[path]} and {each['InputName']} have the same LocalPath, {path}"
            )
        seen[path] = each["InputName"]
    for each in outputs:
        path = posixpath.normpath(each["S3Output"]["LocalPath"])
        if path in seen:
            raise ValidationError(
                f"The output {each['OutputName']} has the LocalPath of the input {seen[path]}, "
                f"{path}"
            )


def _part(each: dict[str, Any], member: str, kind: str) -> dict[str, Any]:
    if kind not in each:
        raise ValidationError(f"{each[member]} must have an {kind}")
    found: dict[str, Any] = each[kind]
    return found


def _check_path(name: str, place: dict[str, Any]) -> None:
    """A LocalPath is a folder below /opt/ml/processing."""
    path = place.get("LocalPath", "")
    parts = path.split("/")
    bad = ".." in parts or any(len(part.encode()) > _LONGEST for part in parts)
    if bad or not posixpath.normpath(path).startswith(f"{PROCESSING}/"):
        raise ValidationError(
            f"{name}: LocalPath must be a folder below {PROCESSING}; it is {path or 'missing'}"
        )
