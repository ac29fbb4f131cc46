"""RetryPolicies of a step: which failures they are about, and how long the pause is.

Follows "Retry Policy for Pipeline Steps" of the developer guide.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

from labcloud.sagemaker.errors import ApiError, ResourceLimitExceeded
from labcloud.sagemaker.pipelines.problems import Unparsed

RESOURCE_LIMIT = "SageMaker.RESOURCE_LIMIT"
INTERNAL_ERROR = "SageMaker.JOB_INTERNAL_ERROR"
CAPACITY_ERROR = "SageMaker.CAPACITY_ERROR"
SERVICE_FAULT = "Step.SERVICE_FAULT"
THROTTLING = "Step.THROTTLING"
_TYPES = (SERVICE_FAULT, THROTTLING, INTERNAL_ERROR, CAPACITY_ERROR, RESOURCE_LIMIT)
_MEMBERS = {"ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin"}
_MOST_ATTEMPTS = 20
# Where a policy says neither how many attempts there are nor how long.
_ATTEMPTS = 5
_LONGEST_INTERVAL = 43_200  # seconds
_LONGEST = 14_400  # minutes
_SECONDS = 60


def kind_of_error(error: ApiError) -> str:
    """The exception type of a refused request; empty for one that no policy is about."""
    if isinstance(error, ResourceLimitExceeded):
        return RESOURCE_LIMIT
    return SERVICE_FAULT if error.status >= 500 else ""


def kind_of_reason(reason: str) -> str:
    """The exception type of a job's FailureReason; empty for one that no policy is about."""
    if reason.startswith("InternalServerError"):
        return INTERNAL_ERROR
    return CAPACITY_ERROR if reason.startswith("CapacityError") else ""


def check(given: Any) -> None:
    """The RetryPolicies of a step. Raises Unparsed."""
    if not isinstance(given, list):
        raise Unparsed("Expecting start of Json Array.")
    for each in given:
        if not isinstance(each, dict):
            raise Unparsed("Expecting start of Json Object.")
        for member in each.keys() - _MEMBERS:
            raise Unparsed(f"Unknown RetryPolicies member '{member}'.")
        types = each.get("ExceptionType")
        if not isinstance(types, list) or not types or any(one not in _TYPES for one in types):
            raise Unparsed(f"An ExceptionType holds some of {', '.join(_TYPES)}.")
        if "MaxAttempts" in each and "ExpireAfterMin" in each:
            raise Unparsed("A retry policy has either MaxAttempts or ExpireAfterMin.")
        _check_integer(each, "MaxAttempts", _MOST_ATTEMPTS)
        _check_integer(each, "ExpireAfterMin", _LONGEST)
        _check_integer(each, "IntervalSeconds", _LONGEST_INTERVAL)
        rate = each.get("BackoffRate", 0)
        # An integer may be too large to be a float.
        if not _is_number(rate) or not 0 <= rate <= sys.float_info.max:
            raise Unparsed("BackoffRate of a retry policy must be a number of at least 0.")


def _check_integer(policy: dict[str, Any], member: str, most: int) -> None:
    value = policy.get(member, 0)
    if not _is_number(value) or not 0 <= value <= most or value != int(value):
        raise Unparsed(
            f"{member} of a retry policy must be an integer of at least 0 and at most {most}."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass
class Retries:
    """The policies of one step while it runs."""

    policies: list[dict[str, Any]]
    _used: dict[int, int] = field(default_factory=dict)
    _since: float = field(default_factory=time.monotonic)

    def pause(self, kind: str) -> float | None:
        """The seconds before the next attempt after a failure; None: there is no next one."""
        for number, policy in enumerate(self.policies):
            if kind and kind in policy["ExceptionType"]:
                return self._pause(number, policy)
        return None

    def covers(self, kind: str) -> bool:
        """Whether a policy is about this kind of failure."""
        return any(kind in policy["ExceptionType"] for policy in self.policies)

    def _pause(self, number: int, policy: dict[str, Any]) -> float | None:
        used = self._used.get(number, 0)
        limit = policy.get("ExpireAfterMin")
        # MaxAttempts counts what comes after the first attempt.
        if limit is None and used >= policy.get("MaxAttempts", _ATTEMPTS):
            return None
        pause = _pause_before(used, policy)
        if limit is not None and time.monotonic() - self._since + pause > limit * _SECONDS:
            return None
        self._used[number] = used + 1
        return pause


def _pause_before(attempt: int, policy: dict[str, Any]) -> float:
    """The seconds before a policy's next attempt: no longer than a policy may last."""
    longest = float(_LONGEST * _SECONDS)
    interval, rate = float(policy.get("IntervalSeconds", 1)), float(policy.get("BackoffRate", 2.0))
    try:
        return min(interval * rate**attempt, longest) if interval else 0.0
    except OverflowError:
        return longest


def refused(kind: str, execution_arn: str, step: str) -> str:
    """What AWS adds to a FailureReason of a kind that no policy of the step is about."""
    called = kind.replace("Step.", "").replace(".", "_").upper()
    # AWS writes the ARN in lower case here.
    return (
        f"\nRetry not appropriate on execution of step with PipelineExecutionArn "
        f"{execution_arn.lower()} and StepId {step}. No retry policy configured for the exception "
        f"type {called}."
    )
