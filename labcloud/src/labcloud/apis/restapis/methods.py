"""Methods of a REST API's resources, and their integrations."""

from __future__ import annotations

from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import BadRequest, Conflict, NotFound, NotHere
from labcloud.apis.restapis import resources
from labcloud.apis.store import REST_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

LONGEST = 29_000
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")


def find(api: Record, request: Request) -> Record:
    """The method of a request. Raises NotFound."""
    methods = resources.find(api, request["resourceId"])["resourceMethods"]
    if request["httpMethod"] not in methods:
        raise NotFound("Invalid Method identifier specified")
    found: Record = methods[request["httpMethod"]]
    return found


async def put_method(cloud: Cloud, request: Request) -> Answer:
    api = resources.of_api(cloud, request)
    methods = resources.find(api, request["resourceId"])["resourceMethods"]
    name = request["httpMethod"]
    if name not in _METHODS:
        raise BadRequest(f"Invalid HttpMethod specified. Valid options are {','.join(_METHODS)}")
    if name in methods:
        raise Conflict("Method already exists for this resource")
    if request["authorizationType"] != "NONE":
        raise NotHere(
            f"the authorization {request['authorizationType']}", "authorizationType is NONE"
        )
    methods[name] = {
        "apiKeyRequired": False,
        **store.only(request, ("authorizationType", "httpMethod", "operationName")),
    }
    store.put(cloud, REST_API, api)
    return dict(methods[name])


async def get_method(cloud: Cloud, request: Request) -> Answer:
    return find(resources.of_api(cloud, request), request)


async def delete_method(cloud: Cloud, request: Request) -> Answer:
    api = resources.of_api(cloud, request)
    find(api, request)
    del api["resources"][request["resourceId"]]["resourceMethods"][request["httpMethod"]]
    store.put(cloud, REST_API, api)
    return {}


async def put_integration(cloud: Cloud, request: Request) -> Answer:
    api = resources.of_api(cloud, request)
    method = find(api, request)
    _check(request)
    method["methodIntegration"] = {
        "timeoutInMillis": LONGEST,
        "passthroughBehavior": "WHEN_NO_MATCH",
        **store.only(request, ("passthroughBehavior", "timeoutInMillis", "type", "uri")),
        "httpMethod": request["integrationHttpMethod"],
        "cacheNamespace": request["resourceId"],
        "cacheKeyParameters": [],
    }
    store.put(cloud, REST_API, api)
    return dict(method["methodIntegration"])


def _check(request: Request) -> None:
    """Raises BadRequest for what is no Lambda proxy integration."""
    if request["type"] != "AWS_PROXY":
        raise NotHere(f"integrations of type {request['type']}", "the type is AWS_PROXY")
    if request.get("connectionType", "INTERNET") != "INTERNET":
        raise NotHere("VPC links", "connectionType is INTERNET")
    if request.get("responseTransferMode", "BUFFERED") != "BUFFERED":
        raise NotHere("streamed answers", "responseTransferMode is BUFFERED")
    if request.get("integrationHttpMethod") not in _METHODS:
        raise BadRequest("Enumeration value for HttpMethod must be non-empty")
    uri = request.get("uri", "")
    if not uri.startswith("arn:") or uri.count(":") < 5:
        raise BadRequest("Invalid ARN specified in the request")
    if not uri.split(":", 5)[5].startswith(("path/", "action/")):
        raise BadRequest("AWS ARN for integration must contain path or action")
    if names.function_of(uri) is None:
        raise BadRequest(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and "
            "Firehose stream invocations."
        )
    if not 50 <= request.get("timeoutInMillis", LONGEST) <= LONGEST:
        raise BadRequest(f"Timeout should be between 50 ms and {LONGEST} ms")


def _integration(method: Record) -> Record:
    if "methodIntegration" not in method:
        raise NotFound("Invalid Integration identifier specified")
    found: Record = method["methodIntegration"]
    return found


async def get_integration(cloud: Cloud, request: Request) -> Answer:
    return _integration(find(resources.of_api(cloud, request), request))


async def delete_integration(cloud: Cloud, request: Request) -> Answer:
    api = resources.of_api(cloud, request)
    method = find(api, request)
    _integration(method)
    del method["methodIntegration"]
    store.put(cloud, REST_API, api)
    return {}


OPERATIONS = {
    "PutMethod": put_method,
    "GetMethod": get_method,
    "DeleteMethod": delete_method,
    "PutIntegration": put_integration,
    "GetIntegration": get_integration,
    "DeleteIntegration": delete_integration,
}
