"""The speed table: `labcloud exec --fresh -- python -m benchmarks.run`, one folder up.

Every figure is a ratio to a reference measured beside it in the same run: absolute times say
more about the machine than about labcloud. Each measurement is the median of several, taken in
turns with its reference, so that a busy minute burdens both.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
from pathlib import Path

from benchmarks.table import IMAGE, ROLE, Table

_COMMAND = "labcloud exec --fresh -- python -m benchmarks.run"
# What the references are measured with, of labcloud's extra `test`.
_NEEDED = ("boto3", "pandas")


def main() -> int:
    """Prints the table; exit status 1 if a budget is not held."""
    parser = argparse.ArgumentParser(
        prog=_COMMAND, description="Measures labcloud, and prints the speed table. It takes ten "
        "minutes or more, on a machine that does nothing else.",
    )  # fmt: skip
    parser.parse_args()
    if missing := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        parser.error(
            f"{' and '.join(missing)} must be installed. In this folder: pip install '.[test]'"
        )
    if "AWS_ENDPOINT_URL" not in os.environ:
        parser.error(f"it measures a labcloud, and none is there. Run: {_COMMAND}")
    # With what they need, which is known to be there only now.
    from benchmarks import (
        batch,
        console,
        endpoints,
        functions,
        growth,
        pipelines,
        training,
        tuning,
    )

    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        model = training.measure(Path(folder), table)
        _create_model(model)
        endpoints.measure(model, table)
        batch.measure(model, Path(folder), table)
        tuning.measure(Path(folder), table)
        functions.measure(table)
        growth.measure(table)
        pipelines.measure(table)
        console.measure(table)
    return 0 if table.held else 1


def _create_model(job: str) -> None:
    """A model of a job's artifact, by the same name."""
    import boto3

    sagemaker = boto3.client("sagemaker")
    artifact = sagemaker.describe_training_job(TrainingJobName=job)["ModelArtifacts"]
    container = {"Image": IMAGE, "ModelDataUrl": artifact["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName=job, ExecutionRoleArn=ROLE, PrimaryContainer=container)


if __name__ == "__main__":
    raise SystemExit(main())
