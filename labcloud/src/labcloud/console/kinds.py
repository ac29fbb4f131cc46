"""The kinds of job that the console shows, each declared once.

A new kind is one line in `KINDS`: its table, its page, its costs and its counts follow from it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from labcloud.aws.logs import PROCESSING_JOBS, TRAINING_JOBS, TRANSFORM_JOBS
from labcloud.console import prices
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.resource import Resource
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.state.records import Record


@dataclass(frozen=True)
class Kind:
    """A kind of job; members of its record are named by paths, such as `ResourceConfig.VolumeKmsKeyId`.

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

    def seconds(self, record: Record) -> float | None:
        """How long it has run; None where it has not begun."""
        if self.billed and (found := record.get(self.billed)) is not None:
            return float(found)
        begun = record.get(self.begun)
        if begun is None:
            return None
        return float(max(0.0, float(record.get(self.ended) or time.time()) - float(begun)))

    def cost(self, record: Record) -> float | None:
        """What it would have cost on AWS (dollars); None where that is not known."""
        seconds = self.seconds(record)
        if not self.instance or seconds is None:
            return None
        count = int(member(record, self.count) or 1)
        return prices.cost(str(member(record, self.instance)), count, seconds)


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
)  # fmt: skip
BY_PATH = {kind.path: kind for kind in KINDS}


def member(record: Any, path: str) -> Any:
    """The member of a record at a path; None where it has none."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record
