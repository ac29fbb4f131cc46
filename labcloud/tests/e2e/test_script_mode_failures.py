"""Scripts in AWS's images that fail: why, in the words of AWS's toolkits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .scripts import PYTHON, SKLEARN, XGBOOST, Scripts, archive

SHELL_KILLS = f"#!/bin/sh\n{PYTHON} -c 'import os; os.kill(os.getpid(), 9)'\nexit $?\n"
OUT_OF_MEMORY = 'ExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"\n'


def newer(code: int, command: str = f"{PYTHON} train.py", extra: str = "") -> str:
    """What sagemaker-training says of a script that has failed."""
    return (
        f'ExecuteUserScriptError:\nExitCode {code}\nErrorMessage ""\n{extra}'
        f'Command "{command} --depth 3"'
    )


def older(module: str = "train") -> str:
    """What sagemaker-containers says of it."""
    return f'ExecuteUserScriptError:\nCommand "{PYTHON} -m {module} --depth 3"'


RAISES = "raise ValueError('no such column')"
# Image, name of the script, its code if it is there, what FailureReason must be, and what the log.
FAILURES = {
    "raises": (SKLEARN, "train.py", RAISES, newer(1), "ValueError: no such column"),
    "syntax": (SKLEARN, "train.py", "def broken(:\n", newer(1), "SyntaxError: invalid syntax"),
    "exits": (SKLEARN, "train.py", "import sys; sys.exit(42)", newer(42), "Encountered exit_code"),
    "killed": (SKLEARN, "train.py", "import os; os.kill(os.getpid(), 9)", newer(-9), ""),
    "killed-below-a-shell": (
        SKLEARN, "train.sh", SHELL_KILLS, newer(137, "/bin/sh -c ./train.sh", OUT_OF_MEMORY), "",
    ),
    "absent": (SKLEARN, "train.py", None, newer(2), "can't open file"),
    "raises-xgboost": (XGBOOST, "train.py", RAISES, older(), "ValueError: no such column"),
    "syntax-xgboost": (XGBOOST, "train.py", "def broken(:\n", older(), "SyntaxError: invalid synt"),
    "absent-xgboost": (XGBOOST, "train.py", None, older(), "No module named train"),
    # It runs modules, and nothing else.
    "shell-xgboost": (XGBOOST, "run.sh", "exit 0", older("run.sh"), "for 'run.sh'"),
}  # fmt: skip


@pytest.fixture(scope="module")
def scripts(client: Callable[[str], Any]) -> Scripts:
    return Scripts.in_new_bucket(client, "failing-scripts")


@pytest.fixture(scope="module")
def failures(scripts: Scripts) -> None:
    """Jobs that fail, begun together."""
    for name, (image, program, code, *_) in FAILURES.items():
        files = {program: code} if code else {"other.py": ""}
        scripts.begin(name, files, image=image, program=program, hyperparameters={"depth": 3})


@pytest.mark.usefixtures("failures")
@pytest.mark.parametrize("name", FAILURES)
def test_why_a_script_has_failed(finished: Any, log_of: Any, name: str) -> None:
    *_, reason, said = FAILURES[name]
    job = finished(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == f"AlgorithmError: {reason}, exit code: 1"
    assert said in "\n".join(log_of(name))


def test_a_shell_script_that_is_not_there(scripts: Scripts, finished: Any, log_of: Any) -> None:
    scripts.begin("absent-shell", {"other.py": ""}, program="train.sh")
    reason = finished("absent-shell")["FailureReason"]
    assert reason.startswith("AlgorithmError: Framework Error: \nTraceback")
    log = log_of("absent-shell")
    assert "No such file or directory: '/opt/ml/code/train.sh'" in "\n".join(log)
    assert log[-1].endswith("Encountered exit_code 2")


def test_a_source_that_is_not_there(
    scripts: Scripts, sagemaker: Any, finished: Any, log_of: Any
) -> None:
    source = f"s3://{scripts.bucket}/nowhere.tar.gz"
    sagemaker.create_training_job(**scripts.request("nowhere", source))
    reason = finished("nowhere")["FailureReason"]
    assert reason.startswith(
        "AlgorithmError: Framework Error: \nTraceback (most recent call last):"
    )
    # A reason has room for its beginning only.
    assert "NoSuchKey" in "\n".join(log_of("nowhere"))


def test_an_image_without_an_algorithm_needs_a_script(scripts: Scripts, finished: Any) -> None:
    request = scripts.request("unnamed", scripts.put("unnamed.tar.gz", archive({})))
    del request["HyperParameters"]["sagemaker_program"]
    scripts.sagemaker.create_training_job(**request)
    reason = finished("unnamed")["FailureReason"]
    assert reason.startswith("AlgorithmError: Framework Error: \n")
    assert "sagemaker_program must name a script" in reason
