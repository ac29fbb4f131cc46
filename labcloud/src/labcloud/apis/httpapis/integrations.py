"""Integrations of an HTTP API: the functions that its routes lead to."""

from __future__ import annotations

from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import (
    MOST_PARTS,
    BadRequest,
    Conflict,
    NotHere,
    TooManyRequests,
    full,
)
from labcloud.apis.httpapis import deployments
from labcloud.apis.httpapis.parts import Part
from labcloud.state.records import Record

Request = dict[str, Any]

LONGEST = 30_000
_SHOWN = (
    "ApiGatewayManaged", "ConnectionType", "Description", "IntegrationId", "IntegrationMethod",
    "IntegrationType", "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis",
)  # fmt: skip


def make(api: Record, request: Request, **more: Any) -> Record:
    """A new integration of an API. Raises BadRequest."""
    found = names.new(7, api["Integrations"])
    integration = {
        "ConnectionType": "INTERNET",
        "IntegrationMethod": "POST",
        "TimeoutInMillis": LONGEST,
        **store.only(request, _SHOWN),
        "IntegrationId": found,
        **more,
    }
    _check(integration)
    if len(api["Integrations"]) >= MOST_PARTS:
        raise full(TooManyRequests, "Integrations")
    api["Integrations"][found] = integration
    return integration


def _check(integration: Record) -> None:
    """Raises BadRequest for what is no Lambda proxy integration."""
    kind = integration["IntegrationType"]
    if kind != "AWS_PROXY":
        raise NotHere(f"integrations of type {kind}", "name a Lambda function, with AWS_PROXY")
    if integration["ConnectionType"] != "INTERNET":
        raise NotHere("VPC links", "ConnectionType is INTERNET")
    uri = integration.get("IntegrationUri")
    if uri is None:
        raise BadRequest("IntegrationUri must be specified for integrations of type AWS_PROXY")
    if names.function_of(uri) is None:
        raise BadRequest(
            "IntegrationUri of an integration of type AWS_PROXY must be the ARN of a Lambda "
            f"function, or that of its invocations: {uri}"
        )
    if integration["IntegrationMethod"] != "POST":
        raise BadRequest("IntegrationMethod must be POST for a Lambda function")
    version = integration.get("PayloadFormatVersion")
    if version is None:
        raise BadRequest("PayloadFormatVersion is a required parameter for integration")
    if version not in ("1.0", "2.0"):
        raise BadRequest(f"Unsupported PayloadFormatVersion: {version}")
    if not 50 <= integration["TimeoutInMillis"] <= LONGEST:
        raise BadRequest(f"Timeout should be between 50 ms and {LONGEST} ms")


def _change(api: Record, integration: Record, request: Request) -> None:
    integration.update(store.only(request, _SHOWN))
    _check(integration)


def _remove(api: Record, integration: Record) -> None:
    found = integration["IntegrationId"]
    for route in api["Routes"].values():
        if route.get("Target") == f"integrations/{found}":
            raise Conflict(
                f"Cannot delete Integration '{found}': the route {route['RouteKey']} leads to it"
            )
    del api["Integrations"][found]


INTEGRATION = Part(
    name="Integration",
    identifier="IntegrationId",
    shown=_SHOWN,
    missing="Invalid Integration identifier specified {}",
    make=make,
    change=_change,
    remove=_remove,
    changed=deployments.changed,
)
OPERATIONS = INTEGRATION.operations
