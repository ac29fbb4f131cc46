"""The kinds of SageMaker resources that the labs make, and what the API calls them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from labhelpers.lab import Lab


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    `title` names it to a reader. `stem` is what the API's names for it have in common: TrainingJob
    for CreateTrainingJob, TrainingJobName and TrainingJobStatus.
    """

    title: str
    stem: str

    @property
    def name_field(self) -> str:
        """The API's field for its name: TrainingJobName."""
        return f"{self.stem}Name"

    def describe(self, lab: Lab, name: str) -> dict[str, Any]:
        """What the API says about the resource."""
        description: dict[str, Any] = self._call(lab, "Describe", name)
        return description

    def remove(self, lab: Lab, name: str) -> None:
        """Deletes the resource. A job is stopped: SageMaker keeps the record of it."""
        self._call(lab, "Stop" if self.stem.endswith("Job") else "Delete", name)

    def names(self, lab: Lab, prefix: str, **filters: str) -> list[str]:
        """The names that start with a prefix, in the API's order. `filters` go to its List call."""
        return [item[self.name_field] for item in self.summaries(lab, prefix, **filters)]

    def summaries(self, lab: Lab, prefix: str, **filters: str) -> Iterator[dict[str, Any]]:
        """What the List call says about each of them. Pages are asked for as they are needed."""
        listed = f"{self.stem}Summaries" if self.stem.endswith("Job") else f"{self.stem}s"
        paginator = lab.client("sagemaker").get_paginator(xform_name(f"List{self.stem}s"))
        # NameContains finds the prefix in the middle of a name too.
        pages = paginator.paginate(NameContains=prefix, **filters)
        found = (item for page in pages for item in page[listed])
        return (item for item in found if item[self.name_field].startswith(prefix))

    def _call(self, lab: Lab, verb: str, name: str) -> Any:
        operation = getattr(lab.client("sagemaker"), xform_name(f"{verb}{self.stem}"))
        return operation(**{self.name_field: name})


ENDPOINT = Kind("endpoint", "Endpoint")
ENDPOINT_CONFIGURATION = Kind("endpoint configuration", "EndpointConfig")
MODEL = Kind("model", "Model")
# Is listed by its pipeline, and has no name: labhelpers.pipelines.
PIPELINE_EXECUTION = Kind("pipeline execution", "PipelineExecution")
PROCESSING_JOB = Kind("processing job", "ProcessingJob")
TRAINING_JOB = Kind("training job", "TrainingJob")
TRANSFORM_JOB = Kind("transform job", "TransformJob")
TUNING_JOB = Kind("tuning job", "HyperParameterTuningJob")
