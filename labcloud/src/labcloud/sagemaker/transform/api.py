"""Transform jobs: Create, Describe, List, Stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.errors import ResourceInUse, ValidationError
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.locations import location, require_objects
from labcloud.sagemaker.models.api import find_model
from labcloud.sagemaker.quotas import TRANSFORM, check_quota
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.sagemaker.tags import unique_tags
from labcloud.sagemaker.transform import job as transform
from labcloud.sagemaker.transform.association import CSV, TYPES, bare
from labcloud.sagemaker.transform.json_path import BadPath, check
from labcloud.state.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KIND = transform.KIND
# In MB, of one payload and of all that are under way.
_LARGEST = 100


async def create_transform_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["TransformJobName"]
    arn = cloud.arns.sagemaker(KIND, name)
    role = find_model(cloud, request["ModelName"]).get("ExecutionRoleArn", "")
    record = _with_defaults(request)
    _check(cloud, record, role)
    now = time.time()
    record |= {
        "TransformJobArn": arn,
        "TransformJobStatus": JobStatus.IN_PROGRESS,
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": unique_tags(request.get("Tags", [])),
    }
    try:
        cloud.records.insert(KIND, name, record)
    except AlreadyExists as error:
        raise ResourceInUse(
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({arn})"
        ) from error
    transform.start(cloud, name)
    return {"TransformJobArn": arn}


async def describe_transform_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["TransformJobName"]
    try:
        return await cloud.described(KIND, name, "TransformJobStatus", ENDED)
    except Missing as error:
        raise _not_found(name) from error


async def list_transform_jobs(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    page, token = listing(
        cloud.records.all(KIND), request, name="TransformJobName", status="TransformJobStatus"
    )
    return {"TransformJobSummaries": page, **token}


async def stop_transform_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["TransformJobName"]
    try:
        status = cloud.records.get(KIND, name)["TransformJobStatus"]
    except Missing as error:
        raise _not_found(name) from error
    if status in ENDED:
        raise ValidationError(
            f"The request was rejected because the transform job is in status {status}"
        )
    if status == JobStatus.IN_PROGRESS:
        transform.stop(cloud, name)
    return {}


def _not_found(name: str) -> ValidationError:
    return ValidationError(f"Could not find requested job with name: {name}")


def _with_defaults(request: dict[str, Any]) -> Record:
    """The request with what AWS says where it says nothing."""
    processing = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    return {
        **request,
        "TransformInput": {
            "CompressionType": "None",
            "SplitType": "None",
            **request["TransformInput"],
        },
        "TransformOutput": {"AssembleWith": "None", **request["TransformOutput"]},
        "DataProcessing": processing | request.get("DataProcessing", {}),
    }


def _check(cloud: Cloud, request: Record, role: str) -> None:
    """What the model's constraints do not say. Raises ValidationError, ResourceLimitExceeded."""
    given, target = request["TransformInput"], request["TransformOutput"]
    source = given["DataSource"].get("S3DataSource")
    if source is None:
        raise ValidationError("TransformInput must name an S3DataSource")
    _check_implemented(request, source["S3DataType"])
    _check_sizes(request)
    _check_processing(request)
    location(target["S3OutputPath"])
    _check_quota(cloud, request["TransformResources"])
    require_objects(cloud, source["S3Uri"], role)


def _check_implemented(request: Record, data_type: str) -> None:
    if data_type not in ("S3Prefix", "ManifestFile"):
        raise ValidationError(f"labcloud transforms S3Prefix and ManifestFile, not {data_type}")
    split = request["TransformInput"]["SplitType"]
    if split not in ("None", "Line"):
        raise ValidationError(f"labcloud splits by None and Line, not by {split}")
    if "DataCaptureConfig" in request:
        raise ValidationError("labcloud does not implement DataCaptureConfig of transform jobs")


def _check_sizes(request: Record) -> None:
    payload = request.get("MaxPayloadInMB", 6)
    together = payload * max(1, request.get("MaxConcurrentTransforms", 1))
    if payload > _LARGEST:
        raise ValidationError(f"MaxPayloadInMB must not exceed {_LARGEST}")
    if together > _LARGEST:
        raise ValidationError(
            "The product of MaxConcurrentTransforms and MaxPayloadInMB must not exceed "
            f"{_LARGEST}, and it is {together}"
        )


def _check_processing(request: Record) -> None:
    """The filters, and what a join wants of types and lines."""
    processing = request["DataProcessing"]
    given, target = request["TransformInput"], request["TransformOutput"]
    content_type = bare(given.get("ContentType", ""))
    filters = {name: processing[name] for name in ("InputFilter", "OutputFilter")}
    join = processing["JoinSource"] == "Input"
    if not join and set(filters.values()) == {"$"}:
        return
    if content_type not in TYPES:
        raise ValidationError(
            f"DataProcessing needs the ContentType to be one of {', '.join(TYPES)}, not "
            f"{content_type or 'none'}"
        )
    for name, path in filters.items():
        try:
            check(path, content_type)
        except BadPath as error:
            raise ValidationError(f'Invalid {name}: "{path}". {error}') from error
    by_line = (given["SplitType"], target["AssembleWith"])
    if join and bare(target.get("Accept", "")) != content_type:
        raise ValidationError(
            f"JoinSource Input needs Accept to be the ContentType, {content_type}, but it is "
            f"{target.get('Accept') or 'none'}"
        )
    if join and by_line[0] != by_line[1]:
        raise ValidationError(
            "JoinSource Input needs AssembleWith to be the SplitType, but they are "
            f"{by_line[1]} and {by_line[0]}"
        )
    if content_type == CSV and by_line != ("Line", "Line"):
        raise ValidationError(
            "DataProcessing of text/csv needs SplitType and AssembleWith to be Line, but they are "
            f"{by_line[0]} and {by_line[1]}"
        )


def _check_quota(cloud: Cloud, resources: dict[str, Any]) -> None:
    used = sum(
        record["TransformResources"]["InstanceCount"]
        for record in cloud.records.all(KIND)
        if record["TransformJobStatus"] not in ENDED
        and record["TransformResources"]["InstanceType"] == resources["InstanceType"]
    )
    check_quota(resources["InstanceType"], TRANSFORM, used, resources["InstanceCount"])


OPERATIONS = {
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": describe_transform_job,
    "ListTransformJobs": list_transform_jobs,
    "StopTransformJob": stop_transform_job,
}
