"""What Lambda refuses of a function's configuration that its model allows."""

from __future__ import annotations

import json
import re
from typing import Any

from labcloud.aws.roles import assumable
from labcloud.functions.errors import invalid, outside

SERVICE = "lambda.amazonaws.com"
# What an account has without asking for more, where the model allows more.
_MOST = {"Timeout": 900, "MemorySize": 10240}
_MOST_STORAGE = 10240
_MOST_VARIABLES = 4096  # bytes
_MOST_TAGS = 50
# Python runtimes that AWS lets one choose today. All of them run on labcloud's own interpreter.
_OLDEST = 9
_PYTHON = re.compile(r"python3\.(\d+)")
# Set by Lambda itself ("Defined runtime environment variables" in its guide).
_RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
}  # fmt: skip


def check_configuration(request: dict[str, Any]) -> None:
    """Raises FunctionError; members that are not given are not looked at."""
    for member, most in _MOST.items():
        if request.get(member, 0) > most:
            constraint = f"Member must have value less than or equal to {most}"
            raise outside(request[member], member[0].lower() + member[1:], constraint)
    size = request.get("EphemeralStorage", {}).get("Size", 0)
    if size > _MOST_STORAGE:
        constraint = f"Member must have value less than or equal to {_MOST_STORAGE}"
        raise outside(size, "ephemeralStorage.size", constraint)
    if "Runtime" in request:
        _check_runtime(request["Runtime"])
    if "\0" in request.get("Handler", ""):
        raise invalid("The handler has the character NUL, which no file's name has.")
    if "Role" in request and not assumable(request["Role"], SERVICE):
        raise invalid("The role defined for the function cannot be assumed by Lambda.")
    if request.get("LoggingConfig", {}).get("LogFormat", "Text") != "Text":
        raise invalid("labcloud does not implement LogFormat JSON of LoggingConfig")
    snap = request.get("SnapStart", {}).get("ApplyOn", "None")
    if snap != "None":
        raise invalid("labcloud does not implement SnapStart")
    _check_variables(request.get("Environment", {}).get("Variables", {}))


def _check_runtime(runtime: str) -> None:
    found = _PYTHON.fullmatch(runtime)
    if found and int(found[1]) >= _OLDEST:
        return
    if found or runtime == "python2.7":
        raise invalid(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating "
            "AWS Lambda functions. We recommend you use a supported runtime while creating or "
            "updating functions."
        )
    raise invalid(f"labcloud does not implement the runtime {runtime}: functions are in Python")


def _check_variables(variables: dict[str, str]) -> None:
    if reserved := [name for name in variables if name in _RESERVED]:
        raise invalid(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided contains reserved keys that are currently not supported "
            f"for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > _MOST_VARIABLES:
        raise invalid(
            "Lambda was unable to configure your environment variables because the environment "
            f"variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )
    if any("\0" in value for value in variables.values()):
        raise invalid("An environment variable has the character NUL, which none can hold.")


def check_tags(tags: dict[str, str]) -> None:
    """Raises FunctionError for tags that are AWS's, and for too many."""
    if any(name.lower().startswith("aws:") for name in tags):
        raise invalid("Tag keys that begin with aws: are reserved for use by AWS.")
    if len(tags) > _MOST_TAGS:
        raise invalid("Number of tags exceeds resource tag limit.")
