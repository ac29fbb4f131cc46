"""A part of a request is held against the service model, as boto3 and AWS would."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest

from labhelpers import NotYet
from labhelpers.shapes import need_shape


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.Session().client("sagemaker", region_name="us-east-1")


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        ({"SecurityGroupIds": ["sg-1"], "Subnets": ("subnet-1",)}, "VpcConfig"),
        ([{"VariantName": "A", "InitialVariantWeight": 0.5}], "ProductionVariantList"),
        ({"JoinSource": "Input"}, "DataProcessing"),
    ],
)
def test_what_fits_is_let_through(client: Any, answer: Any, shape: str) -> None:
    need_shape(answer, client, shape)


@pytest.mark.parametrize(
    ("answer", "shape", "said"),
    [
        ({"SecurityGroupIds": ["sg-1"]}, "VpcConfig",
         r'boto3 would not send it\. Missing required .* "Subnets"\.'),
        ({"SecurityGroupIds": "sg-1", "Subnets": []}, "VpcConfig", r"boto3 would not send it\. .*"),
        ({"JoinSource": "input"}, "DataProcessing",
         r"AWS would refuse it\. JoinSource is 'input', which is none of its values: "
         r"Input, None\."),
        ([{"VariantName": "All Traffic!"}], "ProductionVariantList",
         r"AWS would refuse it\. VariantName is 'All Traffic!', which does not match \S+"),
        ([{"VariantName": "A", "InstanceType": "m5.large"}], "ProductionVariantList",
         r"AWS would refuse it\. InstanceType is 'm5.large', which is none of its values\."),
        ({"SecurityGroupIds": ["sg 1"], "Subnets": ["s"]}, "VpcConfig",
         r"AWS would refuse it\. SecurityGroupIds is 'sg 1', which does not match \S+"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_whom(client: Any, answer: Any, shape: str, said: str) -> None:
    with pytest.raises(NotYet) as refused:
        need_shape(answer, client, shape)
    assert re.fullmatch(said, str(refused.value), re.DOTALL), refused.value
