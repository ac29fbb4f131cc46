"""What a transform job is."""

from __future__ import annotations

from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceInUse, ValidationError
from labcloud.sagemaker.resource import Quota, Resource, Words
from labcloud.sagemaker.states import ENDED
from labcloud.state.records import Record


def _instances(_: Cloud, record: Record) -> Counter[str]:
    resources = record["TransformResources"]
    return Counter({resources["InstanceType"]: resources["InstanceCount"]})


TRANSFORM_JOB = Resource(
    kind="transform-job",
    title="TransformJob",
    called="transform job",
    summaries="TransformJobSummaries",
    final=ENDED,
    missing=Words(ValidationError, "Could not find requested job with name: {name}"),
    taken=Words(
        ResourceInUse,
        "Job name must be unique within an AWS account and region, and a job with this name "
        "already exists ({arn})",
    ),
    quota=Quota("transform job usage", 100, _instances, free=ENDED),
)
