"""What the tests of transform jobs share: requests, jobs run to their end, outputs and logs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from botocore.exceptions import WaiterError

GROUP = "/aws/sagemaker/TransformJobs"


class Transforms:
    """Transform jobs of one model; every job has a prefix of its own, inputs below it."""

    def __init__(self, client: Callable[[str], Any], bucket: str, model: str) -> None:
        self.s3, self.logs = client("s3"), client("logs")
        self.sagemaker = client("sagemaker")
        self.bucket, self.model = bucket, model

    def request(
        self,
        name: str,
        source: dict[str, Any] | None = None,
        target: dict[str, Any] | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        """A request that reads transform/<name>/in/ as lines of CSV; keywords replace fields."""
        place = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/transform/{name}/in/"}
        return {
            "TransformJobName": name,
            "ModelName": self.model,
            "TransformInput": {
                "DataSource": {"S3DataSource": place},
                "ContentType": "text/csv",
                "SplitType": "Line",
                **(source or {}),
            },
            "TransformOutput": {
                "S3OutputPath": f"s3://{self.bucket}/transform/{name}/out",
                **(target or {}),
            },
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **changes,
        }

    def put(self, name: str, objects: dict[str, bytes]) -> None:
        """Inputs of a job, by the rest of the key."""
        for key, body in objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=f"transform/{name}/in/{key}", Body=body)

    def run(self, name: str, objects: dict[str, bytes], **request: Any) -> dict[str, Any]:
        """A job over these objects, described when it has ended."""
        self.put(name, objects)
        self.sagemaker.create_transform_job(**self.request(name, **request))
        return self.ended(name)

    def ended(self, name: str) -> dict[str, Any]:
        # The waiter raises for a job that has failed; whether it should have is the test's affair.
        with contextlib.suppress(WaiterError):
            waiter = self.sagemaker.get_waiter("transform_job_completed_or_stopped")
            waiter.wait(TransformJobName=name)
        described: dict[str, Any] = self.sagemaker.describe_transform_job(TransformJobName=name)
        return described

    def done(self, name: str, objects: dict[str, bytes], **request: Any) -> dict[str, bytes]:
        """The outputs of a job that must succeed."""
        job = self.run(name, objects, **request)
        assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
        assert "FailureReason" not in job
        return self.outputs(name)

    def outputs(self, name: str) -> dict[str, bytes]:
        """What a job has written, by the rest of the key."""
        place = f"transform/{name}/out"
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=place).get("Contents", [])
        return {
            item["Key"].removeprefix(f"{place}/"): self.s3.get_object(
                Bucket=self.bucket, Key=item["Key"]
            )["Body"].read()
            for item in listed
        }

    def streams(self, name: str) -> list[str]:
        found = self.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")
        return [stream["logStreamName"] for stream in found["logStreams"]]

    def data_log(self, name: str) -> list[str]:
        """The lines of the data-log of a job's only instance."""
        (stream,) = [each for each in self.streams(name) if each.endswith("/data-log")]
        events = self.logs.get_log_events(
            logGroupName=GROUP, logStreamName=stream, startFromHead=True
        )
        return [event["message"] for event in events["events"]]
