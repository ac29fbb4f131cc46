"""InvokeEndpoint: hands a request to a model server, and its answer back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from labcloud.api.errors import ApiError
from labcloud.api.passing import Passed
from labcloud.api.runtime import (
    NO_ANSWER,
    TOO_SLOW,
    Headers,
    check_body,
    chosen,
    headers_of,
    model_error,
    refusal,
    serving,
)
from labcloud.jobs.replica import INVOCATION_TIMEOUT, Replica

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
        headers = headers_of(request)
        body = await request.body()
        check_body(body)
        traffic = await serving(self.cloud, name)
        # Nothing is awaited from here until the replica knows of the request.
        variant = chosen(self.cloud, name, traffic, headers)
        replica = variant.next()
        replica.begin()
        passed = False
        try:
            response = await self._sent(name, replica, headers, body)
            back = {
                "x-amzn-RequestId": str(uuid.uuid4()),
                "x-Amzn-Invoked-Production-Variant": variant.name,
                **{each: response.headers[each] for each in _TO_CLIENT if each in response.headers},
            }
            length = response.content_length
            if length is not None and length <= _WHOLE:
                return Response(await self._read(name, replica, response), response.status, back)
            passed = True
            return Passed(response, back, replica.end)
        finally:
            if not passed:
                replica.end()

    async def _sent(
        self, name: str, replica: Replica, headers: Headers, body: bytes
    ) -> aiohttp.ClientResponse:
        """The head of the model server's answer, which is a good one. Raises ModelError."""
        session = replica.session
        if session is None or session.closed:
            raise model_error(self.cloud, name, replica, 0, NO_ANSWER)
        try:
            response = await session.post(
                "/invocations",
                data=body,
                headers={each: headers[each] for each in _TO_CONTAINER if each in headers},
                skip_auto_headers=("content-type", "accept", "user-agent"),
                timeout=INVOCATION_TIMEOUT,
                allow_redirects=False,
            )
        except TimeoutError as error:
            raise model_error(self.cloud, name, replica, 0, TOO_SLOW) from error
        except aiohttp.ClientError as error:
            raise model_error(self.cloud, name, replica, 0, NO_ANSWER) from error
        if response.status >= 300:
            said = (await self._read(name, replica, response)).decode(errors="replace")
            raise model_error(self.cloud, name, replica, response.status, said)
        return response

    async def _read(self, name: str, replica: Replica, response: aiohttp.ClientResponse) -> bytes:
        """An answer whole. Raises ModelError."""
        try:
            return await response.read()
        except TimeoutError as error:
            raise model_error(self.cloud, name, replica, 0, TOO_SLOW) from error
        except aiohttp.ClientError as error:
            raise model_error(self.cloud, name, replica, 0, NO_ANSWER) from error
