"""The pytest plugin and `local_aws`: AWS calls go to labcloud, and to AWS again afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from labcloud import LocalAWS, local_aws

A_PROJECT_OF_ITS_OWN = """\
import boto3
import pytest


def models():
    return boto3.client("sagemaker").list_models()["Models"]


def make_model():
    role = boto3.client("sts").get_caller_identity()["Arn"]
    boto3.client("sagemaker").create_model(
        ModelName="mine", ExecutionRoleArn="arn:aws:iam::123456789012:role/any",
        PrimaryContainer={
            "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        },
    )


def test_one_makes_a_model(labcloud):
    make_model()


def test_the_next_one_sees_it(labcloud):
    assert [model["ModelName"] for model in models()] == ["mine"]


def test_an_account_of_its_own_is_empty(fresh_labcloud):
    assert models() == []


def test_a_program_gets_the_environment(cloud_environment):
    import subprocess
    import sys

    asked = "import boto3; print(len(boto3.client('sagemaker').list_models()['Models']))"
    said = subprocess.run(
        [sys.executable, "-c", asked], env=cloud_environment, capture_output=True, text=True
    )
    assert said.stdout == "1\\n", said.stderr
"""

# Fixtures of a module, and tests that fail.
WIDER = """\
import boto3
import pytest


@pytest.fixture(scope="module")
def bucket(session_labcloud):
    boto3.client("s3").create_bucket(Bucket="of-the-module")
    return "of-the-module"


def test_a_fixture_of_the_module(bucket):
    assert [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]] == [bucket]


def test_that_fails(labcloud, cloud_environment):
    environment = labcloud.environment | {"MORE": "1"}
    assert environment == {}
"""


def models() -> list[str]:
    return [model["ModelName"] for model in boto3.client("sagemaker").list_models()["Models"]]


def test_a_project_needs_no_option_and_no_conftest(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(A_PROJECT_OF_ITS_OWN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "4 passed" in done.stdout, done.stdout


def test_fixtures_of_a_module_and_no_secret_in_what_a_failure_shows(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(WIDER)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-vv", "--showlocals", "-p", "no:cacheprovider",
         tmp_path],
        cwd=tmp_path, env=os.environ | {"MY_SECRET": "of-this-user"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "variables for labcloud on http://127.0.0.1:" in done.stdout
    for secret in ("SECRET_ACCESS_KEY", "of-this-user"):
        assert secret not in done.stdout


def test_the_default_session_is_another_one_while_it_lasts(
    labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.setup_default_session(aws_access_key_id="AKIA", aws_secret_access_key="mine")
    before, environment, path = boto3.DEFAULT_SESSION, dict(os.environ), list(sys.path)
    with local_aws() as aws:
        assert aws.url != labcloud.url
        assert boto3.client("sagemaker").meta.endpoint_url == aws.url
        assert models() == []
    assert boto3.DEFAULT_SESSION is before
    assert dict(os.environ) == environment
    assert sys.path == path


def test_a_client_that_was_given_an_address_of_aws_calls_labcloud(labcloud: LocalAWS) -> None:
    sts = boto3.client("sts", endpoint_url="https://sts.us-east-1.amazonaws.com")
    assert sts.get_caller_identity()["Account"] == "123456789012"


def test_it_decorates_a_function() -> None:
    @local_aws()
    def asked() -> str:
        models()
        return os.environ["AWS_ENDPOINT_URL"]

    first, second = asked(), asked()
    assert first.startswith("http://127.0.0.1:")
    assert second != os.environ.get("AWS_ENDPOINT_URL")


def test_nothing_of_it_is_left(labcloud: LocalAWS) -> None:
    with local_aws() as aws:
        home = Path(aws.environment["LABCLOUD_HOME"])
        assert home.is_dir()
    assert not home.exists()
