"""Processing steps."""

from __future__ import annotations

from labcloud.sagemaker.pipelines.steps.jobs import CreateKind, only
from labcloud.sagemaker.pipelines.steps.kind import CACHE, FILES, RETRIES
from labcloud.sagemaker.processing.api import create_processing_job
from labcloud.sagemaker.processing.fields import CREATE_PROCESSING_JOB
from labcloud.sagemaker.processing.job import ProcessingJob
from labcloud.sagemaker.processing.resource import PROCESSING_JOB

PROCESSING = CreateKind(
    type="Processing",
    title="ProcessingJob",
    metadata="ProcessingJob",
    create=create_processing_job,
    describe=PROCESSING_JOB.describe,
    fields=CREATE_PROCESSING_JOB,
    resource=PROCESSING_JOB,
    job=ProcessingJob,
    members=frozenset({CACHE, FILES, RETRIES}),
    keys=only("AppSpecification", "Environment", "ProcessingInputs"),
)
