"""How a definition is refused, and how a step fails."""

from __future__ import annotations

from labcloud.sagemaker.errors import ValidationError


class Unparsed(ValidationError):
    """A definition that AWS would not take; the beginning of the message is AWS's."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Unable to parse pipeline definition. {why}")


class Unresolved(Exception):
    """An expression of a definition has no value in this execution."""


class StepFailed(Exception):
    """A step has failed; the message is its FailureReason.

    `kind` is the exception type of a RetryPolicy that it is, such as SageMaker.RESOURCE_LIMIT, or
    empty.
    """

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.kind = kind


class StepStopped(Exception):
    """A step has ended because its execution is being stopped."""
