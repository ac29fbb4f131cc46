"""Which service of AWS's may work as a role, as the role's own policy says."""

from __future__ import annotations

import json
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends


def assumable(role: str, service: str) -> bool:
    """Whether a role is there, and its trust policy names the service (lambda.amazonaws.com)."""
    iam: Any = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    try:
        document = json.loads(iam.get_role_by_arn(role).assume_role_policy_document)
    except (NotFoundException, TypeError, ValueError):
        return False
    allowed = False
    for statement in _listed(document.get("Statement", [])):
        if not isinstance(statement, dict) or not _names(statement, service):
            continue
        actions = {str(each).lower() for each in _listed(statement.get("Action", []))}
        if actions & {"sts:assumerole", "sts:*", "*"}:
            if statement.get("Effect") == "Deny":
                return False
            allowed = allowed or statement.get("Effect") == "Allow"
    return allowed


def _names(statement: dict[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    if not isinstance(principal, dict):
        return bool(principal == "*")
    named = [*_listed(principal.get("Service", [])), *_listed(principal.get("AWS", []))]
    return service in named or "*" in named


def principal_exists(arn: str) -> bool:
    """Whether a user or a role of this account is there, or the account itself is meant."""
    account, _, resource = arn.removeprefix("arn:aws:iam::").partition(":")
    if account != DEFAULT_ACCOUNT_ID:
        # Of another account, nobody here knows.
        return False
    kind, _, _ = resource.partition("/")
    iam: Any = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    if resource == "root":
        return True
    if kind == "role":
        return any(role.arn == arn for role in iam.roles.values())
    if kind == "user":
        return any(user.arn == arn for user in iam.users.values())
    return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
