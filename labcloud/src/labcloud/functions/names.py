"""The ways to name a function: its name, its ARN, a part of the ARN, each with a qualifier."""

from __future__ import annotations

import re

from labcloud.arns import Arns
from labcloud.functions.asked import FunctionError
from labcloud.functions.errors import invalid, not_found, outside

LATEST = "$LATEST"
# Of a name by itself. The model has the limit of an ARN.
_LONGEST = 64
_NAMED = re.compile(
    r"(?:arn:[a-z-]+:lambda:)?(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?"
    r"(?:function:)?(?P<name>[a-zA-Z0-9_-]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9_-]+))?"
)


def name_of(given: str, arns: Arns, qualifier: str | None = None) -> str:
    """The function's name in what a request gives for it, which may have a qualifier, too.

    Raises FunctionError for a function of another account or region, and for a version or an
    alias, of which there are none.
    """
    found = _NAMED.fullmatch(given)
    if found is None:
        raise invalid(f"The function name {given[:200]!r} is not valid.")
    name, inside = found["name"], found["qualifier"]
    if len(name) > _LONGEST:
        constraint = f"Member must have length less than or equal to {_LONGEST}"
        raise outside(name, "functionName", constraint)
    if found["region"] and found["region"] != arns.region:
        raise FunctionError(
            "ResourceNotFoundException",
            f"Functions from '{found['region']}' are not reachable in this region "
            f"('{arns.region}')",
            404,
        )
    if found["account"] and found["account"] != arns.account:
        raise FunctionError(
            "AccessDeniedException",
            f"The account {arns.account} is not authorized to use the function {given}, which "
            "is another account's.",
            403,
        )
    if inside and qualifier and inside != qualifier:
        raise invalid(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    asked = inside or qualifier
    if asked and asked != LATEST:
        # labcloud publishes none.
        raise not_found(f"{arns.function(name)}:{asked}")
    return name
