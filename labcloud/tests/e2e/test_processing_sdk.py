"""The processors of both versions of the SDK, unmodified, in processes that only have the
environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.environments import environment

from .scripts import SKLEARN

# The SDK takes seconds to load, and looks at a job every few seconds.
pytestmark = pytest.mark.slow

PREPARE = """
import os, sys
rows = open("/opt/ml/processing/input/data/rows.csv").read().split()
with open("/opt/ml/processing/train/first.csv", "w") as file:
    file.write(rows[int(sys.argv[2])])
"""
V3 = """
import json, sys
import boto3
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.processing import FrameworkProcessor, ScriptProcessor
from sagemaker.core.shapes import (
    ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output,
)

given = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
boto3.client("s3").put_object(Bucket=bucket, Key="v3-processing/rows.csv", Body=b"one two three")
inputs = [ProcessingInput(input_name="data", s3_input=ProcessingS3Input(
    s3_uri=f"s3://{bucket}/v3-processing/", local_path="/opt/ml/processing/input/data",
    s3_data_type="S3Prefix", s3_input_mode="File",
))]
names = []
for place, kind, more in (
    ("a", ScriptProcessor, {"code": given["folder"] + "/prepare.py"}),
    ("b", FrameworkProcessor, {"code": "prepare.py", "source_dir": given["folder"]}),
):
    processor = kind(
        image_uri=given["image"], command=["python3"], role=get_execution_role(),
        instance_count=1, instance_type="ml.m5.large", sagemaker_session=session,
    )
    processor.run(
        inputs=inputs, arguments=["--row", "1"], logs=False,
        outputs=[ProcessingOutput(output_name="train", s3_output=ProcessingS3Output(
            s3_uri=f"s3://{bucket}/v3-out-{place}/", local_path="/opt/ml/processing/train",
            s3_upload_mode="EndOfJob",
        ))],
        **more,
    )
    found = boto3.client("s3").get_object(Bucket=bucket, Key=f"v3-out-{place}/first.csv")
    names.append(found["Body"].read().decode())
print("RESULT", json.dumps(names))
"""
V2 = """
import json, sys
import sagemaker
from sagemaker.processing import FrameworkProcessor, ProcessingInput, ProcessingOutput
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.processing import SKLearnProcessor

given = json.load(sys.stdin)
session = sagemaker.Session()
bucket = session.default_bucket()
session.upload_string_as_file_body("one two three", bucket, "v2-processing/rows.csv")
inputs = [ProcessingInput(
    source=f"s3://{bucket}/v2-processing/", destination="/opt/ml/processing/input/data",
)]
outputs = [ProcessingOutput(output_name="train", source="/opt/ml/processing/train")]
shared = {
    "framework_version": "1.2-1", "role": sagemaker.get_execution_role(), "instance_count": 1,
    "instance_type": "ml.m5.large", "sagemaker_session": session,
}
names = []
for processor, more in (
    (SKLearnProcessor(**shared), {"code": given["folder"] + "/prepare.py"}),
    (FrameworkProcessor(estimator_cls=SKLearn, **shared),
     {"code": "prepare.py", "source_dir": given["folder"]}),
):
    processor.run(
        inputs=inputs, outputs=outputs, arguments=["--row", "2"], logs=False, **more
    )
    target = processor.latest_job.outputs[0].destination
    key = target.removeprefix(f"s3://{bucket}/")
    names.append(session.read_s3_file(bucket, f"{key}/first.csv"))
print("RESULT", json.dumps(names))
"""


def ran(python: Path | str, variables: dict[str, str], script: str, folder: Path) -> Any:
    (folder / "prepare.py").write_text(PREPARE)
    done = subprocess.run(
        [str(python), "-c", script],
        input=json.dumps({"folder": str(folder), "image": SKLEARN}),
        env=variables | {"SAGEMAKER_SUPPRESS_V2_WARNING": "1"}, cwd=folder,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (result,) = re.findall(r"RESULT (.*)", done.stdout)
    return json.loads(result)


def test_the_processors_of_version_3(cloud_environment: dict[str, str], tmp_path: Path) -> None:
    assert ran(sys.executable, cloud_environment, V3, tmp_path) == ["two", "two"]


def test_the_processors_of_version_2(cloud_environment: dict[str, str], tmp_path: Path) -> None:
    python = environment("sagemaker==2.257.7")
    assert ran(python, cloud_environment, V2, tmp_path) == ["three", "three"]
