"""After a watch, the SDK can name the next training job: it does so by the second."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from labhelpers import Lab, watch
from labhelpers.errors import JobFailed
from labhelpers.resources import Kind

Start = Callable[..., str]
Describe = Callable[[datetime], None]


@pytest.fixture
def describe_as_created(monkeypatch: pytest.MonkeyPatch) -> Describe:
    """From now on, all is described as created at that moment."""
    describe = Kind.describe

    def as_created(moment: datetime) -> None:
        def described(kind: Kind, lab: Lab, name: str) -> dict[str, Any]:
            return {**describe(kind, lab, name), "CreationTime": moment}

        monkeypatch.setattr(Kind, "describe", described)

    return as_created


def sdk_name(lab: Lab) -> str:
    return f"{lab.base_name}-{datetime.now(UTC):%Y%m%d%H%M%S}"


def test_the_next_job_is_named_in_a_later_second(
    lab: Lab, train: Start, describe_as_created: Describe
) -> None:
    name = watch(lab, train(lab, sdk_name(lab), num_round="1"), logs=False)
    describe_as_created(created := datetime.now(UTC))
    watch(lab, name, logs=False)
    assert int(time.time()) > int(created.timestamp())


def test_so_it_is_after_a_job_that_fails(
    lab: Lab, train: Start, describe_as_created: Describe
) -> None:
    name = train(lab, sdk_name(lab))
    with pytest.raises(JobFailed):
        watch(lab, name, logs=False)
    describe_as_created(created := datetime.now(UTC))
    with pytest.raises(JobFailed):
        watch(lab, name, logs=False)
    assert int(time.time()) > int(created.timestamp())


def test_a_clock_that_is_ahead_is_waited_for_a_second(
    lab: Lab, train: Start, describe_as_created: Describe, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = watch(lab, train(lab, sdk_name(lab), num_round="1"), logs=False)
    describe_as_created(datetime.now(UTC) + timedelta(hours=1))
    waits: list[float] = []
    module = importlib.import_module("labhelpers.watch")
    monkeypatch.setattr(module, "time", SimpleNamespace(time=time.time, sleep=waits.append))
    watch(lab, name, logs=False)
    assert waits == [1.0]
