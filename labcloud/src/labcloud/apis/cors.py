"""CORS of an HTTP API: what may be configured, and what a visitor is told of it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

import re
from typing import Any

from labcloud.apis.errors import BadRequest
from labcloud.apis.stage.replies import Headers, Reply
from labcloud.apis.stage.visits import Visit

Cors = dict[str, Any]

_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A scheme and a host with a port or without, as a browser writes them; of a whole scheme, a star.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\*|[^\s/*?#@\\]+)")
_PREFIX = "access-control-"


def check(cors: Cors) -> Cors:
    """A configuration without what is empty. Raises BadRequest for one that no browser obeys."""
    found = {name: value for name, value in cors.items() if value not in ([], None)}
    origins = found.get("AllowOrigins", [])
    if found.get("AllowCredentials") and "*" in origins:
        raise BadRequest("allow-credentials is not supported if 'allow-origin' is *")
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise BadRequest(
                f"Invalid format for origin {origin}. Origin should include scheme, and no path."
            )
    for method in found.get("AllowMethods", []):
        if method not in _METHODS:
            raise BadRequest(f"Invalid method {method} in allow-methods.")
    for list_of in ("AllowHeaders", "ExposeHeaders"):
        for name in found.get(list_of, []):
            if not _NAME.fullmatch(name):
                raise BadRequest(f"Invalid header name {name} specified in CORS configuration.")
    if "AllowHeaders" in found:
        # AWS keeps them in lower case.
        found["AllowHeaders"] = [name.lower() for name in found["AllowHeaders"]]
    if "ExposeHeaders" in found:
        found["ExposeHeaders"] = [name.lower() for name in found["ExposeHeaders"]]
    return found


def preflight(cors: Cors, visit: Visit) -> Reply | None:
    """The answer to a browser that asks whether it may send a request; None: it does not ask.

    It has no headers of CORS where the origin is none of those that are allowed.
    """
    asks = visit.method == "OPTIONS" and visit.header("access-control-request-method")
    if not cors or not asks or visit.header("origin") is None:
        return None
    headers = _origin(cors, visit)
    if headers:
        for name, member in (("methods", "AllowMethods"), ("headers", "AllowHeaders")):
            if cors.get(member):
                headers.append((f"{_PREFIX}allow-{name}", ",".join(cors[member])))
        if "MaxAge" in cors:
            headers.append((f"{_PREFIX}max-age", str(cors["MaxAge"])))
    return Reply(204, headers)


def added(cors: Cors, visit: Visit, reply: Reply) -> Reply:
    """An answer with the headers of the API's configuration.

    With a configuration, those of the function are ignored; without one, they are the answer's.
    """
    if not cors:
        return reply
    kept = [each for each in reply.headers if not each[0].lower().startswith(_PREFIX)]
    headers = _origin(cors, visit)
    if headers and cors.get("ExposeHeaders"):
        headers.append((f"{_PREFIX}expose-headers", ",".join(cors["ExposeHeaders"])))
    return Reply(reply.status, kept + headers, reply.body)


def _origin(cors: Cors, visit: Visit) -> Headers:
    origin = visit.header("origin")
    allowed = cors.get("AllowOrigins", [])
    if origin is None:
        return []
    if "*" in allowed:
        said = "*"
    elif origin in allowed or f"{origin.partition('://')[0]}://*" in allowed:
        said = origin
    else:
        return []
    headers = [(f"{_PREFIX}allow-origin", said)]
    if cors.get("AllowCredentials"):
        headers.append((f"{_PREFIX}allow-credentials", "true"))
    return headers
