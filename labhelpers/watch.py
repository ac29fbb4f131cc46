"""Shows long work while it runs: a job with its log or results, an endpoint until it answers."""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from labhelpers.checked import of_a_lab
from labhelpers.errors import JobFailed, LabError, NotWatched
from labhelpers.lab import Lab
from labhelpers.latest import newest
from labhelpers.logs import PROCESSING_JOBS, ROUND, TRAINING_JOBS, TRANSFORM_JOBS, JobLog
from labhelpers.pipelines import execution_arn, follow_execution
from labhelpers.resources import (
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    PROCESSING_JOB,
    TRAINING_JOB,
    TRANSFORM_JOB,
    TUNING_JOB,
    Kind,
)
from labhelpers.tuning_results import TuningResults

_PAUSE = 5.0
_ENDED = ("Completed", "Failed", "Stopped", "InService")
# SDK v3 names training jobs by the second.
_NAMED_BY_THE_SDK = re.compile(r"-[0-9]{14}$")
# By ARN, when an endpoint had been changed last as its watching ended: what is later is an update.
_SEEN: dict[str, datetime] = {}

# Prints what is new between two statuses. Its argument is what the API says about the resource.
Show = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class _Watched:
    """How one kind of resource is watched.

    `working` is the status in which it begins to have something to show. `details` makes the
    function that shows it, from the lab, the name, and the arguments `logs` and `every` of watch.
    """

    kind: Kind
    working: str
    details: Callable[[Lab, str, bool, int], Show] = lambda *_: lambda _: None
    billable_seconds: Callable[[dict[str, Any]], int] | None = None


@of_a_lab
def watch(lab: Lab, what: Any = ..., *, logs: bool = True, every: int = 1) -> str:
    """Follows a job or an endpoint until it has ended or is in service, and returns its name.

    `what` is the SDK's object for it, the object that started it, or its name; for the execution of
    a pipeline its ARN. Without it, what this lab has started last is shown, for instance before a
    restart of the kernel; of one that has ended, everything is shown again. Prints each status as
    AWS reports it, and the lines of the job's log if `logs` is true. Of the boosting rounds only
    each `every`-th is printed. For a tuning job, the results of its training jobs are printed, for
    an execution how its steps have ended. Raises JobFailed with AWS's reason, and NotWatched where
    it is interrupted.
    """
    kind = None
    if what is ...:
        kind, what = newest(lab)
    if arn := execution_arn(what):
        with _told_when_stopped("pipeline execution"):
            return follow_execution(lab, arn)
    watched, name = _recognized(lab, what, kind)
    print(f"{watched.kind.title.capitalize()} {name}", flush=True)
    with _told_when_stopped(f"{watched.kind.title} {name}"):
        description = _followed(lab, watched, name, watched.details(lab, name, logs, every))
    if _NAMED_BY_THE_SDK.search(name):
        _wait_for_the_next_name(description["CreationTime"])
    if description[f"{watched.kind.stem}Status"] == "Failed":
        reason = description.get("FailureReason", "AWS gives no reason")
        raise JobFailed(f"{name} failed: {reason}")
    if watched.billable_seconds:
        print(f"Billable seconds: {watched.billable_seconds(description)}")
    return name


@contextlib.contextmanager
def _told_when_stopped(what: str) -> Iterator[None]:
    """Raises NotWatched for Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        raise NotWatched(
            f"You have stopped looking. The {what} goes on, and costs what it costs: watch(lab) "
            "shows it again, and clean_up(lab) ends it."
        ) from None


def _followed(lab: Lab, watched: _Watched, name: str, show: Show) -> dict[str, Any]:
    """Prints statuses and news until there will be no more. Returns the last description."""
    kind = watched.kind
    statuses: list[str] = []
    while True:
        description = _described(lab, kind, name)
        # The last lines of a log come a little after the end.
        lab.pause(_PAUSE)
        ended = description[f"{kind.stem}Status"] in _ENDED
        for status in _new_statuses(lab, watched, description, statuses):
            # What belongs to the status before comes before this one.
            if watched.working in statuses:
                show(description)
            print(status, flush=True)
            statuses.append(status)
        if ended:
            if kind == ENDPOINT:
                _SEEN[description["EndpointArn"]] = description["LastModifiedTime"]
            return description
        if watched.working in statuses:
            show(description)


def _wait_for_the_next_name(created: datetime) -> None:
    """Returns in a later second than the one in which a training job was created.

    On AWS none is over so soon. On labcloud the next one could get the same name, and be refused.
    """
    left = math.floor(created.timestamp()) + 1 - time.time()
    # A second is always enough, even if the clock of the other machine is ahead.
    time.sleep(min(max(left, 0.0), 1.0))


def _recognized(lab: Lab, what: Any, kind: Kind | None) -> tuple[_Watched, str]:
    if kind:
        return next(each for each in _WATCHED if each.kind == kind), what
    # SDK v3 keeps the job that it started with wait=False under these names.
    for latest in ("_latest_training_job", "latest_transform_job", "latest_tuning_job"):
        what = getattr(what, latest, what)
    for watched in _WATCHED:
        name = getattr(what, xform_name(watched.kind.name_field), None)
        if isinstance(name, str):
            return watched, name
    if isinstance(what, str):
        return _named(lab, what), what
    raise LabError(
        "watch takes a trainer whose train(wait=False) has been called, a transformer whose "
        "transform(wait=False) has, a tuner whose tune(wait=False) has, a training, transform, "
        "processing or tuning job, an endpoint, the execution of a pipeline, or the name of one of "
        f"these; this is {type(what).__name__}"
    )


def _named(lab: Lab, name: str) -> _Watched:
    """What has this name. Most names are those of training jobs, and so is one of nothing."""
    for watched in (_TRAINING, *_WATCHED):
        try:
            watched.kind.describe(lab, name)
        except ClientError:
            continue
        return watched
    return _TRAINING


def _described(lab: Lab, kind: Kind, name: str) -> dict[str, Any]:
    try:
        return kind.describe(lab, name)
    except ClientError as error:
        said = error.response["Error"]["Message"]
        raise LabError(
            f"The {kind.title} {name} cannot be watched in {lab.region}: {said} "
            "leftovers(lab) lists what you have, and watch(lab) shows what was started last."
        ) from error


def _new_statuses(
    lab: Lab, watched: _Watched, description: dict[str, Any], known: list[str]
) -> list[str]:
    """The statuses since the last look, `known` being those before."""
    if "SecondaryStatusTransitions" in description:
        transitions = description["SecondaryStatusTransitions"]
        return [transition["Status"] for transition in transitions[len(known) :]]
    status: str = description[f"{watched.kind.stem}Status"]
    if known:
        return [status] if status != known[-1] else []
    if status not in (*_ENDED, "Stopping"):
        return [status]
    # What has ended before the first look was at work before.
    if watched.kind == ENDPOINT and _updated(lab, description):
        return ["Updating", status]
    return [watched.working, status]


def _updated(lab: Lab, endpoint: dict[str, Any]) -> bool:
    """Whether an endpoint has been updated since it was watched, or since it was made."""
    if seen := _SEEN.get(endpoint["EndpointArn"]):
        return bool(endpoint["LastModifiedTime"] > seen)
    # In vain, or with a configuration that is younger than the endpoint.
    if "FailureReason" in endpoint and endpoint["EndpointStatus"] == "InService":
        return True
    try:
        configuration = ENDPOINT_CONFIGURATION.describe(lab, endpoint["EndpointConfigName"])
    except ClientError:
        return False
    return bool(configuration["CreationTime"] > endpoint["CreationTime"])


def _training_details(lab: Lab, name: str, logs: bool, every: int) -> Show:
    log = JobLog(lab, TRAINING_JOBS, name)
    return lambda _: _print_lines(log, every) if logs else None


def _processing_details(lab: Lab, name: str, logs: bool, _: int) -> Show:
    log = JobLog(lab, PROCESSING_JOBS, name)
    return lambda _: _print_lines(log) if logs else None


def _transform_details(lab: Lab, name: str, logs: bool, _: int) -> Show:
    # The data log says what became of each object. What the container printed matters if it fails.
    data = JobLog(lab, TRANSFORM_JOBS, name, lambda stream: stream.endswith("/data-log"))
    container = JobLog(lab, TRANSFORM_JOBS, name, lambda stream: not stream.endswith("/data-log"))

    def show(job: dict[str, Any]) -> None:
        if not logs:
            return
        _print_lines(data)
        if job["TransformJobStatus"] == "Failed":
            print("The container's own log:", flush=True)
            _print_lines(container)

    return show


def _print_lines(log: JobLog, every: int = 1) -> None:
    for line in log.new_lines():
        found = ROUND.search(line)
        if found is None or int(found[1]) % every == 0:
            print(f"    {line.replace('#011', '  ')}", flush=True)


def _transform_seconds(job: dict[str, Any]) -> int:
    return _seconds("Transform", job, job["TransformResources"]["InstanceCount"])


def _processing_seconds(job: dict[str, Any]) -> int:
    return _seconds("Processing", job, job["ProcessingResources"]["ClusterConfig"]["InstanceCount"])


def _seconds(kind: str, job: dict[str, Any], instances: int) -> int:
    """The time from the start of a job's instances to their end, times their number."""
    if f"{kind}StartTime" not in job:
        return 0
    worked: timedelta = job[f"{kind}EndTime"] - job[f"{kind}StartTime"]
    return math.ceil(worked.total_seconds()) * instances


_TRAINING = _Watched(
    TRAINING_JOB, "Training", _training_details, lambda job: job.get("BillableTimeInSeconds", 0)
)
_WATCHED = (
    _Watched(ENDPOINT, "Creating"),
    _Watched(TUNING_JOB, "InProgress", lambda lab, name, *_: TuningResults(lab, name).show),
    _Watched(TRANSFORM_JOB, "InProgress", _transform_details, _transform_seconds),
    _Watched(PROCESSING_JOB, "InProgress", _processing_details, _processing_seconds),
    _TRAINING,
)
