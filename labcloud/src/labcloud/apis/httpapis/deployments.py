"""Deployments of an HTTP API: what its stages serve is a copy, not the API as it is edited."""

from __future__ import annotations

import copy
from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import BadRequest, NotFound
from labcloud.apis.httpapis.parts import Part
from labcloud.state.records import Record

Request = dict[str, Any]

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


def _make(api: Record, request: Request) -> Record:
    stage = request.get("StageName")
    if stage is not None and stage not in api["Stages"]:
        raise NotFound("Invalid stage identifier specified")
    deployment = deploy(api, request.get("Description"), automatic=False)
    if stage is not None:
        point(api["Stages"][stage], deployment)
    return DEPLOYMENT.find(api, deployment)


def _change(api: Record, deployment: Record, request: Request) -> None:
    deployment.update(store.only(request, ("Description",)))


def _remove(api: Record, deployment: Record) -> None:
    found = deployment["DeploymentId"]
    if any(stage.get("DeploymentId") == found for stage in api["Stages"].values()):
        raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
    del api["Deployments"][found]


DEPLOYMENT = Part(
    name="Deployment",
    identifier="DeploymentId",
    shown=_SHOWN,
    missing="Invalid Deployment identifier specified {}",
    make=_make,
    change=_change,
    remove=_remove,
)
OPERATIONS = DEPLOYMENT.operations
