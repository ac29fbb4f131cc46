"""Integrations of an HTTP API: the functions that its routes lead to."""

from __future__ import annotations

from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import (
    MOST_PARTS,
    BadRequest,
    Conflict,
    NotFound,
    NotHere,
    TooManyRequests,
    full,
)
from labcloud.apis.httpapis import deployments
from labcloud.apis.store import HTTP_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

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


def find(api: Record, integration: str) -> Record:
    """Raises NotFound."""
    if integration not in api["Integrations"]:
        raise NotFound(f"Invalid Integration identifier specified {integration}")
    found: Record = api["Integrations"][integration]
    return found


async def create_integration(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    integration = make(api, request)
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return store.only(integration, _SHOWN)


async def get_integration(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    return store.only(find(api, request["IntegrationId"]), _SHOWN)


async def get_integrations(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    page, token = store.paged(
        [store.only(each, _SHOWN) for each in api["Integrations"].values()],
        request.get("NextToken"),
        request.get("MaxResults"),
        lambda each: str(each["IntegrationId"]),
    )
    return {"Items": page, "NextToken": token}


async def update_integration(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    found = find(api, request["IntegrationId"])
    found.update(store.only(request, _SHOWN))
    _check(found)
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return store.only(found, _SHOWN)


async def delete_integration(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    found = find(api, request["IntegrationId"])["IntegrationId"]
    for route in api["Routes"].values():
        if route.get("Target") == f"integrations/{found}":
            raise Conflict(
                f"Cannot delete Integration '{found}': the route {route['RouteKey']} leads to it"
            )
    del api["Integrations"][found]
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return {}


OPERATIONS = {
    "CreateIntegration": create_integration,
    "GetIntegration": get_integration,
    "GetIntegrations": get_integrations,
    "UpdateIntegration": update_integration,
    "DeleteIntegration": delete_integration,
}
