"""Models: their table, and one model's containers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.console.desk import desk
from labcloud.console.jobs import ROWS, places
from labcloud.console.pages import page, see_other
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.models.resource import MODEL


async def table(request: Request) -> Response:
    cloud = desk(request).cloud
    search = request.query_params.get("search", "").strip()
    after = request.query_params.get("after")
    asked = {"MaxResults": ROWS, "NameContains": search} | ({"NextToken": after} if after else {})
    names, token = listing(cloud.records.places, MODEL.kind, asked, has_status=False)
    records = [cloud.records.get(MODEL.kind, name) for name in names]
    return page(
        request, "models.html", models=[(each, containers(each)) for each in records],
        next=token.get("NextToken"), after=after, search=search,
        total=sum(cloud.records.places.statuses(MODEL.kind).values()),
    )  # fmt: skip


def containers(model: dict[str, object]) -> list[dict[str, object]]:
    """The containers of a model, of which there is one or several."""
    several = model.get("Containers")
    one = model.get("PrimaryContainer")
    return several if isinstance(several, list) else [one] if isinstance(one, dict) else []


async def model(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    described = await at.describe(MODEL, name)
    return page(
        request, "model.html", name=name, described=described, containers=containers(described),
        places=list(places(described)), labels=MODEL.find(at.cloud, name).get("Tags", []),
    )  # fmt: skip


async def ask_delete(request: Request) -> Response:
    name = request.path_params["name"]
    MODEL.find(desk(request).cloud, name)
    return page(
        request, "ask.html", title="Delete model", name=name,
        said="Its artifacts in Amazon S3 stay. Endpoints that serve it go on.",
        action=["models", name, "delete"], back=["models", name], query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    await at.fields(request)
    await at.call("sagemaker", "DeleteModel", ModelName=name)
    return see_other("models")


ROUTES = [
    Route("/models", table),
    Route("/models/{name}", model),
    Route("/models/{name}/delete", ask_delete),
    Route("/models/{name}/delete", delete, methods=["POST"]),
]
