"""Events that are worked on later, and many calls at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from labcloud_support.lambdas import Lambdas, archive
from labcloud_support.life import Life, eventually

# Notes in a bucket what it has been called with, and fails as often as it is told.
NOTES = """
import boto3, json, time
tries = 0
def handler(event, context):
    global tries
    tries += 1
    print("try", tries, context.aws_request_id)
    if tries <= event["fails"]:
        raise RuntimeError("not yet")
    boto3.client("s3").put_object(Bucket="notes", Key=event["key"], Body=str(tries).encode())
"""
SLEEPS = """
import time
def handler(event, context):
    time.sleep(event)
    return context.aws_request_id
"""
# Works until the test lets it go.
WORKS = """
import os, time
def handler(event, context):
    while not os.path.exists(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "go")):
        time.sleep(0.01)
"""


@pytest.fixture(scope="module")
def notes(lambdas: Lambdas) -> Lambdas:
    lambdas.life.client("s3").create_bucket(Bucket="notes")
    return lambdas


def _note(lambdas: Lambdas, key: str) -> str:
    s3 = lambdas.life.client("s3")
    try:
        return str(s3.get_object(Bucket="notes", Key=key)["Body"].read().decode())
    except ClientError:
        return ""


def _send(lambdas: Lambdas, name: str, event: str) -> None:
    done = lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload=event.encode())
    assert done["StatusCode"] == 202


def test_an_event_is_tried_three_times(notes: Lambdas) -> None:
    notes.make("noted", NOTES)
    _send(notes, "noted", '{"fails": 2, "key": "third"}')
    assert eventually(lambda: _note(notes, "third"), "the third try has come") == "3"
    notes.make("hopeless", NOTES)
    _send(notes, "hopeless", '{"fails": 99, "key": "never"}')

    def tries() -> list[str]:
        return [line for line in notes.log("hopeless") if line.startswith("try ")]

    eventually(lambda: len(tries()) == 3, "it has been tried three times")
    assert len({line.split()[2] for line in tries()}) == 1
    eventually(lambda: not _waiting(notes), "nothing waits any more")
    assert len(tries()) == 3
    assert _note(notes, "never") == ""


def _waiting(lambdas: Lambdas) -> int:
    database = sqlite3.connect(lambdas.life.home.records)
    try:
        query = "SELECT count(*) FROM records WHERE kind = 'function-event'"
        return int(database.execute(query).fetchone()[0])
    finally:
        database.close()


def test_ten_callers_of_a_cold_function_all_get_their_answer(lambdas: Lambdas) -> None:
    lambdas.make("ten", SLEEPS, Timeout=60)
    with ThreadPoolExecutor(10) as callers:
        # So slow that they work at a time.
        answers = list(callers.map(lambda _: lambdas.call("ten", 0.2), range(10)))
    assert [each.error for each in answers] == [None] * 10
    assert len({each.answer for each in answers}) == 10


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lambdas]:
    """A server that waits for nothing, and changes functions slowly."""
    options = (
        "function_room=0.05", "function_change=600", "idle_function=0.2", "describe=0.1",
        "function_init=60",
    )  # fmt: skip
    words = [word for each in options for word in ("--timing", each)]
    life = Life(tmp_path_factory.mktemp("impatient") / "home", *words)
    try:
        yield Lambdas(life)
    finally:
        life.end(clean=True)


def test_what_is_being_made_or_changed_is_refused(impatient: Lambdas) -> None:
    client = impatient.client
    arn = impatient.begin("slow", SLEEPS)["FunctionArn"]
    said = "The operation cannot be performed at this time. "
    pending = f"{said}The function is currently in the following state: Pending"
    for call in (
        lambda: impatient.call("slow", 0),
        lambda: client.update_function_configuration(FunctionName="slow", Timeout=9),
    ):
        with pytest.raises(client.exceptions.ResourceConflictException) as refused:
            call()
        assert refused.value.response["Error"]["Message"] == pending
    # A server that was killed meanwhile has made it.
    impatient.life.kill()
    impatient.life.begin()
    client = impatient.client = impatient.life.client("lambda", retries={"total_max_attempts": 1})
    assert client.get_function(FunctionName="slow")["Configuration"]["State"] == "Active"
    client.update_function_configuration(FunctionName="slow", Timeout=9)
    with pytest.raises(client.exceptions.ResourceConflictException) as refused:
        client.update_function_code(FunctionName="slow", ZipFile=archive(main=SLEEPS))
    message = refused.value.response["Error"]["Message"]
    assert message == f"{said}An update is in progress for resource: {arn}"
    # The role has gone with IAM, and the function runs all the same.
    first = impatient.call("slow", 0)
    assert first.error is None
    # It has nothing to do, and goes.
    server = impatient.life.server
    eventually(
        lambda: not any("keeper.py" in " ".join(each.cmdline()) for each in server.children()),
        "the idle process has ended",
    )
    assert "Init Duration" in impatient.call("slow", 0).tail


def test_the_eleventh_at_a_time_is_refused(impatient: Lambdas) -> None:
    client = impatient.client
    # The role of the first life has gone: it is made again.
    iam = impatient.life.client("iam")
    try:
        iam.get_role(RoleName="functions")
    except ClientError:
        impatient.role = Lambdas(impatient.life).role
    impatient.begin("many", WORKS, Timeout=60)
    impatient.life.kill()
    impatient.life.begin()
    client = impatient.client = impatient.life.client(
        "lambda", retries={"total_max_attempts": 1}, max_pool_connections=20
    )

    def called(_: int) -> str:
        try:
            return str(impatient.call("many").error)
        except client.exceptions.TooManyRequestsException as error:
            assert error.response["Error"]["Message"] == "Rate Exceeded."
            assert error.response["Reason"] == "ConcurrentInvocationLimitExceeded"
            return "refused"

    with ThreadPoolExecutor(12) as callers:
        calls = [callers.submit(called, number) for number in range(12)]
        try:
            eventually(lambda: sum(each.done() for each in calls) == 2, "two calls are refused")
        finally:
            # A function sees its code's folder as it is now.
            for code in (impatient.life.home.path / "functions").iterdir():
                (code / "go").touch()
        answers = [each.result() for each in calls]
    assert sorted(answers) == ["None"] * 10 + ["refused"] * 2
