"""Transform jobs: what a request for one must hold, and the table of their operations."""

from __future__ import annotations

from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.locations import location, require_objects
from labcloud.sagemaker.models.definition import container_of
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.quotas import check_quota
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.transform.association import CSV, TYPES, bare
from labcloud.sagemaker.transform.job import TransformJob
from labcloud.sagemaker.transform.json_path import BadPath, check
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.sagemaker.volumes import check_volume_key
from labcloud.state.records import Record

# The limit of one payload, and of all payloads under way together (MB).
_LARGEST = 100


async def create_transform_job(cloud: Cloud, request: Request) -> Answer:
    model = MODEL.find(cloud, request["ModelName"])
    if "ModelDataSource" in container_of(model):
        raise ValidationError(
            "SageMaker Batch currently doesn't support Model entity with container definitions "
            "which use ModelDataSource attribute"
        )
    role = model.get("ExecutionRoleArn", "")
    completed = _with_defaults(request)
    _check(cloud, completed, role)
    TransformJob.begin(cloud, completed)
    return {"TransformJobArn": TRANSFORM_JOB.arn_of(cloud, request["TransformJobName"])}


def _with_defaults(request: Request) -> Record:
    """The request with AWS's default values filled in."""
    processing = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    return {
        **request,
        "TransformInput": {
            "CompressionType": "None",
            "SplitType": "None",
            **request["TransformInput"],
        },
        "TransformOutput": {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]},
        "Environment": request.get("Environment", {}),
        "DataProcessing": processing | request.get("DataProcessing", {}),
    }


def _check(cloud: Cloud, request: Record, role: str) -> None:
    """Checks beyond the service model. Raises ValidationError, ResourceLimitExceeded."""
    given, target = request["TransformInput"], request["TransformOutput"]
    source = given["DataSource"].get("S3DataSource")
    if source is None:
        raise ValidationError("TransformInput must name an S3DataSource")
    _check_implemented(request, source["S3DataType"])
    _check_sizes(request)
    _check_processing(request)
    location(target["S3OutputPath"])
    resources = request["TransformResources"]
    check_volume_key(resources["InstanceType"], resources)
    wanted = Counter({resources["InstanceType"]: resources["InstanceCount"]})
    check_quota(cloud, TRANSFORM_JOB, wanted)
    require_objects(cloud, source["S3Uri"], role)


def _check_implemented(request: Record, data_type: str) -> None:
    if data_type not in ("S3Prefix", "ManifestFile"):
        raise ValidationError(f"labcloud transforms S3Prefix and ManifestFile, not {data_type}")
    split = request["TransformInput"]["SplitType"]
    if split not in ("None", "Line"):
        raise ValidationError(f"labcloud splits by None and Line, not by {split}")


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
    """Checks the filters, and the types and line settings that a join needs."""
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


OPERATIONS = {
    "CreateTransformJob": create_transform_job,
    **TransformJob.operations(deletes=False),
}
