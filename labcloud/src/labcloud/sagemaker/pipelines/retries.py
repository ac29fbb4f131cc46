"""RetryPolicies of a step: which failures they are about, and how long the pause is.

Follows "Retry Policy for Pipeline Steps" of the developer guide.
"""

from __future__ import annotations

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
        if not isinstance(types, list) or not types or set(types) - set(_TYPES):
            raise Unparsed(f"An ExceptionType holds some of {', '.join(_TYPES)}.")
        if ("MaxAttempts" in each) == ("ExpireAfterMin" in each):
            raise Unparsed("A retry policy has either MaxAttempts or ExpireAfterMin.")
        _check_number(each, "MaxAttempts", 1, _MOST_ATTEMPTS)
        _check_number(each, "ExpireAfterMin", 0, _LONGEST)
        _check_number(each, "IntervalSeconds", 0, None)
        _check_number(each, "BackoffRate", 0, None)


def _check_number(policy: dict[str, Any], member: str, least: int, most: int | None) -> None:
    value = policy.get(member, least)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < least or (
        most is not None and value > most
    ):  # fmt: skip
        upper = "" if most is None else f" and at most {most}"
        raise Unparsed(f"{member} of a retry policy must be a number of at least {least}{upper}.")


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

    def _pause(self, number: int, policy: dict[str, Any]) -> float | None:
        used = self._used.get(number, 0)
        # MaxAttempts counts what comes after the first attempt.
        if used >= policy.get("MaxAttempts", used + 1):
            return None
        interval = policy.get("IntervalSeconds", 1)
        pause = float(interval * policy.get("BackoffRate", 2.0) ** used)
        limit = policy.get("ExpireAfterMin")
        if limit is not None and time.monotonic() - self._since + pause > limit * _SECONDS:
            return None
        self._used[number] = used + 1
        return pause


def refused(kind: str, execution_arn: str, step: str) -> str:
    """What AWS adds to a FailureReason of a kind that no policy of the step is about."""
    called = kind.replace("Step.", "").replace(".", "_").upper()
    # AWS writes the ARN in lower case here.
    return (
        f"\nRetry not appropriate on execution of step with PipelineExecutionArn "
        f"{execution_arn.lower()} and StepId {step}. No retry policy configured for the exception "
        f"type {called}."
    )
