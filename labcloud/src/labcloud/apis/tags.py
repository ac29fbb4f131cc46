"""Tags of APIs and stages, by their ARNs: `arn:aws:apigateway:REGION::/apis/API/stages/STAGE`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from labcloud.apis import names, store
from labcloud.apis.errors import BadRequest, NotFound
from labcloud.apis.store import HTTP_API, REST_API
from labcloud.cloud import Cloud
from labcloud.state.records import Record

_ARN = re.compile(
    r"arn:aws[a-z-]*:apigateway:([a-z0-9-]+):(\d{12})?:"
    r"/(apis|restapis)/([a-z0-9]+)(?:/stages/([$a-zA-Z0-9_]+))?"
)
_KINDS = {"apis": HTTP_API, "restapis": REST_API}
# The members that hold stages and tags.
_STAGES = {HTTP_API: "Stages", REST_API: "stages"}
_TAGS = {HTTP_API: "Tags", REST_API: "tags"}


def _found(cloud: Cloud, arn: str) -> tuple[str, Record, Record, str]:
    """The kind and the API of an ARN, the part of it that has the tags, and their member."""
    match = _ARN.fullmatch(arn)
    if match is None or match[1] != cloud.arns.region:
        raise BadRequest(f"Invalid ARN. ARN is not well formed {arn}")
    kind = _KINDS[match[3]]
    api = store.get(cloud, kind, match[4])
    if match[5] is None:
        return kind, api, api, _TAGS[kind]
    if match[5] not in api[_STAGES[kind]]:
        raise NotFound("Invalid stage identifier specified")
    return kind, api, api[_STAGES[kind]][match[5]], _TAGS[kind]


def tags(cloud: Cloud, arn: str) -> dict[str, str]:
    _, _, part, member = _found(cloud, arn)
    found: dict[str, str] = part.get(member, {})
    return found


def add(cloud: Cloud, arn: str, more: Mapping[str, str]) -> None:
    kind, api, part, member = _found(cloud, arn)
    found = {**part.get(member, {}), **more}
    names.check_tags(found)
    part[member] = found
    store.put(cloud, kind, api)


def remove(cloud: Cloud, arn: str, keys: Collection[str]) -> None:
    kind, api, part, member = _found(cloud, arn)
    found = {key: value for key, value in part.get(member, {}).items() if key not in keys}
    part[member] = found
    store.put(cloud, kind, api)
