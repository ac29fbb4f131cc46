"""Deployments and stages of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
"""

from __future__ import annotations

import copy
from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import (
    MOST_STAGES,
    BadRequest,
    Conflict,
    LimitExceeded,
    NotFound,
    NotHere,
    full,
)
from labcloud.apis.restapis.patches import Patch, patches
from labcloud.apis.stage.throttles import BURST, RATE
from labcloud.apis.store import REST_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

_STAGE = (
    "cacheClusterEnabled", "cacheClusterStatus", "createdDate", "deploymentId", "description",
    "lastUpdatedDate", "methodSettings", "stageName", "tags", "tracingEnabled", "variables",
)  # fmt: skip
_DEPLOYMENT = ("createdDate", "description", "id")
# What AWS shows of a method's settings, once one of them is set.
_SETTINGS: Record = {
    "metricsEnabled": False,
    "dataTraceEnabled": False,
    "throttlingBurstLimit": BURST,
    "throttlingRateLimit": RATE,
    "cachingEnabled": False,
    "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}
_NOT_DONE = ("caching", "logging", "metrics")


async def create_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    methods = [
        method
        for resource in api["resources"].values()
        for method in resource["resourceMethods"].values()
    ]
    if not methods:
        raise BadRequest("The REST API doesn't contain any methods")
    if any("methodIntegration" not in method for method in methods):
        raise BadRequest("No integration defined for method")
    deployment: Record = {
        "id": names.new(6, api["deployments"]),
        "createdDate": store.now(),
        **store.only(request, ("description",)),
        "snapshot": {
            "resources": copy.deepcopy(api["resources"]),
            "binaryMediaTypes": api.get("binaryMediaTypes", []),
        },
    }
    api["deployments"][deployment["id"]] = deployment
    name = request.get("stageName")
    if name in api["stages"]:
        stage = api["stages"][name]
        stage |= {"deploymentId": deployment["id"], "lastUpdatedDate": store.now()}
        if "stageDescription" in request:
            stage["description"] = request["stageDescription"]
        _set_variables(stage, request.get("variables", {}))
    elif name is not None:
        _make(api, name, deployment["id"], request.get("stageDescription"), request)
    store.put(cloud, REST_API, api)
    return store.only(deployment, _DEPLOYMENT)


def _make(
    api: Record, name: str, deployment: str, description: str | None, request: Request
) -> Record:
    names.check_stage(name, default=False)
    if len(api["stages"]) >= MOST_STAGES:
        raise full(LimitExceeded, "stages")
    names.check_tags(request.get("tags", {}))
    stage: Record = {
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "createdDate": store.now(),
        "deploymentId": deployment,
        "lastUpdatedDate": store.now(),
        "methodSettings": {},
        "stageName": name,
        "tracingEnabled": False,
        **store.only(request, ("tags",)),
    }
    if description is not None:
        stage["description"] = description
    _set_variables(stage, request.get("variables", {}))
    api["stages"][name] = stage
    return stage


def _set_variables(stage: Record, variables: dict[str, str]) -> None:
    found = {**stage.get("variables", {}), **variables}
    names.check_variables(found)
    if found:
        stage["variables"] = found


def _deployment(api: Record, deployment: str) -> Record:
    if deployment not in api["deployments"]:
        raise NotFound("Invalid Deployment identifier specified")
    found: Record = api["deployments"][deployment]
    return found


def _find(api: Record, stage: str) -> Record:
    if stage not in api["stages"]:
        raise NotFound("Invalid stage identifier specified")
    found: Record = api["stages"][stage]
    return found


async def get_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    return store.only(_deployment(api, request["deploymentId"]), _DEPLOYMENT)


async def get_deployments(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    page, position = store.paged(
        [store.only(each, _DEPLOYMENT) for each in api["deployments"].values()],
        request.get("position"),
        request.get("limit"),
        lambda each: str(each["id"]),
    )
    return {"items": page, "position": position}


async def delete_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    found = _deployment(api, request["deploymentId"])["id"]
    if any(stage["deploymentId"] == found for stage in api["stages"].values()):
        raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
    del api["deployments"][found]
    store.put(cloud, REST_API, api)
    return {}


async def create_stage(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    deployment = _deployment(api, request["deploymentId"])
    name = request["stageName"]
    if name in api["stages"]:
        raise Conflict("Stage already exists")
    stage = _make(api, name, deployment["id"], request.get("description"), request)
    store.put(cloud, REST_API, api)
    return store.only(stage, _STAGE)


async def get_stage(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    return store.only(_find(api, request["stageName"]), _STAGE)


async def get_stages(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    wanted = request.get("deploymentId")
    stages = [
        store.only(each, _STAGE)
        for each in api["stages"].values()
        if wanted in (None, each["deploymentId"])
    ]
    return {"item": stages}


async def delete_stage(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    del api["stages"][_find(api, request["stageName"])["stageName"]]
    store.put(cloud, REST_API, api)
    return {}


async def update_stage(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    stage = _find(api, request["stageName"])
    for patch in patches(request):
        _change(api, stage, patch)
    stage["lastUpdatedDate"] = store.now()
    store.put(cloud, REST_API, api)
    return store.only(stage, _STAGE)


def _change(api: Record, stage: Record, patch: Patch) -> None:
    """Raises BadRequest and NotFound."""
    parts = patch.parts
    if parts in (("deploymentId",), ("description",)):
        if patch.op != "replace":
            raise patch.unsupported
        if parts[0] == "deploymentId":
            stage["deploymentId"] = _deployment(api, patch.value)["id"]
        else:
            stage["description"] = patch.value
    elif parts[0] == "variables" and len(parts) == 2:
        if patch.op == "remove":
            stage.get("variables", {}).pop(parts[1], None)
        else:
            _set_variables(stage, {parts[1]: patch.value})
    elif len(parts) == 4 and parts[2] == "throttling":
        if patch.op != "replace":
            raise patch.unsupported
        _throttle(stage, parts, patch)
    elif len(parts) == 2 and patch.op == "remove":
        key = f"{parts[0].strip('/')}/{parts[1]}"
        if stage["methodSettings"].pop(key, None) is None:
            raise BadRequest(
                f"Cannot remove method setting {key} because there is no method setting for this "
                "method "
            )
    elif len(parts) == 4 and parts[2] in _NOT_DONE:
        raise NotHere(f"the setting {patch.path} of a stage", "there are those of throttling")
    else:
        raise BadRequest(
            f"Invalid method setting path: {patch.path}. Must be one of: [/deploymentId, "
            "/description, /{resourcePath}/{httpMethod}/throttling/burstLimit, "
            "/{resourcePath}/{httpMethod}/throttling/rateLimit, /*/*/throttling/burstLimit, "
            "/*/*/throttling/rateLimit, /variables/{variable_name}]"
        )


def _throttle(stage: Record, parts: tuple[str, ...], patch: Patch) -> None:
    key = f"{parts[0].strip('/')}/{parts[1]}"
    settings = stage["methodSettings"].setdefault(key, dict(_SETTINGS))
    if parts[3] == "rateLimit":
        settings["throttlingRateLimit"] = patch.number
    elif parts[3] == "burstLimit":
        settings["throttlingBurstLimit"] = int(patch.number)
    else:
        raise BadRequest(f"Invalid method setting path: {patch.path}")


OPERATIONS = {
    "CreateDeployment": create_deployment,
    "GetDeployment": get_deployment,
    "GetDeployments": get_deployments,
    "DeleteDeployment": delete_deployment,
    "CreateStage": create_stage,
    "GetStage": get_stage,
    "GetStages": get_stages,
    "UpdateStage": update_stage,
    "DeleteStage": delete_stage,
}
