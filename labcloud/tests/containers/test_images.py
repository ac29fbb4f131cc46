"""Image URIs: the SDK's own name the built-in algorithms."""

from __future__ import annotations

import warnings

import pytest

from labcloud.containers.images import built_in

HOST = "382416733822.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-2", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize(
    ("framework", "version", "name"),
    [("linear-learner", None, "linear-learner"), ("xgboost", "3.0-5", "sagemaker-xgboost")],
)
def test_the_sdk_s_uri_is_found(
    framework: str, version: str | None, name: str, region: str
) -> None:
    with warnings.catch_warnings():
        # The SDK's imports warn of themselves.
        warnings.simplefilter("ignore")
        from sagemaker.core import image_uris

        found = built_in(image_uris.retrieve(framework, region, version=version))
    assert found is not None and found.name == name


@pytest.mark.parametrize("tag", ["", ":1", ":latest"])
def test_a_tag_of_linear_learner(tag: str) -> None:
    found = built_in(f"{HOST}/linear-learner{tag}")
    assert found is not None and found.name == "linear-learner"


@pytest.mark.parametrize("image", [f"{HOST}/linear-learner:2", f"{HOST}/pca:1", "linear-learner"])
def test_another_image_is_none(image: str) -> None:
    assert built_in(image) is None
