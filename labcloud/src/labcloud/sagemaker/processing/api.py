"""Processing jobs, which labcloud does not run: there are none to list, describe or stop."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.resource import Answer, Request


async def stop_processing_job(cloud: Cloud, request: Request) -> Answer:
    return PROCESSING_JOB.find(cloud, request["ProcessingJobName"])


OPERATIONS = {**PROCESSING_JOB.operations(), "StopProcessingJob": stop_processing_job}
