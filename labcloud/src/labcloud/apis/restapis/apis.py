"""REST APIs themselves.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-basic-concept.html
"""

from __future__ import annotations

from typing import Any

from labcloud.apis import names, store
from labcloud.apis.errors import BadRequest, NotHere
from labcloud.apis.restapis.patches import Patch, patches
from labcloud.apis.store import REST_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]

_SHOWN = (
    "id", "name", "description", "createdDate", "version", "binaryMediaTypes", "apiKeySource",
    "endpointConfiguration", "tags", "disableExecuteApiEndpoint", "rootResourceId",
)  # fmt: skip
_TEXTS = ("name", "description", "version")


async def create_rest_api(cloud: Cloud, request: Request) -> Answer:
    if not request["name"].strip():
        raise BadRequest("Name cannot be empty")
    for name in _TEXTS:
        names.check_length(name, request.get(name), 1024)
    if request.get("description") == "":
        raise BadRequest("Description cannot be an empty string")
    names.check_tags(request.get("tags", {}))
    root = names.new(10)
    api: Record = {
        "apiKeySource": "HEADER",
        "disableExecuteApiEndpoint": False,
        **store.only(
            request,
            (*_TEXTS, "apiKeySource", "binaryMediaTypes", "disableExecuteApiEndpoint", "tags"),
        ),
        "id": names.new(10, store.taken(cloud)),
        "createdDate": store.now(),
        "CreationTime": store.now(),
        "endpointConfiguration": _endpoints(request.get("endpointConfiguration", {})),
        "rootResourceId": root,
        "resources": {root: {"id": root, "path": "/", "resourceMethods": {}}},
        "stages": {},
        "deployments": {},
    }
    store.insert(cloud, REST_API, api)
    return store.only(api, _SHOWN)


def _endpoints(given: Record) -> Record:
    types = given.get("types") or ["EDGE"]
    if len(types) > 1:
        raise BadRequest("Cannot create an api with multiple Endpoint Types.")
    if types == ["PRIVATE"]:
        raise NotHere("private APIs", "the types are EDGE and REGIONAL")
    return {"types": types, "ipAddressType": given.get("ipAddressType", "ipv4")}


async def get_rest_api(cloud: Cloud, request: Request) -> Answer:
    return store.only(store.get(cloud, REST_API, request["restApiId"]), _SHOWN)


async def get_rest_apis(cloud: Cloud, request: Request) -> Answer:
    page, position = store.paged(
        [store.only(each, _SHOWN) for each in cloud.records.all(REST_API)],
        request.get("position"),
        request.get("limit"),
        lambda each: str(each["id"]),
    )
    return {"items": page, "position": position}


async def update_rest_api(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    for patch in patches(request):
        _change(api, patch)
    store.put(cloud, REST_API, api)
    return store.only(api, _SHOWN)


def _change(api: Record, patch: Patch) -> None:
    """Raises BadRequest."""
    part, single = patch.parts[0], len(patch.parts) == 1
    if part == "binaryMediaTypes" and len(patch.parts) == 2:
        _change_binary(api, patch)
    elif not single or part not in (*_TEXTS, "disableExecuteApiEndpoint"):
        raise BadRequest(f"Invalid patch path {patch.path}")
    elif patch.op != "replace":
        raise patch.unsupported
    elif part == "disableExecuteApiEndpoint":
        api[part] = patch.flag
    else:
        names.check_length(part, patch.value, 1024)
        if part == "name" and not patch.value.strip():
            raise BadRequest("Name cannot be empty")
        api[part] = patch.value


def _change_binary(api: Record, patch: Patch) -> None:
    """A type is named by the path; `value` is what replaces it."""
    kind = patch.parts[1]
    kinds = list(api.get("binaryMediaTypes", []))
    if patch.op == "replace":
        if kind not in kinds or not patch.value:
            raise BadRequest(f"Invalid patch path {patch.path}")
        kinds = [patch.value if each == kind else each for each in kinds]
    else:
        kinds = [each for each in kinds if each != kind]
        if patch.op == "add":
            kinds.append(kind)
    # Each one once.
    api["binaryMediaTypes"] = list(dict.fromkeys(kinds))


async def delete_rest_api(cloud: Cloud, request: Request) -> Answer:
    api = store.get(cloud, REST_API, request["restApiId"])
    store.delete(cloud, REST_API, api)
    return {}


OPERATIONS = {
    "CreateRestApi": create_rest_api,
    "GetRestApi": get_rest_api,
    "GetRestApis": get_rest_apis,
    "UpdateRestApi": update_rest_api,
    "DeleteRestApi": delete_rest_api,
}
