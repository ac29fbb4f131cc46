"""What the other services ask of Lambda: API Gateway, and the steps of pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class FunctionError(Exception):
    """What Lambda refuses, as its API says it: AWS's code, its message, and the HTTP status.

    Codes are ResourceNotFoundException (404), TooManyRequestsException (429),
    ResourceConflictException (409), InvalidParameterValueException (400) and the like.
    """

    def __init__(self, code: str, message: str, status: int, **fields: str) -> None:
        """`fields` stand in the answer beside the message, such as Type and Reason."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


@dataclass(frozen=True)
class Answered:
    """What came of an invocation. `payload` is JSON.

    `error` is X-Amz-Function-Error, "Unhandled", and None where the handler returned.
    """

    payload: bytes
    error: str | None


class Functions(Protocol):
    """Lambda, as far as another service uses it."""

    def allows(self, function: str, principal: str, source_arn: str) -> bool:
        """Whether the function's resource policy lets a service invoke it for `source_arn`.

        `function` is a name or an ARN; `principal` is, for one, apigateway.amazonaws.com.
        """
        ...

    async def invoke(self, function: str, payload: bytes) -> Answered:
        """Runs the function and waits for its answer. Raises FunctionError."""
        ...
