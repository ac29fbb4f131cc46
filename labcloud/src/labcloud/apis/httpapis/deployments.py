"""Deployments of an HTTP API: what its stages serve is a copy, not the API as it is edited."""

from __future__ import annotations

import copy
from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import BadRequest, NotFound
from labcloud.apis.store import HTTP_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

_SHOWN = (
    "AutoDeployed", "CreatedDate", "DeploymentId", "DeploymentStatus", "DeploymentStatusMessage",
    "Description",
)  # fmt: skip
_NO_ROUTES = "Unable to deploy API because no routes exist in this API"
_AUTOMATIC = "Automatic deployment triggered by changes to the Api configuration"


def changed(api: Record) -> None:
    """After a change of routes, integrations or CORS: stages that deploy automatically follow."""
    stages = [stage for stage in api["Stages"].values() if stage.get("AutoDeploy")]
    if not stages:
        return
    if not api["Routes"]:
        for stage in stages:
            stage["LastDeploymentStatusMessage"] = f"Deployment attempt failed: {_NO_ROUTES}"
        return
    deployment = deploy(api, _AUTOMATIC, automatic=True)
    for stage in stages:
        point(stage, deployment)
    used = {stage.get("DeploymentId") for stage in api["Stages"].values()}
    for each in [*api["Deployments"].values()]:
        # Each change makes one, and nobody has asked for it.
        if each["AutoDeployed"] and each["DeploymentId"] not in used:
            del api["Deployments"][each["DeploymentId"]]


def deploy(api: Record, description: str | None, *, automatic: bool) -> str:
    """A new deployment of the API as it is; its identifier. Raises BadRequest without routes."""
    if not api["Routes"]:
        raise BadRequest(_NO_ROUTES)
    found = names.new(6, api["Deployments"])
    snapshot = {name: copy.deepcopy(api[name]) for name in ("Routes", "Integrations")}
    snapshot["Cors"] = copy.deepcopy(api.get("CorsConfiguration", {}))
    deployment = {
        "AutoDeployed": automatic,
        "CreatedDate": store.now(),
        "DeploymentId": found,
        "DeploymentStatus": "DEPLOYED",
        "Description": description,
        "Snapshot": snapshot,
    }
    api["Deployments"][found] = {k: v for k, v in deployment.items() if v is not None}
    return found


def point(stage: Record, deployment: str) -> None:
    """A stage serves a deployment."""
    stage["DeploymentId"] = deployment
    stage["LastUpdatedDate"] = store.now()
    stage["LastDeploymentStatusMessage"] = (
        f"Successfully deployed stage with deployment ID '{deployment}'"
    )


def find(api: Record, deployment: str) -> Record:
    """Raises NotFound."""
    if deployment not in api["Deployments"]:
        raise NotFound(f"Invalid Deployment identifier specified {deployment}")
    found: Record = api["Deployments"][deployment]
    return found


async def create_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    stage = request.get("StageName")
    if stage is not None and stage not in api["Stages"]:
        raise NotFound("Invalid stage identifier specified")
    deployment = deploy(api, request.get("Description"), automatic=False)
    if stage is not None:
        point(api["Stages"][stage], deployment)
    store.put(cloud, HTTP_API, api)
    return store.only(api["Deployments"][deployment], _SHOWN)


async def get_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    return store.only(find(api, request["DeploymentId"]), _SHOWN)


async def get_deployments(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    page, token = store.paged(
        [store.only(each, _SHOWN) for each in api["Deployments"].values()],
        request.get("NextToken"),
        request.get("MaxResults"),
        lambda each: str(each["DeploymentId"]),
    )
    return {"Items": page, "NextToken": token}


async def update_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    found = find(api, request["DeploymentId"])
    if "Description" in request:
        found["Description"] = request["Description"]
    store.put(cloud, HTTP_API, api)
    return store.only(found, _SHOWN)


async def delete_deployment(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, HTTP_API, request["ApiId"])
    found = find(api, request["DeploymentId"])["DeploymentId"]
    if any(stage.get("DeploymentId") == found for stage in api["Stages"].values()):
        raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
    del api["Deployments"][found]
    store.put(cloud, HTTP_API, api)
    return {}


OPERATIONS = {
    "CreateDeployment": create_deployment,
    "GetDeployment": get_deployment,
    "GetDeployments": get_deployments,
    "UpdateDeployment": update_deployment,
    "DeleteDeployment": delete_deployment,
}
