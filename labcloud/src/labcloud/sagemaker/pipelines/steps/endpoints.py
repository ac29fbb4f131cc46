"""EndpointConfig and Endpoint steps."""

from __future__ import annotations

from typing import Any

from labcloud.sagemaker.endpoints.api import create_endpoint
from labcloud.sagemaker.endpoints.configs import create_endpoint_config
from labcloud.sagemaker.endpoints.fields import (
    CREATE_ENDPOINT,
    CREATE_ENDPOINT_CONFIG,
    UPDATE_ENDPOINT,
)
from labcloud.sagemaker.endpoints.resource import ENDPOINT as ENDPOINTS
from labcloud.sagemaker.endpoints.resource import ENDPOINT_CONFIG as CONFIGS
from labcloud.sagemaker.endpoints.updates import update_endpoint
from labcloud.sagemaker.pipelines.problems import StepFailed, Unparsed
from labcloud.sagemaker.pipelines.steps.jobs import CreateKind, invoke
from labcloud.sagemaker.pipelines.steps.kind import CACHE, Attempt, Properties
from labcloud.sagemaker.states import EndpointStatus
from labcloud.state.records import Missing

_UPDATED = ("EndpointName", "EndpointConfigName", "DeploymentConfig")
# How long one wait for a change of an endpoint is (seconds).
_LONG = 3600.0


def _whole(given: dict[str, Any]) -> dict[str, Any]:
    return given


class _Endpoint(CreateKind):
    """Creates an endpoint, or updates the one that has the name."""

    def check(self, step: Any) -> None:
        super().check(step)
        if "EndpointName" not in step.arguments:
            raise Unparsed("Missing Argument member 'EndpointName'.")

    async def run(self, attempt: Attempt) -> Properties:
        name, wanted = (str(attempt.arguments.get(each)) for each in _UPDATED[:2])
        try:
            attempt.cloud.records.get(ENDPOINTS.kind, name)
        except Missing:
            await invoke(
                attempt, "CreateEndpoint", create_endpoint, CREATE_ENDPOINT, attempt.arguments
            )
        else:
            request = {n: v for n, v in attempt.arguments.items() if n in _UPDATED}
            await invoke(attempt, "UpdateEndpoint", update_endpoint, UPDATE_ENDPOINT, request)
        attempt.tell({self.metadata: {"Arn": ENDPOINTS.arn_of(attempt.cloud, name)}})
        await self._until_in_service(attempt, name, wanted)
        return await self._properties(attempt, name)

    async def _until_in_service(self, attempt: Attempt, name: str, wanted: str) -> None:
        # An endpoint cannot be stopped: a stop of the execution waits for it.
        records = attempt.cloud.records
        try:
            while True:
                record = await records.wait(
                    ENDPOINTS.kind, name, lambda now: now["EndpointStatus"] in ENDPOINTS.final,
                    _LONG,
                )  # fmt: skip
                if record["EndpointStatus"] in ENDPOINTS.final:
                    break
        except Missing:
            raise StepFailed(f"ClientError: The endpoint {name} was deleted") from None
        # An update that was rolled back is in service with what it had before.
        served = record["EndpointConfigName"] == wanted
        if record["EndpointStatus"] != EndpointStatus.IN_SERVICE or not served:
            reason = record.get("FailureReason", "The update was rolled back")
            raise StepFailed(f"ClientError: {reason}")


ENDPOINT_CONFIG = CreateKind(
    type="EndpointConfig",
    title="EndpointConfig",
    metadata="EndpointConfig",
    create=create_endpoint_config,
    describe=CONFIGS.describe,
    fields=CREATE_ENDPOINT_CONFIG,
    resource=CONFIGS,
    keys=_whole,
)

ENDPOINT = _Endpoint(
    type="Endpoint",
    title="Endpoint",
    metadata="Endpoint",
    create=create_endpoint,
    describe=ENDPOINTS.describe,
    fields=CREATE_ENDPOINT,
    resource=ENDPOINTS,
    members=frozenset({CACHE}),
    keys=_whole,
)
