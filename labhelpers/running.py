"""What the course has in an account, what it costs an hour, and how each of it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from labhelpers.errors import LabError
from labhelpers.lab import Lab
from labhelpers.prices import hourly
from labhelpers.resources import (
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    MODEL,
    PROCESSING_JOB,
    TRAINING_JOB,
    TRANSFORM_JOB,
    TUNING_JOB,
    Kind,
)

# What the labs deploy, in the order in which it can be deleted.
DEPLOYED = (ENDPOINT, ENDPOINT_CONFIGURATION, MODEL)
# A tuning job comes before its training jobs: while it runs, it starts new ones.
JOBS = (TUNING_JOB, TRAINING_JOB, TRANSFORM_JOB, PROCESSING_JOB)
# Where the API describes the instances of a kind. Those of a tuning job are its training jobs'.
_INSTANCES: dict[Kind, Callable[[Lab, str], list[dict[str, Any]]]] = {
    ENDPOINT: lambda lab, name: ENDPOINT_CONFIGURATION.describe(
        lab, ENDPOINT.describe(lab, name)["EndpointConfigName"]
    )["ProductionVariants"],
    TRAINING_JOB: lambda lab, name: [TRAINING_JOB.describe(lab, name)["ResourceConfig"]],
    TRANSFORM_JOB: lambda lab, name: [TRANSFORM_JOB.describe(lab, name)["TransformResources"]],
    PROCESSING_JOB: lambda lab, name: [
        PROCESSING_JOB.describe(lab, name)["ProcessingResources"]["ClusterConfig"]
    ],
}
# While it is in one of these, AWS deletes no endpoint.
_BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack")
_ENDED = ("Completed", "Failed", "Stopped")
# The longest update of an endpoint of the course ends after this long (seconds).
_PATIENCE = 2 * 3600.0


@dataclass(frozen=True)
class Found:
    """Something that the course has made and that is still there.

    `delete` asks for its end, and `wait` returns when that has come; both raise ClientError or
    LabError.
    """

    kind: str
    name: str
    dollars_an_hour: float | None
    delete: Callable[[], Any]
    wait: Callable[[], Any] = lambda: None

    @property
    def price(self) -> str:
        """What it costs on AWS, in words."""
        if self.dollars_an_hour is None:
            return "at a price that labhelpers does not know"
        return f"${self.dollars_an_hour:.3f} an hour on AWS"


def deployed(
    lab: Lab, prefix: str, kinds: Sequence[Kind] = DEPLOYED, *, say: bool = True
) -> Iterator[Found]:
    """Endpoints, their configurations and models whose names begin so."""
    for kind in kinds:
        for name in _names(lab, kind, prefix, say=say):
            if kind == ENDPOINT:
                yield _found(lab, kind, name, partial(_delete_endpoint, lab, name), _gone)
            else:
                yield _found(lab, kind, name, partial(kind.remove, lab, name))


def jobs_in_progress(lab: Lab, prefix: str, *, say: bool = True) -> Iterator[Found]:
    """Jobs that run now and whose names begin so."""
    for kind in JOBS:
        for name in _names(lab, kind, prefix, say=say, StatusEquals="InProgress"):
            yield _found(lab, kind, name, partial(kind.remove, lab, name), _stopped)


def _names(lab: Lab, kind: Kind, prefix: str, *, say: bool, **filters: str) -> list[str]:
    return may_list(kind.title, partial(kind.names, lab, prefix, **filters), say=say)


def may_list(title: str, names: Callable[[], list[str]], *, say: bool) -> list[str]:
    """What a role may not list is passed over, which is said: nothing else is to stay for it."""
    try:
        return names()
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        if say:
            print(
                f"The {title}s were not looked for: this role may not list them. "
                "labs/policy.json allows it; paste it again if it is an older one."
            )
        return []


def say_running(lab: Lab, others: Iterable[Found] = ()) -> None:
    """Prints what of a lab costs money at this moment. `others` are found while it looks."""
    try:
        # What a role may not list is said when it is to clean up.
        jobs = jobs_in_progress(lab, lab.prefix, say=False)
        found = [*jobs, *others, *deployed(lab, lab.prefix, [ENDPOINT], say=False)]
        failed = _names(lab, ENDPOINT, lab.prefix, say=False, StatusEquals="Failed")
    except ClientError:
        # To connect needs none of this.
        return
    for item in found:
        if item.name in failed:
            print(f"Failed: {item.kind} {item.name}")
        else:
            print(f"Running now: {item.kind} {item.name}, {item.price}")
    if found:
        print(f"clean_up(lab) ends {'it' if len(found) == 1 else 'them'}.")


def _found(
    lab: Lab,
    kind: Kind,
    name: str,
    delete: Callable[[], Any],
    wait: Callable[[Lab, Kind, str], None] | None = None,
) -> Found:
    price = dollars_an_hour(lab, kind, name)
    waits = partial(wait, lab, kind, name) if wait else (lambda: None)
    return Found(kind.title, name, price, delete, waits)


def dollars_an_hour(lab: Lab, kind: Kind, name: str) -> float | None:
    """None if the price is unknown, or if the resource is gone by now."""
    try:
        instances = _INSTANCES[kind](lab, name) if kind in _INSTANCES else []
    except ClientError:
        return None
    total = 0.0
    for each in instances:
        count = each.get("InstanceCount", each.get("InitialInstanceCount", 1))
        price = hourly(each.get("InstanceType"), count)
        if price is None:
            return None
        total += price
    return total


def _delete_endpoint(lab: Lab, name: str) -> None:
    """Waits while AWS would not delete it."""
    status = _until(lab, ENDPOINT, name, lambda now: now not in _BUSY, "AWS deletes it after that")
    if status != "Deleting":
        ENDPOINT.remove(lab, name)


def _gone(lab: Lab, kind: Kind, name: str) -> None:
    """Returns when Describe no longer finds it."""
    try:
        # An end that fails is a status, too.
        _until(lab, kind, name, lambda now: now == "Failed")
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return
        raise
    raise LabError("AWS has failed to delete it")


def _stopped(lab: Lab, kind: Kind, name: str) -> None:
    _until(lab, kind, name, lambda now: now in _ENDED)


def _until(lab: Lab, kind: Kind, name: str, reached: Callable[[str], bool], why: str = "") -> str:
    """The first status that is wanted. With a reason, says that it waits. Raises LabError."""
    deadline = time.monotonic() + _PATIENCE
    said = False
    while True:
        status: str = kind.describe(lab, name)[f"{kind.stem}Status"]
        if reached(status):
            return status
        if why and not said:
            print(f"The {kind.title} {name} is {status}. {why}: waiting …", flush=True)
            said = True
        if time.monotonic() > deadline:
            raise LabError(f"it is {status} for {_PATIENCE / 3600:.0f} hours")
        lab.pause()
