"""What an earlier lab has left: its newest model, its newest training job.

By the name's prefix, which is the only thing that a lab and its successor share.
"""

from __future__ import annotations

from typing import Any

from labhelpers.connect import PREFIX, Lab
from labhelpers.storage import contents


def latest_model(lab: Lab, of: str | None = None) -> str | None:
    """The name of the newest model of a lab (`01-xgboost-iris`; otherwise this one).

    None if there is none whose artifact is still in S3: a model is only a name for it.
    """
    sagemaker = lab.client("sagemaker")
    for name in _newest_first(sagemaker, "list_models", "Models", "ModelName", of or lab.name):
        if not contents(lab, _artifact(sagemaker.describe_model(ModelName=name))).empty:
            return name
    return None


def latest_training_job(lab: Lab, of: str | None = None) -> str | None:
    """The name of the newest training job of a lab that has completed, or None."""
    found = _newest_first(
        lab.client("sagemaker"), "list_training_jobs", "TrainingJobSummaries", "TrainingJobName",
        of or lab.name, StatusEquals="Completed",
    )  # fmt: skip
    return next(iter(found), None)


def _newest_first(
    sagemaker: Any, operation: str, field: str, name: str, of: str, **more: str
) -> list[str]:
    prefix = f"{PREFIX}{of}-"
    pages = sagemaker.get_paginator(operation).paginate(
        NameContains=prefix, SortBy="CreationTime", SortOrder="Descending", **more
    )
    found = [item[name] for page in pages for item in page[field]]
    return [each for each in found if each.startswith(prefix)]


def _artifact(model: dict[str, Any]) -> str:
    """The S3 URI of a model's artifact."""
    container = model["PrimaryContainer"]
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return str(container.get("ModelDataUrl") or source["S3Uri"])
