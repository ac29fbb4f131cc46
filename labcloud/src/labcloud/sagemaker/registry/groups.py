"""Model package groups: their operations, and the numbers that they give to versions."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.json_text import loads
from labcloud.sagemaker.errors import Conflict, ValidationError
from labcloud.sagemaker.protocol import service_model
from labcloud.sagemaker.registry.resource import (
    COMPLETED,
    MODEL_PACKAGE,
    MODEL_PACKAGE_GROUP,
    find,
)
from labcloud.sagemaker.resource import Answer, Request, Words
from labcloud.sagemaker.validation import validate
from labcloud.state.records import Record

# The fields of a group that are labcloud's own: the last number given, and the resource policy.
_CREATE = "CreateModelPackageGroup"
_LAST = "LastVersion"
_POLICY = "ResourcePolicy"
_NO_GROUP = Words(ValidationError, "Cannot find Model Package Group: {arn}")
_NO_POLICY = Words(ValidationError, "Cannot find resource policy for: {arn}")


async def create_model_package_group(cloud: Cloud, request: Request) -> Answer:
    record = _new(cloud, request)
    MODEL_PACKAGE_GROUP.insert(cloud, record)
    return {"ModelPackageGroupArn": record["ModelPackageGroupArn"]}


def _new(cloud: Cloud, request: Request) -> Record:
    record = MODEL_PACKAGE_GROUP.new_record(cloud, request)
    return record | {"ModelPackageGroupStatus": COMPLETED, "CreatedBy": {}, _LAST: 0}


def lacking(cloud: Cloud, name_or_arn: str) -> Record | None:
    """The record of a group that a request names and that is not there; nothing is written.

    Raises ValidationError for a name that no group can have, and for another account's ARN.
    """
    name = MODEL_PACKAGE_GROUP.name_of(cloud, name_or_arn)
    if name in cloud.records.places.spelled(MODEL_PACKAGE_GROUP.kind, name.lower()):
        return None
    shape = service_model("sagemaker").operation_model(_CREATE).input_shape
    return _new(cloud, validate({MODEL_PACKAGE_GROUP.name: name}, shape))


async def describe_model_package_group(cloud: Cloud, request: Request) -> Answer:
    return find(cloud, MODEL_PACKAGE_GROUP, request["ModelPackageGroupName"])


async def delete_model_package_group(cloud: Cloud, request: Request) -> Answer:
    """Raises Conflict for a group that has versions."""
    group = find(cloud, MODEL_PACKAGE_GROUP, request["ModelPackageGroupName"])
    name = group["ModelPackageGroupName"]
    if cloud.records.places.page(
        MODEL_PACKAGE.kind, versions_in(name), by="name", descending=False, after=None, size=1
    ):
        raise Conflict(
            f"Model Package Group {group['ModelPackageGroupArn']} cannot be deleted because it "
            "still contains Model Packages."
        )
    cloud.records.delete(MODEL_PACKAGE_GROUP.kind, name)
    return {}


def versions_in(group: str) -> list[tuple[str, str]]:
    """The conditions of a list for the records of a group's versions: `GROUP/…`."""
    # The character after "/" is "0".
    return [("name > ?", f"{group}/"), ("name < ?", f"{group}0")]


def next_version(cloud: Cloud, group: str) -> int:
    """A number that no version of the group has had. Raises records.Missing.

    It is on the disk before the version is: a number that was given is not given again, whatever
    becomes of its version.
    """
    number: int = cloud.records.get(MODEL_PACKAGE_GROUP.kind, group)[_LAST] + 1
    cloud.records.update(MODEL_PACKAGE_GROUP.kind, group, **{_LAST: number})
    return number


# ---- resource policies ----------------------------------------------------------------------


async def put_policy(cloud: Cloud, request: Request) -> Answer:
    """Keeps a policy for other accounts. There are none here, and nobody reads it."""
    group = _for_policy(cloud, request)
    policy = request["ResourcePolicy"]
    try:
        valid = isinstance(loads(policy), dict)
    except (ValueError, RecursionError):
        valid = False
    if not valid:
        raise ValidationError("ResourcePolicy must be a policy in JSON")
    name = group["ModelPackageGroupName"]
    cloud.records.update(MODEL_PACKAGE_GROUP.kind, name, **{_POLICY: policy})
    return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}


async def get_policy(cloud: Cloud, request: Request) -> Answer:
    return {"ResourcePolicy": _with_policy(cloud, request)[_POLICY]}


async def delete_policy(cloud: Cloud, request: Request) -> Answer:
    name = _with_policy(cloud, request)["ModelPackageGroupName"]
    cloud.records.update(MODEL_PACKAGE_GROUP.kind, name, **{_POLICY: None})
    return {}


def _for_policy(cloud: Cloud, request: Request) -> Record:
    """The group, or the refusal that the operations of policies have."""
    name = MODEL_PACKAGE_GROUP.name_of(cloud, request["ModelPackageGroupName"])
    if name not in cloud.records.places.spelled(MODEL_PACKAGE_GROUP.kind, name.lower()):
        arn = MODEL_PACKAGE_GROUP.arn_of(cloud, name)
        raise _NO_GROUP.error(_NO_GROUP.message.format(arn=arn))
    return cloud.records.get(MODEL_PACKAGE_GROUP.kind, name)


def _with_policy(cloud: Cloud, request: Request) -> Record:
    group = _for_policy(cloud, request)
    if _POLICY not in group:
        arn = group["ModelPackageGroupArn"]
        raise _NO_POLICY.error(_NO_POLICY.message.format(arn=arn))
    return group


OPERATIONS = {
    "CreateModelPackageGroup": create_model_package_group,
    "DeleteModelPackageGroup": delete_model_package_group,
    **MODEL_PACKAGE_GROUP.operations(),
    "DescribeModelPackageGroup": describe_model_package_group,
    "PutModelPackageGroupPolicy": put_policy,
    "GetModelPackageGroupPolicy": get_policy,
    "DeleteModelPackageGroupPolicy": delete_policy,
}
