"""Links and forms that boto3 makes for somebody who has no key: what they allow, and no more."""

from __future__ import annotations

from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from labcloud_support.http import http

# None: what boto3 does by itself, which is Signature Version 2 in us-east-1.
VERSIONS = pytest.mark.parametrize("version", [None, "s3v4"])


@pytest.fixture
def s3(session: boto3.Session, cloud_environment: dict[str, str], version: str | None) -> Any:
    config = Config(signature_version=version) if version else None
    return session.client("s3", endpoint_url=cloud_environment["AWS_ENDPOINT_URL"], config=config)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text.partition("<Code>")[2].partition("<")[0]


@VERSIONS
@pytest.mark.parametrize("key", ["k", "a b/ü&+%41"])
def test_a_link_writes_reads_and_deletes(s3: Any, own_bucket: str, key: str) -> None:
    place = {"Bucket": own_bucket, "Key": key}
    put = s3.generate_presigned_url("put_object", place)
    assert http.put(put, content=b"linked").status_code == 200
    assert s3.get_object(**place)["Body"].read() == b"linked"
    assert http.get(s3.generate_presigned_url("get_object", place)).text == "linked"
    head = s3.generate_presigned_url("head_object", place)
    assert http.head(head).headers["content-length"] == "6"
    assert http.delete(s3.generate_presigned_url("delete_object", place)).status_code == 204
    assert code(http.get(s3.generate_presigned_url("get_object", place))) == (404, "NoSuchKey")


@VERSIONS
def test_a_link_does_what_it_was_made_for(s3: Any, own_bucket: str) -> None:
    place = {"Bucket": own_bucket, "Key": "k"}
    s3.put_object(**place, Body=b"kept")
    get = s3.generate_presigned_url("get_object", place)
    put = s3.generate_presigned_url("put_object", {**place, "ContentType": "text/x"})
    mismatch = (403, "SignatureDoesNotMatch")
    assert code(http.put(get, content=b"x")) == mismatch
    assert code(http.get(get.replace("/k?", "/other?"))) == mismatch
    assert code(http.get(get.replace("Signature=", "Signature=A"))) == mismatch
    assert code(http.put(put, content=b"x", headers={"content-type": "text/y"})) == mismatch
    source = {"content-type": "text/x", "x-amz-copy-source": f"/{own_bucket}/k"}
    assert http.put(put, headers=source).status_code == 403
    assert http.get(get).text == "kept"
    assert http.put(put, content=b"x", headers={"content-type": "text/x"}).status_code == 200
    assert s3.head_object(**place)["ContentType"] == "text/x"


@VERSIONS
def test_a_link_ends(s3: Any, own_bucket: str) -> None:
    place = {"Bucket": own_bucket, "Key": "k"}
    answer = http.get(s3.generate_presigned_url("get_object", place, ExpiresIn=-10))
    assert code(answer) == (403, "AccessDenied")
    assert "Request has expired" in answer.text


@VERSIONS
def test_a_link_of_another_key(s3: Any, own_bucket: str, version: str | None) -> None:
    url = s3.meta.endpoint_url
    other = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", config=Config(signature_version=version),
        aws_access_key_id="AKIAOTHER", aws_secret_access_key="x",
    ) if version else boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id="AKIAOTHER", aws_secret_access_key="x",
    )  # fmt: skip
    link = other.generate_presigned_url("get_object", {"Bucket": own_bucket, "Key": "k"})
    assert code(http.get(link)) == (403, "InvalidAccessKeyId")


def post(form: dict[str, Any], content: bytes = b"posted", **changes: str) -> httpx.Response:
    return http.post(form["url"], data=form["fields"] | changes, files={"file": ("name", content)})


@VERSIONS
@pytest.mark.parametrize("size", [0, 6, 100_000])
def test_a_form_uploads(s3: Any, own_bucket: str, size: int) -> None:
    form = s3.generate_presigned_post(
        own_bucket, "in/${filename}", Fields={"acl": "private"},
        Conditions=[{"acl": "private"}, ["content-length-range", size, size]],
    )  # fmt: skip
    content = b"\r\n--x" * size
    assert code(post(form, content[:size]))[0] in (200, 201, 204)
    (found,) = s3.list_objects_v2(Bucket=own_bucket)["Contents"]
    stored = s3.get_object(Bucket=own_bucket, Key=found["Key"])["Body"].read()
    assert stored == content[:size]


@VERSIONS
def test_a_form_allows_what_its_policy_says(s3: Any, own_bucket: str) -> None:
    form = s3.generate_presigned_post(own_bucket, "k", Conditions=[["content-length-range", 2, 10]])
    denied = (403, "AccessDenied")
    assert code(post(form, key="other")) == denied
    assert code(post(form, acl="public-read")) == denied
    assert code(post(form, b"x" * 11)) == (400, "EntityTooLarge")
    assert code(post(form, b"x")) == (400, "EntityTooSmall")
    assert code(post(form, policy=form["fields"]["policy"][:-4])) == (403, "SignatureDoesNotMatch")
    elsewhere = {**form, "url": form["url"].replace(own_bucket, f"{own_bucket}-2")}
    assert code(post(elsewhere)) == denied
    old = s3.generate_presigned_post(own_bucket, "k", ExpiresIn=-1)
    assert code(post(old)) == denied
    bare = http.post(form["url"], files={"file": ("name", b"x")})
    assert bare.status_code == 403
    assert "Contents" not in s3.list_objects_v2(Bucket=own_bucket)


@VERSIONS
def test_a_form_without_a_file(s3: Any, own_bucket: str) -> None:
    form = s3.generate_presigned_post(own_bucket, "k")
    parts = {name: (None, value) for name, value in form["fields"].items()}
    assert code(http.post(form["url"], files=parts)) == (400, "InvalidArgument")
    parts["x"] = (None, "y" * 100_000)
    found = code(http.post(form["url"], files=parts))
    assert found == (400, "MaxPostPreDataLengthExceeded")
