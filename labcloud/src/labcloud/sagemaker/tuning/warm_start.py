"""What a search takes over from earlier tuning jobs.

With IdenticalDataAndAlgorithm, the parents' results are results of this search. With
TransferLearning they are not, for other data give other values: there, the parents' best
hyperparameters are the first to be tried.
"""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.tuning.children import FIELD, definitions
from labcloud.sagemaker.tuning.objective import Objective, value_of
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.sagemaker.tuning.search import Search
from labcloud.state.records import Missing, Record

IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"
# The part of the jobs that try what was best elsewhere.
_SHARE = 4


def parents(cloud: Cloud, record: Record) -> list[Record]:
    """The records of the tuning jobs that a job starts from, so far as they still exist."""
    found = []
    for parent in record.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", []):
        try:
            found.append(cloud.records.get(TUNING_JOB.kind, parent["HyperParameterTuningJobName"]))
        except Missing:
            continue
    return found


def results(record: Record) -> list[tuple[dict[str, str], float]]:
    """All hyperparameters of a tuning job's training jobs, static ones too, with their values."""
    static = {
        each.get("DefinitionName"): each.get("StaticHyperParameters", {})
        for each in definitions(record)
    }
    found: list[tuple[dict[str, str], float]] = []
    for child in record[FIELD]:
        value = value_of(child)
        if value is not None:
            fixed = static[child.get("TrainingJobDefinitionName")]
            found.append((fixed | child["TunedHyperParameters"], value))
    return found


def teach(
    search: Search, known: list[Record], config: dict[str, Any], objective: Objective, jobs: int
) -> None:
    """Gives the results of the parents `known` to the search of a tuning job of `jobs` jobs."""
    if config.get("WarmStartType") == IDENTICAL:
        for record in known:
            for hyperparameters, value in results(record):
                search.knows(hyperparameters, value)
        return
    ranked = [
        sorted(results(record), key=lambda each: each[1], reverse=objective.maximize)
        for record in known
    ]
    # The best of each parent, then the second best of each.
    turns = [
        each[place]
        for place in range(max((len(each) for each in ranked), default=0))
        for each in ranked
        if place < len(each)
    ]
    for hyperparameters, _ in turns[: max(1, jobs // _SHARE)]:
        search.begin_with(hyperparameters)
