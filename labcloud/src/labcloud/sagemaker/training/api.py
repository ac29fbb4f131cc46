"""Training jobs: Create, and the table of their operations."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.training.checks import check_training_job
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB


async def create_training_job(cloud: Cloud, request: Request) -> Answer:
    await check_training_job(cloud, request)
    TrainingJob.begin(cloud, request)
    return {"TrainingJobArn": TRAINING_JOB.arn_of(cloud, request["TrainingJobName"])}


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    **TrainingJob.operations(deletes=True),
}
