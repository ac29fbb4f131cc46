"""Versions of a model: their numbers, what they say, approval, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud_support.life import Life
from labcloud_support.resources import IMAGE, ROLE

from ..test_refusals import ARN, refusal
from .versions import FORMATS, TYPES, Versions

METRICS = {
    "ModelQuality": {
        "Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/evaluation.json"}
    }
}


def test_a_version_says_what_it_was_registered_with(versions: Versions) -> None:
    given: dict[str, Any] = {
        "ModelPackageDescription": "three flowers",
        "ModelMetrics": METRICS,
        "DriftCheckBaselines": METRICS,
        "MetadataProperties": {"CommitId": "abc", "GeneratedBy": f"{ARN}:training-job/x"},
        "CustomerMetadataProperties": {"season": "spring"},
        "SkipModelValidation": "None",
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "InProgress"},
        "ModelPackageRegistrationType": "Registered",
        "Domain": "MACHINE_LEARNING",
        "Task": "CLASSIFICATION",
    }
    arn = versions.register(**given)
    assert arn == f"{ARN}:model-package/{versions.group}/1"
    found = versions.describe(arn)
    assert found["ModelPackageGroupName"] == versions.group
    assert found["ModelPackageVersion"] == 1
    # AWS's own programs rely on it.
    assert "ModelPackageName" not in found
    assert {member: found[member] for member in given} == given
    (container,) = found["InferenceSpecification"]["Containers"]
    assert container.pop("ImageDigest").startswith("sha256:")
    assert container == versions.container
    assert {member: found["InferenceSpecification"][member] for member in FORMATS} == FORMATS
    assert (found["ModelPackageStatus"], found["CertifyForMarketplace"]) == ("Completed", False)
    assert found["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}
    assert versions.describe(f"{versions.group}/1")["ModelPackageArn"] == arn


def test_a_number_is_not_given_twice(sagemaker: Any, versions: Versions) -> None:
    arns = [versions.register() for _ in range(3)]
    assert [arn.rpartition("/")[2] for arn in arns] == ["1", "2", "3"]
    for arn in arns[1:]:
        sagemaker.delete_model_package(ModelPackageName=arn)
    assert refusal(versions.describe, arn=arns[2]) == (
        "ValidationException", f"ModelPackage {arns[2]} does not exist."
    )  # fmt: skip
    assert versions.register().endswith("/4")
    assert versions.listed() == [4, 1]


def test_a_request_that_is_repeated_makes_one_version(versions: Versions) -> None:
    again = {"ClientToken": versions.group, "ModelPackageDescription": "one"}
    first = versions.register(**again)
    assert versions.register(**again) == first
    code, _ = refusal(versions.register, **again | {"ModelPackageDescription": "two"})
    assert code == "ConflictException"
    assert versions.listed() == [1]


def test_approval_waits_for_a_person(sagemaker: Any, versions: Versions) -> None:
    arn = versions.register()
    before = versions.describe(arn)
    assert before["ModelApprovalStatus"] == "PendingManualApproval"
    update = sagemaker.update_model_package
    answer = update(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="91 % of flowers"
    )
    assert answer["ModelPackageArn"] == arn
    approved = versions.describe(arn)
    assert approved["ModelApprovalStatus"] == "Approved"
    assert approved["ApprovalDescription"] == "91 % of flowers"
    assert approved["LastModifiedTime"] > before["LastModifiedTime"]
    assert approved["CreationTime"] == before["CreationTime"]
    update(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    rejected = versions.describe(arn)
    assert rejected["ModelApprovalStatus"] == "Rejected"
    assert rejected["ApprovalDescription"] == "91 % of flowers"
    at_once = versions.register(ModelApprovalStatus="Approved")
    assert versions.describe(at_once)["ModelApprovalStatus"] == "Approved"


def test_what_an_update_does_not_name_stays(sagemaker: Any, versions: Versions) -> None:
    arn = versions.register(CustomerMetadataProperties={"a": "1", "b": "2"})
    before = versions.describe(arn)
    second = {"Name": "large", "Containers": [versions.container]}
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a", "never there"],
        AdditionalInferenceSpecificationsToAdd=[second],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Done"},
    )
    after = versions.describe(arn)
    assert after["CustomerMetadataProperties"] == {"b": "3", "c": "4"}
    assert [each["Name"] for each in after["AdditionalInferenceSpecifications"]] == ["large"]
    assert after["ModelLifeCycle"]["Stage"] == "Production"
    for member in ("InferenceSpecification", "ModelApprovalStatus", "CreationTime"):
        assert after[member] == before[member]
    code, said = refusal(
        sagemaker.update_model_package,
        ModelPackageArn=arn,
        AdditionalInferenceSpecificationsToAdd=[second],
    )
    assert code == "ValidationException"
    assert said == "Each Name of AdditionalInferenceSpecifications must be unique"


def test_the_card_of_a_version(versions: Versions) -> None:
    content = '{"intended_uses": {"risk_rating": "Low", "purpose": "flowers"}}'
    card = {"ModelCardContent": content, "ModelCardStatus": "Draft"}
    arn = versions.register(ModelCard=card)
    assert versions.describe(arn)["ModelCard"] == card
    assert versions.describe(arn, IncludedData="MetadataOnly")["ModelCard"] == {
        "ModelCardContent": '{"intended_uses": {"risk_rating": "Low"}}', "ModelCardStatus": "Draft",
    }  # fmt: skip
    code, _ = refusal(versions.register, ModelCard=card | {"ModelCardContent": "no JSON"})
    assert code == "ValidationException"


def test_a_version_of_a_model_and_of_another_version(
    sagemaker: Any, versions: Versions, name: str
) -> None:
    container = {**versions.container, "Environment": {"A": "b"}}
    model = sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
    )["ModelArn"]
    create = sagemaker.create_model_package
    asked = {"ModelPackageGroupName": versions.group}
    of_model = create(**asked, SourceUri=model)["ModelPackageArn"]
    clone = create(**asked, SourceUri=of_model)["ModelPackageArn"]
    for arn, source in ((of_model, model), (clone, of_model)):
        found = versions.describe(arn)
        assert found["SourceUri"] == source
        (described,) = found["InferenceSpecification"]["Containers"]
        assert described.pop("ImageDigest")
        assert described == container
    elsewhere = create(**asked, SourceUri="https://example.com/model")["ModelPackageArn"]
    assert "InferenceSpecification" not in versions.describe(elsewhere)
    code, _ = refusal(versions.register, SourceUri=model)
    assert code == "ValidationException"


def test_several_are_described_at_once(sagemaker: Any, versions: Versions, name: str) -> None:
    first, second = versions.register(), versions.register(ModelApprovalStatus="Rejected")
    missing = f"{ARN}:model-package/{versions.group}/9"
    alone = sagemaker.create_model_package(
        ModelPackageName=name,
        InferenceSpecification={"Containers": [versions.container], **TYPES, **FORMATS},
    )["ModelPackageArn"]
    found = sagemaker.batch_describe_model_package(
        ModelPackageArnList=[first, second, missing, alone]
    )
    assert sorted(found["ModelPackageSummaries"]) == [first, second]
    assert found["ModelPackageSummaries"][second]["ModelApprovalStatus"] == "Rejected"
    assert sorted(found["BatchDescribeModelPackageErrorMap"]) == sorted([missing, alone])
    assert found["BatchDescribeModelPackageErrorMap"][missing] == {
        "ErrorCode": "ValidationException",
        "ErrorResponse": f"ModelPackage {missing} does not exist.",
    }


def test_a_package_in_no_group(sagemaker: Any, versions: Versions, name: str) -> None:
    called = f"{name}-alone"
    specification = {"Containers": [versions.container], **TYPES, **FORMATS}
    request = {"ModelPackageName": called, "InferenceSpecification": specification}
    arn = sagemaker.create_model_package(**request)["ModelPackageArn"]
    assert arn == f"{ARN}:model-package/{called}"
    found = versions.describe(called)
    assert (found["ModelPackageName"], found["ModelPackageArn"]) == (called, arn)
    for member in ("ModelPackageGroupName", "ModelPackageVersion", "ModelApprovalStatus"):
        assert member not in found
    assert refusal(sagemaker.create_model_package, **request) == (
        "ValidationException", f"ModelPackage already exists: {arn}"
    )  # fmt: skip
    code, said = refusal(
        sagemaker.update_model_package, ModelPackageArn=arn, ModelApprovalStatus="Approved"
    )
    assert code == "ValidationException"
    assert "is in no model package group" in said
    sagemaker.delete_model_package(ModelPackageName=called)
    assert refusal(sagemaker.delete_model_package, ModelPackageName=called) == (
        "ValidationException", f"ModelPackage {arn} does not exist."
    )  # fmt: skip


def test_what_is_no_package_of_this_account_does_not_exist(
    sagemaker: Any, versions: Versions
) -> None:
    for arn in (
        "arn:aws:sagemaker:us-east-1:999999999999:model-package/theirs/1",
        "arn:aws:sagemaker:eu-west-1:123456789012:model-package/there/1",
        f"{ARN}:model/m",
    ):
        assert refusal(versions.describe, arn=arn)[1] == f"ModelPackage {arn} does not exist."
    missing = refusal(
        sagemaker.create_model_package,
        ModelPackageGroupName="nobody",
        InferenceSpecification=versions.specification,
    )
    assert missing == ("ValidationException", "Model Package Group does not exist.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Missing ARN"),
        (
            {"ModelPackageName": "a", "ModelPackageGroupName": "b"},
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot "
            "determine which one to use.",
        ),
        (
            {"ModelPackageName": "a"},
            "InferenceSpecification is required for a model package that is in no model package "
            "group",
        ),
        (
            {
                "ModelPackageName": "a",
                "InferenceSpecification": {"Containers": [{"Image": IMAGE}], **FORMATS},
            },
            "InferenceSpecification.SupportedTransformInstanceTypes is required for a model "
            "package that is in no model package group",
        ),
        (
            {
                "ModelPackageName": "a",
                "InferenceSpecification": {
                    "Containers": [{"Image": IMAGE, "Environment": {"A": "b"}}], **TYPES
                },
            },
            "1 validation errors detected:Environment variable map cannot be specified when using "
            "non-versioned ModelPackages",
        ),
        (
            {"ModelPackageName": "a", "CertifyForMarketplace": True},
            "labcloud does not implement CertifyForMarketplace of CreateModelPackage: labcloud has "
            "no marketplace",
        ),
    ],
)  # fmt: skip
def test_requests_that_are_refused(sagemaker: Any, changes: dict[str, Any], said: str) -> None:
    assert refusal(sagemaker.create_model_package, **changes) == ("ValidationException", said)


def test_what_a_container_names_must_be_there(versions: Versions) -> None:
    own = "123456789012.dkr.ecr.us-east-1.amazonaws.com/no-such:1"
    zeros = f"sha256:{'0' * 64}"
    for changes, said in (
        ({"Image": own}, f"Requested image {own} not found."),
        ({"ModelDataUrl": "s3://nowhere/m.tar.gz"}, "Could not find model data at s3://nowhere/"),
        ({"ImageDigest": zeros}, f"The ImageDigest {zeros} is not that of {IMAGE}"),
    ):
        code, message = refusal(
            versions.register,
            InferenceSpecification={"Containers": [versions.container | changes]},
        )
        assert (code, message[: len(said)]) == ("ValidationException", said)
    assert versions.listed() == []


def test_versions_and_their_approval_survive(life: Life) -> None:
    """kill -9, and the number of a version that was deleted before."""
    sagemaker = life.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="kept")
    kept = Versions(sagemaker, "kept", {"Image": IMAGE})
    first, last = kept.register(ClientToken="first"), kept.register()
    sagemaker.update_model_package(ModelPackageArn=first, ModelApprovalStatus="Approved")
    sagemaker.delete_model_package(ModelPackageName=last)
    before = kept.describe(first)
    life.kill()
    life.begin()
    kept = Versions(life.client("sagemaker"), "kept", kept.container)
    after = kept.describe(first)
    assert {**after, "ResponseMetadata": {}} == {**before, "ResponseMetadata": {}}
    assert kept.register(ClientToken="first") == first
    assert kept.listed(ModelApprovalStatus="Approved") == [1]
    assert kept.register().endswith("/3")
