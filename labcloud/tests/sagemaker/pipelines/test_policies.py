"""CacheConfig and RetryPolicies: what they may say, and what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.pipelines import cache, retries
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.pipelines.retries import Retries
from labcloud.sagemaker.pipelines.steps.jobs import CreateKind
from labcloud.sagemaker.pipelines.steps.table import kind_of
from labcloud.sagemaker.pipelines.steps.tuning import TUNING


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30d", 30 * 86_400), ("P30D", 30 * 86_400), ("p30d", 30 * 86_400), ("T16m", 16 * 60),
        ("PT5M", 300), ("P1M", 30 * 86_400), ("30dT5h", 30 * 86_400 + 5 * 3600),
        ("P4DT12H", 4 * 86_400 + 12 * 3600), ("PT0S", 0), ("P1W", 7 * 86_400),
        ("9" * 10 + "d", None), ("\u0661d", None),
        ("", None), ("P", None), ("PT", None), ("5", None), ("5x", None), ("1dT", None),
    ],
)  # fmt: skip
def test_how_long_a_duration_is(text: str, seconds: int | None) -> None:
    assert cache.seconds(text) == seconds


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "Expecting start of Json Object."),
        ({"Enabled": "yes"}, "must be true or false"),
        ({"Enabled": True, "ExpireAfter": "soon"}, "duration of ISO 8601; it is 'soon'"),
        ({"Enabled": True, "Size": 1}, "Unknown CacheConfig member 'Size'"),
    ],
)
def test_a_cache_config_that_is_refused(given: Any, said: str) -> None:
    with pytest.raises(Unparsed, match=said):
        cache.check(given)


LIMIT = {"ExceptionType": [retries.RESOURCE_LIMIT], "MaxAttempts": 2}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Expecting start of Json Array."),
        ([5], "Expecting start of Json Object."),
        ([{**LIMIT, "Size": 1}], "Unknown RetryPolicies member 'Size'"),
        ([{"ExceptionType": ["Any"], "MaxAttempts": 1}], "holds some of Step.SERVICE_FAULT"),
        ([{"MaxAttempts": 1}], "holds some of"),
        ([{**LIMIT, "ExpireAfterMin": 1}], "either MaxAttempts or ExpireAfterMin"),
        ([{**LIMIT, "ExceptionType": [[]]}], "holds some of"),
        ([{**LIMIT, "MaxAttempts": 21}], "at least 0 and at most 20"),
        ([{**LIMIT, "MaxAttempts": 1.5}], "must be an integer"),
        ([{**LIMIT, "BackoffRate": -1}], "at least 0"),
        ([{**LIMIT, "BackoffRate": 10**400}], "must be a number"),
        ([{**LIMIT, "IntervalSeconds": True}], "must be an integer"),
        ([{**LIMIT, "IntervalSeconds": 43_201}], "at least 0 and at most 43200"),
    ],
)
def test_policies_that_are_refused(given: Any, said: str) -> None:
    with pytest.raises(Unparsed, match=said):
        retries.check(given)


def test_pauses_grow_until_the_attempts_are_used_up() -> None:
    policy = {**LIMIT, "IntervalSeconds": 3, "BackoffRate": 2.0}
    retries.check([policy])
    found = Retries([policy])
    assert [found.pause(retries.RESOURCE_LIMIT) for _ in range(3)] == [3.0, 6.0, None]
    assert found.pause(retries.INTERNAL_ERROR) is None
    assert found.pause("") is None


def test_the_largest_pauses_and_what_a_policy_may_leave_out() -> None:
    policy = {**LIMIT, "IntervalSeconds": 43_200, "BackoffRate": 1e308, "MaxAttempts": 20}
    retries.check([policy])
    found = Retries([policy])
    pauses = [found.pause(retries.RESOURCE_LIMIT) for _ in range(21)]
    assert pauses == [43_200.0, *[14_400 * 60.0] * 19, None]
    never, default = {**LIMIT, "MaxAttempts": 0}, {"ExceptionType": [retries.THROTTLING]}
    retries.check([never, default])
    assert Retries([never]).pause(retries.RESOURCE_LIMIT) is None
    found = Retries([{**default, "IntervalSeconds": 0}])
    assert [found.pause(retries.THROTTLING) for _ in range(6)] == [0.0] * 5 + [None]
    assert found.covers(retries.THROTTLING)
    assert not found.covers(retries.RESOURCE_LIMIT)


def test_no_attempt_begins_after_the_policy_has_expired() -> None:
    found = Retries([{"ExceptionType": [retries.THROTTLING], "ExpireAfterMin": 1,
                      "IntervalSeconds": 40}])  # fmt: skip
    assert [found.pause(retries.THROTTLING) for _ in range(2)] == [40.0, None]


def test_what_a_refusal_says_beside_its_reason() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/Camel/execution/abc"
    assert retries.refused(retries.RESOURCE_LIMIT, arn, "Train") == (
        "\nRetry not appropriate on execution of step with PipelineExecutionArn "
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/camel/execution/abc and StepId Train. "
        "No retry policy configured for the exception type SAGEMAKER_RESOURCE_LIMIT."
    )
    assert retries.kind_of_reason("InternalServerError: x") == retries.INTERNAL_ERROR
    assert retries.kind_of_reason("CapacityError: x") == retries.CAPACITY_ERROR
    assert retries.kind_of_reason("AlgorithmError: x") == ""


def test_a_search_is_not_repeated_for_an_internal_error() -> None:
    """Says the developer guide: a tuning job repeats its training jobs by itself."""
    training = kind_of("Training")
    assert isinstance(training, CreateKind)
    assert training.failure_kind("InternalServerError: x") == retries.INTERNAL_ERROR
    assert TUNING.failure_kind("InternalServerError: x") == ""
    assert TUNING.failure_kind("CapacityError: x") == retries.CAPACITY_ERROR
