"""Image URIs: the SDK's own name the built-in algorithms."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from labcloud.containers.images import built_in

HOST = "382416733822.dkr.ecr.us-east-1.amazonaws.com"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
# Of another region, and of the user.
OTHER = "141502667606.dkr.ecr.us-east-1.amazonaws.com"
OWN = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


def of_the_sdk(framework: str) -> dict[str, Any]:
    """What the SDK knows of a framework's images."""
    with warnings.catch_warnings():
        # The SDK's imports warn of themselves.
        warnings.simplefilter("ignore")
        from sagemaker.core import image_uris

        found: dict[str, Any] = image_uris.config_for_framework(framework)
        training: dict[str, Any] = found.get("training", found)
    return training


@pytest.mark.parametrize(
    ("framework", "name"), [("linear-learner", "linear-learner"), ("xgboost", "sagemaker-xgboost")]
)
def test_every_image_of_the_sdk_is_found_in_every_region(framework: str, name: str) -> None:
    versions = of_the_sdk(framework)["versions"]
    found = {}
    for version, each in versions.items():
        for region, account in each["registries"].items():
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            image = f"{account}.dkr.ecr.{region}.{suffix}/{each['repository']}:{version}"
            algorithm = built_in(image)
            found[image] = algorithm.name if algorithm else None
    assert set(found.values()) == {name}, [image for image in found if found[image] != name]


@pytest.mark.parametrize(
    "image",
    [f"{OTHER}/sagemaker-xgboost:3.0-5", f"{HOST}/sagemaker-xgboost:3.0-5",
     f"{OWN}/linear-learner:1", f"{XGBOOST}/sagemaker-xgboost:latest",
     f"{XGBOOST}/sagemaker-xgboost:1.9-1",
     f"{XGBOOST}/sagemaker-xgboost", f"{XGBOOST}/xgboost:1"],
)  # fmt: skip
def test_the_registry_and_the_version_count(image: str) -> None:
    assert built_in(image) is None


@pytest.mark.parametrize("tag", ["", ":1", ":latest"])
def test_a_tag_of_linear_learner(tag: str) -> None:
    found = built_in(f"{HOST}/linear-learner{tag}")
    assert found is not None and found.name == "linear-learner"


@pytest.mark.parametrize("image", [f"{HOST}/linear-learner:2", f"{HOST}/pca:1", "linear-learner"])
def test_another_image_is_none(image: str) -> None:
    assert built_in(image) is None
