"""Requests against botocore's model, refused in AWS's words."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from botocore.model import Shape

from labcloud.sagemaker.errors import SerializationError, ValidationError
from labcloud.sagemaker.protocol import service_model, shaped
from labcloud.sagemaker.validation import validate

MODEL = service_model("sagemaker")
NAME_PATTERN = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


def shape(operation: str) -> Shape:
    found: Shape = MODEL.operation_model(operation).input_shape
    return found


def refusal(operation: str, request: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        validate(request, shape(operation))
    return refused.value.message


def test_a_required_member_that_is_missing() -> None:
    assert refusal("DescribeModel", {}) == (
        "1 validation error detected: Value null at 'modelName' failed to satisfy constraint: "
        "Member must not be null"
    )
    # JSON's null is a member that is not there.
    assert "'modelName'" in refusal("DescribeModel", {"ModelName": None})


def test_a_pattern_with_java_s_surrogates() -> None:
    """It is one of a part of CreateProcessingJob that labcloud refuses, in its words."""
    query = {
        "Catalog": "a\U0001f33b", "Database": "d", "QueryString": "q",
        "OutputS3Uri": "s3://b/k", "OutputFormat": "ORC",
    }  # fmt: skip
    request = {
        "ProcessingJobName": "j",
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "AppSpecification": {"ImageUri": "i"},
        "ProcessingResources": {"ClusterConfig": {"VolumeSizeInGB": 1}},
        "ProcessingInputs": [
            {"InputName": "i", "DatasetDefinition": {"AthenaDatasetDefinition": query}}
        ],
    }
    assert validate(request, shape("CreateProcessingJob")) == request
    query["Catalog"] = "\u0001"
    said = refusal("CreateProcessingJob", request)
    assert said.startswith("1 validation error detected: Value '\u0001' at 'processingInputs.1.")
    assert "athenaDatasetDefinition.catalog' failed to satisfy constraint" in said


def test_a_pattern() -> None:
    assert refusal("DescribeTrainingJob", {"TrainingJobName": "a_b"}) == (
        "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy "
        f"constraint: Member must satisfy regular expression pattern: {NAME_PATTERN}"
    )


def test_lists_count_from_one_and_errors_are_counted() -> None:
    variants = [{"VariantName": "ok", "ModelName": "_"}, {"VariantName": "-", "ModelName": "ok"}]
    message = refusal(
        "CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": variants}
    )
    assert message.startswith("2 validation errors detected: ")
    assert "Value '_' at 'productionVariants.1.member.modelName'" in message
    assert "; Value '-' at 'productionVariants.2.member.variantName'" in message


def test_an_enum_lists_its_values() -> None:
    assert refusal("ListTrainingJobs", {"StatusEquals": "Done"}) == (
        "1 validation error detected: Value 'Done' at 'statusEquals' failed to satisfy "
        "constraint: Member must satisfy enum value set: [InProgress, Completed, Failed, Stopping, "
        "Stopped, Deleting]"
    )


def test_numbers_and_lengths_have_limits() -> None:
    assert "Member must have value less than or equal to 100" in refusal(
        "ListModels", {"MaxResults": 101}
    )
    assert "Member must have value greater than or equal to 1" in refusal(
        "ListModels", {"MaxResults": 0}
    )
    assert "Member must have length less than or equal to 63" in refusal(
        "DescribeTrainingJob", {"TrainingJobName": "a" * 64}
    )
    assert "Member must have length greater than or equal to 1" in refusal(
        "CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": []}
    )


def test_maps_and_lists_of_strings_name_the_whole() -> None:
    request = {"PrimaryContainer": {"Image": "i", "Environment": {"A": "x" * 9}}, "ModelName": "m"}
    validate(request, shape("CreateModel"))
    request["PrimaryContainer"]["Environment"] = {"not a name": "x"}  # type: ignore[index]
    message = refusal("CreateModel", request)
    assert "Value '{not a name=x}' at 'primaryContainer.environment'" in message
    assert (
        "Map keys must satisfy constraint: [Member must have length less than or equal" in message
    )
    vpc = {"Subnets": ["no space"], "SecurityGroupIds": ["sg-1"]}
    message = refusal("CreateModel", {"ModelName": "m", "VpcConfig": vpc})
    assert "Value '[no space]' at 'vpcConfig.subnets' failed" in message
    assert "Member must satisfy constraint: [" in message


def test_a_pattern_with_classes_of_unicode_is_read_as_java_reads_it() -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model/m"
    validate({"ResourceArn": arn, "Tags": [{"Key": "über", "Value": "é"}]}, shape("AddTags"))
    assert "Member must satisfy regular expression" in refusal(
        "AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a|b", "Value": ""}]}
    )


@pytest.mark.parametrize(
    "request_",
    [
        {"MaxResults": "5"},
        {"MaxResults": True},
        {"MaxResults": 1.5},
        {"NameContains": 5},
        {"CreationTimeAfter": "soon"},
        [],
        "text",
    ],
)
def test_another_type_is_a_serialization_error(request_: Any) -> None:
    with pytest.raises(SerializationError):
        validate(request_, shape("ListModels"))


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf])
def test_a_number_without_end_is_none(weight: float) -> None:
    variant = {"VariantName": "v", "DesiredWeight": weight}
    request = {"EndpointName": "e", "DesiredWeightsAndCapacities": [variant]}
    with pytest.raises(SerializationError, match="must be a finite number of type float"):
        validate(request, shape("UpdateEndpointWeightsAndCapacities"))
    described = {"FinalMetricDataList": [{"MetricName": "m", "Value": weight}]}
    answered = MODEL.operation_model("DescribeTrainingJob").output_shape
    # JSON does not have it: AWS's protocol writes a text.
    json.dumps(shaped(described, answered), allow_nan=False)


def test_what_the_model_does_not_know_is_dropped() -> None:
    assert validate({"ModelName": "m", "Colour": "red"}, shape("DescribeModel")) == {
        "ModelName": "m"
    }


def test_timestamps_come_as_seconds_or_as_text() -> None:
    for given in (1577836800, 1577836800.0, "2020-01-01T00:00:00Z"):
        assert validate({"CreationTimeAfter": given}, shape("ListModels")) == {
            "CreationTimeAfter": 1577836800.0
        }


def test_a_name_made_to_backtrack_is_refused_in_no_time() -> None:
    assert "Member must satisfy" in refusal("DescribeModel", {"ModelName": "a" + "-" * 5000 + "!"})


def test_a_value_of_any_size_is_refused_in_a_short_message() -> None:
    message = refusal("ListTrainingJobs", {"NameContains": "a" * 10_000_000})
    assert len(message) < 11_000
    assert message.endswith("Member must have length less than or equal to 63")
