"""The event that a function gets of a visit: payload formats 2.0 and 1.0, and a REST API's own.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from labcloud.apis.stage import bodies
from labcloud.apis.stage.visits import Visit, joined, lists

Event = dict[str, Any]

# Of an unsigned request nobody is known.
_NOBODY = (
    "accessKey", "accountId", "caller", "cognitoAuthenticationProvider",
    "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId",
    "user", "userArn",
)  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """Where a visit has come to: the stage, and the route or resource with its variables.

    `key` is the route's key, or the path of a REST API's resource.
    """

    account: str
    api: str
    stage: str
    key: str
    variables: dict[str, str]
    stage_variables: dict[str, str]
    # Of a REST API alone.
    resource: str = ""
    deployment: str = ""


def version_2(visit: Visit, stop: Stop) -> Event:
    """An event of payload format 2.0. What there is none of is left out, as AWS leaves it out."""
    path = unquote(visit.path, errors="replace")
    headers = joined((name.lower(), value) for name, value in visit.handed_on())
    event: Event = {
        "version": "2.0",
        "routeKey": stop.key,
        "rawPath": path,
        "rawQueryString": visit.query,
    }
    if visit.cookies:
        event["cookies"] = visit.cookies
    event["headers"] = headers
    if parameters := joined(visit.parameters()):
        event["queryStringParameters"] = parameters
    event["requestContext"] = {
        **_context(visit, stop),
        "http": {
            "method": visit.method,
            "path": path,
            "protocol": visit.protocol,
            "sourceIp": visit.client,
            "userAgent": visit.header("user-agent") or "",
        },
        "requestId": visit.extended_id,
        "routeKey": stop.key,
        "stage": stop.stage,
        "time": visit.time,
        "timeEpoch": visit.epoch,
    }
    if stop.variables:
        event["pathParameters"] = stop.variables
    if stop.stage_variables:
        event["stageVariables"] = stop.stage_variables
    encoded = False
    if visit.body:
        event["body"], encoded = bodies.of_http_api(visit.body, visit.header("content-type"))
    return {**event, "isBase64Encoded": encoded}


def version_1(visit: Visit, stop: Stop) -> Event:
    """An event of payload format 1.0, as an HTTP API sends it."""
    path = unquote(visit.path, errors="replace")
    _, _, resource = stop.key.rpartition(" ")
    headers = [(name.lower(), value) for name, value in visit.handed_on()]
    if visit.cookies:
        headers.append(("cookie", "; ".join(visit.cookies)))
    context = {
        **_context(visit, stop),
        "authorizer": {"claims": None, "scopes": None},
        **_old_context(visit, path, resource, stop.stage),
        "requestId": visit.extended_id,
        "resourceId": None,
    }
    body, encoded = None, False
    if visit.body:
        body, encoded = bodies.of_http_api(visit.body, visit.header("content-type"))
    return {
        "version": "1.0",
        **_of_request(visit, stop, headers, resource, path),
        "requestContext": context,
        "body": body,
        "isBase64Encoded": encoded,
    }


def of_rest_api(visit: Visit, stop: Stop, path: str, binary: list[str]) -> Event:
    """The event of a REST API. Names of headers are as sent.

    `path` is what stands behind the stage, not decoded.
    """
    headers = [each for each in visit.handed_on() if each[0].lower() != "content-length"]
    if visit.cookies:
        headers.append(("Cookie", "; ".join(visit.cookies)))
    context = {
        "resourceId": stop.resource,
        **_context(visit, stop),
        "deploymentId": stop.deployment,
        **_old_context(visit, visit.path, stop.key, stop.stage),
    }
    body, encoded = None, False
    if visit.body:
        body, encoded = bodies.of_rest_api(visit.body, visit.header("content-type"), binary)
    return {
        **_of_request(visit, stop, headers, stop.key, path),
        "requestContext": context,
        "body": body,
        "isBase64Encoded": encoded,
    }


def _of_request(
    visit: Visit, stop: Stop, headers: list[tuple[str, str]], resource: str, path: str
) -> Event:
    parameters = visit.parameters()
    return {
        "resource": resource,
        "path": path,
        "httpMethod": visit.method,
        "headers": dict(headers),
        "multiValueHeaders": lists(headers),
        "queryStringParameters": dict(parameters) or None,
        "multiValueQueryStringParameters": lists(parameters) or None,
        "pathParameters": stop.variables or None,
        "stageVariables": stop.stage_variables or None,
    }


def _context(visit: Visit, stop: Stop) -> Event:
    """What the context has in all formats. The name of the domain is where the API answers here."""
    return {
        "accountId": stop.account,
        "apiId": stop.api,
        "domainName": visit.host,
        "domainPrefix": stop.api,
    }


def _old_context(visit: Visit, path: str, resource: str, stage: str) -> Event:
    """What the contexts of format 1.0 and of REST APIs share."""
    return {
        "extendedRequestId": visit.extended_id,
        "httpMethod": visit.method,
        "identity": {
            **dict.fromkeys(_NOBODY),
            "sourceIp": visit.client,
            "userAgent": visit.header("user-agent"),
        },
        "path": path,
        "protocol": visit.protocol,
        "requestId": visit.request_id,
        "requestTime": visit.time,
        "requestTimeEpoch": visit.epoch,
        "resourcePath": resource,
        "stage": stage,
    }
