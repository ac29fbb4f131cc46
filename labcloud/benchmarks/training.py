"""A training job beside the same training without SageMaker."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import boto3
import numpy as np
from benchmarks.table import BUCKET, IMAGE, ROLE, Row, Table, turns

PARAMETERS = {"objective": "reg:squarederror", "max_depth": 5, "eta": 0.2}
ROUNDS = 50

FRESH = """
import sys, xgboost as xgb
train = xgb.DMatrix(sys.argv[1] + "?format=csv&label_column=0")
booster = xgb.train({parameters}, train, {rounds}, evals=[(train, "train")], verbose_eval=False)
booster.save_model(sys.argv[2])
"""


def measure(folder: Path, table: Table) -> str:
    """A job against the same training in a fresh process, and against the bare call; its name."""
    import xgboost as xgb

    path = _data(folder)
    script = folder / "train.py"
    script.write_text(FRESH.format(parameters=PARAMETERS, rounds=ROUNDS))
    out = str(folder / "model.ubj")

    def bare() -> None:
        train = xgb.DMatrix(f"{path}?format=csv&label_column=0")
        xgb.train(PARAMETERS, train, ROUNDS, evals=[(train, "train")], verbose_eval=False)

    def fresh() -> None:
        subprocess.run([sys.executable, str(script), str(path), out], check=True)

    names: list[str] = []

    def job() -> None:
        names.append(f"benchmark-{time.time_ns()}")
        _train(names[-1])

    job()
    times = turns(bare=bare, job=job, fresh=fresh)
    extra = times["job"] - times["bare"]
    table.append(
        Row(
            "training job, beyond the bare xgb.train",
            f"{extra:.3f} s",
            f"bare {times['bare']:.3f} s",
            "",
            "≤ 0.25 s",
            extra <= 0.25,
        )
    )
    table.append(
        Row(
            "training job",
            f"{times['job']:.3f} s",
            f"fresh process {times['fresh']:.3f} s",
            f"{times['job'] / times['fresh']:.2f}",
            "< 1",
            times["job"] < times["fresh"],
        )
    )
    return names[-1]


def _data(folder: Path) -> Path:
    random = np.random.default_rng(1)
    table = random.normal(size=(400, 14)).round(4)
    path = folder / "train.csv"
    np.savetxt(path, table, delimiter=",", fmt="%.4f")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(path), BUCKET, "train/train.csv")
    return path


def _train(name: str) -> None:
    sagemaker = boto3.client("sagemaker")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        HyperParameters={k: str(v) for k, v in (PARAMETERS | {"num_round": ROUNDS}).items()},
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": source},
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 300},
    )
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
