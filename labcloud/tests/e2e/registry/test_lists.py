"""Lists of groups and packages: filters, order, pages."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ..test_refusals import refusal
from .versions import FORMATS, TYPES, Versions


@pytest.fixture
def many(versions: Versions) -> Versions:
    """Twelve versions; of every three, one is approved, one rejected, one waits."""
    for number in range(12):
        versions.register(
            ModelApprovalStatus=("Approved", "Rejected", "PendingManualApproval")[number % 3]
        )
    return versions


def test_the_newest_version_comes_first(many: Versions) -> None:
    """As programs rely on that look for the last approved one."""
    assert many.listed() == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert many.listed(SortOrder="Ascending", MaxResults=2) == [1, 2]
    assert many.listed(ModelApprovalStatus="Approved") == [10, 7, 4, 1]
    assert many.listed(ModelApprovalStatus="Approved", SortBy="CreationTime", MaxResults=1) == [10]
    pages = many.sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=many.group, ModelApprovalStatus="Rejected",
        PaginationConfig={"PageSize": 3},
    )  # fmt: skip
    found = [page["ModelPackageSummaryList"] for page in pages]
    assert [[each["ModelPackageVersion"] for each in page] for page in found] == [[11, 8, 5], [2]]
    assert all("ModelPackageName" not in each for page in found for each in page)
    # An update changes the list, too.
    arn = found[0][0]["ModelPackageArn"]
    many.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert many.listed(ModelApprovalStatus="Rejected") == [8, 5, 2]
    day = datetime.timedelta(days=1)
    created = many.describe(arn)["CreationTime"]
    assert many.listed(CreationTimeAfter=created + day) == []
    assert many.listed(CreationTimeBefore=created + day, MaxResults=1) == [12]


def test_versions_and_packages_in_no_group(sagemaker: Any, versions: Versions, name: str) -> None:
    arn = versions.register()
    alone = sagemaker.create_model_package(
        ModelPackageName=f"{name}-alone",
        InferenceSpecification={"Containers": [versions.container], **TYPES, **FORMATS},
    )["ModelPackageArn"]

    def listed(**asked: Any) -> list[str]:
        page = sagemaker.list_model_packages(NameContains=name, **asked)
        return [each["ModelPackageArn"] for each in page["ModelPackageSummaryList"]]

    assert listed() == listed(ModelPackageType="Unversioned") == [alone]
    assert listed(ModelPackageType="Versioned") == [arn]
    assert listed(ModelPackageType="Both", SortBy="Name", SortOrder="Ascending") == [alone, arn]
    # The number of a version is no part of a name.
    only = sagemaker.list_model_packages(
        ModelPackageGroupName=versions.group, NameContains=f"{name}x"
    )
    assert only["ModelPackageSummaryList"] == []


def test_the_versions_of_no_group_are_none(sagemaker: Any) -> None:
    theirs = "arn:aws:sagemaker:us-east-1:999999999999:model-package-group/theirs"
    for group in ("nobody", theirs):
        found = sagemaker.list_model_packages(ModelPackageGroupName=group)
        assert found["ModelPackageSummaryList"] == []
    code, said = refusal(sagemaker.list_model_packages, NextToken="bm90IG91cnM=")
    assert (code, said) == ("ValidationException", "Invalid pagination token.")
