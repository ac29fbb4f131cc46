"""Objects larger than a server's memory should be: up, down, in parts, copied, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import Life
from labcloud_support.memory import MB, Watch


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.slow
def test_the_server_s_memory_does_not_grow_with_the_objects(
    life_alone: Life, tmp_path: Path
) -> None:
    size = 512 * MB
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        for number in range(size // MB):
            file.write(hashlib.sha256(str(number).encode()).digest() * (MB // 32))
    s3 = life_alone.client("s3")
    s3.create_bucket(Bucket="large")
    with Watch(life_alone.running.pid) as watch:
        s3.upload_file(str(source), "large", "object")
        s3.download_file("large", "object", str(target))
        s3.copy({"Bucket": "large", "Key": "object"}, "large", "copy")
        whole = s3.get_object(Bucket="large", Key="copy")["Body"]
        copied = hashlib.sha256()
        for chunk in whole.iter_chunks(MB):
            copied.update(chunk)
    assert digest(target) == digest(source) == copied.hexdigest()
    print(f"the server's memory was at most {watch.server / MB:.0f} MB")
    # With ten parts of 8 MB at a time. A server that does nothing has 116 MB.
    assert watch.server < 320 * MB
    # Once each: the parts are no files of their own any more.
    stored = sum(
        p.stat().st_size for p in (life_alone.home.path / "objects").rglob("*") if p.is_file()
    )
    assert stored == 2 * size


def test_parts_and_ranges_before_and_after_a_restart(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="parts")
    parts = [bytes([65 + n]) * (5 * MB + n) for n in range(3)]
    place = {"Bucket": "parts", "Key": "k"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    tags = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(parts, start=1)
    ]
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": tags})

    def check(s3: Any) -> None:
        found = s3.get_object(**place)
        digests = b"".join(hashlib.md5(part).digest() for part in parts)
        assert found["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
        assert found["Body"].read() == b"".join(parts)
        edge = f"bytes={len(parts[0]) - 2}-{len(parts[0]) + 1}"
        assert s3.get_object(**place, Range=edge)["Body"].read() == b"AABB"
        assert s3.head_object(**place, PartNumber=2)["ContentLength"] == len(parts[1])

    check(s3)
    life.kill()
    life.begin()
    check(life.client("s3"))


@pytest.mark.parametrize(
    ("sizes", "tagged", "code"),
    [
        ((5 * MB, 1), ["no", None], "InvalidPart"),
        ((1, 1), [None, None], "EntityTooSmall"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    client: Any, sizes: tuple[int, int], tagged: list[str | None], code: str
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="misfits")
    place = {"Bucket": "misfits", "Key": "k"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    tags = []
    for number, (size, tag) in enumerate(zip(sizes, tagged, strict=True), start=1):
        part = s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=b"x" * size)
        tags.append({"PartNumber": number, "ETag": tag or part["ETag"]})
    with pytest.raises(ClientError, match=code):
        s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": tags})
    assert "Contents" not in s3.list_objects_v2(Bucket="misfits")
