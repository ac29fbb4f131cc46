"""InvokeEndpoint, and InvokeEndpointWithResponseStream: a request goes to a model server."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints.capture import Side
from labcloud.sagemaker.errors import ApiError
from labcloud.sagemaker.runtime.calls import Call
from labcloud.sagemaker.runtime.protocol import (
    TARGET,
    Headers,
    check_body,
    headers_of,
    refusal,
    serving,
)
from labcloud.sagemaker.runtime.proxied import EventStreamResponse, ProxiedResponse, as_sent

_INFERENCE_ID = "x-amzn-sagemaker-inference-id"
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
# The headers of a request that the container sees, and those of an answer that the client sees, by
# their names on the other side. Nothing is added: a missing content type is missing there too.
_TO_CONTAINER = {"content-type": "content-type", "accept": "accept", _ATTRIBUTES: _ATTRIBUTES}
_TO_CLIENT = {"content-type": "content-type", _ATTRIBUTES: _ATTRIBUTES}
# The same for streamed answers, whose headers have names of their own.
_STREAMED_TO_CONTAINER = {
    "content-type": "content-type",
    "x-amzn-sagemaker-accept": "accept",
    _ATTRIBUTES: _ATTRIBUTES,
}
_STREAMED_TO_CLIENT = {"content-type": "x-amzn-sagemaker-content-type", _ATTRIBUTES: _ATTRIBUTES}
# An answer up to this size is read whole before it is passed on (bytes): what the container does
# wrong until then is a ModelError.
_WHOLE = 1024**2


class Invocations:
    """POST /endpoints/{name}/invocations and …/invocations-response-stream."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._timeout = aiohttp.ClientTimeout(total=cloud.timings.invocation)
        self._stream_timeout = aiohttp.ClientTimeout(
            total=cloud.timings.streamed_invocation, sock_read=cloud.timings.invocation
        )

    async def handle(self, request: Request) -> ASGIApp:
        try:
            return await self._invoke(request)
        except ApiError as error:
            return refusal(error)

    async def handle_stream(self, request: Request) -> ASGIApp:
        try:
            return await self._stream(request)
        except ApiError as error:
            return refusal(error)

    async def _invoke(self, request: Request) -> ASGIApp:
        headers, body, call = await self._call(request)
        with ExitStack() as until_answered:
            until_answered.callback(call.end)
            passed = _renamed(headers, _TO_CONTAINER)
            response = await call.send(passed, body, self._timeout)
            back = as_sent(_renamed(response.headers, _TO_CLIENT)) | _stamp(call)
            length = response.content_length
            capture = call.variant.capture
            if capture and capture.wants():
                content = await call.read(response)
                asked = Side(body, headers.get("content-type"))
                answered = Side(content, response.headers.get("content-type"))
                capture.add(call.variant.name, asked, answered, **_metadata(headers))
                return Response(content, response.status, back)
            if length is not None and length <= _WHOLE:
                return Response(await call.read(response), response.status, back)
            # The response ends the call when it has been sent.
            return ProxiedResponse(response, back, until_answered.pop_all().close)

    async def _stream(self, request: Request) -> ASGIApp:
        headers, body, call = await self._call(request)
        with ExitStack() as until_answered:
            until_answered.callback(call.end)
            passed = _renamed(headers, _STREAMED_TO_CONTAINER)
            response = await call.send(passed, body, self._stream_timeout)
            back = as_sent(_renamed(response.headers, _STREAMED_TO_CLIENT)) | _stamp(call)
            return EventStreamResponse(response, back, until_answered.pop_all().close)

    async def _call(self, request: Request) -> tuple[Headers, bytes, Call]:
        """The checked request and its call. Raises RuntimeValidationError."""
        began = time.perf_counter()
        name: str = request.path_params["name"]
        headers = headers_of(request)
        body = await request.body()
        check_body(body, self.cloud.max_payload)
        traffic = await serving(self.cloud, name)
        return headers, body, Call(self.cloud, name, traffic, headers.get(TARGET), began)


def _renamed(headers: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {there: headers[here] for here, there in names.items() if here in headers}


def _stamp(call: Call) -> dict[str, str]:
    """What AWS adds to an answer's headers."""
    return {
        "x-amzn-RequestId": str(uuid.uuid4()),
        "x-Amzn-Invoked-Production-Variant": call.variant.name,
    }


def _metadata(headers: Headers) -> dict[str, Any]:
    """What captured data holds of a request besides its body."""
    found: dict[str, Any] = {}
    if _ATTRIBUTES in headers:
        found["customAttributes"] = [headers[_ATTRIBUTES]]
    if _INFERENCE_ID in headers:
        found["inferenceId"] = headers[_INFERENCE_ID]
    return found
