"""A small disk that can be filled, and what a call on it may end with."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from labcloud_support.life import Life, eventually

_PAGE = 4096
# Enough for a file of tests, none of which writes as many pages as SQLite's log may have (1000):
# then it is copied into the database, and written anew from its beginning, which needs no room.
SIZE = 5 * 1024**2
_CODES = {"s3": {"InternalError"}, "sagemaker": {"InternalFailure", "ServiceUnavailable"}}
# What is free when an operation comes (pages): each stops it at another step, the last at none.
ROOMS = (0, 1, 2, 3, 4, 6, 10, 24, 64)


class Disk:
    """A disk that can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leaving: int = 0) -> None:
        """Takes all the room but some (pages)."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_PAGE))
            except OSError as error:
                assert error.errno == errno.ENOSPC
        # The last page may hold less than a page.
        whole = self._ballast.stat().st_size // _PAGE
        os.truncate(self._ballast, max(0, whole - leaving) * _PAGE)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


def acknowledged(call: Callable[..., Any], **request: Any) -> bool:
    """Whether a call was. A refusal must be one of AWS's, and say what is the matter."""
    service = call.__self__.meta.service_model.service_name  # type: ignore[attr-defined]
    try:
        call(**request)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] in _CODES[service], error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
        assert re.search(r"disk (is )?full", said["Message"], re.IGNORECASE), said
        return False
    return True


def until_it_trains(life: Life, job: str) -> None:
    """Waits until a job's container has printed something: by then its record says that it trains.

    Before that, a disk that is full ends the job, which could not be written down.
    """
    logs = life.client("logs")
    stream = {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamNamePrefix": f"{job}/"}
    eventually(lambda: logs.filter_log_events(**stream)["events"], f"{job} trains")


def ended(sagemaker: Any, job: str) -> dict[str, Any]:
    """A job that has ended; one that does not within two looks of half a minute never will."""
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    try:
        waiter.wait(TrainingJobName=job, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    except Exception:
        described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
        assert described["TrainingJobStatus"] == "Failed", described
        return described
    found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
    return found
