"""What is left of functions, their events and their processes when the server is killed."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from labcloud.client import launch
from labcloud_support.lambdas import Lambdas
from labcloud_support.life import Life, eventually

TEXT = """
import boto3, json, os, time
def handler(event, context):
    if event == "wait":
        if os.fork() == 0:
            os.setsid()
        time.sleep(600)
    if "key" in event:
        boto3.client("s3").put_object(Bucket="kept", Key=event["key"], Body=b"done")
        if event.get("again") and not os.path.exists("/tmp/done"):
            raise RuntimeError("once more")
    return event
"""


@pytest.fixture
def lambdas(tmp_path: Path) -> Iterator[Lambdas]:
    life = Life(tmp_path / "home", "--timing", "function_retry=600")
    yield Lambdas(life)
    launch.stop(life.home)


def test_functions_and_events_survive_a_kill(lambdas: Lambdas) -> None:
    life, client = lambdas.life, lambdas.client
    life.client("s3").create_bucket(Bucket="kept")
    lambdas.make("kept", TEXT, Tags={"a": "b"}, Environment={"Variables": {"SOME": "x"}})
    client.add_permission(
        FunctionName="kept", StatementId="s", Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )  # fmt: skip
    lambdas.make("gone", TEXT)
    client.delete_function(FunctionName="gone")
    before = client.get_function(FunctionName="kept")
    policy = client.get_policy(FunctionName="kept")["Policy"]
    # One event is done, but its second try is ten minutes away.
    client.invoke(
        FunctionName="kept", InvocationType="Event", Payload=b'{"key": "first", "again": true}'
    )
    s3 = life.client("s3")
    eventually(lambda: s3.list_objects_v2(Bucket="kept")["KeyCount"], "the first try has come")
    eventually(
        lambda: any("once more" in line for line in lambdas.log("kept")), "the first try has failed"
    )
    s3.delete_object(Bucket="kept", Key="first")
    # Another runs, and never ends.
    client.invoke(FunctionName="kept", InvocationType="Event", Payload=b'"wait"')
    client.invoke(FunctionName="kept", InvocationType="Event", Payload=b'{"key": "second"}')
    eventually(
        lambda: len([p for p in life.server.children(True) if "start.py" in str(p.cmdline())]) > 1,
        "two calls run",
    )
    # Which says that nothing of it is left.
    life.kill()
    life.begin()

    lambdas.client = client = life.client("lambda", retries={"total_max_attempts": 1})
    s3 = life.client("s3")
    after = client.get_function(FunctionName="kept")
    for each in (before, after):
        del each["ResponseMetadata"]
    assert after == before
    assert client.get_policy(FunctionName="kept")["Policy"] == policy
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function(FunctionName="gone")
    assert lambdas.call("kept", {"a": 1}).answer == {"a": 1}
    for key in ("first", "second"):
        eventually(functools.partial(_there, s3, key), f"the event has been worked on: {key}")
    folders = [each.name for each in (life.home.path / "functions").iterdir()]
    assert len(folders) == 1


def _there(s3: object, key: str) -> bool:
    try:
        s3.head_object(Bucket="kept", Key=key)  # type: ignore[attr-defined]
    except ClientError:
        return False
    return True
