"""Lambda's operations on the tags of a function."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.functions.checks import check_tags
from labcloud.functions.records import find, note

Request = dict[str, Any]
Answer = dict[str, Any]


async def tag(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, request["Resource"])
    tags = {**record.get("Tags", {}), **request["Tags"]}
    check_tags(request["Tags"])
    check_tags(tags)
    note(cloud, record, Tags=tags)
    return {}


async def untag(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, request["Resource"])
    gone = set(request["TagKeys"])
    tags = {name: value for name, value in record.get("Tags", {}).items() if name not in gone}
    note(cloud, record, Tags=tags)
    return {}


async def list_tags(cloud: Cloud, request: Request) -> Answer:
    return {"Tags": find(cloud, request["Resource"]).get("Tags", {})}


OPERATIONS = {"TagResource": tag, "UntagResource": untag, "ListTags": list_tags}
