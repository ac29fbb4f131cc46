"""The SDK v3 Transformer, unmodified, in a process that only has the environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from .transforms import Transforms

ROWS = ["one,5.9,3.0,5.1,1.8", "two,5.4,3.0,4.5,1.5", "three,5.0,3.5,1.3,0.3"]
SCRIPT = """
import json, logging, sys
hosts = set()
sys.addaudithook(
    lambda event, given: event == "socket.getaddrinfo" and hosts.add(given[0])
)
logging.basicConfig(level=logging.INFO)  # the SDK logs the job's lines
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.transformer import Transformer

given = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
session.upload_string_as_file_body(given["rows"], bucket, "transformer/in/rows.csv")
transformer = Transformer(
    model_name=given["model"], instance_count=given["instances"], instance_type="ml.m5.large",
    strategy="MultiRecord", assemble_with="Line", accept="text/csv", max_payload=1,
    max_concurrent_transforms=2, output_path=f"s3://{bucket}/transformer/{given['model']}",
    env={"COLOUR": "red"}, base_transform_job_name="sdk", sagemaker_session=session,
)
failure = ""
try:
    transformer.transform(
        f"s3://{bucket}/transformer/in/", content_type="text/csv", split_type="Line",
        input_filter="$[1:]", join_source="Input", output_filter=given["filter"],
        wait=True, logs=True,
    )
except Exception as error:
    failure = f"{type(error).__name__}: {error}"
job = transformer.latest_transform_job
job.refresh()
output = ""
if not failure:
    place = f"transformer/{given['model']}/rows.csv.out"
    output = session.read_s3_file(bucket, place)
print("\\nRESULT", json.dumps({
    "name": job.get_name(), "status": job.transform_job_status, "output": output,
    "failure": failure, "environment": job.environment, "hosts": sorted(hosts),
}))
"""


def transformed(environment: dict[str, str], **given: Any) -> tuple[dict[str, Any], str]:
    """What the script found, and what it logged."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps({"rows": "".join(f"{row}\n" for row in ROWS), "instances": 1, **given}),
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    return json.loads(lines[-1].removeprefix("RESULT ")), ran.stdout + ran.stderr


@pytest.mark.parametrize("instances", [1, 3])
def test_it_transforms_waits_and_shows_the_log(
    cloud_environment: dict[str, str], client: Any, bucket: str, model: str, instances: int
) -> None:
    found, said = transformed(cloud_environment, model=model, filter="$[0,-1]", instances=instances)
    assert (found["status"], found["failure"]) == ("Completed", "")
    assert found["name"].startswith("sdk-")
    assert found["environment"] == {"COLOUR": "red"}
    # The same without the SDK.
    plain = Transforms(client, bucket, model).done(
        found["name"] + "-again", {"a": "".join(r.split(",", 1)[1] + "\n" for r in ROWS).encode()}
    )
    last = [line.rpartition(",")[2] for line in plain["a.out"].decode().splitlines()]
    names = [row.split(",")[0] for row in ROWS]
    assert found["output"].splitlines() == [
        f"{name},{each}" for name, each in zip(names, last, strict=True)
    ]
    assert "MaxConcurrentTransforms=2, MaxPayloadInMB=1, BatchStrategy=MULTI_RECORD" in said
    assert found["hosts"] == ["127.0.0.1"]


def test_a_failed_job_is_an_error_with_its_reason(
    cloud_environment: dict[str, str], model: str
) -> None:
    found, said = transformed(cloud_environment, model=model, filter="$[99]")
    assert found["status"] == "Failed"
    assert found["failure"].startswith("FailedStatusError: ")
    assert "AlgorithmError: See job logs for more information" in found["failure"]
    assert "Failed to apply a filter: $[99] is not in the record" in said
