"""The resource policy of a function: who may invoke it besides its own account."""

from __future__ import annotations

import functools
import json
import re
from fnmatch import fnmatchcase
from typing import Any

from botocore.loaders import Loader

from labcloud.aws.roles import principal_exists
from labcloud.functions.asked import FunctionError
from labcloud.functions.errors import conflict, invalid

Statement = dict[str, Any]

_LARGEST = 20480  # bytes
_SERVICE = re.compile(r"([a-z0-9-]+)(\.[a-z0-9-]+)*\.amazonaws\.com")
# Services that are no client of botocore's.
_MORE = {
    "alexa-connectedhome", "botmanagement", "cognito-sync-dp", "delivery", "edgelambda",
    "elasticloadbalancing", "lex", "lexv2", "replicator", "s3-object-lambda", "ses", "vpc-lattice",
}  # fmt: skip
_INVOKES = {"lambda:InvokeFunction", "lambda:*", "*"}


def statement(request: dict[str, Any], arn: str) -> Statement:
    """The statement that AddPermission asks for. Raises FunctionError for a strange principal."""
    conditions: dict[str, dict[str, str]] = {}
    if account := request.get("SourceAccount"):
        conditions["StringEquals"] = {"AWS:SourceAccount": account}
    if source := request.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": source}
    made: Statement = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(request["Principal"]),
        "Action": request["Action"],
        "Resource": arn,
    }
    return made | ({"Condition": conditions} if conditions else {})


def added(statements: list[Statement], new: Statement) -> list[Statement]:
    """Raises FunctionError for an id that is taken, and a policy that gets too long."""
    if any(each["Sid"] == new["Sid"] for each in statements):
        raise conflict(
            f"The statement id ({new['Sid']}) provided already exists. Please provide a new "
            "statement id, or remove the existing statement."
        )
    found = [*statements, new]
    size = len(document(found).encode())
    if size > _LARGEST:
        raise FunctionError(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({_LARGEST}).",
            400,
        )
    return found


def document(statements: list[Statement]) -> str:
    """The policy, as GetPolicy says it."""
    whole = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return json.dumps(whole, separators=(",", ":"))


def allows(statements: list[Statement], principal: str, source_arn: str) -> bool:
    """Whether one of the statements lets a service invoke the function for a source."""
    return any(
        each["Action"] in _INVOKES
        and (each["Principal"] == "*" or each["Principal"].get("Service") == principal)
        and _holds(each.get("Condition", {}), source_arn)
        for each in statements
    )


def _holds(conditions: dict[str, dict[str, str]], source_arn: str) -> bool:
    account = conditions.get("StringEquals", {}).get("AWS:SourceAccount")
    if account is not None and (source_arn.split(":") + [""] * 5)[4] != account:
        return False
    pattern = conditions.get("ArnLike", {}).get("AWS:SourceArn")
    return pattern is None or _like(source_arn, pattern)


def _like(arn: str, pattern: str) -> bool:
    """ArnLike: each of the six parts by itself, with * and ? in it."""
    parts, patterns = arn.split(":", 5), pattern.split(":", 5)
    # fnmatch would take brackets for sets.
    escaped = (each.replace("[", "[[]") for each in patterns)
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, escaped))


def _principal(given: str) -> Any:
    if given == "*":
        return "*"
    if re.fullmatch(r"\d{12}", given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    if given.startswith("arn:") and principal_exists(given):
        return {"AWS": given}
    found = _SERVICE.fullmatch(given)
    if found and found[1] in _services():
        return {"Service": given}
    raise invalid("The provided principal was invalid. Please check the principal and try again.")


@functools.cache
def _services() -> set[str]:
    """The names of services, as far as botocore has clients of them."""
    return {*Loader().list_available_services("service-2"), *_MORE}
