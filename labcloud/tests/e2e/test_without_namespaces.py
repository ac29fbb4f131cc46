"""Script mode on a machine that gives a process no /opt/ml of its own, as a Mac does.

The kernel's refusal is the only thing here that is played.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.tree import DecisionTreeClassifier

from labcloud.client.environment import pointed_at
from labcloud_support.life import Life, life_with, with_modules
from labcloud_support.resources import ROLE, variant

from .scripts import SKLEARN, Scripts, archive

REFUSES = """
from labcloud.containers.published import private

def refuse(*_, **__):
    raise private.Forbidden("only Linux has namespaces")

private.enter = refuse
"""
TRAIN = """
import argparse, os
parser = argparse.ArgumentParser()
parser.add_argument("--depth")
told, _ = parser.parse_known_args()
print("depth", told.depth, os.listdir(os.environ["SM_CHANNEL_TRAIN"]))
open(os.path.join(os.environ["SM_MODEL_DIR"], "model.txt"), "w").write("a model")
"""
SERVES = """
import os, pickle
def model_fn(folder):
    with open(os.path.join(folder, "model.pkl"), "rb") as file:
        return pickle.load(file)
"""
SDK = """
import json, sys
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.training.configs import Compute, InputData, SourceCode
from sagemaker.train import ModelTrainer

given = json.load(sys.stdin)
trainer = ModelTrainer(
    sagemaker_session=Session(), role=get_execution_role(), training_image=given["image"],
    base_job_name="drivers",
    compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
    source_code=SourceCode(
        source_dir=given["folder"], entry_script="train.py", requirements="requirements.txt"
    ),
    hyperparameters={"depth": 3},
    input_data_config=[InputData(channel_name="train", data_source=given["train"])],
)
trainer.train(wait=True, logs=False)
print("\\nRESULT", trainer._latest_training_job.training_job_name)
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    path = with_modules(tmp_path_factory.mktemp("modules"), {"sitecustomize": REFUSES})
    with life_with(tmp_path_factory.mktemp("state"), PYTHONPATH=path) as life:
        yield life


@pytest.fixture(scope="module")
def scripts(life: Life) -> Scripts:
    return Scripts.in_new_bucket(life.client, "open")


def log_of(life: Life, group: str, prefix: str) -> list[str]:
    logs, group = life.client("logs"), f"/aws/sagemaker/{group}"
    (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)[
        "logStreams"
    ]
    found = logs.get_log_events(
        logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
    )
    return [event["message"] for event in found["events"]]


def test_the_sdk_s_drivers(life: Life, scripts: Scripts, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "requirements.txt").write_text("numpy\n")
    scripts.put("train/rows.csv", b"1,2")
    given = {"image": SKLEARN, "folder": str(tmp_path), "train": "s3://open/train/"}
    done = subprocess.run(
        [sys.executable, "-c", SDK], input=json.dumps(given), capture_output=True, text=True,
        env=pointed_at(life.home, life.running, os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (name,) = [x.split()[1] for x in done.stdout.splitlines() if x.startswith("RESULT")]
    log = log_of(life, "TrainingJobs", name)
    assert "This machine gives a process no /opt/ml of its own" in "".join(log[:3])
    assert "depth 3 ['rows.csv']" in log
    job = scripts.sagemaker.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Completed"
    # What the SDK has uploaded is as it was.
    (drivers,) = [
        each["DataSource"]["S3DataSource"]["S3Uri"]
        for each in job["InputDataConfig"]
        if each["ChannelName"] == "sm_drivers"
    ]
    bucket, _, key = drivers.removeprefix("s3://").partition("/")
    body = scripts.s3.get_object(Bucket=bucket, Key=f"{key.rstrip('/')}/sm_train.sh")["Body"].read()
    assert b"source /opt/ml/input/sm_training.env" in body


def test_the_toolkit(life: Life, scripts: Scripts) -> None:
    source = scripts.put("source.tar.gz", archive({"train.py": TRAIN}))
    request: dict[str, Any] = scripts.request("toolkit", source, {"depth": 2})
    scripts.put("train/rows.csv", b"1,2")
    request["InputDataConfig"] = [
        {"ChannelName": "train", "DataSource": {"S3DataSource": {
            "S3DataType": "S3Prefix", "S3Uri": "s3://open/train/"}}},
    ]  # fmt: skip
    scripts.sagemaker.create_training_job(**request)
    waiter = scripts.sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName="toolkit")
    assert "depth 2 ['rows.csv']" in log_of(life, "TrainingJobs", "toolkit")


def test_a_script_beside_its_model_serves(life: Life, scripts: Scripts) -> None:
    model = pickle.dumps(DecisionTreeClassifier().fit([[0], [1]], [3, 4]))
    uri = scripts.put("model.tar.gz", archive({"model.pkl": model, "code/inference.py": SERVES}))
    sagemaker = scripts.sagemaker
    sagemaker.create_model(
        ModelName="open", ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": SKLEARN, "ModelDataUrl": uri, "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}},
    )  # fmt: skip
    sagemaker.create_endpoint_config(
        EndpointConfigName="open", ProductionVariants=[variant("open")]
    )
    sagemaker.create_endpoint(EndpointName="open", EndpointConfigName="open")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="open")
    answer = life.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="open", Body="[[1], [0]]", ContentType="application/json"
    )
    assert answer["Body"].read() == b"[4, 3]"
