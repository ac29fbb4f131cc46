"""Processing jobs: a program of the user's, folders from S3, and folders to S3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import ROLE

from .processing import Jobs, an_input, an_output
from .pushed import push
from .scripts import SKLEARN

SUMS = """\
import json, os, sys
total = sum(float(line) for line in open("/opt/ml/processing/input/data/rows.csv"))
with open("/opt/ml/processing/output/sum.txt", "w") as file:
    file.write(str(total))
os.makedirs("/opt/ml/processing/output/deep")
open("/opt/ml/processing/output/deep/empty", "w").close()
config = json.load(open("/opt/ml/config/processingjobconfig.json"))
print("ARGUMENTS", json.dumps(sys.argv[1:]))
print("JOB", config["ProcessingJobName"], os.environ["KIND"], os.environ["AWS_REGION"])
print("HOSTS", json.load(open("/opt/ml/config/resourceconfig.json")))
with open("/opt/ml/output/message", "w") as file:
    file.write("all is well")
"""


@pytest.fixture(scope="module")
def jobs(client: Callable[[str], Any]) -> Jobs:
    return Jobs(client)


def test_a_program_reads_writes_and_is_told_what_it_is(jobs: Jobs) -> None:
    jobs.begin("sums", SUMS, "--depth", "3")
    job = jobs.ended("sums")
    assert job["ProcessingJobStatus"] == "Completed", job
    assert job["ExitMessage"] == "all is well"
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert jobs.outputs("sums") == {"sum.txt": b"3.5", "deep/empty": b""}
    log = jobs.log("sums")
    assert 'ARGUMENTS ["--depth", "3"]' in log
    assert "JOB sums sums us-east-1" in log
    assert "HOSTS {'current_host': 'algo-1', 'hosts': ['algo-1']}" in log
    summaries = jobs.sagemaker.list_processing_jobs(NameContains="sums")["ProcessingJobSummaries"]
    assert [each["ProcessingJobName"] for each in summaries] == ["sums"]
    with pytest.raises(ClientError, match="a job with this name already exists"):
        jobs.begin("sums", SUMS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/model")]},
         "a: LocalPath must be a folder below /opt/ml/processing; it is /opt/ml/model"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing/../../x")]},
         "LocalPath must be a folder below"),
        ({"ProcessingInputs": [an_input("a", "nowhere/", "/opt/ml/processing/x")]},
         "No S3 objects found under S3 URL"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing/x", S3InputMode="Pipe")]},
         "labcloud does not implement S3InputMode Pipe"),
        ({"ProcessingInputs": [
            an_input("a", "in/", "/opt/ml/processing/x", S3CompressionType="Gzip")]},
         "Gzip can only be used with S3InputMode Pipe"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing/x")] * 2},
         "Each InputName must be unique"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing")]},
         "LocalPath must be a folder below /opt/ml/processing; it is /opt/ml/processing"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing/" + "ü" * 200)]},
         "LocalPath must be a folder below"),
        ({"Environment": {"A": "a\0b"}}, "has the character NUL"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing/x"),
                               an_input("b", "in/", "/opt/ml/processing//x/")]},
         "The inputs a and b have the same LocalPath, /opt/ml/processing/x"),
        ({"ProcessingInputs": [an_input("a", "in/", "/opt/ml/processing/x")],
          "ProcessingOutputConfig": {"Outputs": [an_output("o", "out", path="x/")]}},
         "The output o has the LocalPath of the input a, /opt/ml/processing/x"),
        ({"AppSpecification": {"ImageUri": SKLEARN}}, "needs a ContainerEntrypoint"),
        ({"ProcessingResources": {"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}}},
         "labcloud processes on one instance"),
        ({"ProcessingResources": {"ClusterConfig": {
            "InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}}},
         "'ml.p3.2xlarge for processing job usage' is 0 Instances"),
    ],
)  # fmt: skip
def test_what_is_refused(jobs: Jobs, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as refused:
        jobs.begin("refused", "", **changes)
    assert message in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="Could not find requested job with name: refused"):
        jobs.sagemaker.describe_processing_job(ProcessingJobName="refused")


def test_what_the_config_says_is_the_request(jobs: Jobs) -> None:
    program = "print(open('/opt/ml/config/processingjobconfig.json').read())"
    jobs.begin("config", program, Tags=[{"Key": "a", "Value": "b"}])
    assert jobs.ended("config")["ProcessingJobStatus"] == "Completed"
    (line,) = [line for line in jobs.log("config") if line.startswith("{")]
    config = json.loads(line)
    assert config["ProcessingJobArn"].endswith(":processing-job/config")
    assert config["AppSpecification"]["ImageUri"] == SKLEARN
    assert "Tags" not in config


def test_a_program_calls_aws_as_its_role_unless_it_is_isolated(jobs: Jobs) -> None:
    program = (
        "import boto3\n"
        "print('ARN', boto3.client('sts').get_caller_identity()['Arn'])\n"
        "print('KEYS', boto3.client('s3').list_objects_v2(Bucket='processing')['KeyCount'] > 0)\n"
    )
    jobs.begin("calls", program)
    assert jobs.ended("calls")["ProcessingJobStatus"] == "Completed", jobs.log("calls")
    log = jobs.log("calls")
    assert any(line.startswith("ARN ") and ROLE.rpartition("/")[2] in line for line in log), log
    assert "KEYS True" in log
    jobs.begin("isolated", program, NetworkConfig={"EnableNetworkIsolation": True})
    assert jobs.ended("isolated")["ProcessingJobStatus"] == "Failed"
    assert "NoCredentialsError" in "\n".join(jobs.log("isolated"))


def test_an_image_of_one_s_own_runs_its_entrypoint(
    client: Callable[[str], Any], repository: str, jobs: Jobs
) -> None:
    recipe = 'FROM python\nCOPY run.py /opt/\nENTRYPOINT ["python", "/opt/run.py"]\nCMD ["--all"]\n'
    image = push(client("ecr"), repository, {
        "Dockerfile": recipe, "run.py": "import sys; print('OWN', sys.argv[1:])",
    })  # fmt: skip
    for name, arguments in (("own", ["generate-dataset"]), ("own-default", [])):
        given = {"ContainerArguments": arguments} if arguments else {}
        jobs.begin(name, "", AppSpecification={"ImageUri": image, **given})
        assert jobs.ended(name)["ProcessingJobStatus"] == "Completed", jobs.log(name)
        assert f"OWN {arguments or ['--all']}" in jobs.log(name)
