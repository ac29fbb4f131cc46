"""Processing jobs: Create, and the table of their operations."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.processing.checks import check_processing_job
from labcloud.sagemaker.processing.job import ProcessingJob
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.resource import Answer, Request


async def create_processing_job(cloud: Cloud, request: Request) -> Answer:
    await check_processing_job(cloud, request)
    ProcessingJob.begin(cloud, request)
    return {"ProcessingJobArn": PROCESSING_JOB.arn_of(cloud, request["ProcessingJobName"])}


OPERATIONS = {
    "CreateProcessingJob": create_processing_job,
    **ProcessingJob.operations(deletes=True),
}
