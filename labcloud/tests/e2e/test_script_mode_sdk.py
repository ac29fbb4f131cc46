"""SourceCode of the SDK v3, unmodified, in a process that only has the environment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.wheels import offline, wheel

from .scripts import ACCURACY, PYTHON, SKLEARN, TUNED, check_tuning

TRAIN = """\
import json, os, pickle, sys
import lc_tiny
from sklearn.tree import DecisionTreeClassifier
print("ARGUMENTS", json.dumps(sys.argv[1:]))
print("VARIABLES", json.dumps({k: v for k, v in os.environ.items() if k.startswith("SM_")}))
print("VERSION", lc_tiny.VERSION)
model = DecisionTreeClassifier().fit([[0, 0], [1, 1]], ["no", "yes"])
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.pkl"), "wb") as file:
    pickle.dump(model, file)
print("accuracy: 0.75;")
"""
FAILS = "def broken():\n    raise ValueError('no such column')\nbroken()\n"
SERVES = """\
import os, pickle
import numpy as np
def model_fn(folder):
    with open(os.path.join(folder, "model.pkl"), "rb") as file:
        return pickle.load(file)
def input_fn(content, content_type):
    return None if content_type == "text/plain" else np.array([content.split(",")], float)
def output_fn(prediction, accept):
    return " ".join(prediction), "text/plain"
"""
# The SDK takes five seconds for a job: it validates the schema of its own settings ten times.
pytestmark = pytest.mark.slow

HYPERPARAMETERS = {
    "n-estimators": 10, "rate": 1e-3, "target": "Species", "flag": True, "list": [1, 2],
    "zeros": "007", "x": -1,
}  # fmt: skip
SDK = """\
import json, sys
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.training.configs import Compute, SourceCode
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.core.shapes import MetricDefinition
from sagemaker.core.parameter import IntegerParameter
from sagemaker.train.tuner import HyperparameterTuner

given = json.load(sys.stdin)
session = Session()
role = get_execution_role()

def trainer_of(name, environment=None, hyperparameters=None, **source):
    return ModelTrainer(
        sagemaker_session=session, role=role, training_image=given["image"], base_job_name=name,
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
        source_code=SourceCode(source_dir=given["folder"], **source),
        hyperparameters=hyperparameters or {}, environment=environment or {},
    )

def begin(name, metrics=(), environment=None, hyperparameters=None, **source):
    trainer = trainer_of(name, environment, hyperparameters, **source)
    if metrics:
        trainer = trainer.with_metric_definitions([MetricDefinition(**each) for each in metrics])
    trainer.train(wait=False, logs=False)
    return trainer._latest_training_job

jobs = {
    "trains": begin(
        "trains", given["metrics"], given["environment"], given["hyperparameters"],
        entry_script="train.py", requirements="requirements.txt",
    ),
    "fails": begin("fails", entry_script="fails.py", hyperparameters={"depth": 3}),
    "command": begin(
        "command", hyperparameters={"depth": 3},
        command="echo depth $SM_HP_DEPTH $# && test -d $SM_CHANNEL_CODE",
    ),
}
tuner = HyperparameterTuner(
    trainer_of("tunes", given["environment"], {"target": "Species"}, entry_script="tunes.py"),
    given["tuned"]["Name"], {"depth": IntegerParameter(1, 3)}, [given["tuned"]],
    max_jobs=3, max_parallel_jobs=2,
)
tuner.tune(wait=False)
jobs["trains"].wait(logs=False)
builder = ModelBuilder(
    image_uri=given["image"], s3_model_data_url=jobs["trains"].model_artifacts.s3_model_artifacts,
    source_code=SourceCode(source_dir=given["serving"], entry_script="inference.py"),
    role_arn=role, sagemaker_session=session, instance_type="ml.m5.large",
)
builder.build(model_name="sdk-script")
builder.deploy(endpoint_name="sdk-script", initial_instance_count=1, wait=False)
tuner.wait()
names = {name: job.training_job_name for name, job in jobs.items()}
names["tunes"] = tuner.latest_tuning_job.hyper_parameter_tuning_job_name
print("\\nRESULT", json.dumps(names))
"""


@pytest.fixture(scope="module")
def jobs(
    cloud_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The names of its training jobs. A model is being deployed as the endpoint sdk-script."""
    folder = tmp_path_factory.mktemp("source")
    for place, files in {
        "train": {
            "train.py": TRAIN,
            "fails.py": FAILS,
            "requirements.txt": "lc-tiny==1.0\n",
            "tunes.py": TUNED,
        },
        "serve": {"inference.py": SERVES},
    }.items():
        (folder / place).mkdir()
        for name, text in files.items():
            (folder / place / name).write_text(text)
    given = {
        "image": SKLEARN,
        "folder": str(folder / "train"),
        "serving": str(folder / "serve"),
        "hyperparameters": HYPERPARAMETERS,
        "metrics": [{"name": "accuracy", "regex": "accuracy: ([0-9.]+);"}],
        "environment": offline(wheel(folder, "lc-tiny")),
        "tuned": ACCURACY,
    }
    ran = subprocess.run(
        [sys.executable, "-c", SDK],
        input=json.dumps(given), env=cloud_environment, capture_output=True, text=True, timeout=300,
        cwd=folder,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    found: dict[str, str] = json.loads(line.removeprefix("RESULT "))
    return found


def said(log: list[str], word: str) -> str:
    (found,) = [line for line in log if line.startswith(f"{word} ")]
    return found.removeprefix(f"{word} ")


def test_a_script_gets_its_hyperparameters(
    jobs: dict[str, str], finished: Any, log_of: Any
) -> None:
    job = finished(jobs["trains"])
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert job["FinalMetricDataList"][0]["MetricName"] == "accuracy"
    assert job["FinalMetricDataList"][0]["Value"] == pytest.approx(0.75)
    log = log_of(jobs["trains"])
    assert log[0].startswith("[labcloud] sagemaker-scikit-learn:1.2-1-cpu-py3 on AWS has ")
    assert json.loads(said(log, "ARGUMENTS")) == [
        "--n-estimators", "10", "--rate", "0.001", "--target", "Species", "--flag", "true",
        "--list", "[1, 2]", "--zeros", "007", "--x", "-1",
    ]  # fmt: skip
    assert said(log, "VERSION") == "1.0"
    variables = json.loads(said(log, "VARIABLES"))
    assert variables["SM_HP_N_ESTIMATORS"] == "10"
    assert json.loads(variables["SM_CHANNELS"]) == ["code", "sm_drivers"]
    assert variables["SM_SOURCE_DIR"] == "/opt/ml/input/data/code"
    assert log[-1].endswith("Training Container Execution Completed")


def test_the_reason_of_a_failure_is_the_driver_s(
    jobs: dict[str, str], finished: Any, log_of: Any
) -> None:
    """It has nothing of what the script said: that is in the log, without its indentation."""
    job = finished(jobs["fails"])
    assert job["TrainingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: Traceback (most recent call last):\n")
    assert "/opt/ml/input/data/sm_drivers/" in reason
    assert (
        f"Command '['{PYTHON}3', 'fails.py', '--depth', '3']' returned non-zero exit status 1."
        in reason
    )
    assert "no such column" not in reason
    log = log_of(jobs["fails"])
    assert "ValueError: no such column" in log
    assert "raise ValueError('no such column')" in log


def test_a_command_gets_its_hyperparameters_as_variables_alone(
    jobs: dict[str, str], finished: Any, log_of: Any
) -> None:
    job = finished(jobs["command"])
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "depth 3 0" in log_of(jobs["command"])


def test_a_script_is_tuned(jobs: dict[str, str], sagemaker: Any) -> None:
    check_tuning(sagemaker, jobs["tunes"])


def test_the_model_is_served_with_another_script(
    jobs: dict[str, str], sagemaker: Any, client: Callable[[str], Any]
) -> None:
    model = sagemaker.describe_model(ModelName="sdk-script")["PrimaryContainer"]
    assert model["Environment"]["SAGEMAKER_PROGRAM"] == "inference.py"
    assert model["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] == "/opt/ml/model/code"
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="sdk-script")
    runtime = client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(
        EndpointName="sdk-script", Body="1,1", ContentType="text/csv", Accept="text/csv"
    )
    assert answer["Body"].read() == b"yes"
    assert answer["ContentType"].startswith("text/plain")
    # Its input_fn returns None, of which the model predicts nothing.
    with pytest.raises(runtime.exceptions.ModelError) as refused:
        runtime.invoke_endpoint(EndpointName="sdk-script", Body="1,1", ContentType="text/plain")
    assert "<title>500 Internal Server Error</title>" in str(refused.value)
