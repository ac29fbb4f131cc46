"""Hyperparameter tuning jobs, which cannot be created yet: there are none to list, find or stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labcloud.api.errors import ResourceNotFound

if TYPE_CHECKING:
    from labcloud.cloud import Cloud


async def list_tuning_jobs(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    return {"HyperParameterTuningJobSummaries": []}


async def find_tuning_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["HyperParameterTuningJobName"]
    raise ResourceNotFound(
        f"Amazon SageMaker can't find a tuning job called {name}. Type another name."
    )


OPERATIONS = {
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "DescribeHyperParameterTuningJob": find_tuning_job,
    "StopHyperParameterTuningJob": find_tuning_job,
}
