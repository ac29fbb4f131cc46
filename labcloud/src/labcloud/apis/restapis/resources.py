"""Resources of a REST API: the tree of its paths."""

from __future__ import annotations

import re
from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import MOST_PARTS, BadRequest, Conflict, LimitExceeded, NotFound, full
from labcloud.apis.store import REST_API
from labcloud.cloud import Cloud
from labcloud.state.records import Missing, Record

Request = dict[str, Any]
Answer = dict[str, Any]

_SHOWN = ("id", "parentId", "path", "pathPart")
_VARIABLE = re.compile(r"\{[a-zA-Z0-9._-]+(\+?)\}")
_PART = re.compile(r"[a-zA-Z0-9._:-]+")


def missing() -> NotFound:
    return NotFound("Invalid Resource identifier specified")


def of_api(cloud: Cloud, request: Request) -> Record:
    """The API of a request about one of its resources. Raises NotFound, as for a resource."""
    try:
        return cloud.records.get(REST_API, request["restApiId"])
    except Missing as error:
        raise missing() from error


def find(api: Record, resource: str) -> Record:
    """Raises NotFound."""
    if resource not in api["resources"]:
        raise missing()
    found: Record = api["resources"][resource]
    return found


def _shown(resource: Record, *, methods: bool = False) -> Answer:
    found = store.only(resource, _SHOWN)
    if resource["resourceMethods"]:
        found["resourceMethods"] = {
            name: method if methods else {} for name, method in resource["resourceMethods"].items()
        }
    return found


async def create_resource(cloud: Cloud, request: Request) -> Answer:
    api = of_api(cloud, request)
    parent, part = find(api, request["parentId"]), request["pathPart"]
    variable = _VARIABLE.fullmatch(part)
    if not variable and not _PART.fullmatch(part):
        raise BadRequest(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and "
            "curly braces at the beginning and the end."
        )
    above = parent.get("pathPart", "")
    if above.endswith("+}"):
        raise BadRequest(
            f"Cannot create a child of a resource with a greedy path variable: {above}"
        )
    for other in api["resources"].values():
        if other.get("parentId") != parent["id"]:
            continue
        if other["pathPart"] == part:
            raise Conflict(f"Another resource with the same parent already has this name: {part}")
        if variable and _VARIABLE.fullmatch(other["pathPart"]):
            raise BadRequest(
                f"A sibling ({other['pathPart']}) of this resource already has a variable path "
                "part -- only one is allowed"
            )
    if len(api["resources"]) >= MOST_PARTS:
        raise full(LimitExceeded, "resources")
    names.check_length("pathPart", part, 255, 1)
    path = f"{parent['path'].rstrip('/')}/{part}"
    if variable and _same_name(part) in map(_same_name, parent["path"].split("/")):
        raise BadRequest(f"Two path variables have one name: {path}")
    made = {
        "id": names.new(6, api["resources"]),
        "parentId": parent["id"],
        "pathPart": part,
        "path": path,
        "resourceMethods": {},
    }
    api["resources"][made["id"]] = made
    store.put(cloud, REST_API, api)
    return _shown(made)


def _same_name(part: str) -> str:
    return part.replace("+}", "}") if _VARIABLE.fullmatch(part) else ""


async def get_resource(cloud: Cloud, request: Request) -> Answer:
    found = find(of_api(cloud, request), request["resourceId"])
    return _shown(found, methods=_embeds(request))


async def get_resources(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    page, position = store.paged(
        list(api["resources"].values()),
        request.get("position"),
        request.get("limit"),
        lambda each: str(each["path"]),
    )
    methods = _embeds(request)
    return {"items": [_shown(each, methods=methods) for each in page], "position": position}


def _embeds(request: Request) -> bool:
    embed = request.get("embed", [])
    if any(each != "methods" for each in embed):
        raise BadRequest("Only methods can be embedded")
    return bool(embed)


async def delete_resource(cloud: Cloud, request: Request) -> Answer:
    """A resource goes with all that lies below it."""
    api = of_api(cloud, request)
    found = find(api, request["resourceId"])
    if found["path"] == "/":
        raise BadRequest("Root resource cannot be deleted")
    below = f"{found['path']}/"
    for each in [*api["resources"].values()]:
        if each is found or each["path"].startswith(below):
            del api["resources"][each["id"]]
    store.put(cloud, REST_API, api)
    return {}


OPERATIONS = {
    "CreateResource": create_resource,
    "GetResource": get_resource,
    "GetResources": get_resources,
    "DeleteResource": delete_resource,
}
