"""How the time of an execution grows with its steps: twenty, and two hundred.

The steps are conditions, which do no work of their own, in a chain and side by side: what is
measured is what surrounds a step. An exponent of 1 is linear.
"""

from __future__ import annotations

import functools
import json
import math
import time
from typing import Any

import boto3
from benchmarks.table import ROLE, Row, Table, turns

STEPS, TENTH = 200, 10
_EXECUTING = "Executing"


def measure(table: Table) -> None:
    """Executions of many steps beside those of a tenth of them."""
    sagemaker: Any = boto3.client("sagemaker")
    for shape, chained in (("in a chain", True), ("side by side", False)):
        counts = {"tenth": STEPS // TENTH, "whole": STEPS}
        for name, count in counts.items():
            sagemaker.create_pipeline(
                PipelineName=f"{name}-{int(chained)}", RoleArn=ROLE,
                PipelineDefinition=_definition(count, chained=chained),
            )  # fmt: skip
        calls = {
            name: functools.partial(_run, sagemaker, f"{name}-{int(chained)}") for name in counts
        }
        times = turns(5, **calls)
        exponent = math.log(times["whole"] / times["tenth"], TENTH)
        table.append(
            Row(
                f"an execution of {STEPS} steps {shape}",
                f"{times['whole']:.2f} s",
                f"of a tenth of them {times['tenth']:.3f} s",
                f"exponent {exponent:.2f}",
                "≤ 1.1",
                exponent <= 1.1,
            )
        )


def _definition(count: int, *, chained: bool) -> str:
    steps = [
        {
            "Name": f"S{number}",
            "Type": "Condition",
            "Arguments": {"Conditions": [], "IfSteps": [], "ElseSteps": []},
            "DependsOn": [f"S{number - 1}"] if chained and number else [],
        }
        for number in range(count)
    ]
    return json.dumps({"Version": "2020-12-01", "Steps": steps})


def _run(sagemaker: Any, name: str) -> None:
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    status = _EXECUTING
    while status == _EXECUTING:
        time.sleep(0.002)
        found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        status = found["PipelineExecutionStatus"]
    assert status == "Succeeded", found
