"""The runtime API: InvokeEndpoint hands a request to a model server and its answer back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import TYPE_CHECKING, Any

import aiohttp
from starlette.requests import Request
from starlette.responses import Response

from labcloud.api.errors import ApiError, NotImplementedHere
from labcloud.jobs.endpoints import KIND
from labcloud.jobs.fleet import Fleet, Variant
from labcloud.jobs.replica import INVOCATION_TIMEOUT
from labcloud.jobs.states import EndpointStatus
from labcloud.store.logs import ENDPOINTS
from labcloud.store.records import Missing

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

# The service model's limit of a request body (bytes).
MAX_BODY = 6_291_456
# What the container gets to see of a request's headers. Nothing is added: a container is told of
# a missing content type by its absence.
_PASSED = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")


class RuntimeValidationError(ApiError):
    """The runtime's name for what the control plane calls ValidationException."""

    code = "ValidationError"
    status = 400


class ModelError(ApiError):
    """The container answered with an error, or not at all."""

    code = "ModelError"
    status = 424


class Invocations:
    """POST /endpoints/{name}/invocations."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def handle(self, request: Request) -> Response:
        try:
            return await self._invoke(request.path_params["name"], request)
        except ApiError as error:
            return refusal(error)

    async def _invoke(self, name: str, request: Request) -> Response:
        fleet = await self._fleet(name)
        body = await request.body()
        if len(body) > MAX_BODY:
            raise RuntimeValidationError(
                f"1 validation error detected: Value at 'body' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_BODY}"
            )
        variant = self._variant(fleet, name, request.headers.get("x-amzn-sagemaker-target-variant"))
        status, content_type, answer = await self._forward(name, variant, request, body)
        if status >= 400:
            raise self._model_error(name, variant, status, answer.decode(errors="replace"))
        headers = {
            "x-amzn-RequestId": str(uuid.uuid4()),
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        if content_type:
            headers["content-type"] = content_type
        return Response(answer, status, headers)

    async def _fleet(self, name: str) -> Fleet:
        """The fleet that serves an endpoint. Raises RuntimeValidationError where there is none."""
        fleet: Fleet | None = self.cloud.running.get((KIND, name))
        if fleet is None and (KIND, name) in self.cloud.tasks:
            # In service before labcloud was started again: it is so again in a moment.
            with contextlib.suppress(Missing):
                if (
                    self.cloud.records.get(KIND, name)["EndpointStatus"]
                    == EndpointStatus.IN_SERVICE
                ):
                    await asyncio.wait([self.cloud.tasks[KIND, name]])
                    fleet = self.cloud.running.get((KIND, name))
        if fleet is None:
            raise RuntimeValidationError(
                f"Endpoint {name} of account {self.cloud.arns.account} not found."
            )
        return fleet

    def _variant(self, fleet: Fleet, endpoint: str, target: str | None) -> Variant:
        if target is None:
            return fleet.choose()
        found = fleet.find(target)
        if found is None:
            raise RuntimeValidationError(
                f"Variant {target} not found for endpoint {endpoint} "
                f"of account {self.cloud.arns.account}."
            )
        return found

    async def _forward(
        self, name: str, variant: Variant, request: Request, body: bytes
    ) -> tuple[int, str | None, bytes]:
        """Status, content type and body of the model server's answer. Raises ModelError."""
        headers = {name: request.headers[name] for name in _PASSED if name in request.headers}
        session = variant.next().session
        if session is None or session.closed:
            raise self._model_error(name, variant, 0, _NO_ANSWER)
        try:
            async with session.post(
                "/invocations",
                data=body,
                headers=headers,
                skip_auto_headers=("content-type", "accept", "user-agent"),
                timeout=INVOCATION_TIMEOUT,
            ) as response:
                return response.status, response.headers.get("content-type"), await response.read()
        except TimeoutError as error:
            raise self._model_error(name, variant, 0, _TOO_SLOW) from error
        except aiohttp.ClientError as error:
            raise self._model_error(name, variant, 0, _NO_ANSWER) from error

    def _model_error(self, endpoint: str, variant: Variant, status: int, said: str) -> ModelError:
        arns, group = self.cloud.arns, ENDPOINTS + endpoint
        side = "client" if 400 <= status < 500 else "server"
        console = f"https://{arns.region}.console.aws.amazon.com/cloudwatch/home"
        return ModelError(
            f'Received {side} error ({status}) from primary with message "{said}". See {console}'
            f"?region={arns.region}#logEventViewer:group={group} in account {arns.account} "
            "for more information.",
            OriginalStatusCode=status,
            OriginalMessage=said,
            LogStreamArn=arns.logs(group, variant.replicas[0].stream.name),
        )


_OTHER_OPERATIONS = {
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}


async def not_here(request: Request, _: Exception | None = None) -> Response:
    """What labcloud does not have, refused by its name."""
    path = request.url.path
    name = _OTHER_OPERATIONS.get(path.rsplit("/", 1)[-1], f"{request.method} {path}")
    return refusal(NotImplementedHere("SageMaker Runtime", name))


_TOO_SLOW = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
_NO_ANSWER = "The model server is not answering; it is being restarted."


def refusal(error: ApiError) -> Response:
    """An error in the runtime's protocol (REST-JSON: the code is a header)."""
    body: dict[str, Any] = {"Message": error.message, "ErrorCode": error.code, **error.fields}
    return Response(
        json.dumps(body),
        status_code=error.status,
        media_type="application/json",
        headers={"x-amzn-ErrorType": error.code, "x-amzn-RequestId": str(uuid.uuid4())},
    )
