"""The kinds of job that the console shows, each declared once.

A new kind is one line in `KINDS`: its table, its page, its costs and its counts follow from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from labcloud.aws.logs import PROCESSING_JOBS, TRAINING_JOBS, TRANSFORM_JOBS
from labcloud.console import prices
from labcloud.sagemaker.pipelines.resource import (
    EXECUTION,
    OVER,
    ExecutionStatus,
    identifier_of,
    pipeline_of,
)
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.resource import Resource
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.state.records import Record


class Use(NamedTuple):
    """What a job has used: seconds (None where it has not begun), of so many instances."""

    seconds: float | None
    instance: str
    instances: int

    @property
    def cost(self) -> float | None:
        """On AWS, in dollars; None where that is not known."""
        if self.seconds is None:
            return None
        return prices.cost(self.instance, self.instances, self.seconds)


@dataclass(frozen=True)
class Kind:
    """A kind of job; members of its record are named by paths, as `ResourceConfig.InstanceType` is.

    `begun` and `ended` are the times that are billed, `billed` the seconds where the record has
    them. A kind without `instance` has no instances of its own.
    """

    resource: Resource
    # What its pages are called, in addresses and in headings.
    path: str
    title: str
    begun: str
    ended: str
    image: str = ""
    model: str = ""
    instance: str = ""
    count: str = ""
    billed: str = ""
    # Where its containers' lines are: streams of this group that begin with its name.
    log_group: str = ""
    # Whether AWS has a Delete of it.
    deletes: bool = True
    statuses: tuple[str, ...] = (JobStatus.IN_PROGRESS, *ENDED, JobStatus.STOPPING)
    # The parts of its page's address, where it has a page of another kind.
    at: Callable[[str], tuple[str, ...]] | None = None

    def address(self, name: str) -> tuple[str, ...]:
        """The parts of the address of a job's page."""
        return self.at(name) if self.at else ("jobs", self.path, name)

    @property
    def measures(self) -> tuple[str, ...]:
        """The paths of what `use` reads."""
        return (self.begun, self.ended, self.instance, self.count, self.billed or self.begun)

    def use(self, measured: Sequence[Any]) -> Use:
        """How long a job has run, and on what; `measured` are the values of `measures`."""
        begun, ended, instance, count, billed = measured
        if self.billed and billed is not None:
            seconds = float(billed)
        elif begun is None:
            return Use(None, str(instance), int(count or 1))
        else:
            seconds = max(0.0, float(ended or time.time()) - float(begun))
        return Use(seconds, str(instance), int(count or 1))

    def use_of(self, record: Record) -> Use:
        measured = [member(record, path) if path else None for path in self.measures]
        if record[self.resource.status] not in self.resource.final:
            # Some kinds end at their last change, which is no end while they run.
            measured[1] = None
        return self.use(measured)

    def cost(self, record: Record) -> float | None:
        """What it would have cost on AWS (dollars); None where that is not known."""
        return self.use_of(record).cost if self.instance else None


KINDS: tuple[Kind, ...] = (
    Kind(
        TRAINING_JOB, "training-jobs", "Training jobs", "TrainingStartTime", "TrainingEndTime",
        image="AlgorithmSpecification.TrainingImage",
        instance="ResourceConfig.InstanceType", count="ResourceConfig.InstanceCount",
        billed="BillableTimeInSeconds", log_group=TRAINING_JOBS,
    ),
    Kind(
        PROCESSING_JOB, "processing-jobs", "Processing jobs",
        "ProcessingStartTime", "ProcessingEndTime", image="AppSpecification.ImageUri",
        instance="ProcessingResources.ClusterConfig.InstanceType",
        count="ProcessingResources.ClusterConfig.InstanceCount", log_group=PROCESSING_JOBS,
    ),
    Kind(
        TRANSFORM_JOB, "transform-jobs", "Batch transform jobs",
        "TransformStartTime", "TransformEndTime", model="ModelName",
        instance="TransformResources.InstanceType", count="TransformResources.InstanceCount",
        log_group=TRANSFORM_JOBS, deletes=False,
    ),
    Kind(
        TUNING_JOB, "tuning-jobs", "Hyperparameter tuning jobs",
        "CreationTime", "HyperParameterTuningEndTime",
    ),
    Kind(
        EXECUTION, "pipeline-executions", "Pipeline executions", "CreationTime", "LastModifiedTime",
        deletes=False, statuses=(ExecutionStatus.IN_PROGRESS, *OVER, JobStatus.STOPPING),
        at=lambda name: ("pipelines", pipeline_of(name), "executions", identifier_of(name)),
    ),
)  # fmt: skip
BY_PATH = {kind.path: kind for kind in KINDS}


def member(record: Any, path: str) -> Any:
    """The member of a record at a path; None where it has none."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record
