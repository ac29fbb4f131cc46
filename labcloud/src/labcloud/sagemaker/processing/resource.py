"""What a processing job is."""

from __future__ import annotations

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.resource import Resource, Words
from labcloud.sagemaker.states import ENDED

PROCESSING_JOB = Resource(
    kind="processing-job",
    title="ProcessingJob",
    called="processing job",
    summaries="ProcessingJobSummaries",
    final=ENDED,
    missing=Words(ValidationError, "Could not find requested job with name: {name}"),
)
