"""What a pipeline has on the disk beside its own record and those of its executions.

A kind of record each: versions (`<pipeline>/<number>`), steps of executions
(`<pipeline>/execution/<id>/<number>`), results for the cache, and the tokens of requests that have
been done. Their names begin with the pipeline's, and they go with it.
"""

from __future__ import annotations

import time
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import Conflict
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.pipelines.resource import EXECUTION, PIPELINE
from labcloud.state.records import AlreadyExists, Missing, Record, Records

VERSION, STEP, CACHED, TOKEN = (
    "pipeline-version", "pipeline-step", "pipeline-cache", "pipeline-token",
)  # fmt: skip
_OPENED = (VERSION, STEP, CACHED, TOKEN)
# In this order they are deleted: a pipeline has its versions to the last.
_PARTS = (STEP, CACHED, EXECUTION.kind, TOKEN, VERSION)
# The records that are deleted in one change; no other request is served meanwhile.
_AT_ONCE = 200
# The field of a pipeline, and what is in it.
STATUS = "PipelineStatus"
ACTIVE, _DELETING = "Active", "Deleting"


def open_parts(records: Records) -> None:
    """Reads these records into their lists, and sets aside what is damaged."""
    for kind in _OPENED:
        records.open(kind, ("CreationTime",))


def put(cloud: Cloud, kind: str, name: str, body: Record) -> None:
    """Writes a record, also where there is one of this name."""
    try:
        cloud.records.insert(kind, name, body)
    except AlreadyExists:
        cloud.records.update(kind, name, **body)


def page(
    cloud: Cloud, kind: str, prefix: str, request: dict[str, Any], order: str
) -> tuple[list[Record], dict[str, str]]:
    """One page of the records of a kind whose names begin so, and NextToken where more follow."""
    asked = {"SortOrder": order} | {name: request[name] for name in _ASKED if name in request}
    for each in ("Before", "After"):
        if f"Created{each}" in request:
            asked[f"CreationTime{each}"] = request[f"Created{each}"]
    places = cloud.records.places
    names, token = listing(places, kind, asked, has_status=False, more=_begin_with(prefix))
    return [cloud.records.get(kind, name) for name in names], token


_ASKED = ("SortOrder", "SortBy", "MaxResults", "NextToken")


def _begin_with(prefix: str) -> list[tuple[str, str]]:
    """The conditions of a list for names that begin so."""
    if not prefix:
        return []
    return [("name >= ?", prefix), ("name < ?", prefix[:-1] + chr(ord(prefix[-1]) + 1))]


def all_below(cloud: Cloud, kind: str, prefix: str, most: int = -1) -> list[str]:
    """The names of a kind that begin so, sorted; all, or as many as `most`."""
    found = cloud.records.places.page(
        kind, _begin_with(prefix), by="name", descending=False, after=None, size=most
    )
    return [place.name for place in found]


# ---- versions ---------------------------------------------------------------------------------


def version_name(pipeline: str, number: int) -> str:
    return f"{pipeline}/{number:09d}"


def version(cloud: Cloud, pipeline: str, number: int) -> Record | None:
    try:
        return cloud.records.get(VERSION, version_name(pipeline, number))
    except Missing:
        return None


# ---- steps ------------------------------------------------------------------------------------


def steps(cloud: Cloud, execution: str) -> dict[str, Record]:
    """The records of an execution's steps, by their own names, as they began."""
    names = all_below(cloud, STEP, f"{execution}/")
    return {name: cloud.records.get(STEP, name) for name in names}


def end_steps(cloud: Cloud, execution: str, status: str, reason: str) -> None:
    """Ends the steps that nobody works on any more."""
    for name, record in steps(cloud, execution).items():
        if record["StepStatus"] in ("Starting", "Executing", "Stopping"):
            cloud.records.update(
                STEP, name, StepStatus=status, EndTime=time.time(), FailureReason=reason or None
            )


# ---- the end of a pipeline --------------------------------------------------------------------


def active(cloud: Cloud, pipeline: str) -> Record:
    """A pipeline that may be changed and run. Raises ResourceNotFound, Conflict."""
    record = PIPELINE.find(cloud, pipeline)
    if record.get(STATUS) == _DELETING:
        raise Conflict(f"Pipeline '{record[PIPELINE.arn]}' is being deleted.")
    return record


def is_going(cloud: Cloud, pipeline: str) -> bool:
    """Whether a pipeline is there of which a part has been deleted."""
    try:
        record = cloud.records.get(PIPELINE.kind, pipeline)
    except Missing:
        return False
    return bool(record.get(STATUS) == _DELETING)


def removed(cloud: Cloud, pipeline: str) -> bool:
    """Deletes a pipeline and all that belongs to it: all at once, or nothing.

    Where that is much, it deletes a part, and returns False; the pipeline is Deleting then.
    """
    parts = [
        (kind, name)
        for kind in _PARTS
        for name in all_below(cloud, kind, f"{pipeline}/", _AT_ONCE + 1)
    ]
    whole = len(parts) <= _AT_ONCE
    with cloud.records.together():
        for kind, name in parts[:_AT_ONCE]:
            cloud.records.delete(kind, name)
        if whole:
            cloud.records.delete(PIPELINE.kind, pipeline)
        else:
            PIPELINE.update(cloud, pipeline, **{STATUS: _DELETING})
    return whole


def remove_orphans(cloud: Cloud) -> None:
    """After a restart: deletes pipelines that were being deleted, and what belongs to none."""
    with cloud.records.together():
        kept = set()
        for record in PIPELINE.all(cloud):
            if record.get(STATUS) == _DELETING:
                cloud.records.delete(PIPELINE.kind, record[PIPELINE.name])
            else:
                kept.add(record[PIPELINE.name])
        for kind in _PARTS:
            for name in all_below(cloud, kind, ""):
                if name.partition("/")[0] not in kept:
                    cloud.records.delete(kind, name)
