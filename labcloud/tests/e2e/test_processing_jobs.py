"""Processing jobs: a program of the user's, folders from S3, and folders to S3."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import LOST, Life, eventually
from labcloud_support.resources import ROLE

from .pushed import push
from .scripts import SKLEARN

BUCKET = "processing"
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


class Jobs:
    """Processing jobs whose program is a text."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.sagemaker, self.s3, self.logs = (client(name) for name in ("sagemaker", "s3", "logs"))
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(Bucket=BUCKET, Key="in/rows.csv", Body=b"1\n2.5\n")

    def begin(self, name: str, program: str, *arguments: str, **changes: Any) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=f"{name}/code/main.py", Body=program.encode())
        place = "/opt/ml/processing/input/code"
        request: dict[str, Any] = {
            "ProcessingJobName": name,
            "RoleArn": ROLE,
            "AppSpecification": {
                "ImageUri": SKLEARN,
                "ContainerEntrypoint": ["python3", f"{place}/main.py"],
                **({"ContainerArguments": list(arguments)} if arguments else {}),
            },
            "ProcessingInputs": [
                _input("data", "in/", "/opt/ml/processing/input/data"),
                _input("code", f"{name}/code/", place),
            ],
            "ProcessingOutputConfig": {"Outputs": [_output("out", f"{name}/out")]},
            "ProcessingResources": {"ClusterConfig": {
                "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}},
            "Environment": {"KIND": "sums"},
            **changes,
        }  # fmt: skip
        self.sagemaker.create_processing_job(**request)

    def ended(self, name: str) -> dict[str, Any]:
        waiter = self.sagemaker.get_waiter("processing_job_completed_or_stopped")
        try:
            waiter.wait(ProcessingJobName=name)
        except Exception as error:
            assert "terminal failure state" in str(error), error
        found: dict[str, Any] = self.sagemaker.describe_processing_job(ProcessingJobName=name)
        return found

    def log_so_far(self, name: str) -> list[str]:
        """Of a job that may not have begun."""
        try:
            return self.log(name)
        except (ClientError, ValueError):
            return []

    def log(self, name: str) -> list[str]:
        group = "/aws/sagemaker/ProcessingJobs"
        (stream,) = self.logs.describe_log_streams(
            logGroupName=group, logStreamNamePrefix=f"{name}/"
        )["logStreams"]
        found = self.logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )
        return [event["message"] for event in found["events"]]

    def outputs(self, name: str) -> dict[str, bytes]:
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out/").get("Contents", [])
        return {
            each["Key"].removeprefix(f"{name}/out/"):
                self.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
            for each in listed
        }  # fmt: skip


def _input(name: str, key: str, path: str, **more: str) -> dict[str, Any]:
    source = {"S3Uri": f"s3://{BUCKET}/{key}", "LocalPath": path, "S3DataType": "S3Prefix"}
    return {"InputName": name, "S3Input": {**source, "S3InputMode": "File", **more}}


def _output(name: str, key: str, mode: str = "EndOfJob", path: str = "output") -> dict[str, Any]:
    place = {"S3Uri": f"s3://{BUCKET}/{key}", "LocalPath": f"/opt/ml/processing/{path}"}
    return {"OutputName": name, "S3Output": {**place, "S3UploadMode": mode}}


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
    ("name", "program", "reason", "message"),
    [
        ("fails", "raise SystemExit(3)", "See job logs for more information", None),
        ("explains", "open('/opt/ml/output/message', 'w').write('no rows'); raise SystemExit(4)",
         "no rows, exit code: 4", "no rows"),
    ],
)  # fmt: skip
def test_a_program_that_fails(
    jobs: Jobs, name: str, program: str, reason: str, message: str | None
) -> None:
    jobs.begin(name, f"open('/opt/ml/processing/output/a', 'w').close()\n{program}")
    job = jobs.ended(name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == f"AlgorithmError: {reason}"
    assert job.get("ExitMessage") == message
    assert jobs.outputs(name) == {}


def test_a_message_that_is_no_text_fails_the_job(jobs: Jobs) -> None:
    """As documented; one that is cut in the middle of a character is a text."""
    write = "open('/opt/ml/output/message', 'wb').write({})"
    jobs.begin("no-text", write.format("b'caf\\xe9'"))
    job = jobs.ended("no-text")
    assert job["FailureReason"] == "ClientError: /opt/ml/output/message is not text in UTF-8"
    jobs.begin("long-text", write.format("('a' + 'ü' * 600).encode()") + "; raise SystemExit(1)")
    job = jobs.ended("long-text")
    assert job["ExitMessage"] == "a" + "ü" * 511
    assert job["FailureReason"] == f"AlgorithmError: a{'ü' * 511}, exit code: 1"


def test_the_log_says_how_a_program_has_ended(jobs: Jobs) -> None:
    jobs.begin("killed", "import os; os.kill(os.getpid(), 9)")
    assert jobs.ended("killed")["ProcessingJobStatus"] == "Failed"
    assert "[labcloud] the program has ended with exit code 137 (SIGKILL)" in jobs.log("killed")


def test_what_cannot_be_uploaded_hides_nothing_else(jobs: Jobs) -> None:
    """One output has no bucket: the others arrive, and the program's own end is told."""
    bad = _output("bad", "x", "Continuous", "bad")
    bad["S3Output"]["S3Uri"] = "s3://there-is-no-such-bucket/x"
    outputs = {"Outputs": [bad, _output("late", "late/out"),
                           _output("soon", "soon/out", "Continuous", "soon")]}  # fmt: skip
    program = (
        "for name in ('bad', 'soon', 'output'):\n"
        "    open(f'/opt/ml/processing/{name}/file', 'w').write(name)\n"
        "open('/opt/ml/output/message', 'w').write('done')\n"
    )
    jobs.begin("late", program, ProcessingOutputConfig=outputs)
    job = jobs.ended("late")
    assert "there-is-no-such-bucket" in job["FailureReason"]
    assert job["ExitMessage"] == "done"
    assert (jobs.outputs("late"), jobs.outputs("soon")) == ({"file": b"output"}, {"file": b"soon"})
    jobs.begin("own-end", program + "raise SystemExit(3)", ProcessingOutputConfig=outputs)
    assert jobs.ended("own-end")["FailureReason"] == "AlgorithmError: done, exit code: 3"
    said = [line for line in jobs.log("own-end") if "not all of an output is in S3" in line]
    assert ["there-is-no-such-bucket" in line for line in said] == [True]
    jobs.begin(
        "timed-out", program + "import time; time.sleep(600)", ProcessingOutputConfig=outputs,
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )  # fmt: skip
    assert jobs.ended("timed-out")["ProcessingJobStatus"] == "Stopped"


def test_the_log_says_what_is_left_out(jobs: Jobs) -> None:
    program = (
        "import os\nos.chdir('/opt/ml/processing/output')\nopen('a', 'w').close()\n"
        "for n in range(300):\n    os.mkdir('d')\n    os.chdir('d')\n"
    )
    jobs.begin("deep", program)
    assert jobs.ended("deep")["ProcessingJobStatus"] == "Completed"
    assert jobs.outputs("deep") == {"a": b""}
    (line,) = [line for line in jobs.log("deep") if "not copied to S3" in line]
    assert line.startswith("[labcloud] not copied to S3: /opt/ml/processing/output/d/d/d")
    assert "folders deep" in line


def test_a_continuous_output_is_there_before_the_end(jobs: Jobs) -> None:
    program = (
        "import os, time\nopen('/opt/ml/processing/output/a', 'w').write('1')\n"
        "while not os.path.exists('/opt/ml/processing/output/end'):\n    time.sleep(0.05)\n"
    )
    outputs = {"Outputs": [_output("out", "continuous/out", "Continuous")]}
    jobs.begin("continuous", program, ProcessingOutputConfig=outputs)
    eventually(lambda: jobs.outputs("continuous") == {"a": b"1"}, "the output is in S3")
    assert jobs.sagemaker.describe_processing_job(ProcessingJobName="continuous")[
        "ProcessingJobStatus"
    ] == "InProgress"  # fmt: skip
    jobs.sagemaker.stop_processing_job(ProcessingJobName="continuous")
    job = jobs.ended("continuous")
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    with pytest.raises(ClientError, match="processing job is in status Stopped"):
        jobs.sagemaker.stop_processing_job(ProcessingJobName="continuous")


def test_a_job_that_takes_too_long_is_stopped(jobs: Jobs) -> None:
    jobs.begin("long", "import time; time.sleep(600)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert jobs.ended("long")["ProcessingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/model")]},
         "a: LocalPath must be a folder below /opt/ml/processing; it is /opt/ml/model"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing/../../x")]},
         "LocalPath must be a folder below"),
        ({"ProcessingInputs": [_input("a", "nowhere/", "/opt/ml/processing/x")]},
         "No S3 objects found under S3 URL"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing/x", S3InputMode="Pipe")]},
         "labcloud does not implement S3InputMode Pipe"),
        ({"ProcessingInputs": [
            _input("a", "in/", "/opt/ml/processing/x", S3CompressionType="Gzip")]},
         "Gzip can only be used with S3InputMode Pipe"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing/x")] * 2},
         "Each InputName must be unique"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing")]},
         "LocalPath must be a folder below /opt/ml/processing; it is /opt/ml/processing"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing/" + "ü" * 200)]},
         "LocalPath must be a folder below"),
        ({"Environment": {"A": "a\0b"}}, "has the character NUL"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing/x"),
                               _input("b", "in/", "/opt/ml/processing//x/")]},
         "The inputs a and b have the same LocalPath, /opt/ml/processing/x"),
        ({"ProcessingInputs": [_input("a", "in/", "/opt/ml/processing/x")],
          "ProcessingOutputConfig": {"Outputs": [_output("o", "out", path="x/")]}},
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


def test_a_server_that_is_killed_has_lost_its_jobs(tmp_path: Path) -> None:
    life = Life(tmp_path)
    jobs = Jobs(life.client)
    try:
        jobs.begin("lost", "print('begun', flush=True)\nimport time\ntime.sleep(600)\n")
        eventually(lambda: "begun" in jobs.log_so_far("lost"), "the program runs")
        life.kill()
        life.begin()
        jobs = Jobs(life.client)
        job = jobs.sagemaker.describe_processing_job(ProcessingJobName="lost")
        assert job["ProcessingJobStatus"] == "Failed"
        assert job["FailureReason"] == LOST
        assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]
    finally:
        life.end(clean=True)


def test_a_server_that_is_killed_while_it_uploads(tmp_path: Path) -> None:
    """What has arrived is whole, the job has failed, and the next one does all of it."""
    life = Life(tmp_path)
    jobs = Jobs(life.client)
    size, count = 200_000, 150
    program = (
        f"for n in range({count}):\n"
        "    with open(f'/opt/ml/processing/output/{n}', 'wb') as file:\n"
        f"        file.write(bytes([n % 256]) * {size})\n"
    )
    try:
        jobs.begin("cut", program)
        listed = functools.partial(jobs.s3.list_objects_v2, Bucket=BUCKET, Prefix="cut/out/")
        eventually(lambda: listed()["KeyCount"], "the first output has arrived")
        life.kill()
        life.begin()
        jobs = Jobs(life.client)
        job = jobs.sagemaker.describe_processing_job(ProcessingJobName="cut")
        assert (job["ProcessingJobStatus"], job["FailureReason"]) == ("Failed", LOST)
        arrived = jobs.outputs("cut")
        assert 0 < len(arrived) < count
        assert all(body == bytes([int(n) % 256]) * size for n, body in arrived.items())
        assert not jobs.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")
        jobs.begin(
            "again", program, ProcessingOutputConfig={"Outputs": [_output("out", "cut/out")]}
        )
        assert jobs.ended("again")["ProcessingJobStatus"] == "Completed"
        assert len(jobs.outputs("cut")) == count
    finally:
        life.end(clean=True)


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
