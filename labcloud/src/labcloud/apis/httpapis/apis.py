"""HTTP APIs themselves, and the quick way to one with a function behind it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html
"""

from __future__ import annotations

from typing import Any

from labcloud.apis import cors, names, store
from labcloud.apis.errors import BadRequest, NotHere
from labcloud.apis.httpapis import deployments, integrations, routes, stages
from labcloud.apis.store import HTTP_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

_SHOWN = (
    "ApiId", "ApiKeySelectionExpression", "CorsConfiguration", "CreatedDate", "Description",
    "DisableExecuteApiEndpoint", "IpAddressType", "Name", "ProtocolType",
    "RouteSelectionExpression", "Tags", "Version",
)  # fmt: skip
_CHANGED = (
    "Description", "DisableExecuteApiEndpoint", "IpAddressType", "Name", "Version",
)  # fmt: skip
_SELECTIONS = ("$request.method $request.path", "${request.method} ${request.path}")


def _shown(api: Record) -> Answer:
    return {**store.only(api, _SHOWN), "ApiEndpoint": store.endpoint(api["ApiId"])}


def _check_selection(request: Request) -> None:
    given = request.get("RouteSelectionExpression")
    if given is not None and given not in _SELECTIONS:
        raise BadRequest(f'Route selection expression is currently limited to "{_SELECTIONS[1]}"')


async def create_api(cloud: Cloud, request: Request) -> Answer:
    if request["ProtocolType"] != "HTTP":
        raise NotHere(f"APIs of type {request['ProtocolType']}", "ProtocolType is HTTP")
    _check_selection(request)
    names.check_tags(request.get("Tags", {}))
    api: Record = {
        # As AWS shows them, whether they are of use to an HTTP API or not.
        "ApiKeySelectionExpression": "$request.header.x-api-key",
        "RouteSelectionExpression": _SELECTIONS[0],
        "DisableExecuteApiEndpoint": False,
        "IpAddressType": "ipv4",
        "ProtocolType": "HTTP",
        "Tags": request.get("Tags", {}),
        **store.only(request, _CHANGED),
        "ApiId": names.new(10, store.taken(cloud)),
        "CreatedDate": store.now(),
        "CreationTime": store.now(),
        "Routes": {},
        "Integrations": {},
        "Stages": {},
        "Deployments": {},
    }
    if found := cors.check(request.get("CorsConfiguration", {})):
        api["CorsConfiguration"] = found
    if "Target" in request:
        _quickly(api, request)
    elif "RouteKey" in request:
        raise BadRequest("A target must be specified with a route key")
    store.insert(cloud, HTTP_API, api)
    return _shown(api)


def _quickly(api: Record, request: Request) -> None:
    """A route to a function, and the stage `$default`, which deploys automatically."""
    target = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": request["Target"],
        "PayloadFormatVersion": "2.0",
    }
    if names.function_of(request["Target"]) is None:
        raise NotHere("integrations of type HTTP_PROXY", "Target is the ARN of a Lambda function")
    integration = integrations.make(api, target, ApiGatewayManaged=True)
    route = {
        "RouteKey": request.get("RouteKey", "$default"),
        "Target": f"integrations/{integration['IntegrationId']}",
    }
    routes.make(api, route, ApiGatewayManaged=True)
    stage = {"StageName": "$default", "AutoDeploy": True}
    stages.make(api, stage, ApiGatewayManaged=True)


async def get_api(cloud: Cloud, request: Request) -> Answer:
    return _shown(store.get(cloud, HTTP_API, request["ApiId"]))


async def get_apis(cloud: Cloud, request: Request) -> Answer:
    page, token = store.paged(
        [_shown(each) for each in cloud.records.all(HTTP_API)],
        request.get("NextToken"),
        request.get("MaxResults"),
        lambda each: str(each["ApiId"]),
    )
    return {"Items": page, "NextToken": token}


async def update_api(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    _check_selection(request)
    api.update(store.only(request, _CHANGED))
    if "CorsConfiguration" in request:
        api["CorsConfiguration"] = cors.check(request["CorsConfiguration"])
        deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return _shown(api)


async def delete_api(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    store.delete(cloud, HTTP_API, api)
    return {}


async def delete_cors(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    api.pop("CorsConfiguration", None)
    deployments.changed(api)
    store.put(cloud, HTTP_API, api)
    return {}


OPERATIONS = {
    "CreateApi": create_api,
    "GetApi": get_api,
    "GetApis": get_apis,
    "UpdateApi": update_api,
    "DeleteApi": delete_api,
    "DeleteCorsConfiguration": delete_cors,
}
