"""What a visit is aimed at: the function behind a route of a deployed stage, and its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from labcloud.apis import names
from labcloud.apis.stage import events, paths, results
from labcloud.apis.stage.bodies import is_binary
from labcloud.apis.stage.events import Event, Stop
from labcloud.apis.stage.replies import HTTP_API, REST_API, Failed, Reply
from labcloud.apis.stage.served import HttpDeployment, Served
from labcloud.apis.stage.throttles import BURST, RATE
from labcloud.apis.stage.visits import Visit
from labcloud.arns import Arns
from labcloud.state.records import Record


@dataclass(frozen=True)
class Aim:
    """The function that a visit leads to. `function` is its ARN, `source` who calls it."""

    stop: Stop
    function: str
    source: str
    seconds: float
    rate: float
    burst: float
    event: Callable[[Visit], Event]
    read: Callable[[Visit, bytes], Reply]


@dataclass(frozen=True)
class Stage:
    """A stage of an HTTP API, and what of a path stands behind its name."""

    record: Record
    deployed: HttpDeployment
    path: str


def http_stage(served: Served, api: Record, visit: Visit) -> Stage:
    """The stage that a path names by its first part, or else `$default`. Raises Failed.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    if api["DisableExecuteApiEndpoint"]:
        raise Failed(*HTTP_API.no_stage)
    first, _, rest = visit.path[1:].partition("/")
    name = first if first in api["Stages"] and first != "$default" else "$default"
    stage = api["Stages"].get(name)
    if stage is None:
        raise Failed(*HTTP_API.no_stage)
    deployed = served.http(api["ApiId"], stage.get("DeploymentId"))
    if deployed is None:
        raise Failed(*HTTP_API.no_stage)
    if name == "$default":
        return Stage(stage, deployed, visit.path)
    return Stage(stage, deployed, f"/{rest}")


def http_aim(arns: Arns, api: Record, stage: Stage, visit: Visit) -> Aim:
    """Raises Failed where no route takes the visit."""
    path = unquote(stage.path, errors="replace")
    found = stage.deployed.table.chosen(visit.method, path)
    if found is None:
        raise Failed(*HTTP_API.no_route)
    key, variables = found
    target = stage.deployed.routes[key].get("Target", "").removeprefix("integrations/")
    integration = stage.deployed.integrations.get(target)
    if integration is None:
        raise Failed(*HTTP_API.no_route)
    record = stage.record
    limits = {**record["DefaultRouteSettings"], **record["RouteSettings"].get(key, {})}
    stop = Stop(
        arns.account, api["ApiId"], record["StageName"], key, variables, record["StageVariables"]
    )  # fmt: skip
    old = integration["PayloadFormatVersion"] == "1.0"
    make = events.version_1 if old else events.version_2
    read = results.version_1 if old else results.version_2
    route = key if key == "$default" else f"{visit.method}{paths.Route.of(key).path}"
    return Aim(
        stop=stop,
        function=_function(integration["IntegrationUri"], stop),
        source=_source(arns, stop, route),
        seconds=integration["TimeoutInMillis"] / 1000,
        rate=limits.get("ThrottlingRateLimit", RATE),
        burst=limits.get("ThrottlingBurstLimit", BURST),
        event=lambda whole: make(whole, stop),
        read=lambda _, payload: read(payload),
    )


def rest_aim(arns: Arns, served: Served, api: Record, visit: Visit) -> Aim:
    """The same of a REST API, whose stages are all named. Raises Failed."""
    name, _, rest = visit.path[1:].partition("/")
    stage = api["stages"].get(name)
    if stage is None or api["disableExecuteApiEndpoint"]:
        raise Failed(*REST_API.no_stage)
    deployment = stage["deploymentId"]
    deployed = served.rest(api["id"], deployment)
    if deployed is None:
        raise Failed(*REST_API.no_stage)
    # A slash at the end does not matter.
    found = deployed.table.best(f"/{rest}".rstrip("/") or "/")
    if found is None:
        raise Failed(*REST_API.no_route)
    path, variables = found
    resource = deployed.resources[path]
    methods = resource["resourceMethods"]
    method = methods.get(visit.method) or methods.get("ANY")
    if method is None:
        raise Failed(*REST_API.no_route)
    integration = method["methodIntegration"]
    if integration["httpMethod"] != "POST":
        # Lambda knows no other one.
        raise Failed(*REST_API.not_allowed)
    binary = deployed.binary
    stop = Stop(
        arns.account, api["id"], name, path, variables, stage.get("variables", {}),
        resource["id"], deployment,
    )  # fmt: skip
    rate, burst = _rest_limits(stage, path, method["httpMethod"])
    return Aim(
        stop=stop,
        function=_function(integration["uri"], stop),
        source=_source(arns, stop, f"{visit.method}{path}"),
        seconds=integration["timeoutInMillis"] / 1000,
        rate=rate,
        burst=burst,
        event=lambda whole: events.of_rest_api(whole, stop, f"/{rest}", binary),
        read=lambda whole, payload: results.of_rest_api(
            payload, decode=is_binary(whole.header("accept"), binary)
        ),
    )


def _rest_limits(stage: Record, path: str, method: str) -> tuple[float, float]:
    settings = stage["methodSettings"]
    for key in (f"{path.strip('/')}/{method}", "*/*"):
        if key in settings:
            return settings[key]["throttlingRateLimit"], settings[key]["throttlingBurstLimit"]
    return RATE, BURST


def _function(uri: str, stop: Stop) -> str:
    return names.with_variables(names.function_of(uri) or uri, stop.stage_variables)


def _source(arns: Arns, stop: Stop, route: str) -> str:
    """The ARN by which a function's policy knows the caller."""
    return f"arn:aws:execute-api:{arns.region}:{arns.account}:{stop.api}/{stop.stage}/{route}"
