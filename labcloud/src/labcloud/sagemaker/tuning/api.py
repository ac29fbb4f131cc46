"""Hyperparameter tuning jobs: Create, Describe, List, Stop, Delete, and their training jobs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.errors import ResourceInUse, ResourceNotFound, ValidationError
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.sagemaker.tags import unique_tags
from labcloud.sagemaker.training import metrics
from labcloud.sagemaker.tuning import children, job
from labcloud.sagemaker.tuning.checks import check_tuning_job
from labcloud.sagemaker.tuning.job import KIND, PROGRESS, STATUS
from labcloud.sagemaker.tuning.objective import best, value_of
from labcloud.sagemaker.tuning.plan import complete
from labcloud.sagemaker.tuning.warm_start import IDENTICAL, parents
from labcloud.state.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud


async def create_tuning_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["HyperParameterTuningJobName"]
    arn = cloud.arns.sagemaker(KIND, name)
    await check_tuning_job(cloud, request)
    now = time.time()
    record = {
        **request,
        "HyperParameterTuningJobArn": arn,
        STATUS: JobStatus.IN_PROGRESS,
        PROGRESS: JobStatus.IN_PROGRESS,
        children.FIELD: [],
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": unique_tags(request.get("Tags", [])),
    }
    try:
        cloud.records.insert(KIND, name, record)
    except AlreadyExists as error:
        raise ResourceInUse(
            f"A hyperparameter tuning job with the name, {name}, already exists. Choose a "
            "different name."
        ) from error
    job.start(cloud, name)
    return {"HyperParameterTuningJobArn": arn}


async def describe_tuning_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["HyperParameterTuningJobName"]
    try:
        record = await cloud.described(KIND, name, PROGRESS, ENDED)
    except Missing as error:
        raise _not_found(name) from error
    found = children.all_current(cloud, record)
    described = record | _definitions(record) | children.counters(found)
    if chosen := best(found):
        described["BestTrainingJob"] = chosen
    if record.get("WarmStartConfig", {}).get("WarmStartType") == IDENTICAL:
        families = [(name, found)] + [
            (parent["HyperParameterTuningJobName"], parent[children.FIELD])
            for parent in parents(cloud, KIND, record)
        ]
        everyone = [child | {"TuningJobName": of} for of, family in families for child in family]
        if chosen := best(everyone):
            described["OverallBestTrainingJob"] = chosen
    return described


async def list_tuning_jobs(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    page, token = listing(
        cloud.records.all(KIND),
        # AWS lists tuning jobs by name, unlike other jobs.
        {"SortBy": "Name"} | request,
        name="HyperParameterTuningJobName",
        status=STATUS,
        order="Ascending",
    )
    return {"HyperParameterTuningJobSummaries": [_summary(cloud, each) for each in page], **token}


async def list_training_jobs_of_tuning_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    found = children.all_current(cloud, _find(cloud, request["HyperParameterTuningJobName"]))
    sort_by = request.get("SortBy", "Name")
    if sort_by == "FinalObjectiveMetricValue":
        # Jobs that did not return an objective are not listed.
        found = [
            child | {sort_by: value} for child in found if (value := value_of(child)) is not None
        ]
    page, token = listing(
        found,
        {"SortBy": sort_by} | request,
        name="TrainingJobName",
        status="TrainingJobStatus",
        order="Ascending",
    )
    return {"TrainingJobSummaries": page, **token}


async def stop_tuning_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["HyperParameterTuningJobName"]
    status = _find(cloud, name)[STATUS]
    if status in ENDED:
        raise ValidationError(
            f"The request was rejected because the hyperparameter tuning job is in status {status}"
        )
    if status == JobStatus.IN_PROGRESS:
        job.stop(cloud, name)
    return {}


async def delete_tuning_job(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["HyperParameterTuningJobName"]
    status = _find(cloud, name)[STATUS]
    if status not in ENDED:
        raise ResourceInUse(
            f"The request was rejected because the hyperparameter tuning job is in status {status}"
        )
    cloud.records.delete(KIND, name)
    return {}


def _find(cloud: Cloud, name: str) -> Record:
    try:
        return cloud.records.get(KIND, name)
    except Missing as error:
        raise _not_found(name) from error


def _not_found(name: str) -> ResourceNotFound:
    return ResourceNotFound(
        f"Amazon SageMaker can't find a tuning job called {name}. Type another name."
    )


def _definitions(record: Record) -> dict[str, Any]:
    """The training job definitions with what has been added to them."""
    aims = children.objectives(record)
    found = []
    for given in children.definitions(record):
        completed = complete(given, aims[given.get("DefinitionName")])
        algorithm = given["AlgorithmSpecification"]
        every = metrics.definitions(completed["AlgorithmSpecification"])
        found.append(
            completed | {"AlgorithmSpecification": algorithm | {"MetricDefinitions": every}}
        )
    one = "TrainingJobDefinition" in record
    return {"TrainingJobDefinition": found[0]} if one else {"TrainingJobDefinitions": found}


def _summary(cloud: Cloud, record: Record) -> dict[str, Any]:
    config = record["HyperParameterTuningJobConfig"]
    counted = children.counters(children.all_current(cloud, record))
    more = {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}
    return record | counted | more


OPERATIONS = {
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs_of_tuning_job,
    "StopHyperParameterTuningJob": stop_tuning_job,
    "DeleteHyperParameterTuningJob": delete_tuning_job,
}
