"""The control plane: HTTP APIs and REST APIs are two services of AWS's with one signing name."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from labcloud.apis.httpapis import fields as http_fields
from labcloud.apis.httpapis import operations as http_operations
from labcloud.apis.restapis import fields as rest_fields
from labcloud.apis.restapis import operations as rest_operations
from labcloud.apis.store import asked_at
from labcloud.cloud import Cloud
from labcloud.rest.service import RestService

# What a request to apigatewayv2 begins with.
_VERSION_2 = b"/v2/"


class ApiGateway:
    """An ASGI application: the services that are signed for as `apigateway`."""

    def __init__(self, cloud: Cloud) -> None:
        self._http_apis = RestService(
            cloud,
            http_operations.MODEL,
            "ApiGatewayV2",
            http_operations.OPERATIONS,
            http_fields.FIELDS,
        )
        self._rest_apis = RestService(
            cloud,
            rest_operations.MODEL,
            "API Gateway",
            rest_operations.OPERATIONS,
            rest_fields.FIELDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"127.0.0.1")
        asked_at.set(host.decode("latin-1"))
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        service = self._http_apis if raw.startswith(_VERSION_2) else self._rest_apis
        await service(scope, receive, send)
