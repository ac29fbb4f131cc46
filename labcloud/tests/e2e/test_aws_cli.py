"""The AWS CLI, in an environment of its own because it pins another botocore."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labcloud_support.environments import environment

pytestmark = pytest.mark.slow

Aws = Callable[..., str]


@pytest.fixture(scope="module")
def aws(cloud_environment: dict[str, str]) -> Aws:
    """Runs the CLI with nothing but the environment of labcloud; returns what it prints."""
    program = environment("awscli>=1.40,<2").with_name("aws")

    def run(*words: str) -> str:
        # It has no labcloud plugin, and needs none: AWS_ENDPOINT_URL is enough.
        done = subprocess.run(
            [str(program), *words],
            env={**cloud_environment, "BOTOCORE_EXPERIMENTAL__PLUGINS": "DISABLED"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_it_knows_who_it_is(aws: Aws) -> None:
    identity = json.loads(aws("sts", "get-caller-identity"))
    assert identity["Arn"].startswith(
        "arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-labcloud/"
    )


def test_it_knows_where_it_is(aws: Aws) -> None:
    assert aws("configure", "get", "region") == "us-east-1\n"


def test_a_folder_goes_to_s3_and_back(aws: Aws, tmp_path: Path) -> None:
    there = tmp_path / "there"
    (there / "deep" / "er").mkdir(parents=True)
    # One over the size from which the CLI uploads in parts.
    files = {"a.csv": b"1,2\n", "deep/b c.txt": "ä".encode(), "deep/er/big": bytes(9_000_000)}
    for name, content in files.items():
        (there / name).write_bytes(content)
    aws("s3", "mb", "s3://cli-folder")
    aws("s3", "cp", "--recursive", str(there), "s3://cli-folder/in")
    assert "in/deep/b c.txt" in aws("s3", "ls", "--recursive", "s3://cli-folder")
    aws("s3", "cp", "--recursive", "s3://cli-folder/in", str(tmp_path / "back"))
    assert {
        name: (tmp_path / "back" / name).read_bytes() for name in files
    } == files  # fmt: skip
    aws("s3", "rb", "--force", "s3://cli-folder")


def test_it_lists_training_jobs(aws: Aws) -> None:
    assert "TrainingJobSummaries" in json.loads(aws("sagemaker", "list-training-jobs"))
