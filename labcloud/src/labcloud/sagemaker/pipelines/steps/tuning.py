"""Tuning steps; their properties have the training jobs, too, the best ones first."""

from __future__ import annotations

from typing import Any

from labcloud.sagemaker.pipelines import arguments
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.retries import INTERNAL_ERROR
from labcloud.sagemaker.pipelines.steps.jobs import CreateKind
from labcloud.sagemaker.pipelines.steps.kind import Attempt, Properties
from labcloud.sagemaker.protocol import shaped
from labcloud.sagemaker.tuning.api import (
    create_tuning_job,
    describe_tuning_job,
    list_training_jobs_of_tuning_job,
)
from labcloud.sagemaker.tuning.fields import CREATE_TUNING_JOB
from labcloud.sagemaker.tuning.job import TuningJob
from labcloud.sagemaker.tuning.resource import TUNING_JOB

_LIST = "ListTrainingJobsForHyperParameterTuningJob"
# What AWS documents of a definition of training jobs.
_KEYS = (
    "AlgorithmSpecification", "HyperParameterRanges", "InputDataConfig", "StaticHyperParameters",
    "TuningObjective",
)  # fmt: skip
# Of the step's name in the job's, which has 32 characters.
_ROOM = 7
_PAGE = 100


def _keys(given: dict[str, Any]) -> dict[str, Any]:
    config = given.get("HyperParameterTuningJobConfig")
    definition = given.get("TrainingJobDefinition") or {}
    return {
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": {name: definition.get(name) for name in _KEYS},
        "TrainingJobDefinitions": given.get("TrainingJobDefinitions"),
    }


class _Tuning(CreateKind):
    def called(self, identifier: str, step: Step, random: str) -> str:
        return f"{identifier}-{step.name.replace('_', '-')[:_ROOM]}-{random}"

    def failure_kind(self, reason: str) -> str:
        """A tuning job repeats its training jobs by itself: AWS does not repeat the step for it."""
        kind = super().failure_kind(reason)
        return "" if kind == INTERNAL_ERROR else kind

    async def _properties(self, attempt: Attempt, name: str) -> Properties:
        described = await super()._properties(attempt, name)
        config = described["HyperParameterTuningJobConfig"]
        aim = config.get("HyperParameterTuningJobObjective", {}).get("Type")
        request = {
            "HyperParameterTuningJobName": name,
            "SortBy": "FinalObjectiveMetricValue",
            "SortOrder": "Descending" if aim == "Maximize" else "Ascending",
            "MaxResults": _PAGE,
        }
        listed = await list_training_jobs_of_tuning_job(attempt.cloud, request)
        trained: Properties = shaped(listed, arguments.output_shape(_LIST))
        return described | trained


TUNING = _Tuning(
    type="Tuning",
    title="HyperParameterTuningJob",
    metadata="TuningJob",
    create=create_tuning_job,
    describe=describe_tuning_job,
    fields=CREATE_TUNING_JOB,
    resource=TUNING_JOB,
    job=TuningJob,
    longest_name=32,
    keys=_keys,
    more=(_LIST,),
)
