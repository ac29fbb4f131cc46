"""CacheConfig: a former run of a step, with the same arguments, is taken instead of a new one.

Follows "Caching pipeline steps" of the developer guide: only runs that have succeeded, in the same
pipeline, and no older than ExpireAfter.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.pipelines.records import CACHED, put
from labcloud.sagemaker.pipelines.steps.kind import CACHE, Properties
from labcloud.state.records import Missing

_DAY = 86_400
# A duration of ISO 8601, as AWS and its SDK write it: `30d`, `P4DT12H`, `T16m`, `p30d`.
_DURATION = re.compile(
    r"P?(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.IGNORECASE | re.ASCII,
)
_UNITS = (365 * _DAY, 30 * _DAY, 7 * _DAY, _DAY, 3600, 60, 1)


def check(given: Any) -> None:
    """The CacheConfig of a step. Raises Unparsed."""
    if given is None:
        return
    if not isinstance(given, dict):
        raise Unparsed("Expecting start of Json Object.")
    for member in given.keys() - {"Enabled", "ExpireAfter"}:
        raise Unparsed(f"Unknown {CACHE} member '{member}'.")
    if not isinstance(given.get("Enabled", False), bool):
        raise Unparsed(f"Enabled of a {CACHE} must be true or false.")
    expires = given.get("ExpireAfter")
    if expires is not None and (not isinstance(expires, str) or seconds(expires) is None):
        raise Unparsed(f"ExpireAfter must be a duration of ISO 8601; it is {expires!r:.100}.")


def seconds(duration: str) -> int | None:
    """How long a duration is; None for what is no duration."""
    match = _DURATION.fullmatch(duration)
    if match is None or not any(match.groups()):
        return None
    return sum(
        int(count) * unit for count, unit in zip(match.groups(), _UNITS, strict=True) if count
    )


def is_asked(step: Step) -> bool:
    config = step.body.get(CACHE) or {}
    return bool(config.get("Enabled", False))


def _name(pipeline: str, step: str, key: Any) -> str:
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    return f"{pipeline}/{step}/{digest}"


def remember(
    cloud: Cloud, pipeline: str, step: Step, key: Any, execution_arn: str, record: dict[str, Any]
) -> None:
    """Keeps the result of a step that has succeeded. `record` is the step's."""
    found = {
        "PipelineExecutionArn": execution_arn,
        "Properties": record.get("Properties", {}),
        "Metadata": record.get("Metadata", {}),
        "CreationTime": record["EndTime"],
    }
    put(cloud, CACHED, _name(pipeline, step.name, {"Type": step.type, "Key": key}), found)


def look_up(
    cloud: Cloud, pipeline: str, step: Step, key: Any
) -> tuple[str, Properties, dict[str, Any]] | None:
    """A former run: its execution's ARN, the step's properties, and its Metadata."""
    name = _name(pipeline, step.name, {"Type": step.type, "Key": key})
    try:
        found = cloud.records.get(CACHED, name)
    except Missing:
        return None
    limit = seconds((step.body.get(CACHE) or {}).get("ExpireAfter") or "")
    if limit is not None and time.time() - found["CreationTime"] > limit:
        return None
    return found["PipelineExecutionArn"], found["Properties"], found["Metadata"]
