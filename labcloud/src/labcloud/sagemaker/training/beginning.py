"""The beginning of a training job, whoever wants it: the API's caller or a tuning job."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from labcloud.aws.s3.objects import Location
from labcloud.cloud import Cloud
from labcloud.sagemaker.states import JobStatus, SecondaryStatus
from labcloud.sagemaker.training import job as training
from labcloud.sagemaker.training.metrics import Heard


def begin(cloud: Cloud, request: dict[str, Any], heard: Heard | None = None) -> asyncio.Task[None]:
    """Writes the record of a request that has been checked, and starts its work.

    The task ends with the job. `heard` is told the values of its metrics as they come. Raises
    records.AlreadyExists.
    """
    name = request["TrainingJobName"]
    target = Location.parse(request["OutputDataConfig"]["S3OutputPath"])
    now = time.time()
    record = {
        **request,
        "TrainingJobArn": cloud.arns.sagemaker(training.KIND, name),
        "TrainingJobStatus": JobStatus.IN_PROGRESS,
        "SecondaryStatus": SecondaryStatus.STARTING,
        "SecondaryStatusTransitions": [
            {
                "Status": SecondaryStatus.STARTING,
                "StartTime": now,
                "StatusMessage": "Starting the training job",
            }
        ],
        "ModelArtifacts": {"S3ModelArtifacts": str(target.child(name, "output", "model.tar.gz"))},
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    cloud.records.insert(training.KIND, name, record)
    return training.start(cloud, name, heard)
