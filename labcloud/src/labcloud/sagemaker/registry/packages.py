"""Model packages: Create, Describe and Delete."""

from __future__ import annotations

import json
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.registry import sources, specification, tokens
from labcloud.sagemaker.registry.groups import lacking, next_version
from labcloud.sagemaker.registry.resource import (
    COMPLETED,
    MODEL_PACKAGE,
    MODEL_PACKAGE_GROUP,
    find,
    group_of,
)
from labcloud.sagemaker.resource import Answer, Request
from labcloud.state.records import Missing, Record

PENDING = "PendingManualApproval"
SPECIFICATION = "InferenceSpecification"
ADDITIONAL = "AdditionalInferenceSpecifications"


async def create_model_package(cloud: Cloud, request: Request) -> Answer:
    group = _group(cloud, request)
    if group:
        _check_group(cloud, group)
    checked = await _checked(cloud, request, versioned=bool(group))
    return _made(cloud, request, group, checked)


async def create_with_group(cloud: Cloud, request: Request) -> Answer:
    """As CreateModelPackage, and makes the group that is not there: both of them, or none."""
    group = _group(cloud, request)
    if not group:
        return await create_model_package(cloud, request)
    new = lacking(cloud, group)
    checked = await _checked(cloud, request, versioned=True)
    # Nothing waits from here on: another request has made the group before, or does not any more.
    if new is None or lacking(cloud, group) is None:
        return _made(cloud, request, group, checked)
    with cloud.records.together():
        MODEL_PACKAGE_GROUP.insert(cloud, new)
        return _made(cloud, request, group, checked)


def _made(cloud: Cloud, request: Request, group: str, checked: Request) -> Answer:
    """The answer for a request that has been checked; its group is there."""
    if group:
        # Another request may have deleted the group since it was looked at.
        group = find(cloud, MODEL_PACKAGE_GROUP, group)[MODEL_PACKAGE_GROUP.name]
    name = _name(cloud, request, group)
    arn = MODEL_PACKAGE.arn_of(cloud, name)
    if _is_repeated(cloud, request, name):
        return {"ModelPackageArn": arn}
    record = MODEL_PACKAGE.new_record(cloud, request | {"ModelPackageName": name}) | checked
    record |= {
        "ModelPackageStatus": COMPLETED,
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CertifyForMarketplace": False,
        "CreatedBy": {},
        "ModelApprovalStatus": request.get("ModelApprovalStatus", PENDING if group else None),
    }
    if group:
        version = int(name.rpartition("/")[2])
        record |= {"ModelPackageGroupName": group, "ModelPackageVersion": version}
    MODEL_PACKAGE.insert(cloud, _without_none(record))
    return {"ModelPackageArn": arn}


def _name(cloud: Cloud, request: Request, group: str) -> str:
    """The name of the record: GROUP/NUMBER, or the one that the request gives."""
    if not group:
        return str(request["ModelPackageName"])
    return tokens.planned(cloud, request, lambda: f"{group}/{next_version(cloud, group)}")


def _is_repeated(cloud: Cloud, request: Request, name: str) -> bool:
    """Whether the request has been answered before: its ClientToken is that of the record."""
    if "ClientToken" not in request:
        return False
    try:
        record = cloud.records.get(MODEL_PACKAGE.kind, name)
    except Missing:
        return False
    return bool(record.get("ClientToken") == request["ClientToken"])


def _without_none(record: Record) -> Record:
    return {field: value for field, value in record.items() if value is not None}


def _group(cloud: Cloud, request: Request) -> str:
    """The name or ARN of the group for a new version; empty for a package in no group.

    Raises ValidationError where the request names both or neither, or has tags for a version.
    """
    name, group = request.get("ModelPackageName"), request.get("ModelPackageGroupName")
    if name and group:
        raise ValidationError(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot "
            "determine which one to use."
        )
    if name:
        return ""
    if not group:
        raise ValidationError("Missing ARN")
    if request.get("Tags"):
        raise ValidationError(
            "Tags cannot be given with a ModelPackageGroupName: a model version has the tags of "
            "its model package group"
        )
    return str(group)


def _check_group(cloud: Cloud, group: str) -> None:
    try:
        find(cloud, MODEL_PACKAGE_GROUP, group)
    except ValidationError as error:
        raise ValidationError("Model Package Group does not exist.") from error


async def _checked(cloud: Cloud, request: Request, *, versioned: bool) -> Request:
    """The specifications of a request as they are described. Raises ValidationError."""
    found: Request = {}
    given = await sources.specification_of(cloud, request)
    if given is not None:
        found[SPECIFICATION] = await specification.checked(cloud, given, versioned=versioned)
    elif not versioned:
        raise ValidationError(
            "InferenceSpecification is required for a model package that is in no model package "
            "group"
        )
    if ADDITIONAL in request:
        specification.check_names([], request[ADDITIONAL])
        found[ADDITIONAL] = await specification.additional(
            cloud, request[ADDITIONAL], versioned=versioned
        )
    check_card(request)
    return found


def check_card(request: Request) -> None:
    """Raises ValidationError for a ModelCard whose content is none."""
    content = request.get("ModelCard", {}).get("ModelCardContent")
    if content is None:
        return
    try:
        valid = isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        valid = False
    if not valid:
        raise ValidationError("ModelCardContent must be a model card in JSON")


# ---- what is there --------------------------------------------------------------------------


async def describe_model_package(cloud: Cloud, request: Request) -> Answer:
    record = shown(find(cloud, MODEL_PACKAGE, request["ModelPackageName"]))
    if request.get("IncludedData") == "MetadataOnly" and "ModelCard" in record:
        record["ModelCard"] = _without_content(record["ModelCard"])
    return record


async def batch_describe_model_package(cloud: Cloud, request: Request) -> Answer:
    """The versions of a list; of each that cannot be described, why."""
    found: dict[str, Answer] = {}
    errors: dict[str, Answer] = {}
    for arn in request["ModelPackageArnList"]:
        try:
            record = find(cloud, MODEL_PACKAGE, arn)
            if not group_of(record):
                raise ValidationError(f"{arn} is not that of a model version")
            found[arn] = shown(record)
        except ValidationError as error:
            errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}


def shown(record: Record) -> Answer:
    """A package as AWS describes it: a version has no name of its own."""
    return {**record, "ModelPackageName": None} if group_of(record) else record


def _without_content(card: dict[str, Any]) -> dict[str, Any]:
    """A card with what AWS shows without its key: of its content, the risk rating."""
    uses = json.loads(card.get("ModelCardContent", "{}")).get("intended_uses")
    rating = uses.get("risk_rating") if isinstance(uses, dict) else None
    kept = {"intended_uses": {"risk_rating": rating}} if rating is not None else {}
    return card | {"ModelCardContent": json.dumps(kept)}


async def delete_model_package(cloud: Cloud, request: Request) -> Answer:
    """Deletes a package. Models that were made of it stay."""
    record = find(cloud, MODEL_PACKAGE, request["ModelPackageName"])
    cloud.records.delete(MODEL_PACKAGE.kind, record["ModelPackageName"])
    if token := record.get("ClientToken"):
        tokens.forget(cloud, token)
    return {}


OPERATIONS = {
    "CreateModelPackage": create_model_package,
    "DescribeModelPackage": describe_model_package,
    "BatchDescribeModelPackage": batch_describe_model_package,
    "DeleteModelPackage": delete_model_package,
}
