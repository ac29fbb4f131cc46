"""InvokeEndpoint: hands a request to a model server, and its answer back."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from labcloud.api.calls import Call
from labcloud.api.errors import ApiError
from labcloud.api.passing import Passed
from labcloud.api.runtime import TARGET, check_body, headers_of, refusal, serving
from labcloud.jobs.replica import INVOCATION_TIMEOUT

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

# What the container gets to see of a request's headers, and the client of an answer's. Nothing is
# added: a container is told of a missing content type by its absence.
_TO_CONTAINER = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")
_TO_CLIENT = ("content-type", "x-amzn-sagemaker-custom-attributes")
# An answer up to this size is read whole before it is passed on (bytes): what the container does
# wrong until then is a ModelError.
_WHOLE = 1024**2


class Invocations:
    """POST /endpoints/{name}/invocations."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def handle(self, request: Request) -> ASGIApp:
        try:
            return await self._invoke(request.path_params["name"], request)
        except ApiError as error:
            return refusal(error)

    async def _invoke(self, name: str, request: Request) -> ASGIApp:
        began = time.perf_counter()
        headers = headers_of(request)
        body = await request.body()
        check_body(body)
        traffic = await serving(self.cloud, name)
        call = Call(self.cloud, name, traffic, headers.get(TARGET), began)
        end = call.end
        try:
            passed = {each: headers[each] for each in _TO_CONTAINER if each in headers}
            response = await call.send(passed, body, INVOCATION_TIMEOUT)
            back = {
                "x-amzn-RequestId": str(uuid.uuid4()),
                "x-Amzn-Invoked-Production-Variant": call.variant.name,
                **{each: response.headers[each] for each in _TO_CLIENT if each in response.headers},
            }
            length = response.content_length
            if length is not None and length <= _WHOLE:
                return Response(await call.read(response), response.status, back)
            # Whoever passes it on ends the call.
            answer = Passed(response, back, end)
            end = _nothing
            return answer
        finally:
            end()


def _nothing() -> None:
    pass
