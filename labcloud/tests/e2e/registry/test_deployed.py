"""Models made of model packages: which may be deployed, and what they serve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.resources import IMAGE, ROLE, undeploy, variant

from ..test_refusals import ARN, refusal
from .versions import FORMATS, TYPES, Versions


@pytest.fixture
def model_of(sagemaker: Any, name: str) -> Callable[..., dict[str, Any]]:
    """Makes a model of a package, and describes it."""

    def make(package: str, **container: Any) -> dict[str, Any]:
        sagemaker.create_model(
            ModelName=f"{name}-model", ExecutionRoleArn=ROLE,
            PrimaryContainer={"ModelPackageName": package, **container},
        )  # fmt: skip
        found: dict[str, Any] = sagemaker.describe_model(ModelName=f"{name}-model")
        return found

    return make


def test_only_an_approved_version_is_deployed(
    sagemaker: Any, versions: Versions, model_of: Callable[..., dict[str, Any]]
) -> None:
    arn = versions.register()
    for status in ("PendingManualApproval", "Rejected"):
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)
        assert refusal(model_of, package=arn) == (
            "ValidationException",
            f"ModelPackage {arn} cannot be deployed: its ModelApprovalStatus is {status}, and must "
            "be Approved",
        )
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    container = model_of(arn)["PrimaryContainer"]
    assert container["ModelPackageName"] == arn
    assert container["Image"] == versions.container["Image"]
    assert container["ModelDataUrl"] == versions.container["ModelDataUrl"]


def test_variables_of_the_model_count_before_the_package_s(
    versions: Versions, model_of: Callable[..., dict[str, Any]]
) -> None:
    container = versions.container | {"Environment": {"A": "package", "B": "package"}}
    arn = versions.register(
        InferenceSpecification={"Containers": [container]}, ModelApprovalStatus="Approved"
    )
    container = model_of(arn, Environment={"B": "model", "C": "model"})["PrimaryContainer"]
    assert container["Environment"] == {"A": "package", "B": "model", "C": "model"}


def test_an_additional_specification_is_deployed_by_its_name(
    versions: Versions, model_of: Callable[..., dict[str, Any]]
) -> None:
    second = {"Name": "second", "Containers": [{"Image": IMAGE, "Environment": {"A": "b"}}]}
    arn = versions.register(
        AdditionalInferenceSpecifications=[second], ModelApprovalStatus="Approved"
    )
    code, said = refusal(model_of, package=arn, InferenceSpecificationName="third")
    assert (code, said) == (
        "ValidationException", f"ModelPackage {arn} has no inference specification third"
    )  # fmt: skip
    container = model_of(arn, InferenceSpecificationName="second")["PrimaryContainer"]
    assert (container["Environment"], container["Image"]) == ({"A": "b"}, IMAGE)
    assert "ModelDataUrl" not in container


def test_a_package_in_no_group_needs_no_approval(
    sagemaker: Any, name: str, model_of: Callable[..., dict[str, Any]]
) -> None:
    arn = sagemaker.create_model_package(
        ModelPackageName=name,
        InferenceSpecification={"Containers": [{"Image": IMAGE}], **TYPES, **FORMATS},
    )["ModelPackageArn"]
    # By its name, too.
    container = model_of(name)["PrimaryContainer"]
    assert (container["ModelPackageName"], container["Image"]) == (name, IMAGE)
    sagemaker.delete_model_package(ModelPackageName=arn)


def test_what_no_model_can_be_made_of(
    sagemaker: Any, versions: Versions, model_of: Callable[..., dict[str, Any]]
) -> None:
    def refused(package: str, **container: Any) -> str:
        code, said = refusal(model_of, package=package, **container)
        assert code == "ValidationException"
        return said

    approved = {"ModelApprovalStatus": "Approved"}
    missing = f"{ARN}:model-package/{versions.group}/9"
    assert refused(missing) == f"ModelPackage {missing} does not exist."
    several = {"Containers": [versions.container] * 2}
    arn = versions.register(InferenceSpecification=several, **approved)
    assert refused(arn).startswith(f"ModelPackage {arn} has 2 containers")
    arn = sagemaker.create_model_package(ModelPackageGroupName=versions.group, **approved)[
        "ModelPackageArn"
    ]
    assert refused(arn) == f"ModelPackage {arn} has no InferenceSpecification to deploy"
    arn = versions.register(**approved)
    assert "cannot have Image" in refused(arn, Image=IMAGE)
    code, _ = refusal(
        sagemaker.create_model, ModelName="of-none", ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "InferenceSpecificationName": "a"},
    )  # fmt: skip
    assert code == "ValidationException"


def test_an_endpoint_of_a_version_predicts(
    client: Callable[[str], Any], sagemaker: Any, versions: Versions, trained: dict[str, Any],
    golden: dict[str, Any], name: str, model_of: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    """It goes on when the version has been deleted, and a transform job takes the model, too."""
    artifact = trained["ModelArtifacts"]["S3ModelArtifacts"]
    specification = {"Containers": [{"Image": IMAGE, "ModelDataUrl": artifact}], **FORMATS}
    arn = versions.register(InferenceSpecification=specification, ModelApprovalStatus="Approved")
    called = model_of(arn)["ModelName"]
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.create_endpoint_config(
        EndpointConfigName=called, ProductionVariants=[variant(called)]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=called)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    answer = client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=b"5.9,3.0,5.1,1.8", ContentType="text/csv"
    )
    expected = golden["softprob"]["expected"]["probe_predictions"][0]
    found = [float(each) for each in answer["Body"].read().decode().split(",")]
    assert found == pytest.approx(expected, rel=1e-4)
    undeploy(sagemaker, name)
