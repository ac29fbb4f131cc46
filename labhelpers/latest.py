"""Finds the newest model or training job that a lab has left, by the prefix of its name."""

from __future__ import annotations

from labhelpers.lab import Lab
from labhelpers.resources import MODEL, TRAINING_JOB
from labhelpers.storage import contents

_NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}


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


def latest_training_job(lab: Lab, of: str | None = None) -> str | None:
    """The name of a lab's newest training job that has completed, or None.

    `of` names the lab (`01-xgboost-iris`); without it, this lab's own job is looked for.
    """
    filters = _NEWEST_FIRST | {"StatusEquals": "Completed"}
    names = TRAINING_JOB.names(lab, lab.of(of or lab.name).prefix, **filters)
    return names[0] if names else None
