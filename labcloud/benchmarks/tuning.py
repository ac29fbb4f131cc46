"""A tuning job beside the same trainings in a bare loop."""

from __future__ import annotations

import functools
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from benchmarks.table import BUCKET, IMAGE, ROLE, Row, Table, turns

JOBS, PARALLEL, ROUNDS, PATIENCE = 20, 3, 200, 10
# The search of lab 05.
STATIC = {
    "objective": "reg:squarederror",
    "num_round": str(ROUNDS),
    "early_stopping_rounds": str(PATIENCE),
}
RANGES = {
    "IntegerParameterRanges": [
        {"Name": "max_depth", "MinValue": "3", "MaxValue": "12"},
        {"Name": "min_child_weight", "MinValue": "2", "MaxValue": "8"},
    ],
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.05", "MaxValue": "0.5"},
        {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.9"},
        {"Name": "gamma", "MinValue": "0", "MaxValue": "10"},
    ],
}
CHANNELS = ("train", "validation")


# The rows of lab 05's data, and of data whose training takes about a quarter of a second.
SIZES = (506, 20_000)


def measure(folder: Path, table: Table) -> None:
    """For each size: the loop trains with a tuning job's hyperparameters."""
    for size in SIZES:
        paths = _data(folder, size)

        tuned = _tune(size)
        times = turns(
            5, loop=functools.partial(_loop, paths, tuned), tuning=functools.partial(_tune, size)
        )
        ratio = times["tuning"] / times["loop"]
        table.append(
            Row(
                f"tuning, {JOBS} jobs, {PARALLEL} at a time, {size:,} rows",
                f"{times['tuning']:.2f} s",
                f"the same {JOBS} trainings in a bare loop, {times['loop']:.2f} s",
                f"{ratio:.2f}",
                "≤ 1.5",
                ratio <= 1.5,
            )
        )


def _data(folder: Path, size: int) -> dict[str, Path]:
    """Four parts to train on and one to validate with, of 13 features."""
    random = np.random.default_rng(1)
    features = random.normal(size=(size, 13))
    target = features[:, 0] ** 2 + 3 * np.sin(features[:, 1]) + features[:, 2:] @ random.normal(
        size=11
    )  # fmt: skip
    table = np.column_stack([target + random.normal(size=size), features])
    paths = {}
    for channel, part in zip(CHANNELS, np.split(table, [size * 4 // 5]), strict=True):
        paths[channel] = folder / f"tuning-{channel}-{size}.csv"
        np.savetxt(paths[channel], part, delimiter=",", fmt="%.4f")
        boto3.client("s3").upload_file(
            str(paths[channel]), BUCKET, f"tuning/{size}/{channel}/{channel}.csv"
        )
    return paths


def _tune(size: int) -> list[dict[str, str]]:
    """A tuning job from its beginning to its end; the hyperparameters of its training jobs."""
    name = f"benchmark-{time.time_ns() // 1000 % 10**12}"
    sagemaker = boto3.client("sagemaker")
    channels: list[dict[str, Any]] = [
        {
            "ChannelName": channel,
            "ContentType": "text/csv",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": f"s3://{BUCKET}/tuning/{size}/{channel}/",
                }
            },
        }
        for channel in CHANNELS
    ]
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {
                "Type": "Minimize",
                "MetricName": "validation:rmse",
            },
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": JOBS,
                "MaxParallelTrainingJobs": PARALLEL,
            },
            "ParameterRanges": RANGES,
            "RandomSeed": 42,
        },
        TrainingJobDefinition={
            "StaticHyperParameters": STATIC,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1,
                               "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        },
    )  # fmt: skip
    describe = sagemaker.describe_hyper_parameter_tuning_job
    while (
        describe(HyperParameterTuningJobName=name)["HyperParameterTuningJobStatus"] == "InProgress"
    ):
        pass
    found = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=JOBS
    )["TrainingJobSummaries"]
    assert [each["TrainingJobStatus"] for each in found] == ["Completed"] * JOBS
    return [each["TunedHyperParameters"] for each in found]


def _loop(paths: dict[str, Path], tuned: list[dict[str, str]]) -> None:
    """Reads the data and trains, once for each job, with all cores."""
    import xgboost as xgb

    for hyperparameters in tuned:
        data = {
            channel: xgb.DMatrix(f"{path}?format=csv&label_column=0")
            for channel, path in paths.items()
        }
        xgb.train(
            {"objective": STATIC["objective"], "eval_metric": "rmse", **hyperparameters},
            data["train"],
            ROUNDS,
            evals=[(matrix, channel) for channel, matrix in data.items()],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
