"""A client that calls beside everything else writes down all that happens to it."""

from __future__ import annotations

import itertools

import pytest

from labhelpers import Lab, clean_up
from labhelpers.background_client import BackgroundClient

from .conftest import Start


def test_it_calls_until_the_end_and_not_longer() -> None:
    made: list[int] = []

    def invoke() -> str:
        made.append(1)
        return "Blue"

    with BackgroundClient(invoke, pause=0) as calls:
        calls.wait_for(20)
    ended = len(made)
    assert ended >= 20
    assert len(calls.table) == ended == len(made)
    assert set(calls.table["variant"]) == {"Blue"}
    assert calls.table["error"].isna().all()


def test_calls_are_in_order_and_timed() -> None:
    with BackgroundClient(lambda: "Blue", pause=0) as calls:
        calls.wait_for(5)
        middle = calls.seconds
        calls.wait_for(5)
    table = calls.table
    assert table["seconds"].is_monotonic_increasing
    assert table["seconds"].iloc[0] < middle < table["seconds"].iloc[-1]
    assert (table["milliseconds"] >= 0).all()


def test_a_failed_call_is_kept_and_the_next_one_is_made() -> None:
    turns = itertools.count()

    def invoke() -> str:
        if next(turns) == 1:
            raise ConnectionError("nobody there")
        return "Green"

    with BackgroundClient(invoke, pause=0) as calls:
        calls.wait_for(3)
    table = calls.table.head(3)
    assert table["variant"].isna().tolist() == [False, True, False]
    assert table["error"][1] == "nobody there"


def test_it_ends_when_the_notebook_s_own_work_fails() -> None:
    with (
        pytest.raises(ValueError, match="of the notebook"),
        BackgroundClient(lambda: "Blue", pause=0) as calls,
    ):
        calls.wait_for(1)
        raise ValueError("of the notebook")
    ended = len(calls.table)
    assert not calls.running
    assert len(calls.table) == ended


def test_an_endpoint_s_calls_before_and_after_it_is_gone(lab: Lab, deploy: Start) -> None:
    name = deploy(lab)
    lab.client("sagemaker").get_waiter("endpoint_in_service").wait(EndpointName=name)
    runtime = lab.client("sagemaker-runtime")

    def invoke() -> str:
        answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body="1,0")
        variant: str = answer["InvokedProductionVariant"]
        return variant

    with BackgroundClient(invoke) as calls:
        calls.wait_for(3)
        clean_up(lab)
        calls.wait_for(3)
    assert calls.table["variant"].iloc[0] == "AllTraffic"
    assert "not found" in calls.table["error"].iloc[-1]
