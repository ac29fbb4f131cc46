"""Routes of an HTTP API: which requests lead to which integration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

import re
from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import (
    MOST_PARTS,
    BadRequest,
    Conflict,
    NotHere,
    TooManyRequests,
    full,
)
from labcloud.apis.httpapis import deployments
from labcloud.apis.httpapis.integrations import INTEGRATION
from labcloud.apis.httpapis.parts import Part
from labcloud.state.records import Record

Request = dict[str, Any]

_SHOWN = (
    "ApiGatewayManaged", "ApiKeyRequired", "AuthorizationType", "OperationName", "RouteId",
    "RouteKey", "Target",
)  # fmt: skip
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
_FIXED = re.compile(r"[^{}\s/?#%\\]+")
_VARIABLE = re.compile(r"\{([A-Za-z0-9._-]+)(\+?)\}")
_TARGET = re.compile(r"integrations/([a-z0-9]+)")
_LONGEST_KEY = 1024
_LONGEST_VARIABLE = 64
_UNFORMATTED = (
    "The provided route key is not formatted properly for HTTP protocol. "
    'Format should be "[HTTP METHOD] /[RESOURCE PATH]" or "$default"'
)


def check_key(key: str) -> None:
    """Raises BadRequest for a key that no request could ever match, or that is ambiguous."""
    if key == "$default":
        return
    method, space, path = key.partition(" ")
    if not space or method not in _METHODS or not path.startswith("/") or len(key) > _LONGEST_KEY:
        raise BadRequest(_UNFORMATTED)
    if path == "/":
        return
    segments, variables = path.split("/")[1:], []
    # A slash at the end is another path, as it is in a request.
    last = len(segments) - 1 - (segments[-1] == "")
    for number, segment in enumerate(segments):
        variable = _VARIABLE.fullmatch(segment)
        if variable is None:
            if segment == "" and number == len(segments) - 1:
                continue
            if not _FIXED.fullmatch(segment):
                raise BadRequest(_UNFORMATTED)
            continue
        name, greedy = variable[1], variable[2]
        if greedy and (number != last or segments[-1] == ""):
            raise BadRequest(f"A greedy path variable must be at the end of the path: {path}")
        if len(name) > _LONGEST_VARIABLE:
            raise BadRequest(
                f"The names of path variables have {_LONGEST_VARIABLE} characters or fewer: {name}"
            )
        if name in variables:
            raise BadRequest(f"Two path variables have the name {name}: {path}")
        variables.append(name)


def make(api: Record, request: Request, **more: Any) -> Record:
    """A new route of an API. Raises BadRequest, Conflict and NotFound."""
    route = {
        "ApiKeyRequired": False,
        "AuthorizationType": "NONE",
        **store.only(request, _SHOWN),
        "RouteId": names.new(7, api["Routes"]),
        **more,
    }
    _check(api, route)
    if len(api["Routes"]) >= MOST_PARTS:
        raise full(TooManyRequests, "Routes")
    api["Routes"][route["RouteId"]] = route
    return route


def _check(api: Record, route: Record) -> None:
    key = route["RouteKey"]
    check_key(key)
    for other in api["Routes"].values():
        if other["RouteId"] != route["RouteId"] and _same(other["RouteKey"]) == _same(key):
            raise Conflict(f"Route with key {other['RouteKey']} already exists for this API")
    if route["ApiKeyRequired"]:
        raise BadRequest("ApiKeyRequired is not currently supported for HTTP APIs.")
    kind = route["AuthorizationType"]
    if kind != "NONE":
        raise NotHere(f"the authorization {kind}", "AuthorizationType is NONE")
    if "Target" in route:
        target = _TARGET.fullmatch(route["Target"])
        if target is None:
            raise BadRequest(
                "Unexpected or malformed target in route. Correct format should be "
                "integrations/<integration_id>."
            )
        INTEGRATION.find(api, target[1])


def _same(key: str) -> str:
    """A key without the names of its variables: no request could tell two such routes apart."""
    return _VARIABLE.sub(lambda match: "{" + match[2] + "}", key)


def _change(api: Record, route: Record, request: Request) -> None:
    before = route["RouteKey"]
    route.update(store.only(request, _SHOWN))
    _check(api, route)
    if route["RouteKey"] != before:
        _forget_settings(api, before)


def _remove(api: Record, route: Record) -> None:
    del api["Routes"][route["RouteId"]]
    _forget_settings(api, route["RouteKey"])


def _forget_settings(api: Record, key: str) -> None:
    """Stages have no settings for a route that is not there."""
    for stage in api["Stages"].values():
        stage["RouteSettings"].pop(key, None)


ROUTE = Part(
    name="Route",
    identifier="RouteId",
    shown=_SHOWN,
    missing="Invalid Route identifier specified {}",
    make=make,
    change=_change,
    remove=_remove,
    changed=deployments.changed,
)
OPERATIONS = ROUTE.operations
