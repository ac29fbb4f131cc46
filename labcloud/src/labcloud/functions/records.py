"""The record of a function, and what AWS says of it."""

from __future__ import annotations

import datetime
import time
import uuid
from typing import Any

from labcloud.cloud import Cloud
from labcloud.functions.asked import FunctionError
from labcloud.functions.errors import conflict, not_found
from labcloud.functions.names import LATEST, name_of
from labcloud.state.records import Missing, Record

KIND = "function"
# An event that has been taken and not been worked on to its end.
EVENT = "function-event"
PENDING, ACTIVE = "Pending", "Active"
IN_PROGRESS, SUCCESSFUL = "InProgress", "Successful"
# What a record must have for anything to be done with it.
NEEDED = (
    "FunctionName", "FunctionArn", "Runtime", "Role", "Handler", "Timeout", "MemorySize", "State",
    "CodeFolder", "Generation", "RevisionId", "LogGroup", "Storage", "LastUpdateStatus",
)  # fmt: skip
NEEDED_OF_EVENT = ("FunctionName", "Payload", "Context", "Attempts", "CreationTime")

_SHOWN = (
    "FunctionName", "FunctionArn", "Runtime", "Role", "Handler", "CodeSize", "Description",
    "Timeout", "MemorySize", "LastModified", "CodeSha256", "RevisionId", "State",
    "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode", "Architectures",
)  # fmt: skip
_STALE = (
    "The Revision Id provided does not match the latest Revision Id. Call the "
    "GetFunction/GetAlias API to retrieve the latest Revision Id"
)


def find(cloud: Cloud, given: str, qualifier: str | None = None) -> Record:
    """The function that a request names. Raises FunctionError."""
    name = name_of(given, cloud.arns, qualifier)
    try:
        return cloud.records.get(KIND, name)
    except Missing:
        raise not_found(cloud.arns.function(name)) from None


def described(record: Record) -> dict[str, Any]:
    """Its configuration (FunctionConfiguration)."""
    variables = record.get("Variables")
    return {
        **{name: record[name] for name in _SHOWN if name in record},
        "Version": LATEST,
        "PackageType": "Zip",
        "TracingConfig": {"Mode": record.get("Tracing", "PassThrough")},
        "EphemeralStorage": {"Size": record["Storage"]},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": record["LogGroup"]},
        **({"Environment": {"Variables": variables}} if variables else {}),
    }


def ready_to_run(record: Record) -> None:
    """Raises FunctionError for a function that is not made yet."""
    if record["State"] != ACTIVE:
        raise conflict(
            "The operation cannot be performed at this time. The function is currently in the "
            f"following state: {record['State']}"
        )


def ready_to_change(record: Record) -> None:
    """Raises FunctionError while another change goes on."""
    if record["State"] == PENDING:
        raise conflict(
            "The operation cannot be performed at this time. The function is currently in the "
            f"following state: {record['State']}"
        )
    if record["LastUpdateStatus"] == IN_PROGRESS:
        raise conflict(
            "The operation cannot be performed at this time. An update is in progress for "
            f"resource: {record['FunctionArn']}"
        )


def check_revision(record: Record, request: dict[str, Any]) -> None:
    """Raises FunctionError for a request that was made for another revision."""
    wanted = request.get("RevisionId")
    if wanted and wanted != record["RevisionId"]:
        raise FunctionError("PreconditionFailedException", _STALE, 412)


def note(cloud: Cloud, record: Record, **changes: Any) -> None:
    """Changes what is neither code nor configuration: what runs goes on."""
    cloud.records.update(KIND, record["FunctionName"], **changes, **revised())


def revised() -> dict[str, Any]:
    """What every change changes."""
    return {"RevisionId": str(uuid.uuid4())}


def modified() -> dict[str, Any]:
    """What a change of the code or the configuration changes: the next call is a cold start."""
    moment = datetime.datetime.now(datetime.UTC)
    return {
        **revised(),
        "Generation": uuid.uuid4().hex,
        "LastModified": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000",
        "LastModifiedTime": time.time(),
    }
