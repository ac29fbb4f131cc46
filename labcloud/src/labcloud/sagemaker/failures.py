"""From an exception to the FailureReason that AWS gives for it, in one table for all jobs."""

from __future__ import annotations

import logging

from labcloud.aws.s3.objects import ObjectStoreError
from labcloud.containers.engine import CannotStart, ImageNotAvailable
from labcloud.containers.process.nursery import ForkFailed
from labcloud.text import as_lines, of_error

logger = logging.getLogger(__name__)

# The FailureReason of jobs that a stop of the server has interrupted.
LOST = "InternalServerError: labcloud stopped while the job was running"


class ClientError(Exception):
    """What the job's author has to mend; the FailureReason starts with `ClientError: `."""


class AlgorithmError(Exception):
    """The container has failed; the FailureReason starts with `AlgorithmError: `."""


_PREFIXES: tuple[tuple[type[Exception], str], ...] = (
    (ClientError, "ClientError"),
    (ImageNotAvailable, "ClientError"),
    (ObjectStoreError, "ClientError"),
    (AlgorithmError, "AlgorithmError"),
    (CannotStart, "AlgorithmError"),
    (ForkFailed, "InternalServerError"),
)


# The longest FailureReason (characters).
_LONGEST = 1024


def failure_reason(error: Exception, what: str) -> str:
    """The FailureReason of the job `what`, such as `training job x`.

    An error of labcloud itself is logged with its traceback.
    """
    for kind, prefix in _PREFIXES:
        if isinstance(error, kind):
            return f"{prefix}: {error}"
    return f"InternalServerError: {_unexpected(error, what)}"


def endpoint_failure_reason(error: Exception, what: str) -> str:
    """The FailureReason of the endpoint `what`: AWS gives it without a prefix."""
    expected = isinstance(error, tuple(kind for kind, _ in _PREFIXES))
    return as_lines(str(error) if expected else _unexpected(error, what))[:_LONGEST]


def _unexpected(error: Exception, what: str) -> str:
    logger.error("%s", what, exc_info=error)
    return f"{type(error).__name__}: {of_error(error)}"
