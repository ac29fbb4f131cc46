"""A job's log in CloudWatch Logs, read from where it was left."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from labhelpers.connect import Lab

TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"
TRANSFORM_JOBS = "/aws/sagemaker/TransformJobs"


class JobLog:
    """The log streams of one job: one an instance for training, two for transform jobs.

    `wanted` says by its name whether a stream is to be read.
    """

    def __init__(
        self, lab: Lab, group: str, job: str, wanted: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._logs = lab.client("logs")
        self._group = group
        self._job = job
        self._wanted = wanted
        self._tokens: dict[str, str] = {}

    def new_lines(self) -> list[str]:
        """Lines that were not read before, stream by stream. None while there is no log yet."""
        return [line for stream in self._streams() for line in self._new_lines(stream)]

    def _streams(self) -> list[str]:
        pages = self._logs.get_paginator("describe_log_streams").paginate(
            logGroupName=self._group, logStreamNamePrefix=f"{self._job}/"
        )
        try:
            names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return []
            raise
        return [name for name in names if self._wanted(name)]

    def _new_lines(self, stream: str) -> list[str]:
        lines: list[str] = []
        while True:
            before = self._tokens.get(stream)
            place = {"nextToken": before} if before else {}
            page = self._logs.get_log_events(
                logGroupName=self._group, logStreamName=stream, startFromHead=True, **place
            )
            lines += [event["message"] for event in page["events"]]
            self._tokens[stream] = page["nextForwardToken"]
            if self._tokens[stream] == before or not page["events"]:
                return lines
