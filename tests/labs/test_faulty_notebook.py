"""What is wrong with a notebook, its exercises, its policy or its clean-up is found by its run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labhelpers.verdicts import Verdict

ROOT = Path(__file__).parents[2]
CONNECT = """\
from labhelpers import connect

lab = connect("98-faulty")"""
WRITE_BESIDE = """\
from pathlib import Path

written = Path("beside.txt").write_text("x")"""
CALL_ECR = """\
import boto3

repositories = boto3.client("ecr").describe_repositories()"""
# An endpoint costs money from its first moment, whatever becomes of it.
FORGET = """\
name = f"{lab.base_name}-forgotten"
image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
variant = {
    "VariantName": "A", "ModelName": name,
    "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
}
sagemaker = lab.client("sagemaker")
key = lab.uri("model.tar.gz").removeprefix(f"s3://{lab.bucket}/")
made = lab.client("s3").put_object(Bucket=lab.bucket, Key=key, Body=b"no archive")
made = sagemaker.create_model(
    ModelName=name,
    ExecutionRoleArn=lab.role,
    PrimaryContainer={"Image": image, "ModelDataUrl": lab.uri("model.tar.gz")},
)
made = sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
made = sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)"""
LOOK = "assert lab.client('sagemaker').list_endpoints()['Endpoints'] == []"
EXERCISES = """\
from labhelpers import Exercise, Exercises, NotYet


def check(answer):
    if answer == 0:
        raise NotYet("it is more.")
    return "so it is."


wrong = ("answer_1 = 0", "answer_1 = 2")
exercises = Exercises(Exercise(check=check, hints=("1.",), solution="answer_1 = 1", wrong=wrong))
"""
EXERCISE = """\
from exercises import exercises

answer_1 = ...

exercises.check(1, answer_1)"""
ALREADY_ANSWERED = EXERCISE.replace(
    "answer_1 = ...", "answer_1 = ...\nanswer_1 = 1 if answer_1 is ... else answer_1"
)
UNTOUCHED = Verdict(1, "not attempted", "replace the ... by your answer and run the cell again.")


def cell(code: str, printed: str | Verdict = "", *tags: str) -> dict[str, Any]:
    """A code cell as it is stored, with what it printed, or the verdict that it shows."""
    output: dict[str, Any] = {"output_type": "stream", "name": "stdout", "text": printed}
    if isinstance(printed, Verdict):
        data = {"text/plain": repr(printed), "text/html": printed._repr_html_()}
        output = {"output_type": "display_data", "data": data, "metadata": {}}
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {"tags": tags},
        "outputs": [output] if printed else [],
        "source": code,
    }


def write(folder: Path, *cells: dict[str, Any]) -> None:
    """A lab with one notebook, whose policy allows what connect does, and SageMaker's calls."""
    folder.mkdir(parents=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": kernel}, "cells": cells,
    }  # fmt: skip
    (folder / f"{folder.name}.ipynb").write_text(json.dumps(notebook))
    actions = ["sagemaker:*", "s3:*", "iam:*"]
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "All", "Action": actions}]}
    (folder.parent / "policy.json").write_text(json.dumps(policy))
    (folder / "exercises.py").write_text(EXERCISES)


@pytest.mark.slow
def test_each_fault_fails_a_test_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "container").mkdir()
    faulty, sound = tmp_path / "labs" / "98-faulty", tmp_path / "labs" / "99-sound"
    write(
        faulty,
        cell(CONNECT, "", "nbval-ignore-output"),
        cell("print('now')", "then\n"),
        cell("1 / 0"),
        cell(WRITE_BESIDE),
        cell(EXERCISE, UNTOUCHED, "exercise-1"),
        cell(ALREADY_ANSWERED, "", "exercise-1", "nbval-ignore-output"),
        cell(CALL_ECR),
        cell(FORGET),
    )
    write(sound, cell(CONNECT, "", "nbval-ignore-output"), cell(LOOK, "", "nbval-ignore-output"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-rA", "-c", tmp_path / "pytest.ini",
         "-p", "tests.labs.plugin", "--color=no", tmp_path],
        cwd=ROOT, capture_output=True, text=True, timeout=180,
        env={name: value for name, value in os.environ.items() if "PYTEST" not in name},
    )  # fmt: skip
    said = done.stdout
    outcomes = re.findall(r"^([A-Z]+) \S+/(\w+-\w+)\.ipynb::(.+?)(?: - .*)?$", said, re.MULTILINE)
    assert sorted(outcomes) == sorted(
        [
            ("PASSED", "98-faulty", "Cell 0"),
            ("FAILED", "98-faulty", "Cell 1"),
            ("FAILED", "98-faulty", "Cell 2"),
            ("PASSED", "98-faulty", "Cell 3"),
            ("PASSED", "98-faulty", "Cell 4"),
            ("PASSED", "98-faulty", "Cell 4, wrong answer 1"),
            ("FAILED", "98-faulty", "Cell 4, wrong answer 2"),
            ("PASSED", "98-faulty", "Cell 4, right answer"),
            ("FAILED", "98-faulty", "Cell 5"),
            ("PASSED", "98-faulty", "Cell 5, wrong answer 1"),
            ("FAILED", "98-faulty", "Cell 5, wrong answer 2"),
            ("PASSED", "98-faulty", "Cell 5, right answer"),
            ("PASSED", "98-faulty", "Cell 6"),
            ("PASSED", "98-faulty", "Cell 7"),
            ("FAILED", "98-faulty", "nothing_that_costs_money_is_left"),
            ("FAILED", "98-faulty", "every_call_is_allowed_by_the_policy"),
            ("PASSED", "99-sound", "Cell 0"),
            # It looks for what the one before it left.
            ("PASSED", "99-sound", "Cell 1"),
            ("PASSED", "99-sound", "nothing_that_costs_money_is_left"),
            ("PASSED", "99-sound", "every_call_is_allowed_by_the_policy"),
        ]
    ), said
    assert "Cell 4: Its output should begin with 'Exercise 1: not yet: '" in said
    assert "Exercise 1: correct: so it is." in said
    assert re.search(r"\['labs-\w+-98-forgotten'\] == \[\]", said)
    assert "['ecr:DescribeRepositories'] == []" in said
    assert not (faulty / "beside.txt").exists()
