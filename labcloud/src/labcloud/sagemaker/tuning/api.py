"""Hyperparameter tuning jobs: Create, Describe, List, and the list of their training jobs."""

from __future__ import annotations

import contextlib
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.listing import ListStyle, listing
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.training import metrics
from labcloud.sagemaker.training.api import ALWAYS_SHOWN, input_config, output_config
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.tuning import children
from labcloud.sagemaker.tuning.checks import check_tuning_job
from labcloud.sagemaker.tuning.job import TuningJob
from labcloud.sagemaker.tuning.objective import best, value_of
from labcloud.sagemaker.tuning.plan import complete, resources_of
from labcloud.sagemaker.tuning.ranges import shown_ranges
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.sagemaker.tuning.warm_start import IDENTICAL, parents
from labcloud.state.places import Place, Places
from labcloud.state.records import Record

_CHILDREN = ListStyle(sort_by="Name", order="Ascending")


async def create_tuning_job(cloud: Cloud, request: Request) -> Answer:
    await check_tuning_job(cloud, request)
    TuningJob.begin(cloud, request)
    arn = TUNING_JOB.arn_of(cloud, request["HyperParameterTuningJobName"])
    return {"HyperParameterTuningJobArn": arn}


async def describe_tuning_job(cloud: Cloud, request: Request) -> Answer:
    name = request["HyperParameterTuningJobName"]
    record = await TUNING_JOB.describe(cloud, request)
    found = children.all_current(cloud, record)
    described = record | _definitions(record) | children.counters(found)
    described["HyperParameterTuningJobConfig"] = _config(record)
    if chosen := best(found):
        described["BestTrainingJob"] = children.shown(chosen)
    if record.get("WarmStartConfig", {}).get("WarmStartType") == IDENTICAL:
        families = [(name, found)] + [
            (parent["HyperParameterTuningJobName"], parent[children.FIELD])
            for parent in parents(cloud, record)
        ]
        everyone = [child | {"TuningJobName": of} for of, family in families for child in family]
        if chosen := best(everyone):
            described["OverallBestTrainingJob"] = children.shown(chosen)
    return described


async def list_tuning_jobs(cloud: Cloud, request: Request) -> Answer:
    page, token = TUNING_JOB.page(cloud, request)
    return {TUNING_JOB.summaries: [_summary(cloud, each) for each in page], **token}


async def list_training_jobs_of_tuning_job(cloud: Cloud, request: Request) -> Answer:
    record = TUNING_JOB.find(cloud, request["HyperParameterTuningJobName"])
    found = {child["TrainingJobName"]: child for child in children.all_current(cloud, record)}
    by_objective = request.get("SortBy") == "FinalObjectiveMetricValue"
    with contextlib.closing(Places()) as places:
        for name, child in found.items():
            created, value = child["CreationTime"], value_of(child)
            # Jobs that did not return an objective are not listed by it.
            if value is not None or not by_objective:
                status = child["TrainingJobStatus"]
                places.put(TRAINING_JOB.kind, Place(name, created, created, status, value))
        names, token = listing(places, TRAINING_JOB.kind, request, has_status=True, style=_CHILDREN)
    return {"TrainingJobSummaries": [children.shown(found[name]) for name in names], **token}


def _config(record: Record) -> dict[str, Any]:
    config: dict[str, Any] = record["HyperParameterTuningJobConfig"]
    if "ParameterRanges" not in config:
        return config
    return config | {"ParameterRanges": shown_ranges(config["ParameterRanges"])}


def _definitions(record: Record) -> dict[str, Any]:
    """The training job definitions with what has been added to them."""
    aims = children.objectives(record)
    found = []
    for given in children.definitions(record):
        completed = complete(given, aims[given.get("DefinitionName")])
        algorithm = given["AlgorithmSpecification"]
        every = metrics.described(completed)
        ranges = given.get("HyperParameterRanges")
        found.append(
            ALWAYS_SHOWN
            | completed
            | ({"HyperParameterRanges": shown_ranges(ranges)} if ranges else {})
            | {
                "AlgorithmSpecification": algorithm | {"MetricDefinitions": every},
                "OutputDataConfig": output_config(given),
                "InputDataConfig": input_config(given, CompressionType="None"),
                # SDKs read it, also where the request has the other member.
                "ResourceConfig": resources_of(given),
            }
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
    **TuningJob.operations(deletes=True),
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs_of_tuning_job,
}
