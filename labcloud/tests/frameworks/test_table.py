"""The images that run scripts: the SDK's URIs are found, and a log says what AWS has in them."""

from __future__ import annotations

import platform
import warnings
from typing import Any

import pytest

from labcloud.containers.engine import not_available
from labcloud.containers.image_uris import suffix_of
from labcloud.frameworks.framework import Framework
from labcloud.frameworks.images import FrameworkImage
from labcloud.frameworks.table import (
    FRAMEWORKS,
    PYTORCH,
    PYTORCH_SERVING,
    SKLEARN,
    TENSORFLOW,
    TENSORFLOW_SERVING,
    XGBOOST_SCRIPTS,
    framework_of,
    named_framework,
)

HOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com"


def uris(framework: str) -> dict[str, set[str]]:
    """Every URI that the SDK makes of a framework's images, by version."""
    with warnings.catch_warnings():
        # The SDK's imports warn of themselves.
        warnings.simplefilter("ignore")
        from sagemaker.core import image_uris

        config: dict[str, Any] = image_uris.config_for_framework(framework)
        found: dict[str, set[str]] = {}
        for scope in ("training", "inference"):
            for version, each in config[scope]["versions"].items():
                # It takes a quarter of a second, and regions differ in the host alone.
                image = image_uris.retrieve(
                    framework, "us-east-1", version, image_scope=scope, instance_type="ml.m5.large"
                )
                path = image.partition("/")[2]
                found.setdefault(version, set()).update(
                    f"{account}.dkr.ecr.{region}.{suffix_of(region)}/{path}"
                    for region, account in each["registries"].items()
                )
                assert image in found[version]
    return found


def test_every_scikit_learn_of_the_sdk_is_found_in_every_region() -> None:
    found = uris("sklearn")
    assert "1.4-2-py312" in found
    for version, images in found.items():
        assert len(images) > 30
        assert [image for image in images if framework_of(image) is not SKLEARN] == [], version


def test_every_xgboost_of_the_sdk_is_found_in_every_region_but_the_one_without_scripts() -> None:
    for version, images in uris("xgboost").items():
        expected = None if version in ("1", "latest") else XGBOOST_SCRIPTS
        assert [image for image in images if framework_of(image) is not expected] == [], version


@pytest.mark.parametrize(
    ("name", "training", "inference"),
    [
        ("pytorch", PYTORCH, PYTORCH_SERVING),
        ("tensorflow", TENSORFLOW, TENSORFLOW_SERVING),
    ],
)
def test_the_deep_learning_containers_of_the_sdk_are_known(
    name: str, training: Framework, inference: Framework
) -> None:
    """The newest ones; those of the years before 2020 were in other registries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sagemaker.core import image_uris

        config: dict[str, Any] = image_uris.config_for_framework(name)
        for scope, expected in (("training", training), ("inference", inference)):
            version = list(config[scope]["versions"])[-1]
            each = config[scope]["versions"][version]
            for instance in ("ml.m5.large", "ml.g5.xlarge"):
                image = image_uris.retrieve(
                    name, "us-east-1", version, image_scope=scope, instance_type=instance,
                    py_version=(each.get("py_versions") or [None])[-1],
                )  # fmt: skip
                assert named_framework(image) is expected, image
            assert each["registries"].items() <= expected.image.registries.items()


@pytest.mark.parametrize(
    "image",
    [
        f"{HOST}/sagemaker-scikit-learn:1.2-1", f"{HOST}/sagemaker-scikit-learn",
        f"{HOST}/sagemaker-scikit-learn:1.3-1-cpu-py3",
        f"{HOST}/sagemaker-scikit-learn@sha256:{'0' * 64}",
        f"{HOST}/sagemaker-scikit-learn:1.2-1-gpu-py3",
        "141502667606.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1",
        "sagemaker-scikit-learn:1.2-1-cpu-py3",
    ],
)  # fmt: skip
def test_other_images_run_no_script(image: str) -> None:
    assert framework_of(image) is None


@pytest.mark.parametrize(
    ("image", "begins"),
    [
        ("sagemaker-scikit-learn:1.2-1-cpu-py3",
         "sagemaker-scikit-learn:1.2-1-cpu-py3 on AWS has scikit-learn 1.2.1, numpy 1.24.1, "),
        ("sagemaker-scikit-learn:0.23-1-cpu-py3",
         "sagemaker-scikit-learn:0.23-1-cpu-py3 on AWS has scikit-learn 0.23. Here"),
        ("sagemaker-xgboost:1.7-1", "sagemaker-xgboost:1.7-1 on AWS has xgboost 1.7. Here"),
        ("sagemaker-xgboost:0.90-2-cpu-py3",
         "sagemaker-xgboost:0.90-2-cpu-py3 on AWS has xgboost 0.90. Here"),
    ],
)  # fmt: skip
def test_a_log_says_what_aws_has_and_what_runs_here(image: str, begins: str) -> None:
    import sklearn
    import xgboost

    framework = framework_of(f"{HOST}/{image}")
    assert framework is not None
    note = FrameworkImage(framework, f"{HOST}/{image}").note()
    assert note.startswith(begins)
    assert f"Here it runs on Python {platform.python_version()}, " in note
    assert f"scikit-learn {sklearn.__version__}" in note
    assert (f"xgboost {xgboost.__version__}" in note) == (framework is XGBOOST_SCRIPTS)


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=[each.name for each in FRAMEWORKS])
def test_the_message_for_other_images_names_it_where_it_runs(framework: Framework) -> None:
    assert (framework.shown in not_available("x")) is framework.is_here
