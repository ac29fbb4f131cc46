"""The runtime API's protocol: what a request's headers say, and how a refusal is worded.

The operations are in labcloud.sagemaker.runtime.invoke.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from labcloud.cloud import Cloud
from labcloud.gateway import refusals
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.errors import ApiError, NotImplementedHere, ValidationError
from labcloud.sagemaker.protocol import service_model
from labcloud.sagemaker.states import EndpointStatus
from labcloud.sagemaker.validation import validate
from labcloud.state.records import Missing

# How long a request waits for an endpoint that comes up again with labcloud (seconds).
_COMING_UP = 60.0
# Parameters that labcloud does not implement, by the header that carries them.
_NOT_HERE = {
    "x-amzn-sagemaker-session-id": "SessionId",
    "x-amzn-sagemaker-target-container-hostname": "TargetContainerHostname",
    "x-amzn-sagemaker-inference-component": "InferenceComponentName",
    "x-amzn-sagemaker-enable-explanations": "EnableExplanations",
}
_CHECKED = {
    "x-amzn-sagemaker-custom-attributes": "CustomAttributes",
    "x-amzn-sagemaker-inference-id": "InferenceId",
}
_TARGET_MODEL = "x-amzn-sagemaker-target-model"
_RARE = _NOT_HERE.keys() | _CHECKED.keys() | {_TARGET_MODEL}
TARGET = "x-amzn-sagemaker-target-variant"
_INPUT = service_model("sagemaker-runtime").operation_model("InvokeEndpoint").input_shape

Headers = Mapping[str, str]


class RuntimeValidationError(ApiError):
    """The runtime's name for what the control plane calls ValidationException."""

    code = "ValidationError"
    status = 400


class ModelError(ApiError):
    """The container answered with an error, or not at all."""

    code = "ModelError"
    status = 424


def headers_of(request: Request) -> dict[str, str]:
    """A request's headers by lower-case name, as they were signed for this operation.

    Raises RuntimeValidationError for what AWS would refuse, and for what labcloud does not have.
    """
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in request["headers"]}
    if _RARE.isdisjoint(found):
        return found
    if _TARGET_MODEL in found:
        raise RuntimeValidationError(
            f"Endpoint {request.path_params['name']} is not a multi-model endpoint and does not "
            "support target model header."
        )
    for header in found.keys() & _NOT_HERE.keys():
        raise RuntimeValidationError(
            f"labcloud does not implement {_NOT_HERE[header]} of InvokeEndpoint."
        )
    if given := {_CHECKED[header]: found[header] for header in found.keys() & _CHECKED.keys()}:
        try:
            validate({"EndpointName": "any", "Body": "any", **given}, _INPUT)
        except ValidationError as error:
            raise RuntimeValidationError(error.message) from error
    return found


def check_body(body: bytes, most: int) -> None:
    """Raises RuntimeValidationError for a body of more than `most` bytes."""
    if len(body) > most:
        raise RuntimeValidationError(
            f"1 validation error detected: Value at 'body' failed to satisfy constraint: "
            f"Member must have length less than or equal to {most}"
        )


async def serving(cloud: Cloud, name: str) -> Traffic:
    """The traffic of an endpoint. Raises RuntimeValidationError if it does not serve."""
    found = Traffic.of(cloud, name)
    if found is None and (ENDPOINT.kind, name) in cloud.tasks:
        found = await _coming_up(cloud, name)
    if found is None:
        raise RuntimeValidationError(f"Endpoint {name} of account {cloud.arns.account} not found.")
    return found


async def _coming_up(cloud: Cloud, name: str) -> Traffic | None:
    """In service before labcloud was started again: it is so again in a moment."""
    settled = (EndpointStatus.FAILED, EndpointStatus.DELETING, EndpointStatus.CREATING)
    try:
        await cloud.records.wait(
            ENDPOINT.kind,
            name,
            lambda now: bool(Traffic.of(cloud, name)) or now["EndpointStatus"] in settled,
            _COMING_UP,
        )
    except Missing:
        return None
    return Traffic.of(cloud, name)


_OTHER_OPERATIONS = {"async-invocations": "InvokeEndpointAsync"}


async def not_here(request: Request, _: Exception | None = None) -> Response:
    """What labcloud does not have, refused by its name."""
    path = request.url.path
    name = _OTHER_OPERATIONS.get(path.rsplit("/", 1)[-1], f"{request.method} {path}")
    return refusal(NotImplementedHere("SageMaker Runtime", name))


def refusal(error: ApiError) -> Response:
    """An error in the runtime's protocol."""
    return refusals.refusal(
        refusals.Protocol.REST_JSON, error.code, error.message, error.status, **error.fields
    )
