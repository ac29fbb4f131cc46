"""Identifiers, names and variables, as API Gateway makes and checks them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Container, Mapping

from labcloud.apis.errors import BadRequest

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_STAGE = re.compile(r"[a-zA-Z0-9_]+")
_VARIABLE = re.compile(r"\w+", re.ASCII)
_VALUE = re.compile(r"[A-Za-z0-9 ._:/?&=,-]*")
_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9_-]+(:[$a-zA-Z0-9_-]+)?"
)
_STAGED = re.compile(r"\$\{stageVariables\.(\w+)\}", re.ASCII)
_INVOCATIONS = re.compile(
    r"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(.+)/invocations"
)
_LONGEST_NAME = 64
_LONGEST_VALUE = 512
_MOST_TAGS = 50


def new(length: int, taken: Container[str] = ()) -> str:
    """An identifier of so many letters and digits."""
    while (found := "".join(secrets.choice(_LETTERS) for _ in range(length))) in taken:
        pass
    return found


def check_length(what: str, value: str | None, most: int, least: int = 0) -> None:
    """Raises BadRequest for a text that is too long or too short (characters).

    The service model has no limits; the documentation of its shapes' names has.
    """
    if value is not None and not least <= len(value) <= most:
        raise BadRequest(f"{what} must have a length between {least} and {most}")


def check_stage(name: str, *, default: bool) -> None:
    """`default`: whether a stage may be `$default`."""
    if default and name == "$default":
        return
    check_length("StageName", name, 128, 1)
    if not _STAGE.fullmatch(name):
        raise BadRequest("Stage name only allows a-zA-Z0-9_")


def check_variables(variables: Mapping[str, str]) -> None:
    """Stage variables: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(name):
            raise BadRequest(
                f"Invalid stage variable name: {name}. Please use names with only word characters."
            )
        if len(name) > _LONGEST_NAME:
            raise BadRequest(
                f"Stage variable names must have {_LONGEST_NAME} characters or fewer: {name}"
            )
        if not _VALUE.fullmatch(value):
            raise BadRequest(
                f"Invalid stage variable value of key {name}.  Please use values with alphanumeric "
                "characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
            )
        if len(value) > _LONGEST_VALUE:
            raise BadRequest(
                f"Stage variable values must have {_LONGEST_VALUE} characters or fewer: {name}"
            )


def check_tags(tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging.html"""
    if len(tags) > _MOST_TAGS:
        raise BadRequest(f"The number of tags cannot exceed {_MOST_TAGS}")
    for key, value in tags.items():
        check_length("Tag keys", key, 128, 1)
        check_length("Tag values", value, 256)
        if key.lower().startswith("aws:"):
            raise BadRequest(f"System prefix 'aws:' reserved for AWS usage in tag key: {key}")


def function_of(uri: str) -> str | None:
    """The function's ARN in an integration's URI; None where it is no function's.

    The URI is the ARN itself or that of its invocations, and a stage variable may stand in it.
    """
    invocations = _INVOCATIONS.fullmatch(uri)
    arn = invocations[1] if invocations else uri
    # A variable can be the name or its alias, and the whole ARN, too.
    plain = _STAGED.sub("variable", arn)
    return arn if _FUNCTION.fullmatch(plain) or plain == "variable" else None


def with_variables(arn: str, variables: Mapping[str, str]) -> str:
    """An ARN with its stage variables' values."""
    return _STAGED.sub(lambda match: variables.get(match[1], ""), arn)
