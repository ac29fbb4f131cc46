"""Finds the newest model or training job that a lab has left, by the prefix of its name."""

from __future__ import annotations

from labhelpers.lab import Lab
from labhelpers.resources import MODEL, TRAINING_JOB
from labhelpers.storage import contents

_NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}


def latest_model(lab: Lab, *of: str, label: str = "") -> str | None:
    """The name of the newest model of yours whose artifact is still in S3, or None.

    `of` names the labs that may have made it (`01-xgboost-iris`); without it, this lab has. The
    `label` is the one that resource_name got.
    """
    prefixes = [f"{lab.prefix_of(name)}{label}" for name in of or [lab.name]]
    found = [name for prefix in prefixes for name in MODEL.names(lab, prefix, **_NEWEST_FIRST)]
    # The end of a name is the time at which it was given.
    for name in sorted(found, key=lambda name: name[-19:], reverse=True):
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
    names = TRAINING_JOB.names(lab, lab.prefix_of(of or lab.name), **filters)
    return names[0] if names else None
