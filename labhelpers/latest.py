"""Finds the newest model, job or endpoint that a lab has left, by the prefix of its name."""

from __future__ import annotations

from labhelpers.checked import of_a_lab
from labhelpers.errors import LabError
from labhelpers.lab import Lab
from labhelpers.pipelines import latest_execution
from labhelpers.resources import (
    ENDPOINT,
    MODEL,
    PIPELINE_EXECUTION,
    PROCESSING_JOB,
    TRAINING_JOB,
    TRANSFORM_JOB,
    TUNING_JOB,
    Kind,
)
from labhelpers.storage import contents

_NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}


@of_a_lab
def latest_model(lab: Lab, of: str | None = None, label: str = "") -> str | None:
    """The name of your newest model of a lab whose artifact is still in S3, or None.

    `of` names the lab (`01-xgboost-iris`); without it, this lab's own model is looked for. The
    `label` is the one that resource_name got.
    """
    prefix = f"{lab.of(of or lab.name).prefix}{label}"
    for name in MODEL.names(lab, prefix, **_NEWEST_FIRST):
        container = MODEL.describe(lab, name)["PrimaryContainer"]
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        if not contents(lab, container.get("ModelDataUrl") or source["S3Uri"]).empty:
            return name
    return None


@of_a_lab
def latest_training_job(lab: Lab, of: str | None = None) -> str | None:
    """The name of a lab's newest training job that has completed, or None.

    `of` names the lab (`01-xgboost-iris`); without it, this lab's own job is looked for.
    """
    filters = _NEWEST_FIRST | {"StatusEquals": "Completed"}
    names = TRAINING_JOB.names(lab, lab.of(of or lab.name).prefix, **filters)
    return names[0] if names else None


def newest(lab: Lab) -> tuple[Kind, str]:
    """The kind and the name of the job, endpoint or pipeline execution that this lab started last.

    The name of an execution is its ARN.

    The training jobs of a tuning job do not count, the tuning job does. Raises LabError if there
    is none.
    """
    searches = tuple(f"{name}-" for name in TUNING_JOB.names(lab, lab.prefix))
    found = []
    for kind in (ENDPOINT, TUNING_JOB, TRAINING_JOB, TRANSFORM_JOB, PROCESSING_JOB):
        for each in kind.summaries(lab, lab.prefix, **_NEWEST_FIRST):
            if not each[kind.name_field].startswith(searches):
                found.append((each["CreationTime"], kind, each[kind.name_field]))
                break
    if execution := latest_execution(lab):
        arn = execution["PipelineExecutionArn"]
        found.append((execution["StartTime"], PIPELINE_EXECUTION, arn))
    if not found:
        raise LabError(f"{lab.name} has started no job and no endpoint yet")
    _, kind, name = max(found, key=lambda each: each[0])
    return kind, name
