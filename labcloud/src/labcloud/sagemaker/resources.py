"""The tables of all kinds of resource and of job. What goes over every kind goes over these."""

from __future__ import annotations

from labcloud.sagemaker.endpoints.resource import ENDPOINT, ENDPOINT_CONFIG
from labcloud.sagemaker.job import Job
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.pipelines.execution import PipelineExecution
from labcloud.sagemaker.pipelines.records import open_parts
from labcloud.sagemaker.pipelines.resource import EXECUTION, PIPELINE
from labcloud.sagemaker.processing.job import ProcessingJob
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, MODEL_PACKAGE_GROUP
from labcloud.sagemaker.resource import Resource
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.transform.job import TransformJob
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.sagemaker.tuning.job import TuningJob
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.state.records import Records

RESOURCES: tuple[Resource, ...] = (
    TRAINING_JOB,
    TUNING_JOB,
    TRANSFORM_JOB,
    PROCESSING_JOB,
    MODEL,
    ENDPOINT_CONFIG,
    ENDPOINT,
    PIPELINE,
    EXECUTION,
    MODEL_PACKAGE_GROUP,
    MODEL_PACKAGE,
)

# In the order in which they recover after a restart: a tuning job after its training jobs, and an
# execution after the jobs of its steps.
JOBS: tuple[type[Job], ...] = (
    TrainingJob,
    TuningJob,
    TransformJob,
    ProcessingJob,
    PipelineExecution,
)


def open_records(records: Records) -> None:
    """Reads the records of all kinds into their lists, and sets aside what is damaged."""
    for resource in RESOURCES:
        status = resource.listed or (resource.status if resource.final else None)
        records.open(resource.kind, resource.needed, status)
    open_parts(records)
