"""Stages of an HTTP API: where a deployment answers, with what settings.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
"""

from __future__ import annotations

from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import (
    MOST_STAGES,
    BadRequest,
    Conflict,
    NotFound,
    NotHere,
    TooManyRequests,
    full,
)
from labcloud.apis.httpapis import deployments
from labcloud.apis.httpapis.deployments import DEPLOYMENT
from labcloud.apis.httpapis.parts import Part
from labcloud.apis.store import HTTP_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

_SHOWN = (
    "ApiGatewayManaged", "AutoDeploy", "CreatedDate", "DefaultRouteSettings", "DeploymentId",
    "Description", "LastDeploymentStatusMessage", "LastUpdatedDate", "RouteSettings", "StageName",
    "StageVariables", "Tags",
)  # fmt: skip
_LIMITS = ("ThrottlingRateLimit", "ThrottlingBurstLimit")


def make(api: Record, request: Request, **more: Any) -> Record:
    """A new stage of an API. Raises BadRequest, Conflict and NotFound."""
    name = request["StageName"]
    names.check_stage(name, default=True)
    if name in api["Stages"]:
        raise Conflict("Stage already exists")
    if len(api["Stages"]) >= MOST_STAGES:
        raise full(TooManyRequests, "Stages")
    names.check_tags(request.get("Tags", {}))
    moment = store.now()
    stage: Record = {
        "AutoDeploy": False,
        "CreatedDate": moment,
        "LastUpdatedDate": moment,
        "RouteSettings": {},
        "StageName": name,
        "StageVariables": {},
        "Tags": request.get("Tags", {}),
        # As AWS shows it where nothing is set.
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        **more,
    }
    _set(api, stage, request)
    api["Stages"][name] = stage
    if stage["AutoDeploy"]:
        deployments.changed(api)
    return stage


def _set(api: Record, stage: Record, request: Request) -> None:
    """What Create and Update have in common. Raises BadRequest and NotFound."""
    for name in ("AutoDeploy", "Description"):
        if name in request:
            stage[name] = request[name]
    if "StageVariables" in request:
        changed = {**stage["StageVariables"], **request["StageVariables"]}
        # An empty value takes a variable away.
        stage["StageVariables"] = {name: value for name, value in changed.items() if value}
        names.check_variables(stage["StageVariables"])
    if "DefaultRouteSettings" in request:
        _check_settings(request["DefaultRouteSettings"])
        stage["DefaultRouteSettings"] = {
            **stage["DefaultRouteSettings"],
            **request["DefaultRouteSettings"],
        }
    keys = {route["RouteKey"] for route in api["Routes"].values()}
    for key, settings in request.get("RouteSettings", {}).items():
        if key not in keys:
            raise NotFound(f"Unable to find Route by key {key} within the provided RouteSettings")
        _check_settings(settings)
        stage["RouteSettings"][key] = settings
    if "DeploymentId" in request:
        if stage["AutoDeploy"]:
            raise BadRequest("Deployment ID cannot be set on a stage that deploys automatically")
        deployments.point(stage, DEPLOYMENT.find(api, request["DeploymentId"])["DeploymentId"])


def _check_settings(settings: Record) -> None:
    for name in ("DataTraceEnabled", "LoggingLevel"):
        if settings.get(name) not in (None, False, "OFF"):
            raise NotHere(f"{name} of routes", "it is for WebSocket APIs")
    for name in _LIMITS:
        if settings.get(name, 0) < 0:
            raise BadRequest(f"{name} must not be less than 0")


def _change(api: Record, stage: Record, request: Request) -> None:
    before = stage["AutoDeploy"]
    _set(api, stage, request)
    stage["LastUpdatedDate"] = store.now()
    if stage["AutoDeploy"] and not before:
        deployments.changed(api)


def _remove(api: Record, stage: Record) -> None:
    del api["Stages"][stage["StageName"]]


STAGE = Part(
    name="Stage",
    identifier="StageName",
    shown=_SHOWN,
    missing="Invalid stage identifier specified",
    make=make,
    change=_change,
    remove=_remove,
)


async def delete_route_settings(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    stage = STAGE.find(api, request["StageName"])
    if stage["RouteSettings"].pop(request["RouteKey"], None) is None:
        raise NotFound(
            f"Unable to find Route by key {request['RouteKey']} within the provided RouteSettings"
        )
    store.put(cloud, HTTP_API, api)
    return {}


OPERATIONS = {**STAGE.operations, "DeleteRouteSettings": delete_route_settings}
