"""Functions behind the APIs of these tests."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
# Says what it was sent, or returns what the header asks for.
ECHO = """
import json

def handler(event, context):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    if "x-return" in headers:
        return json.loads(headers["x-return"])
    if headers.get("x-do") == "raise":
        raise ValueError("no")
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(event),
    }
"""


def make(client: Client, name: str, code: str = ECHO, **more: Any) -> str:
    """A function that can be invoked; its ARN."""
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("program.py", code)
    function = client("lambda").create_function(
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Role=role["Role"]["Arn"],
        Handler="program.handler",
        Code={"ZipFile": archive.getvalue()},
        **{"Timeout": 30, **more},
    )
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    return str(function["FunctionArn"])


def allow(client: Client, name: str, source: str, statement: str = "apis") -> None:
    """Lets API Gateway invoke a function; `source` is what follows the account in the ARN."""
    client("lambda").add_permission(
        FunctionName=name,
        StatementId=statement,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:123456789012:{source}",
    )


def remove(client: Client, name: str) -> None:
    client("lambda").delete_function(FunctionName=name)
    client("iam").delete_role(RoleName=name)
