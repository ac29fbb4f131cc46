"""The speed table: `labcloud exec --fresh -- python -m benchmarks.run`, one folder up.

Every figure is a ratio to a reference measured beside it in the same run: absolute times say
more about the machine than about labcloud. Each measurement is the median of several, taken in
turns with its reference, so that a busy minute burdens both.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import boto3
from benchmarks import batch, endpoints, growth, training, tuning
from benchmarks.table import IMAGE, ROLE, Row, show


def main() -> int:
    """Prints the table; exit status 1 if a budget is not held."""
    if "AWS_ENDPOINT_URL" not in os.environ:
        print("Run it with: labcloud exec --fresh -- python -m benchmarks.run", file=sys.stderr)
        return 2
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        model = training.measure(Path(folder), rows)
        _create_model(model)
        endpoints.measure(model, rows)
        batch.measure(model, Path(folder), rows)
        tuning.measure(Path(folder), rows)
        growth.measure(rows)
    show(rows)
    return 0 if all(row.held for row in rows) else 1


def _create_model(job: str) -> None:
    """A model of a job's artifact, by the same name."""
    sagemaker = boto3.client("sagemaker")
    artifact = sagemaker.describe_training_job(TrainingJobName=job)["ModelArtifacts"]
    container = {"Image": IMAGE, "ModelDataUrl": artifact["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName=job, ExecutionRoleArn=ROLE, PrimaryContainer=container)


if __name__ == "__main__":
    raise SystemExit(main())
