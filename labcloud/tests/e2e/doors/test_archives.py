"""Archives and keys that want to be files elsewhere: the endpoint or the job fails, no more."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.life import Life
from labcloud_support.resources import deploy, undeploy

from .marks import TOKEN

# From a model's folder, <home>/jobs/endpoints/<name>/<fleet>/<variant>/<number>/model, to where
# nothing but <home> may be.
_UP = 8


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def packed(*members: tarfile.TarInfo) -> bytes:
    """An archive of these members; what a file holds are zeros."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for info in members:
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    return file.getvalue()


def deep_link() -> bytes:
    """CVE-2025-4517: links so deep that realpath stops looking, and a file behind them."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        part, path = "d" * 247, ""
        for letter in "abcdefghijklmnop":
            archive.addfile(member(path + part, tarfile.DIRTYPE))
            archive.addfile(member(path + letter, tarfile.SYMTYPE, part))
            path += part + "/"
        short = "/".join("abcdefghijklmnop") + "/" + "l" * 254
        archive.addfile(member(short, tarfile.SYMTYPE, "../" * 16))
        archive.addfile(member("escape", tarfile.SYMTYPE, short + "/.." * _UP))
        archive.addfile(member(f"escape/{TOKEN}", size=1), io.BytesIO(b"x"))
    return file.getvalue()


# More of them are in tests/labcloud/containers/test_archives.py.
ARCHIVES = {
    "up": packed(member("large", size=512), member(f"../../../{TOKEN}", size=1)),
    "hard link": packed(member("h", tarfile.LNKTYPE, "../" * _UP + "credentials.json")),
    "deep link": deep_link(),
    "cut off": packed(member("xgboost-model", size=512))[:50],
}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_a_bad_archive_fails_the_endpoint_and_leaves_no_files(
    shared: Life, s3: Any, sagemaker: Any, archive: bytes
) -> None:
    name = f"bad-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="model.tar.gz", Body=archive)
    deploy(sagemaker, name, f"s3://{name}/model.tar.gz")
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    reason = sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert reason.startswith("Failed to extract model data archive"), reason
    assert shared.home.credentials.stat().st_nlink == 1
    undeploy(sagemaker, name)
    left = [path for path in (shared.home.jobs / "endpoints").rglob("*") if path.is_file()]
    assert not [path for path in left if name in path.parts]


# More of them are in tests/labcloud/store/test_objects.py.
@pytest.mark.parametrize(
    "keys",
    [[f"../../../../../../{TOKEN}"], ["n" * 300], ["file", "file/below"]],
    ids=["up", "long", "file and folder"],
)
def test_keys_that_cannot_be_files_fail_the_job(
    shared: Life, s3: Any, sagemaker: Any, golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]], keys: list[str],
) -> None:  # fmt: skip
    job = f"job-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=job)
    for key in keys:
        s3.put_object(Bucket=job, Key=f"train/{key}", Body=b"1,2\n")
    request = request_of(job, golden["softprob"])
    request["InputDataConfig"] = request["InputDataConfig"][:1]
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = f"s3://{job}/train/"
    request["OutputDataConfig"] = {"S3OutputPath": f"s3://{job}/output"}
    sagemaker.create_training_job(**request)
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=job)
    reason = sagemaker.describe_training_job(TrainingJobName=job)["FailureReason"]
    assert reason.startswith("ClientError: "), reason
    assert not (shared.home.jobs / "training" / job).exists()
