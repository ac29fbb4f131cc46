"""Finds the newest model or training job that a lab has left, by the prefix of its name."""

from __future__ import annotations

from labhelpers.connect import Lab, prefix_of
from labhelpers.resources import MODEL, TRAINING_JOB
from labhelpers.storage import contents

_NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}


def latest_model(lab: Lab, of: str | None = None) -> str | None:
    """The name of a lab's newest model whose artifact is still in S3, or None.

    `of` names the lab (`01-xgboost-iris`); without it, this lab's own model is looked for.
    """
    for name in MODEL.names(lab, prefix_of(of or lab.name), **_NEWEST_FIRST):
        container = MODEL.describe(lab, name)["PrimaryContainer"]
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        if not contents(lab, container.get("ModelDataUrl") or source["S3Uri"]).empty:
            return name
    return None


def latest_training_job(lab: Lab, of: str | None = None) -> str | None:
    """The name of a lab's newest training job that has completed, or None.

    `of` names the lab (`01-xgboost-iris`); without it, this lab's own job is looked for.
    """
    filters = _NEWEST_FIRST | {"StatusEquals": "Completed"}
    names = TRAINING_JOB.names(lab, prefix_of(of or lab.name), **filters)
    return names[0] if names else None
