"""What the tests of processing jobs share: jobs whose program is a text, and their folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from labcloud_support.resources import ROLE

from .scripts import SKLEARN

BUCKET = "processing"


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
                an_input("data", "in/", "/opt/ml/processing/input/data"),
                an_input("code", f"{name}/code/", place),
            ],
            "ProcessingOutputConfig": {"Outputs": [an_output("out", f"{name}/out")]},
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


def an_input(name: str, key: str, path: str, **more: str) -> dict[str, Any]:
    source = {"S3Uri": f"s3://{BUCKET}/{key}", "LocalPath": path, "S3DataType": "S3Prefix"}
    return {"InputName": name, "S3Input": {**source, "S3InputMode": "File", **more}}


def an_output(name: str, key: str, mode: str = "EndOfJob", path: str = "output") -> dict[str, Any]:
    place = {"S3Uri": f"s3://{BUCKET}/{key}", "LocalPath": f"/opt/ml/processing/{path}"}
    return {"OutputName": name, "S3Output": {**place, "S3UploadMode": mode}}
