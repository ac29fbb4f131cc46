"""What a container finds at /opt/ml, and what is made of what it leaves there."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from labcloud.containers.contract import BadArchive, Contract, pack, unpack

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
    contract.failure_file.write_text("ä" * 2000)
    assert contract.failure() == "ä" * 1024


def test_what_is_packed_comes_out_again(contract: Contract, tmp_path: Path) -> None:
    assert not pack(contract.model, tmp_path / "empty.tar.gz")
    (contract.model / "code").mkdir()
    (contract.model / "code" / "inference.py").write_text("x")
    (contract.model / "model").write_bytes(b"\0\1")
    assert pack(contract.model, tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    assert (tmp_path / "out" / "model").read_bytes() == b"\0\1"
    assert (tmp_path / "out" / "code" / "inference.py").read_text() == "x"


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


@pytest.mark.parametrize(
    "bad",
    [
        member("../escaped"),
        member("/tmp/escaped"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.SYMTYPE, "../../up"),
        member("hard", tarfile.LNKTYPE, "../../up"),
        member("device", tarfile.CHRTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: f"{info.name}-{info.type!r}",
)
def test_an_archive_that_reaches_out_is_refused(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    archive = tmp_path / "bad.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(bad)
    if bad.name == "/tmp/escaped":
        # The filter takes the leading slash away: it lands inside, like any other.
        unpack(archive, tmp_path / "out")
        assert (tmp_path / "out" / "tmp" / "escaped").exists()
        return
    with pytest.raises(BadArchive):
        unpack(archive, tmp_path / "out")
    assert set(os.listdir(tmp_path)) <= {"bad.tar.gz", "out"}


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(member("zeros", size=50_000_000), io.BytesIO(bytes(50_000_000)))
    assert archive.stat().st_size < 200_000
    with pytest.raises(BadArchive, match="more than 1000000 bytes"):
        unpack(archive, tmp_path / "out", limit=1_000_000)
    assert not (tmp_path / "out" / "zeros").exists()


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8b\x08broken"])
def test_a_broken_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.tar.gz").write_bytes(content)
    with pytest.raises(BadArchive):
        unpack(tmp_path / "broken.tar.gz", tmp_path / "out")
