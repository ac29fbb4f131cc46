"""The speed table: `./lab exec -- python -m benchmarks.run`.

Every figure is a ratio to a reference measured beside it in the same run: absolute times say
more about the machine than about labcloud. Each measurement is the median of several, taken in
turns with its reference, so that a busy minute burdens both.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np

from benchmarks.load import echo_server, requests_per_second, signed_request

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-labcloud"
BUCKET = "benchmarks"
TURNS = 7
CONNECTIONS = 8
SECONDS = 4.0
PARAMETERS = {"objective": "reg:squarederror", "max_depth": 5, "eta": 0.2}
ROUNDS = 50

FRESH = """
import sys, xgboost as xgb
train = xgb.DMatrix(sys.argv[1] + "?format=csv&label_column=0")
booster = xgb.train({parameters}, train, {rounds}, evals=[(train, "train")], verbose_eval=False)
booster.save_model(sys.argv[2])
"""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    reference: str
    ratio: str
    budget: str
    held: bool


def main() -> int:
    """Prints the table; exit status 1 if a budget is not held."""
    if "AWS_ENDPOINT_URL" not in os.environ:
        print("Run this with ./lab exec -- python -m benchmarks.run", file=sys.stderr)
        return 2
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        path = _data(Path(folder))
        model = _training(path, Path(folder), rows)
        _endpoint(model, rows)
    _show(rows)
    return 0 if all(row.held for row in rows) else 1


def _data(folder: Path) -> Path:
    random = np.random.default_rng(1)
    table = random.normal(size=(400, 14)).round(4)
    path = folder / "train.csv"
    np.savetxt(path, table, delimiter=",", fmt="%.4f")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(path), BUCKET, "train/train.csv")
    return path


def _training(path: Path, folder: Path, rows: list[Row]) -> str:
    """A job against the same training in a fresh process, and against the bare call."""
    import xgboost as xgb

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
    times = _turns(bare=bare, job=job, fresh=fresh)
    extra = times["job"] - times["bare"]
    rows.append(
        Row(
            "training job, beyond the bare xgb.train",
            f"{extra:.3f} s",
            f"bare {times['bare']:.3f} s",
            "",
            "≤ 0.25 s",
            extra <= 0.25,
        )
    )
    rows.append(
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


def _endpoint(model: str, rows: list[Row]) -> None:
    """Start of an endpoint; then requests a second beside a bare uvicorn echo."""
    sagemaker = boto3.client("sagemaker")
    artifact = sagemaker.describe_training_job(TrainingJobName=model)["ModelArtifacts"]
    container = {"Image": IMAGE, "ModelDataUrl": artifact["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant: dict[str, Any] = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=model, ProductionVariants=[variant])
    starts = []
    for turn in range(TURNS):
        name = f"{model}-{turn}"
        began = time.perf_counter()
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=model)
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
        starts.append(time.perf_counter() - began)
        if turn:
            sagemaker.delete_endpoint(EndpointName=name)
    start = statistics.median(starts)
    rows.append(Row("endpoint, Create to InService", f"{start:.3f} s", "", "", "≤ 1 s", start <= 1))
    body = ",".join(["0.1"] * 13).encode()
    url = os.environ["AWS_ENDPOINT_URL"]
    request = signed_request(f"{url}/endpoints/{model}-0/invocations", body)
    with echo_server() as echo:
        plain = signed_request(f"{echo}/", body)
        rates: dict[str, list[float]] = {"endpoint": [], "echo": []}
        for _ in range(3):
            for which, what in (("endpoint", request), ("echo", plain)):
                rates[which].append(asyncio.run(requests_per_second(what, CONNECTIONS, SECONDS)))
    served, echoed = (statistics.median(rates[which]) for which in ("endpoint", "echo"))
    rows.append(
        Row(
            f"InvokeEndpoint, 1 row, {CONNECTIONS} connections",
            f"{served:,.0f}/s",
            f"uvicorn echo {echoed:,.0f}/s",
            f"1/{echoed / served:.1f}",
            "≥ 1/20",
            served >= echoed / 20,
        )
    )


def _turns(**calls: Callable[[], None]) -> dict[str, float]:
    """The median time of each call (seconds), the calls taking turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(TURNS):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in times.items()}


def _show(rows: list[Row]) -> None:
    print("| what | measured | reference beside it | ratio | budget | held |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        held = "yes" if row.held else "NO"
        print(
            f"| {row.what} | {row.measured} | {row.reference} | {row.ratio} | {row.budget} "
            f"| {held} |"
        )


if __name__ == "__main__":
    raise SystemExit(main())
