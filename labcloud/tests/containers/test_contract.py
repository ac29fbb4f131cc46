"""What a container finds at /opt/ml, and what is made of what it leaves there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcloud.containers.contract import Contract

REQUEST = {
    "TrainingJobName": "j",
    "AlgorithmSpecification": {"TrainingInputMode": "File"},
    "HyperParameters": {"eta": "0.3"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/t", "S3DataType": "S3Prefix"}},
        },
        {
            "ChannelName": "extra",
            "DataSource": {"S3DataSource": {"S3DataDistributionType": "ShardedByS3Key"}},
        },
    ],
}


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    found = Contract(tmp_path / "ml")
    found.create()
    return found


def test_the_folder_is_private_and_complete(contract: Contract) -> None:
    assert contract.root.stat().st_mode & 0o777 == 0o700
    for name in ("input/config", "input/data", "model", "output/data", "checkpoints"):
        assert (contract.root / name).is_dir()


def test_the_configuration_says_what_aws_says(contract: Contract) -> None:
    contract.write_training_config(REQUEST, [{"Name": "m", "Regex": "r"}])

    def read(name: str) -> object:
        return json.loads((contract.config / name).read_text())

    assert read("hyperparameters.json") == {"eta": "0.3"}
    resources = read("resourceconfig.json")
    assert isinstance(resources, dict)
    assert (resources["current_host"], resources["hosts"]) == ("algo-1", ["algo-1"])
    assert read("inputdataconfig.json") == {
        "train": {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
            "ContentType": "text/csv",
        },
        "extra": {
            "TrainingInputMode": "File",
            "S3DistributionType": "ShardedByS3Key",
            "RecordWrapperType": "None",
        },
    }
    assert read("metric-definition-regex.json") == [{"Name": "m", "Regex": "r"}]


def test_a_failure_is_cut_after_1024_characters(contract: Contract) -> None:
    assert contract.failure() == ""
    (contract.output / "failure").write_text("ä" * 2000)
    assert contract.failure() == "ä" * 1024
