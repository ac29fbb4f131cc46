"""Functions: a cold start and a warm call, beside the handler itself."""

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
from benchmarks.table import TURNS, Row

_HANDLER = "def handler(event, context):\n    return {'words': len(event['text'].split())}\n"
_EVENT = json.dumps({"text": "two words"})
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


def measure(rows: list[Row]) -> None:
    """Both are from boto3 to boto3; a call of another operation is the reference of a warm one."""
    functions = boto3.client("lambda")
    _make(functions)
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
    rows.append(
        Row(
            "function, cold start", f"{start * 1000:.0f} ms",
            f"an interpreter and its handler {interpreter * 1000:.0f} ms",
            f"{start / interpreter:.1f}", "≤ 8", start <= 8 * interpreter,
        )
    )  # fmt: skip
    rows.append(
        Row(
            "function, warm call", f"{call * 1000:.1f} ms",
            f"a call that runs nothing {asked * 1000:.1f} ms",
            f"+{(call - asked) * 1000:.1f} ms", "≤ +5 ms", call - asked <= 0.005,
        )
    )  # fmt: skip


def _make(functions: Any) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("main.py", _HANDLER)
    role = boto3.client("iam").create_role(
        RoleName="benchmark-functions", AssumeRolePolicyDocument=json.dumps(_TRUST)
    )
    functions.create_function(
        FunctionName=_NAME, Runtime="python3.13", Handler="main.handler",
        Role=role["Role"]["Arn"], Code={"ZipFile": made.getvalue()},
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=_NAME)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
