"""Functions for tests: their role, an archive of their code, and what a call comes to."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from labcloud_support.life import Life

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
ROLE_NAME = "functions"


def archive(**modules: str) -> bytes:
    """A zip of modules: names to texts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, text in modules.items():
            file.writestr(f"{name}.py", text)
    return made.getvalue()


@dataclass(frozen=True)
class Called:
    """What an invocation came to; `tail` is the end of its log."""

    answer: Any
    error: str | None
    tail: str


class Lambdas:
    """Functions of one server, and what they have printed."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.client = life.client("lambda", retries={"total_max_attempts": 1}, read_timeout=60)
        iam = life.client("iam")
        made = iam.create_role(RoleName=ROLE_NAME, AssumeRolePolicyDocument=TRUST)
        self.role = made["Role"]["Arn"]

    def make(self, name: str, text: str, handler: str = "main.handler", **changes: Any) -> None:
        """A function of one module, active."""
        self.begin(name, text, handler, **changes)
        self.client.get_waiter("function_active_v2").wait(FunctionName=name)

    def begin(
        self, name: str, text: str, handler: str = "main.handler", **changes: Any
    ) -> dict[str, Any]:
        request = {
            "FunctionName": name,
            "Runtime": "python3.12",
            "Role": self.role,
            "Handler": handler,
            "Code": {"ZipFile": archive(main=text)},
            "Timeout": 30,
            **changes,
        }
        found: dict[str, Any] = self.client.create_function(**request)
        return found

    def call(self, name: str, event: object = None, **changes: Any) -> Called:
        """Invokes a function and waits for its answer."""
        done = self.client.invoke(
            FunctionName=name, Payload=json.dumps(event), LogType="Tail", **changes
        )
        tail = base64.b64decode(done["LogResult"]).decode()
        return Called(json.load(done["Payload"]), done.get("FunctionError"), tail)

    def log(self, name: str) -> list[str]:
        """What is in the log of a function, of all its processes, in the order of time."""
        logs = self.life.client("logs")
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in found["events"]]
