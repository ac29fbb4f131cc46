"""The records of APIs: one for each with all that is its own, and one for each deployment's copy.

What an operation changes is written at once or not at all: a route is never there without the
deployment that it has caused.
"""

from __future__ import annotations

import contextlib
import copy
import re
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from labcloud.apis.errors import BadRequest, no_api
from labcloud.cloud import Cloud
from labcloud.state.records import Missing, Record, Records

HTTP_API = "http-api"
REST_API = "rest-api"
KINDS = (HTTP_API, REST_API)
# Where stages answer, on the server's own port.
DOOR = "/_aws/execute-api"

# The Host of the request at hand: where its client has found this server.
asked_at: ContextVar[str] = ContextVar("asked_at", default="127.0.0.1")

# What lists of them, the door and the console read of each.
_NEEDED = {
    HTTP_API: (
        "ApiId", "CreationTime", "DisableExecuteApiEndpoint", "Name", "Stages", "Routes",
        "Integrations", "Deployments",
    ),
    REST_API: (
        "id", "CreationTime", "disableExecuteApiEndpoint", "name", "stages", "resources",
        "deployments",
    ),
}  # fmt: skip
# What deployments have copied has rows of its own, which no operation but a deployment reads or
# writes: by the kind of API, and by the members that hold deployments and copies.
_COPIES = {HTTP_API: "http-api-deployment", REST_API: "rest-api-deployment"}
_MEMBERS = {HTTP_API: ("Deployments", "Snapshot"), REST_API: ("deployments", "snapshot")}
_COPIED = {HTTP_API: ("Routes", "Integrations", "Cors"), REST_API: ("resources",)}


def open_records(records: Records) -> None:
    """Reads the records of APIs, and sets aside what is damaged."""
    for kind in KINDS:
        records.open(kind, _NEEDED[kind])
        records.open(_COPIES[kind], _COPIED[kind])


def get(cloud: Cloud, kind: str, api: str) -> Record:
    """An API, to be changed and put back. Raises NotFound."""
    try:
        return cloud.records.get(kind, api)
    except Missing as error:
        raise no_api(cloud.arns.account, api) from error


def find(cloud: Cloud, kind: str, api: str) -> Record | None:
    """An API, or None."""
    try:
        return cloud.records.get(kind, api)
    except Missing:
        return None


def insert(cloud: Cloud, kind: str, record: Record) -> None:
    """Writes a new API."""
    own, copies = _apart(kind, record)
    api = _name(kind, record)
    with cloud.records.together():
        cloud.records.insert(kind, api, own)
        for deployment, copied in copies.items():
            cloud.records.insert(_COPIES[kind], f"{api}/{deployment}", copied)


def put(cloud: Cloud, kind: str, record: Record) -> None:
    """Writes a changed API. A deployment of it has a copy when it is new, and only then."""
    own, copies = _apart(kind, record)
    api, member = _name(kind, record), _MEMBERS[kind][0]
    before = cloud.records.get(kind, api)
    gone = {name: None for name in before if name not in own}
    with cloud.records.together():
        cloud.records.update(kind, api, **own, **gone)
        for deployment, copied in copies.items():
            cloud.records.insert(_COPIES[kind], f"{api}/{deployment}", copied)
        _forget(cloud, kind, api, before[member].keys() - own[member].keys())


def delete(cloud: Cloud, kind: str, record: Record) -> None:
    """An API goes with its deployments."""
    api = _name(kind, record)
    with cloud.records.together():
        cloud.records.delete(kind, api)
        _forget(cloud, kind, api, record[_MEMBERS[kind][0]])


def copied(cloud: Cloud, kind: str, api: str, deployment: str | None) -> Record | None:
    """What a deployment has copied; None where there is none, or it was damaged."""
    return None if deployment is None else find(cloud, _COPIES[kind], f"{api}/{deployment}")


def _name(kind: str, record: Record) -> str:
    return str(record["ApiId" if kind == HTTP_API else "id"])


def _apart(kind: str, record: Record) -> tuple[Record, dict[str, Record]]:
    """An API without what its new deployments have copied, and that by their names."""
    member, copy_of = _MEMBERS[kind]
    deployments: dict[str, Record] = record[member]
    copies = {name: each[copy_of] for name, each in deployments.items() if copy_of in each}
    without = {
        name: {key: value for key, value in each.items() if key != copy_of}
        for name, each in deployments.items()
    }
    return {**record, member: without}, copies


def _forget(cloud: Cloud, kind: str, api: str, deployments: Iterable[str]) -> None:
    for deployment in deployments:
        # It may have been damaged, and taken out.
        with contextlib.suppress(Missing):
            cloud.records.delete(_COPIES[kind], f"{api}/{deployment}")


def taken(cloud: Cloud) -> set[str]:
    """The identifiers of all APIs: those of both kinds answer under one path."""
    return {name for kind in KINDS for name in cloud.records.places.names(kind, status_not_in=())}


def now() -> float:
    """The time in whole seconds, as API Gateway shows it."""
    return float(int(time.time()))


def endpoint(api: str) -> str:
    """Where an API answers, for the client that asks."""
    return f"http://{asked_at.get()}{DOOR}/{api}"


def only(record: Record, names: Iterable[str]) -> Record:
    """Those members of a record that are there."""
    return {name: copy.deepcopy(record[name]) for name in names if name in record}


def paged(
    items: list[Any], token: str | None, limit: str | int | None, key: Callable[[Any], str]
) -> tuple[list[Any], str | None]:
    """The page of a list that follows a token, and the token of the next one.

    A token is the key of the last item that was seen. Raises BadRequest.
    """
    # Python reads more than these: 1_0, or other digits than ours.
    if isinstance(limit, str) and not re.fullmatch("-?[0-9]{1,9}", limit):
        raise BadRequest("Invalid value for MaxResults: it must be a number")
    most = 25 if limit is None else int(limit)
    if not 1 <= most <= 500:
        raise BadRequest("Invalid value for MaxResults: it must be between 1 and 500")
    ordered = sorted(items, key=key)
    rest = [each for each in ordered if token is None or key(each) > token]
    page = rest[:most]
    return page, key(page[-1]) if len(rest) > len(page) else None


def summary(cloud: Cloud) -> dict[str, str]:
    """All APIs by their names, each with the path below which it answers."""
    found = {api["ApiId"]: api["Name"] for api in cloud.records.all(HTTP_API)}
    found |= {api["id"]: api["name"] for api in cloud.records.all(REST_API)}
    return {
        f"{found[api]} ({api})": f"{DOOR}/{api}" for api in sorted(found, key=found.__getitem__)
    }
