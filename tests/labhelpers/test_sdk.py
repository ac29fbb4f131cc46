"""What of the SDK the labs change: what it sends, and how often it checks its settings."""

from __future__ import annotations

import functools
import sys
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from sagemaker.core.common_utils import resolve_value_from_config
from sagemaker.core.config.config_manager import SageMakerConfig
from sagemaker.core.config.config_schema import TELEMETRY_OPT_OUT_PATH

from labcloud import LocalAWS
from labhelpers import connect
from labhelpers.sdk import check_settings_once, leave_out_nameless_scripts

OF_A_SCRIPT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
    "SAGEMAKER_REGION": "us-east-1",
}
WITHOUT_A_NAME = OF_A_SCRIPT | {"SAGEMAKER_PROGRAM": "", "SAGEMAKER_SUBMIT_DIRECTORY": ""}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/nothing:1"
ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-labcloud"


@pytest.fixture
def client(labcloud: LocalAWS) -> BaseClient:
    session = boto3.Session()
    leave_out_nameless_scripts(session)
    return session.client("sagemaker")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (WITHOUT_A_NAME | {"MINE": ""}, {"MINE": ""}),
        (OF_A_SCRIPT, OF_A_SCRIPT),
        ({"SAGEMAKER_CONTAINER_LOG_LEVEL": "10"}, {"SAGEMAKER_CONTAINER_LOG_LEVEL": "10"}),
    ],
)
def test_script_mode_is_sent_with_a_script_alone(
    client: Any, given: dict[str, str], sent: dict[str, str]
) -> None:
    seen: list[dict[str, Any]] = []
    client.meta.events.register_last(
        "before-parameter-build.sagemaker.CreateModel", lambda params, **_: seen.append(params)
    )
    with pytest.raises(client.exceptions.ClientError):  # There is no such image.
        client.create_model(
            ModelName="labs-scripts",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": IMAGE, "Environment": dict(given)},
        )
    assert seen[0]["PrimaryContainer"]["Environment"] == sent


def test_a_model_without_a_container_of_its_own_is_sent_as_it_is(client: Any) -> None:
    with pytest.raises(client.exceptions.ClientError, match="Exactly one of"):
        client.create_model(ModelName="labs-none", ExecutionRoleArn=ROLE)


def test_settings_are_checked_once_until_they_change(
    labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Any] = []
    monkeypatch.setattr(SageMakerConfig, "validate_sagemaker_config", checked.append)
    lab = connect("01-xgboost-iris")
    own = lab.session.sagemaker_config
    # labcloud's settings, which the SDK looks at whenever it could report something.
    assert own["SageMaker"]["PythonSDK"]["Modules"]["TelemetryOptOut"] is True
    before = len(checked)
    looks = functools.partial(resolve_value_from_config, None, TELEMETRY_OPT_OUT_PATH, False)
    for _ in range(3):
        assert looks(connect("02a-batch-transform").session) is True
    assert (before, len(checked)) == (1, 1)
    own["SageMaker"]["PythonSDK"]["Modules"]["TelemetryOptOut"] = "nonsense"
    assert looks(lab.session) == "nonsense"
    assert checked[1:] == [own]


def test_settings_that_are_wrong_are_refused_each_time(labcloud: LocalAWS) -> None:
    lab = connect("01-xgboost-iris")
    lab.session.sagemaker_config = {"SchemaVersion": "1.0", "Nonsense": 1}
    for _ in range(2):
        with pytest.raises(Exception, match="'Nonsense' was unexpected"):
            resolve_value_from_config(None, TELEMETRY_OPT_OUT_PATH, False, lab.session)


def test_a_version_that_checks_its_settings_elsewhere_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(SageMakerConfig, "validate_sagemaker_config")
    check_settings_once()
    assert not hasattr(SageMakerConfig, "validate_sagemaker_config")
    monkeypatch.setitem(sys.modules, "sagemaker.core.config.config_manager", None)
    check_settings_once()
