"""UpdateModelPackage: changes that come at the same time all stay."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.registry import sources, specification, tokens
from labcloud.sagemaker.registry.packages import ADDITIONAL, SPECIFICATION, check_card
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, find, group_of
from labcloud.sagemaker.resource import Answer, Request
from labcloud.state.records import Record

_MOST_METADATA = 50


async def update_model_package(cloud: Cloud, request: Request) -> Answer:
    """Changes a version. What the request does not name stays as it is."""
    record = find(cloud, MODEL_PACKAGE, request["ModelPackageArn"])
    if tokens.is_done(record, request):
        return {"ModelPackageArn": record["ModelPackageArn"]}
    if not group_of(record):
        raise ValidationError(
            f"Only a model version can be updated, and {record['ModelPackageArn']} is in no model "
            "package group"
        )
    check_card(request)
    changes: Request = {
        member: request[member]
        for member in (
            "ModelApprovalStatus", "ApprovalDescription", "ModelPackageRegistrationType",
            "SourceUri", "ModelCard", "ModelLifeCycle",
        )
        if member in request
    }  # fmt: skip
    given = await sources.specification_of(cloud, request)
    if given is not None:
        changes[SPECIFICATION] = await specification.checked(cloud, given, versioned=True)
    new = request.get(f"{ADDITIONAL}ToAdd")
    if new:
        specification.check_names(record.get(ADDITIONAL, []), new)
        new = await specification.additional(cloud, new, versioned=True)
    # As it is now: other requests may have changed it meanwhile, or deleted it.
    record = find(cloud, MODEL_PACKAGE, record["ModelPackageArn"])
    name = record["ModelPackageName"]
    if tokens.is_done(record, request):
        return {"ModelPackageArn": record["ModelPackageArn"]}
    if new:
        there = record.get(ADDITIONAL, [])
        specification.check_names(there, new)
        changes[ADDITIONAL] = [*there, *new]
    if (metadata := _metadata(record, request)) is not None:
        changes["CustomerMetadataProperties"] = metadata
    changes |= tokens.noted(record, request)
    MODEL_PACKAGE.update(cloud, name, **changes, LastModifiedBy={})
    if "ModelApprovalStatus" in changes:
        cloud.log_status(MODEL_PACKAGE.kind, name, changes["ModelApprovalStatus"])
    return {"ModelPackageArn": record["ModelPackageArn"]}


def _metadata(record: Record, request: Request) -> dict[str, str] | None:
    """CustomerMetadataProperties after the update; None where it does not change them."""
    removed = request.get("CustomerMetadataPropertiesToRemove", [])
    added = request.get("CustomerMetadataProperties", {})
    if not removed and not added:
        return None
    there: dict[str, str] = record.get("CustomerMetadataProperties", {})
    found = {key: value for key, value in there.items() if key not in removed}
    found |= added
    if len(found) > _MOST_METADATA:
        raise ValidationError(
            f"A model package has at most {_MOST_METADATA} CustomerMetadataProperties"
        )
    return found


OPERATIONS = {"UpdateModelPackage": update_model_package}
