"""What forms send, and what records hold, that no page of the console's has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


def proof_of(web: httpx.Client, url: str) -> str:
    return web.get(url).text.partition('name="proof" value="')[2].partition('"')[0]


def test_an_upload_replaces_nothing_without_a_word(
    web: httpx.Client, console: str, client: Callable[[str], Any], own_bucket: str
) -> None:
    s3, url = client("s3"), f"{console}/s3/{own_bucket}"
    proof = proof_of(web, url)

    def send(content: bytes, name: str = "rows.csv", **fields: str) -> httpx.Response:
        return web.post(
            f"{url}/upload", data={"proof": proof, "prefix": "a/", **fields},
            files={"file": (name, content)},
        )  # fmt: skip

    assert send(b"first").status_code == 303
    web.headers["referer"] = f"{url}?prefix=a/"
    refused = send(b"second", replace="")
    assert f'href="/_console/s3/{own_bucket}?prefix=a/">Back</a>' in refused.text
    web.headers["referer"] = "http://127.0.0.1:1/_console/s3"
    assert "Back</a>" not in send(b"second").text
    del web.headers["referer"]
    assert refused.status_code == 400
    assert f"There is an object s3://{own_bucket}/a/rows.csv already." in refused.text
    assert s3.get_object(Bucket=own_bucket, Key="a/rows.csv")["Body"].read() == b"first"
    # More than is held at a time.
    large = b"0123456789abcdef" * 200_000
    assert send(large, replace="yes").status_code == 303
    assert s3.get_object(Bucket=own_bucket, Key="a/rows.csv")["Body"].read() == large
    # A folder's name is cut off; a file without a name is none, and no bucket is made of it.
    assert send(b"third", "../..\\other/rows.csv").status_code == 400
    for name in ("folder/", "a\\"):
        assert send(b"x", name, prefix="").status_code == 400
    assert s3.list_objects_v2(Bucket=own_bucket)["KeyCount"] == 1


def test_a_form_of_too_many_fields(web: httpx.Client, console: str, own_bucket: str) -> None:
    proof = proof_of(web, f"{console}/s3/{own_bucket}")
    fields = {"proof": proof, **{str(number): "" for number in range(50)}}
    answer = web.post(f"{console}/s3/{own_bucket}/delete?key=x", data=fields)
    assert answer.status_code == 400
    assert "This form may send 50 fields at most." in answer.text


def test_half_a_character_is_shown_as_a_number(
    web: httpx.Client, console: str, client: Callable[[str], Any], own_bucket: str, name: str
) -> None:
    client("s3").put_object(
        # JSON can spell half of a surrogate pair, which no encoding can write.
        Bucket=own_bucket,
        Key="k.json",
        Body=b'{"a\\ud83d": 1, "b": 1' + b"0" * 400 + b"}",
    )
    place = f"s3://{own_bucket}/k.json"
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    sagemaker.create_model_package(
        ModelPackageGroupName=name,
        ModelMetrics={"ModelQuality": {"Statistics": {
            "ContentType": "application/json", "S3Uri": place}}},
    )  # fmt: skip
    for path in (f"registry/{name}/1", f"s3/{own_bucket}/object?key=k.json"):
        answer = web.get(f"{console}/{path}")
        assert answer.status_code == 200, path
        assert "#154075" in answer.text, path


def test_metrics_of_a_version_that_are_nowhere(
    web: httpx.Client, console: str, client: Callable[[str], Any], name: str
) -> None:
    """Of a bucket alone, which AWS takes, too: botocore sends no request without a key."""
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    for place in ("s3://bucket", "s3://bucket/", "s3://no-such-bucket/key"):
        sagemaker.create_model_package(
            ModelPackageGroupName=name,
            ModelMetrics={"ModelQuality": {"Statistics": {
                "ContentType": "application/json", "S3Uri": place}}},
        )  # fmt: skip
    for number in (1, 2, 3):
        assert web.get(f"{console}/registry/{name}/{number}").status_code == 200


@pytest.mark.parametrize("path", ["/models/%ED%A0%BD", "/s3/b/object?key=%ED%A0%BD", "/%ED%A0%BD"])
def test_half_a_character_in_an_address(web: httpx.Client, console: str, path: str) -> None:
    assert web.get(f"{console}{path}").status_code in (400, 404)
