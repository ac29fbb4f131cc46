"""What a training job is."""

from __future__ import annotations

from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceInUse, ValidationError
from labcloud.sagemaker.listing import ListStyle
from labcloud.sagemaker.resource import Quota, Resource, Words
from labcloud.sagemaker.states import ENDED
from labcloud.state.records import Record


def _instances(_: Cloud, record: Record) -> Counter[str]:
    return Counter({record.get("ResourceConfig", {}).get("InstanceType", ""): 1})


TRAINING_JOB = Resource(
    kind="training-job",
    title="TrainingJob",
    called="training job",
    summaries="TrainingJobSummaries",
    final=ENDED,
    missing=Words(ValidationError, "Requested resource not found."),
    taken=Words(
        ResourceInUse,
        "Training job names must be unique within an AWS account and region, and a training job "
        "with this name already exists ({arn})",
    ),
    quota=Quota("training job usage", 100, _instances, free=ENDED),
    style=ListStyle(status_of_page=True),
)
