"""A transform job of a million rows beside the same predictions in one process."""

from __future__ import annotations

import os
import tarfile
import time
from pathlib import Path

import boto3
import numpy as np
from benchmarks.table import BUCKET, Row, Table, turns

ROWS_OF_INPUT = 1_000_000
COLUMNS = 13


def measure(model: str, folder: Path, table: Table) -> None:
    """CreateTransformJob until Completed, against read_csv, predict and to_csv."""
    import pandas as pd
    import xgboost as xgb

    s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    path = folder / "batch.csv"
    block = np.random.default_rng(2).normal(size=(10_000, COLUMNS))
    pd.DataFrame(block).to_csv(path, header=False, index=False, float_format="%.4f")
    path.write_bytes(path.read_bytes() * (ROWS_OF_INPUT // len(block)))
    s3.upload_file(str(path), BUCKET, "batch/batch.csv")
    described = sagemaker.describe_model(ModelName=model)["PrimaryContainer"]["ModelDataUrl"]
    archive = folder / "model.tar.gz"
    s3.download_file(BUCKET, described.split("/", 3)[3], str(archive))
    with tarfile.open(archive) as tar:
        tar.extract("xgboost-model", folder, filter="data")
    booster = xgb.Booster(model_file=folder / "xgboost-model")

    def bare() -> None:
        predictions = booster.predict(xgb.DMatrix(pd.read_csv(path, header=None).to_numpy()))
        pd.Series(predictions).to_csv(folder / "out.csv", header=False, index=False)

    def job() -> None:
        name = f"benchmark-{time.time_ns()}"
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/batch/"}
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=model,
            TransformInput={
                "DataSource": {"S3DataSource": source},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            TransformOutput={"S3OutputPath": f"s3://{BUCKET}/predictions", "AssembleWith": "Line"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        waiter = sagemaker.get_waiter("transform_job_completed_or_stopped")
        waiter.wait(TransformJobName=name)

    times = turns(3, bare=bare, job=job)
    s3.download_file(BUCKET, "predictions/batch.csv.out", str(folder / "batch.out"))
    with (folder / "batch.out").open("rb") as file:
        assert sum(1 for _ in file) == ROWS_OF_INPUT
    ratio = times["job"] / times["bare"]
    table.append(
        Row(
            f"batch transform, {ROWS_OF_INPUT:,} rows of CSV",
            f"{times['job']:.2f} s",
            f"read_csv + predict + to_csv {times['bare']:.2f} s",
            f"{ratio:.2f}",
            "≤ 2.5",
            ratio <= 2.5,
        )
    )
    os.unlink(path)
