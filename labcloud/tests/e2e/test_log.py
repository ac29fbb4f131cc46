"""What labcloud did, read back from its own log."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from labcloud_support.life import Life
from labcloud_support.resources import IMAGE


def test_every_event_is_one_line_of_json(life: Life) -> None:
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    s3.create_bucket(Bucket="logged")
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE})
    sagemaker.describe_model(ModelName="m")
    try:
        sagemaker.delete_model(ModelName="two\nlines")
    except ClientError as error:
        refused = error.response["Error"]
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in life.home.log.read_text().splitlines()
    ]
    events = [(line["event"], line["message"]) for line in lines if "event" in line]
    assert events == [
        ("started", f"serving on {life.running.url}"),
        ("s3", "PUT logged/"),
        ("operation", "CreateModel"),
        ("operation-refused", f"DeleteModel: {refused['Message']}"),
    ]
    assert all({"time", "level", "message"} <= set(line) for line in lines)
    assert lines[-1]["code"] == refused["Code"] == "ValidationException"
