"""A service of AWS's that speaks REST-JSON, as an ASGI application.

What it does is in a table of operations, what becomes of each member of their requests in another.
The rest follows from botocore's model, which is read at the first request: those of the large
services take some megabytes of memory.
"""

from __future__ import annotations

import functools
import logging
import sqlite3
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from labcloud.cloud import Cloud
from labcloud.containers.threads import to_the_end
from labcloud.gateway import refusals
from labcloud.rest.answers import answer
from labcloud.rest.requests import Unread, members
from labcloud.rest.routes import Route, Routes
from labcloud.sagemaker.errors import ApiError, NotImplementedHere, SerializationError
from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.protocol import Operation, is_waiter, service_model
from labcloud.sagemaker.validation import unknown, validate

logger = logging.getLogger(__name__)
# Clients send hundreds of these requests, which change nothing: they are not logged.
_READING = ("Get", "List", "Invoke")
# What a request may have where nothing else is said, and from when on it is read beside others
# (bytes).
_MOST = 10 * 1024**2
_LARGE = 1024**2


class TooLarge(ApiError):
    """A body of more than 10 MB."""

    code = "RequestEntityTooLargeException"
    status = 413

    def __init__(self) -> None:
        super().__init__(f"Request must be smaller than {_MOST} bytes")


class RestService:
    """The operations of one service, by AWS's names.

    `name` is botocore's name of the service, `title` what it is called in a sentence. `limits` has
    the largest body of an operation (bytes) with what is raised for a larger one, where that is not
    10 MB; `unread` makes
    the error for a body that is no JSON. An error that an operation raises as ApiError is
    answered in the protocol, with `always` as further members.
    """

    def __init__(
        self,
        cloud: Cloud,
        name: str,
        title: str,
        operations: Mapping[str, Operation],
        fields: Mapping[str, Fields],
        *,
        limits: Mapping[str, tuple[int, ApiError]] | None = None,
        unread: Unread = SerializationError,
        always: Mapping[str, str] | None = None,
    ) -> None:
        self._cloud = cloud
        self._name = name
        self._title = title
        self._operations = operations
        self._fields = fields
        self._limits = limits or {}
        self._unread = unread
        self._always = always or {}

    @functools.cached_property
    def _routes(self) -> Routes:
        return Routes(service_model(self._name))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await (await self._answered(request))(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        raw = request.scope.get("raw_path") or request.scope["path"].encode()
        path, query = raw.decode("latin-1"), request.scope["query_string"].decode("latin-1")
        route = self._routes.find(request.method, path, query)
        name = route.operation.name if route else f"{request.method} {path}"
        try:
            if route is None or name not in self._operations:
                raise NotImplementedHere(self._title, name)
            response = await self._perform(request, route, query)
            if not name.startswith(_READING):
                logger.info(name, extra={"event": "operation"})
            return response
        except ApiError as error:
            said = {"event": "operation-refused", "code": error.code}
            logger.info("%s: %s", name, error.message, extra=said)
            return self._refusal(error)
        except (OSError, sqlite3.Error) as error:
            logger.error("could not write: %s", error, extra={"event": "write-failed"})
            return self._refusal(ApiError(refusals.unwritten(error)))

    async def _perform(self, request: Request, route: Route, query: str) -> Response:
        name, shape = route.operation.name, route.operation.input_shape
        body = await self._body(request, name)
        headers = {key.lower(): value for key, value in request.headers.items()}

        def read() -> tuple[dict[str, Any], dict[str, Any]]:
            received = members(route, query, headers, body, self._unread)
            return received, validate(received, shape) if shape else {}

        # Some are archives, which take seconds to read: others are served meanwhile.
        received, typed = read() if len(body) <= _LARGE else await to_the_end(read)
        self._fields[name].check(name, typed, unknown(received, shape) if shape else ())
        self._cloud.polling.set(is_waiter(headers.get("user-agent", "")))
        return answer(route.operation, await self._operations[name](self._cloud, typed))

    async def _body(self, request: Request, operation: str) -> bytes:
        most, error = self._limits.get(operation, (_MOST, TooLarge()))
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            # It is read to its end all the same: a client that is still sending hears no answer.
            if size <= most:
                parts.append(part)
        if size > most:
            raise error
        return b"".join(parts)

    def _refusal(self, error: ApiError) -> Response:
        fields = {**self._always, **error.fields}
        protocol = refusals.Protocol.REST_JSON
        return refusals.refusal(protocol, error.code, error.message, error.status, **fields)
