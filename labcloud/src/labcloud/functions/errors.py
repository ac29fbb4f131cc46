"""The refusals of Lambda that several modules word."""

from __future__ import annotations

from labcloud.functions.asked import FunctionError


def invalid(message: str) -> FunctionError:
    """A parameter that AWS refuses."""
    return FunctionError("InvalidParameterValueException", message, 400)


def outside(value: object, member: str, constraint: str) -> FunctionError:
    """A value outside the limits of an account, in the words of the model's constraints."""
    return FunctionError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
        f"{constraint}",
        400,
    )


def not_found(arn: str) -> FunctionError:
    return FunctionError("ResourceNotFoundException", f"Function not found: {arn}", 404)


def conflict(message: str) -> FunctionError:
    return FunctionError("ResourceConflictException", message, 409)


def unread(reason: str) -> FunctionError:
    """A body that is no JSON."""
    return FunctionError(
        "InvalidRequestContentException", f"Could not parse request body into json: {reason}", 400
    )


def too_large(most: int, operation: str) -> FunctionError:
    """A request of more than `most` bytes."""
    return FunctionError(
        "RequestEntityTooLargeException",
        f"Request must be smaller than {most} bytes for the {operation} operation",
        413,
    )
