"""What a web app leaves: APIs, functions, their logs and their roles, by the course's prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from labhelpers.lab import Lab
from labhelpers.running import Found

FUNCTION_LOGS = "/aws/lambda/"
# What AWS's services say of what is gone: for a sweep, that is as good as deleted.
_GONE = ("NotFoundException", "ResourceNotFoundException", "NoSuchEntity")


def web_parts(lab: Lab, prefix: str) -> Iterator[Found]:
    """APIs, functions, log groups and roles whose names begin so, in the order of their end.

    The API comes first: from then on nobody calls the function. None of them costs by the hour.
    """
    for kind, find, delete in _KINDS:
        for name, key in _listed(lab, kind, find, prefix):
            yield Found(kind, name, 0.0, partial(_unless_gone, partial(delete, lab, key)))


def _listed(
    lab: Lab, kind: str, find: Callable[[Lab, str], Iterator[tuple[str, str]]], prefix: str
) -> list[tuple[str, str]]:
    """Names and keys. What a role may not list is passed over, which is said."""
    try:
        return [found for found in find(lab, prefix) if found[0].startswith(prefix)]
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        print(
            f"The {kind}s were not looked for: this role may not list them. "
            "labs/policy.json allows it; paste it again if it is an older one."
        )
        return []


def _unless_gone(delete: Callable[[], Any]) -> bool:
    """False if it was gone already."""
    try:
        delete()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return False
    return True


def _apis(lab: Lab, prefix: str) -> Iterator[tuple[str, str]]:
    for page in lab.client("apigatewayv2").get_paginator("get_apis").paginate():
        yield from ((each["Name"], each["ApiId"]) for each in page["Items"])


def _functions(lab: Lab, prefix: str) -> Iterator[tuple[str, str]]:
    for page in lab.client("lambda").get_paginator("list_functions").paginate():
        yield from ((each["FunctionName"],) * 2 for each in page["Functions"])


def _logs(lab: Lab, prefix: str) -> Iterator[tuple[str, str]]:
    pages = lab.client("logs").get_paginator("describe_log_groups")
    for page in pages.paginate(logGroupNamePrefix=f"{FUNCTION_LOGS}{prefix}"):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            yield name.removeprefix(FUNCTION_LOGS), name


def _roles(lab: Lab, prefix: str) -> Iterator[tuple[str, str]]:
    for page in lab.client("iam").get_paginator("list_roles").paginate():
        yield from ((each["RoleName"],) * 2 for each in page["Roles"])


def _delete_role(lab: Lab, name: str) -> None:
    """AWS deletes a role only when no policy is in it."""
    iam = lab.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


_KINDS: tuple[
    tuple[str, Callable[[Lab, str], Iterator[tuple[str, str]]], Callable[[Lab, str], Any]], ...
] = (
    ("API", _apis, lambda lab, key: lab.client("apigatewayv2").delete_api(ApiId=key)),
    (
        "function",
        _functions,
        lambda lab, key: lab.client("lambda").delete_function(FunctionName=key),
    ),
    (
        "log group of function",
        _logs,
        lambda lab, key: lab.client("logs").delete_log_group(logGroupName=key),
    ),
    ("role", _roles, _delete_role),
)
