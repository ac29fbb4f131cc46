"""Processing jobs, which labcloud does not run: there are none to list, describe or stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.errors import ValidationError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud


async def list_processing_jobs(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    return {"ProcessingJobSummaries": []}


async def find_processing_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["ProcessingJobName"]
    raise ValidationError(f"Could not find requested job with name: {name}")


OPERATIONS = {
    "ListProcessingJobs": list_processing_jobs,
    "DescribeProcessingJob": find_processing_job,
    "StopProcessingJob": find_processing_job,
}
