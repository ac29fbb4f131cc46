"""What a training job fails with when its request or its data is wrong."""

from __future__ import annotations


class ClientError(Exception):
    """A mistake of the user's: ClientError in FailureReason, Customer Error in the log."""


class ValidationError(ClientError):
    """Hyperparameters or channels that the algorithm does not take, worded as by AWS's toolkit."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} (caused by ValidationError)")
