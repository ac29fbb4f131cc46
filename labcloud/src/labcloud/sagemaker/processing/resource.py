"""What a processing job is."""

from __future__ import annotations

from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceInUse, ValidationError
from labcloud.sagemaker.resource import Quota, Resource, Words
from labcloud.sagemaker.states import ENDED
from labcloud.state.records import Record


def _instances(_: Cloud, record: Record) -> Counter[str]:
    cluster = record["ProcessingResources"]["ClusterConfig"]
    return Counter({cluster["InstanceType"]: cluster["InstanceCount"]})


PROCESSING_JOB = Resource(
    kind="processing-job",
    title="ProcessingJob",
    called="processing job",
    summaries="ProcessingJobSummaries",
    final=ENDED,
    missing=Words(ValidationError, "Could not find requested job with name: {name}"),
    taken=Words(
        ResourceInUse,
        "Job name must be unique within an AWS account and region, and a job with this name "
        "already exists ({arn})",
    ),
    quota=Quota("processing job usage", 100, _instances, free=ENDED),
)
