"""Lambda's operations on the resource policy of a function."""

from __future__ import annotations

import json
from typing import Any

from labcloud.cloud import Cloud
from labcloud.functions import policy
from labcloud.functions.asked import FunctionError
from labcloud.functions.records import check_revision, find, note

Request = dict[str, Any]
Answer = dict[str, Any]


async def add_permission(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, request["FunctionName"], request.get("Qualifier"))
    check_revision(record, request)
    new = policy.statement(request, record["FunctionArn"])
    statements = policy.added(record.get("Policy", []), new)
    note(cloud, record, Policy=statements)
    return {"Statement": json.dumps(new, separators=(",", ":"))}


async def remove_permission(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, request["FunctionName"], request.get("Qualifier"))
    check_revision(record, request)
    wanted, statements = request["StatementId"], record.get("Policy", [])
    left = [each for each in statements if each["Sid"] != wanted]
    if len(left) == len(statements):
        said = f"Statement {wanted} is not found in resource policy."
        raise FunctionError("ResourceNotFoundException", said, 404)
    note(cloud, record, Policy=left)
    return {}


async def get_policy(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, request["FunctionName"], request.get("Qualifier"))
    if not record.get("Policy"):
        said = "The resource you requested does not exist."
        raise FunctionError("ResourceNotFoundException", said, 404)
    return {"Policy": policy.document(record["Policy"]), "RevisionId": record["RevisionId"]}


OPERATIONS = {
    "AddPermission": add_permission,
    "RemovePermission": remove_permission,
    "GetPolicy": get_policy,
}
