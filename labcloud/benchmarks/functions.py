"""Functions: a cold start, a warm call, one through a stage, each beside what it cannot beat."""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any

import boto3
import httpx
from benchmarks.table import TURNS, Row, Table, turns

# Counts the words of an event, or of a request's query.
_HANDLER = """
def handler(event, context):
    return {'words': len(event.get('queryStringParameters', event)['text'].split())}
"""
_TEXT = "two words"
_EVENT = json.dumps({"text": _TEXT})
# Calls of a warm function.
_CALLS = 200
_NAME = "benchmark"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
# An interpreter that runs the handler once: what a cold start cannot be faster than.
_BARE = f"{_HANDLER}import json; print(handler(json.loads({_EVENT!r}), None))"


def measure(table: Table) -> None:
    """Both are from boto3 to boto3; a call of another operation is the reference of a warm one.

    What a stage is asked is signed by nobody; the handler itself, in this process, is beside it.
    """
    functions = boto3.client("lambda")
    arn = _make(functions)
    cold, bare = [], []
    for turn in range(TURNS):
        cold.append(_timed(lambda: functions.invoke(FunctionName=_NAME, Payload=_EVENT)))
        bare.append(_timed(lambda: subprocess.run([sys.executable, "-c", _BARE], check=True,
                                                  stdout=subprocess.DEVNULL)))  # fmt: skip
        # What is changed starts again.
        functions.update_function_configuration(FunctionName=_NAME, Description=str(turn))
        functions.get_waiter("function_updated_v2").wait(FunctionName=_NAME)
    functions.invoke(FunctionName=_NAME, Payload=_EVENT)
    warm, other = [], []
    for _ in range(_CALLS):
        warm.append(_timed(lambda: functions.invoke(FunctionName=_NAME, Payload=_EVENT)))
        other.append(_timed(lambda: functions.get_function_concurrency(FunctionName=_NAME)))
    start, interpreter = statistics.median(cold), statistics.median(bare)
    call, asked = statistics.median(warm), statistics.median(other)
    table.append(
        Row(
            "function, cold start", f"{start * 1000:.0f} ms",
            f"an interpreter and its handler {interpreter * 1000:.0f} ms",
            f"{start / interpreter:.1f}", "≤ 8", start <= 8 * interpreter,
        )
    )  # fmt: skip
    table.append(
        Row(
            "function, warm call", f"{call * 1000:.1f} ms",
            f"a call that runs nothing {asked * 1000:.1f} ms",
            f"+{(call - asked) * 1000:.1f} ms", "≤ +5 ms", call - asked <= 0.005,
        )
    )  # fmt: skip
    _measure_stage(functions, arn, table)


def _measure_stage(functions: Any, arn: str, table: Table) -> None:
    """A warm call through an HTTP API, over one connection, as a page keeps it."""
    apis = boto3.client("apigatewayv2")
    api = apis.create_api(Name=_NAME, ProtocolType="HTTP", Target=arn)
    functions.add_permission(
        FunctionName=_NAME, StatementId="stage", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )  # fmt: skip
    handler: dict[str, Any] = {}
    exec(_HANDLER, handler)
    with httpx.Client() as visitor:

        def visit() -> None:
            visitor.get(f"{api['ApiEndpoint']}/words", params={"text": _TEXT}).raise_for_status()

        def bare() -> None:
            json.loads(json.dumps(handler["handler"](json.loads(_EVENT), None)))

        # The connection, and the API as the stage reads it.
        visit()
        found = turns(_CALLS, visit=visit, bare=bare)
    apis.delete_api(ApiId=api["ApiId"])
    call, itself = found["visit"], found["bare"]
    table.append(
        Row(
            "function, warm call through a stage", f"{call * 1000:.1f} ms",
            f"the handler itself {itself * 1000:.2f} ms",
            f"+{(call - itself) * 1000:.1f} ms", "≤ +5 ms", call - itself <= 0.005,
        )
    )  # fmt: skip


def _make(functions: Any) -> str:
    """The function that is measured; its ARN."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("main.py", _HANDLER)
    role = boto3.client("iam").create_role(
        RoleName="benchmark-functions", AssumeRolePolicyDocument=json.dumps(_TRUST)
    )
    function = functions.create_function(
        FunctionName=_NAME, Runtime="python3.13", Handler="main.handler",
        Role=role["Role"]["Arn"], Code={"ZipFile": made.getvalue()},
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=_NAME)
    return str(function["FunctionArn"])


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
