"""Scripts in AWS's images of scikit-learn and XGBoost, requested as the SDK v2 does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from labcloud_support.life import eventually

from .scripts import PYTHON, SKLEARN, XGBOOST, Scripts, archive, line

# Says what it was given, and leaves a model and more.
TELLS = """\
import json, os, subprocess, sys
print("ARGUMENTS", json.dumps(sys.argv[1:]))
print("VARIABLES", json.dumps(dict(os.environ)))
sys.stdout.flush()
subprocess.run([sys.executable, "-c", "import helper; print('FOUND', helper.__file__)"], cwd="/")
print("HERE", os.getcwd(), sys.executable, sorted(os.listdir(".")))
for number in (1, 2):
    print(f"accuracy: 0.{number}; loss: {number}e-3")
open(os.path.join(os.environ["SM_MODEL_DIR"], "a-model"), "w").write("a model")
open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "more"), "w").write("more")
"""
KINDS = {
    "n-estimators": 10, "rate": 1e-3, "target": "Species of 'iris'", "flag": True, "none": None,
    "list": [1, "b"], "dict": {"a": {"b": [None]}}, "x": "-1", "empty": "", "zz": '"q" "r"',
}  # fmt: skip
ARGUMENTS = [
    "--dict", "a={'b': [None]}", "--empty", "", "--flag", "True", "--list", "[1, 'b']",
    "--n-estimators", "10", "--none", "", "--rate", "0.001", "--target", "Species of 'iris'",
    "-x", "-1", "--zz", '"q" "r"',
]  # fmt: skip
METRICS = [
    {"Name": "accuracy", "Regex": "accuracy: ([0-9.]+);"},
    {"Name": "loss", "Regex": "loss: ([0-9e-]+)"},
]
# More than the log takes at once, as fast as it goes.
LOUD = "for number in range(20_000):\n    print(number, 'x' * 1000)\n"
SECONDS = "86399.25"
LEAVES = f"import subprocess\nsubprocess.Popen(['sleep', '{SECONDS}'])\nprint('It ends.')\n"


@pytest.fixture(scope="module")
def scripts(client: Callable[[str], Any]) -> Scripts:
    return Scripts.in_new_bucket(client, "training-scripts")


@pytest.fixture(scope="module")
def told(scripts: Scripts, finished: Any) -> dict[str, dict[str, Any]]:
    """Two jobs of one script, by the image."""
    channel = {
        "ChannelName": "train",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix", "S3Uri": scripts.put("data/rows.csv", b"1,2\n"),
            }
        },
    }  # fmt: skip
    names = {"sklearn": SKLEARN, "xgboost": XGBOOST}
    for name, image in names.items():
        scripts.begin(
            f"told-{name}", {"train.py": TELLS, "helper.py": ""}, hyperparameters=KINDS,
            image=image, InputDataConfig=[channel],
            AlgorithmSpecification={"MetricDefinitions": METRICS},
        )  # fmt: skip
    return {name: finished(f"told-{name}") for name in names}


@pytest.mark.parametrize("image", ["sklearn", "xgboost"])
def test_a_script_gets_its_hyperparameters(
    told: dict[str, dict[str, Any]], log_of: Any, image: str
) -> None:
    assert told[image]["TrainingJobStatus"] == "Completed", told[image].get("FailureReason")
    log = log_of(f"told-{image}")
    # sagemaker-training takes the marks off the last argument, whatever they mean.
    last = 'q" "r' if image == "sklearn" else '"q" "r"'
    assert json.loads(line(log, "ARGUMENTS")) == [*ARGUMENTS[:-1], last]
    variables = json.loads(line(log, "VARIABLES"))
    assert json.loads(variables["SM_HPS"]) == KINDS
    assert json.loads(variables["SM_USER_ARGS"]) == ARGUMENTS
    assert variables["SM_HP_N-ESTIMATORS"] == "10"
    assert variables["SM_CHANNEL_TRAIN"] == "/opt/ml/input/data/train"
    assert variables["SM_USER_ENTRY_POINT"] == "train.py"
    assert line(log, "HERE") == f"/opt/ml/code {PYTHON} ['helper.py', 'train.py']"


@pytest.mark.parametrize("image", ["sklearn", "xgboost"])
def test_a_script_is_told_of_its_job(
    told: dict[str, dict[str, Any]], log_of: Any, image: str
) -> None:
    log = log_of(f"told-{image}")
    variables = json.loads(line(log, "VARIABLES"))
    # The older toolkit does not know it.
    assert variables.get("SM_CURRENT_INSTANCE_TYPE") == (
        "ml.m5.large" if image == "sklearn" else None
    )
    assert variables["SAGEMAKER_JOB_NAME"] == told[image]["TrainingJobName"]
    assert (variables["CURRENT_HOST"], variables["SAGEMAKER_REGION"]) == ("algo-1", "us-east-1")
    config = Path(variables["SM_INPUT_TRAINING_CONFIG_FILE"])
    assert config == Path("/opt/ml/input/config/hyperparameters.json")
    # A program that it starts elsewhere finds its modules.
    assert line(log, "FOUND") == "/opt/ml/code/helper.py"


@pytest.mark.parametrize("image", ["sklearn", "xgboost"])
def test_a_script_s_metrics_and_files_are_kept(
    told: dict[str, dict[str, Any]], scripts: Scripts, image: str
) -> None:
    final = {each["MetricName"]: each["Value"] for each in told[image]["FinalMetricDataList"]}
    assert final == {"accuracy": pytest.approx(0.2), "loss": pytest.approx(0.002)}
    # None of the algorithm's own.
    described = told[image]["AlgorithmSpecification"]["MetricDefinitions"]
    assert described == METRICS
    uri = told[image]["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{scripts.bucket}/output/told-{image}/output/model.tar.gz"
    scripts.s3.head_object(Bucket=scripts.bucket, Key=f"output/told-{image}/output/output.tar.gz")


def test_the_log_begins_with_what_runs_and_goes_on_as_aws_s(
    told: dict[str, dict[str, Any]], log_of: Any
) -> None:
    for image, logger in (("sklearn", "sagemaker-training-toolkit"), ("xgboost", "sagemaker-cont")):
        log = log_of(f"told-{image}")
        assert log[0].startswith("[labcloud] sagemaker-")
        assert "on AWS has" in log[0]
        text = "\n".join(log)
        assert logger in text
        assert "Invoking script with the following command:" in text
        # The container of XGBoost leaves without a word.
        assert [each for each in log if "Reporting training SUCCESS" in each] == (
            log[-1:] if image == "sklearn" else []
        )


def test_a_shell_script_runs_as_a_program(scripts: Scripts, finished: Any, log_of: Any) -> None:
    code = '#!/bin/sh\necho "RAN $# $2"\nexit 5\n'
    # A script, though there is a package: it is not installed.
    files = {"train.sh": code, "setup.py": "raise SystemExit('It is run.')"}
    scripts.begin("shell", files, program="train.sh", hyperparameters={"d": "a b"})
    assert finished("shell")["FailureReason"] == (
        'AlgorithmError: ExecuteUserScriptError:\nExitCode 5\nErrorMessage ""\n'
        "Command \"/bin/sh -c ./train.sh -d 'a b'\", exit code: 1"
    )
    assert line(log_of("shell"), "RAN") == "2 a b"


def test_a_loud_script_loses_nothing(
    scripts: Scripts, finished: Any, client: Callable[[str], Any]
) -> None:
    """20 MB, as fast as Python prints."""
    scripts.begin("loud", {"train.py": LOUD})
    assert finished("loud")["TrainingJobStatus"] == "Completed"
    logs, group = client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="loud/")
    # From its end: it has many pages.
    events = logs.get_log_events(
        logGroupName=group, logStreamName=streams["logStreams"][0]["logStreamName"]
    )["events"]
    lines = [each["message"] for each in events]
    assert "Reporting training SUCCESS" in lines[-1]
    assert lines[-2] == "19999 " + "x" * 1000
    numbers = [int(each.partition(" ")[0]) for each in lines[:-1]]
    assert numbers == list(range(numbers[0], 20_000))


def test_a_child_that_is_left_behind_does_not_keep_its_job(
    scripts: Scripts, finished: Any, log_of: Any
) -> None:
    scripts.begin("leaves", {"train.py": LEAVES})
    assert finished("leaves")["TrainingJobStatus"] == "Completed"
    assert "It ends." in log_of("leaves")
    eventually(lambda: not sleepers(), "the child has ended")


def sleepers() -> list[psutil.Process]:
    return [
        each for each in psutil.process_iter(["cmdline"]) if SECONDS in (each.info["cmdline"] or ())
    ]


def test_a_script_that_takes_too_long_is_stopped(scripts: Scripts, finished: Any) -> None:
    code = "import time\nprint('It begins.', flush=True)\ntime.sleep(600)\n"
    scripts.begin("long", {"train.py": code}, StoppingCondition={"MaxRuntimeInSeconds": 2})
    job = finished("long")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


CALLS = """\
import json, os, socket
place = ("127.0.0.1", json.loads(os.environ["SM_HP_PORT"]))
try:
    socket.create_connection(place, 60)
    print("ANSWER yes")
except OSError as error:
    print("ANSWER", type(error).__name__)
"""


@pytest.mark.parametrize("isolated", [True, False])
def test_a_script_without_a_network_has_its_source_in_a_channel(
    scripts: Scripts, finished: Any, log_of: Any, cloud_environment: dict[str, str], name: str,
    isolated: bool,
) -> None:  # fmt: skip
    """As the SDK v2 requests it with enable_network_isolation."""
    uri = scripts.put(f"{name}/source/sourcedir.tar.gz", archive({"train.py": CALLS}))
    source = {"S3DataType": "S3Prefix", "S3Uri": uri.rpartition("/")[0]}
    request = scripts.request(
        name, "/opt/ml/input/data/code/sourcedir.tar.gz",
        {"port": urlsplit(cloud_environment["AWS_ENDPOINT_URL"]).port},
        EnableNetworkIsolation=isolated,
        InputDataConfig=[{"ChannelName": "code", "DataSource": {"S3DataSource": source}}],
    )  # fmt: skip
    scripts.sagemaker.create_training_job(**request)
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert (line(log_of(name), "ANSWER") == "yes") is not isolated
