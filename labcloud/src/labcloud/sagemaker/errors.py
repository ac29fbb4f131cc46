"""The errors that the API answers with, by AWS's codes.

ApiError                    code, message, HTTP status
 ├─ ValidationError         ValidationException 400
 ├─ ResourceInUse           ResourceInUse 400
 ├─ ResourceNotFound        ResourceNotFound 400
 ├─ ResourceLimitExceeded   ResourceLimitExceeded 400
 ├─ Conflict                ConflictException 400
 ├─ SerializationError      SerializationException 400
 └─ NotImplementedHere      UnknownOperationException 400: labcloud does not have this operation
"""

from __future__ import annotations

from typing import Any

from labcloud.version import DOCUMENTATION


class ApiError(Exception):
    """An answer that says no. `fields` are members of the error's shape beside the message."""

    code = "InternalFailure"
    status = 500

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class ValidationError(ApiError):
    code = "ValidationException"
    status = 400


class ResourceInUse(ApiError):
    code = "ResourceInUse"
    status = 400


class ResourceNotFound(ApiError):
    code = "ResourceNotFound"
    status = 400


class ResourceLimitExceeded(ApiError):
    code = "ResourceLimitExceeded"
    status = 400


class Conflict(ApiError):
    code = "ConflictException"
    status = 400


class SerializationError(ApiError):
    code = "SerializationException"
    status = 400


class NotImplementedHere(ApiError):
    code = "UnknownOperationException"
    status = 400

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            f"labcloud does not implement {operation} of {service}. Its documentation lists what "
            f"it implements: {DOCUMENTATION}/operations.md"
        )
