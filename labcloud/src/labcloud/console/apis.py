"""APIs of API Gateway, of both kinds: their routes, their stages, and where they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.apis.names import function_of
from labcloud.apis.store import DOOR, HTTP_API, REST_API
from labcloud.console.calls import Call
from labcloud.console.desk import Desk, NotThere, desk
from labcloud.console.links import parts_of
from labcloud.console.pages import page, see_other

_PATHS = {"http-apis": HTTP_API, "rest-apis": REST_API}


@dataclass(frozen=True)
class Target:
    """A route, and what it leads to: a function's ARN, and the parts of its page's address."""

    route: str
    arn: str
    parts: tuple[str, ...] | None


async def table(request: Request) -> Response:
    at = desk(request)
    found = [
        {"path": "http-apis", "id": each["ApiId"], "name": each["Name"], "kind": "HTTP API",
         "created": each["CreationTime"], "url": _url(at, each["ApiId"]),
         "stages": sorted(each["Stages"])}
        for each in at.cloud.records.all(HTTP_API)
    ] + [
        {"path": "rest-apis", "id": each["id"], "name": each["name"], "kind": "REST API",
         "created": each["CreationTime"], "url": _url(at, each["id"]),
         "stages": sorted(each["stages"])}
        for each in at.cloud.records.all(REST_API)
    ]  # fmt: skip
    found.sort(key=lambda each: (str(each["name"]), str(each["id"])))
    return page(request, "apis.html", apis=found)


def _url(at: Desk, api: str) -> str:
    return f"{at.url}{DOOR}/{api}"


async def api(request: Request) -> Response:
    at, identifier = desk(request), request.path_params["id"]
    if _kind(request) == HTTP_API:
        described = await at.call("apigatewayv2", "GetApi", ApiId=identifier)
        routes, stages = await _http(at.call, identifier)
        name, created = described["Name"], described["CreatedDate"]
        description = described.get("Description")
    else:
        described = await at.call("apigateway", "GetRestApi", restApiId=identifier)
        routes, stages = await _rest(at.call, identifier)
        name, created = described["name"], described["createdDate"]
        description = described.get("description")
    described.pop("ResponseMetadata", None)
    return page(
        request, "api.html", id=identifier, path=request.path_params["kind"], name=name,
        kind="HTTP API" if _kind(request) == HTTP_API else "REST API", created=created,
        description=description, routes=routes, described=described,
        stages=[(stage, f"{_url(at, identifier)}{'' if default else '/' + stage['name']}")
                for stage in stages for default in [stage["name"] == "$default"]],
    )  # fmt: skip


def _kind(request: Request) -> str:
    found = _PATHS.get(request.path_params["kind"])
    if found is None:
        raise NotThere("There is no kind of API with this name.")
    return found


async def _all(
    call: Call, service: str, operation: str, items: str, token: tuple[str, str], **asked: Any
) -> list[dict[str, Any]]:
    """All pages of a list. `token` is what it is called in an answer, and in a request."""
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = await call(service, operation, **asked, **more)
        found += answer.get(items) or []
        if not answer.get(token[0]):
            return found
        more = {token[1]: answer[token[0]]}


async def _http(call: Call, identifier: str) -> tuple[list[Target], list[dict[str, Any]]]:
    """The routes and the stages of an HTTP API."""
    listed = {
        operation: await _all(
            call, "apigatewayv2", operation, "Items", ("NextToken", "NextToken"), ApiId=identifier
        )
        for operation in ("GetRoutes", "GetIntegrations", "GetStages")
    }
    leads = {
        f"integrations/{each['IntegrationId']}": each.get("IntegrationUri", "")
        for each in listed["GetIntegrations"]
    }
    routes = [_target(each["RouteKey"], leads.get(each.get("Target", ""), ""))
              for each in listed["GetRoutes"]]  # fmt: skip
    stages = [
        {
            "name": each["StageName"],
            "deployment": each.get("DeploymentId"),
            "changed": each.get("LastUpdatedDate"),
            "automatic": each.get("AutoDeploy", False),
            "variables": each.get("StageVariables") or {},
        }
        for each in listed["GetStages"]
    ]
    return routes, stages


async def _rest(call: Call, identifier: str) -> tuple[list[Target], list[dict[str, Any]]]:
    """The methods of a REST API's resources, and its stages."""
    resources = await _all(
        call, "apigateway", "GetResources", "items", ("position", "position"),
        restApiId=identifier, embed=["methods"],
    )  # fmt: skip
    routes = [
        _target(f"{verb} {resource['path']}", method.get("methodIntegration", {}).get("uri", ""))
        for resource in resources
        for verb, method in (resource.get("resourceMethods") or {}).items()
    ]
    found = await call("apigateway", "GetStages", restApiId=identifier)
    stages = [
        {
            "name": each["stageName"],
            "deployment": each.get("deploymentId"),
            "changed": each.get("lastUpdatedDate"),
            "automatic": False,
            "variables": each.get("variables") or {},
        }
        for each in found.get("item") or []
    ]
    return routes, stages


def _target(route: str, uri: str) -> Target:
    arn = function_of(uri) or uri
    # Where a stage variable is in it, no one function is meant.
    return Target(route, arn, None if "${" in arn else parts_of(arn))


async def ask_delete(request: Request) -> Response:
    at, identifier, kind = desk(request), request.path_params["id"], _kind(request)
    if kind == HTTP_API:
        await at.call("apigatewayv2", "GetApi", ApiId=identifier)
    else:
        await at.call("apigateway", "GetRestApi", restApiId=identifier)
    parts = ["apis", request.path_params["kind"], identifier]
    return page(
        request, "ask.html", title="Delete API", name=identifier,
        said="Its routes and stages go with it. The functions that it leads to stay.",
        action=[*parts, "delete"], back=parts, query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at, identifier, kind = desk(request), request.path_params["id"], _kind(request)
    await at.fields(request)
    if kind == HTTP_API:
        await at.call("apigatewayv2", "DeleteApi", ApiId=identifier)
    else:
        await at.call("apigateway", "DeleteRestApi", restApiId=identifier)
    return see_other("apis")


ROUTES = [
    Route("/apis", table),
    Route("/apis/{kind}/{id}", api),
    Route("/apis/{kind}/{id}/delete", ask_delete),
    Route("/apis/{kind}/{id}/delete", delete, methods=["POST"]),
]
