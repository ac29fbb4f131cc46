"""What a model package group is, and what a model package is.

A versioned package belongs to a group: its record is called `GROUP/NUMBER`, as the end of its ARN.
An unversioned one has a name of its own.
"""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.listing import ListStyle
from labcloud.sagemaker.resource import Resource, Words
from labcloud.state.records import Record

COMPLETED = "Completed"

# AWS's own provider for CloudFormation looks for these words, and Airflow does.
MODEL_PACKAGE_GROUP = Resource(
    kind="model-package-group",
    title="ModelPackageGroup",
    called="Model Package Group",
    summaries="ModelPackageGroupSummaryList",
    final=(COMPLETED,),
    missing=Words(ValidationError, "ModelPackageGroup {arn} does not exist."),
    taken=Words(ValidationError, "Model Package Group already exists: {arn}"),
    style=ListStyle(order="Ascending"),
)


def group_of(package: dict[str, Any]) -> str:
    """The name of a versioned package's group; empty for an unversioned one."""
    found: str = package.get("ModelPackageGroupName", "")
    return found


def _tags_of(cloud: Cloud, package: Record) -> str | None:
    """A version has the tags of its group, says AWS's reference of CreateModelPackage."""
    group = group_of(package)
    return MODEL_PACKAGE_GROUP.arn_of(cloud, group) if group else None


MODEL_PACKAGE = Resource(
    kind="model-package",
    title="ModelPackage",
    called="Model Package",
    summaries="ModelPackageSummaryList",
    final=(COMPLETED,),
    listed="ModelApprovalStatus",
    missing=Words(ValidationError, "ModelPackage {arn} does not exist."),
    # Version 2 of the SageMaker SDK looks for "ModelPackage already exists".
    taken=Words(ValidationError, "ModelPackage already exists: {arn}"),
    tags_of=_tags_of,
    # AWS's reference says Ascending. Its own templates for MLOps take the first one that is listed
    # as the newest, without naming an order.
    style=ListStyle(order="Descending"),
)


def find(cloud: Cloud, resource: Resource, name_or_arn: str) -> Record:
    """The record that a request names by its name or its ARN. Raises the error for a missing one.

    An ARN of another account, region or kind is that of nothing here.
    """
    return resource.find(cloud, resource.name_of(cloud, name_or_arn))
