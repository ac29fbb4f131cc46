"""Lambda: a function is made, called, changed and deleted, and its log says what AWS's says."""

from __future__ import annotations

import base64
import json
import platform
import re
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from labcloud.client.environment import pointed_at
from labcloud_support.lambdas import Lambdas, archive
from labcloud_support.life import eventually

SEES = """
import os, sys, json, boto3
print("loaded")
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("called with", json.dumps(event))
    return {
        "event": event, "calls": calls, "pid": os.getpid(), "id": context.aws_request_id,
        "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis(),
        "memory": context.memory_limit_in_mb, "environment": dict(os.environ),
        "who": boto3.client("sts").get_caller_identity()["Arn"], "cwd": os.getcwd(),
        "client": context.client_context and context.client_context.custom,
    }
"""
REPORT = re.compile(
    r"REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t"
    r"Max Memory Used: \d+ MB\t(Init Duration: [\d.]+ ms\t)?\n"
)


def test_a_function_from_its_beginning_to_its_end(lambdas: Lambdas) -> None:
    client = lambdas.client
    made = lambdas.begin(
        "whole", SEES, MemorySize=256, Description="all of it", Tags={"kind": "test"},
        Environment={"Variables": {"COLOUR": "red"}},
    )  # fmt: skip
    assert (made["State"], made["Version"]) == ("Pending", "$LATEST")
    assert made["CodeSize"] == len(archive(main=SEES))
    for waiter in ("function_exists", "function_active", "function_active_v2"):
        client.get_waiter(waiter).wait(FunctionName="whole")
    found = client.get_function(FunctionName="whole")
    assert found["Configuration"]["State"] == "Active"
    assert found["Tags"] == {"kind": "test"}
    assert found["Configuration"]["CodeSha256"] == made["CodeSha256"]

    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    cold = lambdas.call("whole", {"some": "é"}, ClientContext=context)
    assert cold.error is None
    answer, environment = cold.answer, cold.answer["environment"]
    assert answer["event"] == {"some": "é"}
    assert answer["client"] == {"a": "b"}
    assert answer["arn"] == made["FunctionArn"] == found["Configuration"]["FunctionArn"]
    assert 0 < answer["left"] <= 30_000
    assert answer["memory"] == "256"
    assert answer["who"].endswith(":assumed-role/functions/whole")
    assert answer["cwd"] == environment["LAMBDA_TASK_ROOT"]
    assert environment["COLOUR"] == "red"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "whole"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/whole"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert (environment["_HANDLER"], environment["TZ"]) == ("main.handler", ":UTC")

    warm = lambdas.call("whole", [1, 2])
    assert (warm.answer["calls"], warm.answer["pid"]) == (2, answer["pid"])
    begun = f"INIT_START Runtime Version: python:{platform.python_version()}\nloaded\n"
    assert cold.tail.startswith(f"{begun}START RequestId: {answer['id']} Version: $LATEST\n")
    assert f'called with {{"some": "\\u00e9"}}\nEND RequestId: {answer["id"]}\n' in cold.tail
    assert "Init Duration" in cold.tail
    assert "loaded" not in warm.tail
    assert "Init Duration" not in warm.tail
    log = eventually(lambda: (said := lambdas.log("whole"))[9:] and said, "both calls are logged")
    assert len(log) == 10
    assert REPORT.fullmatch(log[-1]), log[-1]
    stream = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)

    client.update_function_code(FunctionName="whole", ZipFile=archive(main=SEES + "# new"))
    client.get_waiter("function_updated").wait(FunctionName="whole")
    again = lambdas.call("whole")
    assert (again.answer["calls"], "loaded" in again.tail) == (1, True)
    changed = client.update_function_configuration(
        FunctionName="whole", Timeout=9, Environment={"Variables": {}}, Handler="main.handler"
    )
    assert changed["LastUpdateStatus"] == "InProgress"
    client.get_waiter("function_updated_v2").wait(FunctionName="whole")
    last = lambdas.call("whole")
    assert last.answer["left"] <= 9000
    assert "COLOUR" not in last.answer["environment"]

    client.delete_function(FunctionName="whole")
    with pytest.raises(client.exceptions.ResourceNotFoundException) as gone:
        client.get_function(FunctionName="whole")
    arn = made["FunctionArn"]
    assert gone.value.response["Error"]["Message"] == f"Function not found: {arn}"
    functions = lambdas.life.home.path / "functions"
    eventually(lambda: not _uses(functions, "# new"), "its code is gone")


def _uses(functions: Any, text: str) -> bool:
    return any(text in each.read_text() for each in functions.glob("*/main.py"))


def test_code_from_s3_and_its_versions(lambdas: Lambdas) -> None:
    s3, client = lambdas.life.client("s3"), lambdas.client
    s3.create_bucket(Bucket="code")
    versioning = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration=versioning)
    versions = [
        s3.put_object(Bucket="code", Key="f.zip", Body=archive(main=f"def handler(*_): return {n}"))
        for n in (1, 2)
    ]
    place = {"S3Bucket": "code", "S3Key": "f.zip"}
    lambdas.make("stored", "", Code={**place, "S3ObjectVersion": versions[0]["VersionId"]})
    assert lambdas.call("stored").answer == 1
    client.update_function_code(FunctionName="stored", **place)
    assert lambdas.call("stored").answer == 2
    said = "Error occurred while GetObject. S3 Error Code: "
    for source, code in (
        ({"S3Bucket": "code", "S3Key": "nothing"}, "NoSuchKey"),
        ({"S3Bucket": "no-such-bucket", "S3Key": "f.zip"}, "NoSuchBucket"),
        ({**place, "S3ObjectVersion": "nothing"}, "NoSuchVersion"),
    ):
        client.get_waiter("function_updated_v2").wait(FunctionName="stored")
        with pytest.raises(ClientError) as refused:
            client.update_function_code(FunctionName="stored", **source)
        assert refused.value.response["Error"]["Message"].startswith(f"{said}{code}. S3 Error Mess")


def test_all_names_of_a_function_are_the_same(lambdas: Lambdas) -> None:
    lambdas.make("named", "def handler(event, context): return context.invoked_function_arn")
    arn = lambdas.client.get_function(FunctionName="named")["Configuration"]["FunctionArn"]
    for name in (arn, "123456789012:function:named", "named:$LATEST", f"{arn}:$LATEST"):
        assert lambdas.call(name).answer == arn, name
        assert lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"] == arn
    assert lambdas.call("named", Qualifier="$LATEST").answer == arn
    dry = lambdas.client.invoke(FunctionName="named", InvocationType="DryRun")
    assert dry["StatusCode"] == 204
    for name, qualifier in (("named", "7"), ("named:prod", None), ("nobody", None)):
        with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
            lambdas.client.invoke(
                FunctionName=name, **({"Qualifier": qualifier} if qualifier else {})
            )


def test_lists_tags_policies_and_concurrency(lambdas: Lambdas) -> None:
    client = lambdas.client
    for name in ("list-a", "list-b", "list-c"):
        lambdas.begin(name, "def handler(*_): return 1")
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    names = [each["FunctionName"] for page in pages for each in page["Functions"]]
    assert [name for name in names if name.startswith("list-")] == ["list-a", "list-b", "list-c"]
    arn = client.get_function(FunctionName="list-a")["Configuration"]["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    client.untag_resource(Resource=arn, TagKeys=["a"])
    assert client.list_tags(Resource=arn)["Tags"] == {"b": "2"}

    revisions = {client.get_function(FunctionName="list-a")["Configuration"]["RevisionId"]}
    source = "arn:aws:execute-api:us-east-1:123456789012:abc/*"
    permission = {
        "FunctionName": "list-a", "StatementId": "api", "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com", "SourceArn": source,
    }  # fmt: skip
    said = json.loads(client.add_permission(**permission)["Statement"])
    assert said["Condition"] == {"ArnLike": {"AWS:SourceArn": source}}
    found = client.get_policy(FunctionName="list-a")
    assert json.loads(found["Policy"])["Statement"] == [said]
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.add_permission(**permission)
    client.remove_permission(FunctionName="list-a", StatementId="api")
    for missing in (
        lambda: client.get_policy(FunctionName="list-a"),
        lambda: client.remove_permission(FunctionName="list-a", StatementId="api"),
    ):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            missing()
    revisions |= {
        found["RevisionId"],
        client.get_function(FunctionName="list-a")["Configuration"]["RevisionId"],
    }
    assert len(revisions) == 3

    client.get_waiter("function_active_v2").wait(FunctionName="list-a")
    client.put_function_concurrency(FunctionName="list-a", ReservedConcurrentExecutions=0)
    assert client.get_function(FunctionName="list-a")["Concurrency"] == {
        "ReservedConcurrentExecutions": 0
    }
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        lambdas.call("list-a")
    assert refused.value.response["Error"]["Message"] == "Rate Exceeded."
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    # The account has ten places.
    client.put_function_concurrency(FunctionName="list-a", ReservedConcurrentExecutions=6)
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="below its minimum"):
        client.put_function_concurrency(FunctionName="list-b", ReservedConcurrentExecutions=5)
    client.delete_function_concurrency(FunctionName="list-a")
    assert lambdas.call("list-a").answer == 1


def test_a_function_is_changed_once_at_a_time(lambdas: Lambdas) -> None:
    client = lambdas.client
    lambdas.make("changed", "def handler(*_): return 1")
    before = client.get_function(FunctionName="changed")["Configuration"]
    dry = client.update_function_code(
        FunctionName="changed", ZipFile=archive(main="x = 1"), DryRun=True
    )
    assert dry["CodeSha256"] != before["CodeSha256"]
    with pytest.raises(ClientError) as stale:
        client.update_function_configuration(
            FunctionName="changed", Timeout=5, RevisionId="another"
        )
    assert stale.value.response["Error"]["Code"] == "PreconditionFailedException"
    revision = before["RevisionId"]
    client.update_function_configuration(FunctionName="changed", Timeout=5, RevisionId=revision)
    after = client.get_function(FunctionName="changed")["Configuration"]
    assert after["CodeSha256"] == before["CodeSha256"]
    assert after["RevisionId"] != revision


def test_a_session_s_boto3_is_enough(lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the variables that point a program at labcloud."""
    lambdas.make("plain", "def handler(event, context): return len(event)")
    for name, value in _pointed_at(lambdas).items():
        monkeypatch.setenv(name, value)
    done = boto3.Session().client("lambda").invoke(FunctionName="plain", Payload=b'"four"')
    assert json.load(done["Payload"]) == 4
    assert done["ExecutedVersion"] == "$LATEST"


def _pointed_at(lambdas: Lambdas) -> dict[str, str]:
    return pointed_at(lambdas.life.home, lambdas.life.running, {})
