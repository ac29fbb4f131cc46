"""What a training container gets of its channels: files, lists of files, and streams."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .pushed import push

MAGIC = 0xCED7230A
# Says what there is below input/data, with the first bytes of each file.
LISTING = """\
#!/bin/sh
cd /opt/ml/input/data
find . -type f | sort | while read -r path; do echo "$path $(head -c 20 "$path")"; done
"""
# Reads three epochs, of the second only the beginning.
EPOCHS = """\
#!/bin/sh
cd /opt/ml/input/data
echo "first $(od -An -v -tx1 train_0 | tr -d ' \\n')"
echo "second $(head -c 2 train_1)"
echo "third $(cat train_2)"
"""

Train = Callable[..., dict[str, Any]]


@pytest.fixture
def train(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, name: str
) -> Train:
    """Runs a program with one channel, `train`, of this S3DataSource; describes the job."""

    def run(program: str, source: dict[str, str], **channel: Any) -> dict[str, Any]:
        image = push(ecr, repository, {"Dockerfile": "FROM x\nCOPY train /usr/bin/\n",
                                       "train": program})  # fmt: skip
        request = request_for(name, image)
        request["InputDataConfig"] = [
            {"ChannelName": "train", "DataSource": {"S3DataSource": source}, **channel}
        ]
        sagemaker.create_training_job(**request)
        found: dict[str, Any] = finished(name)
        return found

    return run


@pytest.fixture
def put(client: Callable[[str], Any], own_bucket: str) -> Callable[..., str]:
    """Stores an object and returns its URI."""

    def store(key: str, body: bytes | str) -> str:
        client("s3").put_object(Bucket=own_bucket, Key=key, Body=body)
        return f"s3://{own_bucket}/{key}"

    return store


def prefix(uri: str) -> dict[str, str]:
    return {"S3DataType": "S3Prefix", "S3Uri": uri}


def test_a_manifest_names_its_objects(
    train: Train, put: Callable[..., str], own_bucket: str, log_of: Any, name: str
) -> None:
    for key in ("d/a", "d/b", "d/sub/c"):
        put(key, key)
    names = [{"prefix": f"s3://{own_bucket}/d/"}, "sub/c", "a"]
    source = {"S3DataType": "ManifestFile", "S3Uri": put("list", json.dumps(names))}
    assert train(LISTING, source)["TrainingJobStatus"] == "Completed"
    assert log_of(name)[1:] == ["./train/a d/a", "./train/sub/c d/sub/c"]


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("{}", "is not a list of"),
        ('["a"]', "is not a list of"),
        ('[{"prefix": "s3://b/d/"}]', "must name objects after its prefix"),
        ('[{"prefix": "s3://%s/d/"}, "missing"]', "The specified key does not exist."),
        ('[{"prefix": "s3://%s/"}, "../list"]', "cannot be a file name"),
    ],
)
def test_a_manifest_that_is_none_fails_the_job(
    train: Train, put: Callable[..., str], own_bucket: str, manifest: str, said: str
) -> None:
    uri = put("list", manifest.replace("%s", own_bucket))
    put("d/a", "a")
    job = train(LISTING, {"S3DataType": "ManifestFile", "S3Uri": uri})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert said in job["FailureReason"]


WRITES = """\
#!/bin/sh
touch /opt/ml/input/data/train/lock 2>&1 || echo "read-only"
cat /opt/ml/input/data/train/rows
"""


@pytest.mark.parametrize("mode", ["FastFile", "File"])
def test_the_files_of_fast_file_mode_can_only_be_read(
    train: Train, put: Callable[..., str], log_of: Any, mode: str
) -> None:
    job = train(WRITES, prefix(put("rows", "1,2\n")), InputMode=mode)
    said = log_of(job["TrainingJobName"])
    assert ("read-only" in said) == (mode == "FastFile")
    assert said[-1] == "1,2"


def test_a_pipe_for_each_epoch(
    train: Train, put: Callable[..., str], own_bucket: str, log_of: Any, name: str
) -> None:
    put("d/1", "one\n")
    put("d/2", "two\n")
    job = train(EPOCHS, prefix(f"s3://{own_bucket}/d/"), InputMode="Pipe")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    whole = b"one\ntwo\n".hex()
    assert log_of(name)[1:] == [f"first {whole}", "second on", "third one", "two"]


def test_a_pipe_unpacks_and_wraps(
    train: Train, put: Callable[..., str], own_bucket: str, log_of: Any, name: str
) -> None:
    put("d/1", gzip.compress(b"one"))
    put("d/2", gzip.compress(b"four"))
    options = {"CompressionType": "Gzip", "RecordWrapperType": "RecordIO"}
    job = train(EPOCHS, prefix(f"s3://{own_bucket}/d/"), InputMode="Pipe", **options)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    wrapped = struct.pack("<II", MAGIC, 3) + b"one\0" + struct.pack("<II", MAGIC, 4) + b"four"
    assert log_of(name)[1] == f"first {wrapped.hex()}"


def test_a_pipe_is_shuffled_anew_in_each_epoch(
    train: Train, put: Callable[..., str], own_bucket: str, log_of: Any, name: str
) -> None:
    for number in range(8):
        put(f"d/{number}", str(number))
    program = "#!/bin/sh\ncd /opt/ml/input/data\nfor n in 0 1; do echo $(cat train_$n); done\n"
    train(program, prefix(f"s3://{own_bucket}/d/"), InputMode="Pipe", ShuffleConfig={"Seed": 7})
    first, second = log_of(name)[1:]
    assert sorted(first) == sorted(second) == list("01234567")
    assert len({first, second, "01234567"}) == 3


def test_a_program_need_not_read_its_pipe(
    train: Train, put: Callable[..., str], own_bucket: str
) -> None:
    put("d/1", "x" * 1_000_000)
    job = train("#!/bin/sh\nexit 0\n", prefix(f"s3://{own_bucket}/d/"), InputMode="Pipe")
    assert job["TrainingJobStatus"] == "Completed"


def test_what_cannot_be_unpacked_fails_the_job(
    train: Train, put: Callable[..., str], own_bucket: str
) -> None:
    put("d/1", "not gzip")
    program = "#!/bin/sh\ncat /opt/ml/input/data/train_0\n"
    options = {"InputMode": "Pipe", "CompressionType": "Gzip"}
    job = train(program, prefix(f"s3://{own_bucket}/d/"), **options)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Data download failed: Not a gzipped file")


@pytest.mark.parametrize(
    ("kind", "channel", "said"),
    [
        ("AugmentedManifestFile", {}, "labcloud reads S3DataType S3Prefix and ManifestFile, not "),
        ("S3Prefix", {"CompressionType": "Gzip"}, "CompressionType Gzip is for the input mode Pi"),
        ("S3Prefix", {"RecordWrapperType": "RecordIO", "InputMode": "FastFile"},
         "RecordWrapperType RecordIO is for the input mode Pipe only, and the channel's is FastFi"),
    ],
)  # fmt: skip
def test_what_a_channel_cannot_be(
    train: Train, put: Callable[..., str], kind: str, channel: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        train(LISTING, {"S3DataType": kind, "S3Uri": put("d/1", "x")}, **channel)


@pytest.mark.parametrize(
    "address",
    ["https://s3.amazonaws.com/{}/d/", "https://s3.us-east-1.amazonaws.com/{}/d/",
     "https://s3-us-east-1.amazonaws.com/{}/d/", "https://{}.s3.amazonaws.com/d/",
     "https://{}.s3.us-east-1.amazonaws.com/d/", "https://{}.s3-us-east-1.amazonaws.com/d/"],
)  # fmt: skip
def test_an_address_of_s3_is_an_s3_uri(
    train: Train, put: Callable[..., str], own_bucket: str, log_of: Any, name: str, address: str
) -> None:
    put("d/1", "x")
    assert train(LISTING, prefix(address.format(own_bucket)))["TrainingJobStatus"] == "Completed"
    assert log_of(name)[1:] == ["./train/1 x"]
