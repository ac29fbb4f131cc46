"""Transform steps."""

from __future__ import annotations

from labcloud.sagemaker.pipelines.steps.jobs import CreateKind, only
from labcloud.sagemaker.transform.api import create_transform_job
from labcloud.sagemaker.transform.fields import CREATE_TRANSFORM_JOB
from labcloud.sagemaker.transform.job import TransformJob
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB

TRANSFORM = CreateKind(
    type="Transform",
    title="TransformJob",
    metadata="TransformJob",
    create=create_transform_job,
    describe=TRANSFORM_JOB.describe,
    fields=CREATE_TRANSFORM_JOB,
    resource=TRANSFORM_JOB,
    job=TransformJob,
    keys=only("DataProcessing", "Environment", "ModelName", "TransformInput"),
)
