"""Model package groups: what they answer, their tags and policies, and who may be deleted."""

from __future__ import annotations

import json
from typing import Any

from labcloud_support.resources import IMAGE

from ..test_refusals import ARN, refusal
from .versions import FORMATS, TYPES, Versions


def test_a_group_is_made_described_listed_and_deleted(sagemaker: Any, name: str) -> None:
    tags = [{"Key": "team", "Value": "iris"}]
    arn = sagemaker.create_model_package_group(
        ModelPackageGroupName=name, ModelPackageGroupDescription="flowers", Tags=tags
    )["ModelPackageGroupArn"]
    assert arn == f"{ARN}:model-package-group/{name}"
    for called in (name, arn):
        found = sagemaker.describe_model_package_group(ModelPackageGroupName=called)
        assert found["ModelPackageGroupArn"] == arn
        assert found["ModelPackageGroupDescription"] == "flowers"
        assert (found["ModelPackageGroupStatus"], found["CreatedBy"]) == ("Completed", {})
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    (listed,) = sagemaker.list_model_package_groups(NameContains=name)[
        "ModelPackageGroupSummaryList"
    ]
    assert listed["ModelPackageGroupName"] == name
    of_others = sagemaker.list_model_package_groups(CrossAccountFilterOption="CrossAccount")
    assert of_others["ModelPackageGroupSummaryList"] == []
    assert refusal(sagemaker.create_model_package_group, ModelPackageGroupName=name) == (
        "ValidationException", f"Model Package Group already exists: {arn}"
    )  # fmt: skip
    sagemaker.delete_model_package_group(ModelPackageGroupName=arn)
    gone = ("ValidationException", f"ModelPackageGroup {arn} does not exist.")
    for call in (sagemaker.describe_model_package_group, sagemaker.delete_model_package_group):
        assert refusal(call, ModelPackageGroupName=name) == gone


def test_a_group_with_versions_is_not_deleted(sagemaker: Any, versions: Versions) -> None:
    first, second = versions.register(), versions.register()
    group = f"{ARN}:model-package-group/{versions.group}"
    refused = (
        "ConflictException",
        f"Model Package Group {group} cannot be deleted because it still contains Model Packages.",
    )
    for arn in (first, second):
        delete = sagemaker.delete_model_package_group
        assert refusal(delete, ModelPackageGroupName=versions.group) == refused
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=versions.group)
    # A new group of the name begins anew.
    sagemaker.create_model_package_group(ModelPackageGroupName=versions.group)
    assert versions.register() == first


def test_a_group_whose_name_begins_another_s_has_its_own_versions(
    sagemaker: Any, versions: Versions
) -> None:
    longer = Versions(sagemaker, f"{versions.group}-longer", versions.container)
    sagemaker.create_model_package_group(ModelPackageGroupName=longer.group)
    versions.register()
    assert (versions.listed(), longer.listed()) == ([1], [])
    sagemaker.delete_model_package_group(ModelPackageGroupName=longer.group)


def test_a_version_has_the_tags_of_its_group(sagemaker: Any, versions: Versions) -> None:
    group = f"{ARN}:model-package-group/{versions.group}"
    tags = [{"Key": "team", "Value": "iris"}]
    sagemaker.add_tags(ResourceArn=group, Tags=tags)
    arn = versions.register()
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    said = f"{arn} has the tags of {group}, and none of its own"
    for call, more in (
        (sagemaker.add_tags, {"Tags": tags}),
        (sagemaker.delete_tags, {"TagKeys": ["team"]}),
    ):
        assert refusal(call, ResourceArn=arn, **more) == ("ValidationException", said)
    code, said = refusal(versions.register, Tags=tags)
    assert code == "ValidationException"
    assert said.startswith("Tags cannot be given with a ModelPackageGroupName")


def test_a_package_in_no_group_has_tags_of_its_own(sagemaker: Any, name: str) -> None:
    tags = [{"Key": "team", "Value": "iris"}]
    arn = sagemaker.create_model_package(
        ModelPackageName=name, Tags=tags,
        InferenceSpecification={"Containers": [{"Image": IMAGE}], **TYPES, **FORMATS},
    )["ModelPackageArn"]  # fmt: skip
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": ""}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]


def test_the_policy_of_a_group_is_kept(sagemaker: Any, versions: Versions) -> None:
    asked = {"ModelPackageGroupName": versions.group}
    arn = f"{ARN}:model-package-group/{versions.group}"
    get = sagemaker.get_model_package_group_policy
    delete = sagemaker.delete_model_package_group_policy
    none = ("ValidationException", f"Cannot find resource policy for: {arn}")
    assert refusal(get, **asked) == refusal(delete, **asked) == none
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    put = sagemaker.put_model_package_group_policy
    assert put(**asked, ResourcePolicy=policy)["ModelPackageGroupArn"] == arn
    assert get(**asked)["ResourcePolicy"] == policy
    for policy in ("{", '{"Statement": NaN}'):
        code, said = refusal(put, **asked, ResourcePolicy=policy)
        assert (code, said) == ("ValidationException", "ResourcePolicy must be a policy in JSON")
    delete(**asked)
    assert refusal(get, **asked) == none
    assert refusal(get, ModelPackageGroupName="nobody") == (
        "ValidationException", f"Cannot find Model Package Group: {ARN}:model-package-group/nobody"
    )  # fmt: skip
