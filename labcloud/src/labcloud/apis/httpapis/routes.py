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
    NotFound,
    NotHere,
    TooManyRequests,
    full,
)
from labcloud.apis.httpapis import deployments
from labcloud.apis.store import HTTP_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

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
        if target[1] not in api["Integrations"]:
            raise NotFound(f"Invalid Integration identifier specified {target[1]}")


def _same(key: str) -> str:
    """A key without the names of its variables: no request could tell two such routes apart."""
    return _VARIABLE.sub(lambda match: "{" + match[2] + "}", key)


def find(api: Record, route: str) -> Record:
    """Raises NotFound."""
    if route not in api["Routes"]:
        raise NotFound(f"Invalid Route identifier specified {route}")
    found: Record = api["Routes"][route]
    return found


async def create_route(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    route = make(api, request)
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return store.only(route, _SHOWN)


async def get_route(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    return store.only(find(api, request["RouteId"]), _SHOWN)


async def get_routes(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    page, token = store.paged(
        [store.only(each, _SHOWN) for each in api["Routes"].values()],
        request.get("NextToken"),
        request.get("MaxResults"),
        lambda each: str(each["RouteId"]),
    )
    return {"Items": page, "NextToken": token}


async def update_route(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    found = find(api, request["RouteId"])
    before = found["RouteKey"]
    found.update(store.only(request, _SHOWN))
    _check(api, found)
    if found["RouteKey"] != before:
        for stage in api["Stages"].values():
            stage["RouteSettings"].pop(before, None)
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return store.only(found, _SHOWN)


async def delete_route(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    found = find(api, request["RouteId"])
    del api["Routes"][found["RouteId"]]
    for stage in api["Stages"].values():
        stage["RouteSettings"].pop(found["RouteKey"], None)
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return {}


OPERATIONS = {
    "CreateRoute": create_route,
    "GetRoute": get_route,
    "GetRoutes": get_routes,
    "UpdateRoute": update_route,
    "DeleteRoute": delete_route,
}
