"""ListModelPackageGroups and ListModelPackages."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.registry.groups import versions_in
from labcloud.sagemaker.registry.packages import shown
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, MODEL_PACKAGE_GROUP
from labcloud.sagemaker.resource import Answer, Request

# The name of a record up to its number.
_BEFORE_NUMBER = "substr(name, 1, instr(name || '/', '/') - 1)"
_VERSIONED = "(instr(name, '/') > 0) = ?"


async def list_model_package_groups(cloud: Cloud, request: Request) -> Answer:
    """All groups: each is of this account, and so are those that it may see."""
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return {MODEL_PACKAGE_GROUP.summaries: []}
    return await MODEL_PACKAGE_GROUP.list_all(cloud, request)


async def list_model_packages(cloud: Cloud, request: Request) -> Answer:
    """Unversioned packages, or of one group its versions; ModelPackageType says otherwise."""
    conditions: list[tuple[str, Any]] = []
    group = request.get("ModelPackageGroupName")
    if group:
        try:
            name = MODEL_PACKAGE_GROUP.name_of(cloud, group)
        except ValidationError:
            # A group of another account.
            return {MODEL_PACKAGE.summaries: []}
        conditions += versions_in(name)
    kind = request.get("ModelPackageType", "Versioned" if group else "Unversioned")
    if kind != "Both":
        conditions.append((_VERSIONED, kind == "Versioned"))
    if part := request.get("NameContains"):
        conditions.append((f"instr(lower({_BEFORE_NUMBER}), ?) > 0", part.lower()))
    if status := request.get("ModelApprovalStatus"):
        conditions.append(("status = ?", status))
    paged = {member: value for member, value in request.items() if member != "NameContains"}
    page, token = MODEL_PACKAGE.page(cloud, paged, conditions)
    return {MODEL_PACKAGE.summaries: [shown(record) for record in page], **token}


OPERATIONS = {
    "ListModelPackageGroups": list_model_package_groups,
    "ListModelPackages": list_model_packages,
}
