"""What HyperparameterTuner is made to do, in both versions of the SageMaker SDK."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

# What both versions do alike; `new_tuner` makes one of either.
BOTH = """
tuner.{start}
described = tuner.describe()
best = tuner.best_training_job()
table = tuner.analytics().dataframe()
ranges = tuner.analytics().tuning_ranges
warm = new_tuner(1, {warm})
# The SDK names tuning jobs by the minute.
warm.{start_as}
print("\\nRESULT", json.dumps({{
    "best": best,
    "table": json.loads(table.to_json(orient="records", date_format="iso")),
    "ranges": sorted(ranges),
    "warm": warm.best_training_job(),
    "status": {status},
}}))
"""
V3 = """
import json, sys
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.parameter import (
    CategoricalParameter, ContinuousParameter, IntegerParameter,
)
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner, WarmStartTypes
from sagemaker.core.shapes import (
    HyperParameterTuningJobWarmStartConfig, ParentHyperParameterTuningJob,
)

files = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
for channel, text in files.items():
    session.upload_string_as_file_body(text, bucket, f"tuner/{channel}/data.csv")
inputs = [
    InputData(channel_name=c, data_source=f"s3://{bucket}/tuner/{c}", content_type="text/csv")
    for c in files
]
trainer = ModelTrainer(
    sagemaker_session=session, role=get_execution_role(), base_job_name="sdk-tuner",
    training_image=image_uris.retrieve("xgboost", session.boto_region_name, version="3.0-5"),
    compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/tuner/output"),
    hyperparameters={"objective": "reg:squarederror", "num_round": 5, "eta": 0.3},
    input_data_config=inputs,
)

def new_tuner(jobs, warm=None):
    return HyperparameterTuner(
        model_trainer=trainer, objective_metric_name="validation:rmse",
        objective_type="Minimize", max_jobs=jobs, max_parallel_jobs=1, random_seed=1,
        warm_start_config=warm,
        hyperparameter_ranges={
            "eta": ContinuousParameter(0.05, 0.5, scaling_type="Logarithmic"),
            "max_depth": IntegerParameter(1, 6),
            "tree_method": CategoricalParameter(["hist", "exact"]),
        },
    )

tuner = new_tuner(4)
""" + BOTH.format(
    start="tune(inputs=inputs, wait=True)",
    start_as="tune(inputs=inputs, job_name='tuned-by-v3', wait=True)",
    status="described.hyper_parameter_tuning_job_status",
    warm="HyperParameterTuningJobWarmStartConfig("
    "warm_start_type='TransferLearning', parent_hyper_parameter_tuning_jobs=["
    "ParentHyperParameterTuningJob(hyper_parameter_tuning_job_name="
    "tuner.latest_tuning_job.hyper_parameter_tuning_job_name)])",
)
V2 = (
    """
import json, sys
from sagemaker import Session, get_execution_role, image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.tuner import (
    CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter,
    WarmStartConfig, WarmStartTypes,
)

files = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
for channel, text in files.items():
    session.upload_string_as_file_body(text, bucket, f"tuner/{channel}/data.csv")
inputs = {c: TrainingInput(f"s3://{bucket}/tuner/{c}", content_type="text/csv") for c in files}
estimator = Estimator(
    image_uri="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
    role="arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-labcloud",
    instance_count=1, instance_type="ml.m5.large", sagemaker_session=session,
    output_path=f"s3://{bucket}/tuner/output", base_job_name="v2-tuner",
    hyperparameters={"objective": "reg:squarederror", "num_round": "5"},
)

def new_tuner(jobs, warm=None):
    return HyperparameterTuner(
        estimator=estimator, objective_metric_name="validation:rmse", objective_type="Minimize",
        max_jobs=jobs, max_parallel_jobs=1, warm_start_config=warm, random_seed=1,
        base_tuning_job_name="v2-tuner",
        hyperparameter_ranges={
            "eta": ContinuousParameter(0.05, 0.5, scaling_type="Logarithmic"),
            "max_depth": IntegerParameter(1, 6),
            "tree_method": CategoricalParameter(["hist", "exact"]),
        },
    )

tuner = new_tuner(4)
"""
    + BOTH.format(
        start="fit(inputs, wait=True)",
        start_as="fit(inputs, job_name='tuned-by-v2', wait=True)",
        status="described['HyperParameterTuningJobStatus']",
        warm="WarmStartConfig(WarmStartTypes.TRANSFER_LEARNING, {tuner.latest_tuning_job.name})",
    )
    + """
again = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=session)
assert again.best_estimator().model_data == tuner.best_estimator().model_data
"""
)


def outcome(
    python: Path | str, script: str, environment: dict[str, str], golden: dict[str, Any]
) -> dict[str, Any]:
    channels = golden["regression"]["channels"]
    files = {channel: golden["files"][key] for channel, key in channels.items()}
    ran = subprocess.run(
        [python, "-c", script], input=json.dumps(files), env=environment,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr + ran.stdout
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    return found


def check(found: dict[str, Any]) -> None:
    """Four jobs, of which the best is named; a warm start that found something too."""
    assert found["status"] == "Completed"
    assert found["ranges"] == ["eta", "max_depth", "tree_method"]
    table = found["table"]
    assert len(table) == 4
    best = min(table, key=lambda row: row["FinalObjectiveValue"])
    assert best["TrainingJobName"] == found["best"]
    assert all(row["TrainingElapsedTimeSeconds"] >= 0 for row in table)
    assert {row["tree_method"].strip('"') for row in table} <= {"hist", "exact"}
    assert found["warm"] != found["best"]
