"""The SageMaker SDK v3, unmodified, in a process that only has the environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import json, logging, sys
hosts = set()
sys.addaudithook(
    lambda event, given: event == "socket.getaddrinfo" and hosts.add(given[0])
)
logging.basicConfig(level=logging.INFO)  # the SDK logs the job's lines
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer

files = json.load(sys.stdin)
session = Session()
bucket, role = session.default_bucket(), get_execution_role()
for channel, text in files.items():
    session.upload_string_as_file_body(text, bucket, f"sdk/{channel}/data.csv")
image = image_uris.retrieve("xgboost", session.boto_region_name, version="3.0-5")
trainer = ModelTrainer(
    sagemaker_session=session, role=role, training_image=image, base_job_name="sdk",
    compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/sdk/output"),
    hyperparameters={"objective": "multi:softprob", "num_class": 3, "num_round": 8, "max_depth": 3},
    input_data_config=[
        InputData(channel_name=c, data_source=f"s3://{bucket}/sdk/{c}", content_type="text/csv")
        for c in files
    ],
)
trainer.train(wait=True, logs=True)
job = trainer._latest_training_job
builder = ModelBuilder(
    image_uri=image, s3_model_data_url=job.model_artifacts.s3_model_artifacts, role_arn=role,
    instance_type="ml.m5.large", sagemaker_session=session,
)
builder.build()
endpoint = builder.deploy(initial_instance_count=1, wait=False)
endpoint.wait_for_status("InService")
answer = endpoint.invoke(body="5.9,3.0,5.1,1.8", content_type="text/csv").body.read().decode()
endpoint.delete()
endpoint.wait_for_delete()
print("\\nRESULT", json.dumps({"bucket": bucket, "role": role, "status": job.training_job_status,
                            "answer": answer, "hosts": sorted(hosts)}))
"""


@pytest.fixture(scope="module")
def outcome(
    cloud_environment: dict[str, str], golden: dict[str, Any]
) -> subprocess.CompletedProcess[str]:
    channels = golden["softprob"]["channels"]
    files = {channel: golden["files"][key] for channel, key in channels.items()}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(files),
        env=cloud_environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def found(outcome: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert outcome.returncode == 0, outcome.stderr
    lines = [line for line in outcome.stdout.splitlines() if line.startswith("RESULT ")]
    result: dict[str, Any] = json.loads(lines[-1].removeprefix("RESULT "))
    return result


def test_it_trains_deploys_and_invokes(found: dict[str, Any], golden: dict[str, Any]) -> None:
    assert found["bucket"] == "sagemaker-us-east-1-123456789012"
    assert found["role"] == (
        "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-labcloud"
    )
    assert found["status"] == "Completed"
    expected = golden["softprob"]["expected"]["probe_predictions"][0]
    assert [float(v) for v in found["answer"].split(",")] == pytest.approx(expected, rel=1e-4)


def test_it_shows_the_job_s_log(outcome: subprocess.CompletedProcess[str]) -> None:
    assert "train-mlogloss:0.73029" in outcome.stderr
    assert "train-mlogloss:0.10423" in outcome.stderr


def test_it_asks_for_no_other_host_and_sends_no_usage_reports(found: dict[str, Any]) -> None:
    assert found["hosts"] == ["127.0.0.1"]
