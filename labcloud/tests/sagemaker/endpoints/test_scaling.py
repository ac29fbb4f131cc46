"""Instances come and go behind a variant that serves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from labcloud.sagemaker.errors import ResourceLimitExceeded, ValidationError

from .conftest import Play, Serving


def counted(record: dict[str, Any]) -> list[tuple[float, int]]:
    """Weight and number of each variant, where what is desired is what is there."""
    for each in record["ProductionVariants"]:
        assert each["CurrentWeight"] == each["DesiredWeight"]
        assert each["CurrentInstanceCount"] == each["DesiredInstanceCount"]
    return [
        (each["CurrentWeight"], each["CurrentInstanceCount"])
        for each in record["ProductionVariants"]
    ]


def test_up_and_down(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({"VariantName": "A"}, {"VariantName": "B"})
        await serving.scale({"VariantName": "A", "DesiredInstanceCount": 3})
        changing = serving.cloud.records.get("endpoint", "e")
        assert changing["EndpointStatus"] == "Updating"
        first = changing["ProductionVariants"][0]
        assert (first["CurrentInstanceCount"], first["DesiredInstanceCount"]) == (1, 3)
        assert counted(await serving.settled()) == [(1, 3), (1, 1)]
        assert len(serving.running()) == 4
        await serving.scale(
            {"VariantName": "A", "DesiredInstanceCount": 1, "DesiredWeight": 0.0},
            {"VariantName": "B", "DesiredWeight": 2.5},
        )
        found = await serving.settled()
        assert counted(found) == [(0, 1), (2.5, 1)]
        deployed = found["Deployment"]["Config"]["ProductionVariants"]
        assert [each["InitialVariantWeight"] for each in deployed] == [0, 2.5]
        assert [each["InitialInstanceCount"] for each in deployed] == [1, 1]
        await serving.until(lambda: len(serving.running()) == 2)

    play(scene)


def test_an_instance_that_goes_answers_first(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({"InitialInstanceCount": 2})
        long = [asyncio.create_task(serving.invoke(b"wait")) for _ in range(2)]
        await serving.until_reported("body", 2)
        await serving.scale({"VariantName": "AllTraffic", "DesiredInstanceCount": 1})
        assert counted(await serving.settled()) == [(1, 1)]
        assert (await serving.invoke(b"abc")).content == b"cba"
        assert len(serving.running()) == 2
        (serving.reports / "go").touch()
        assert [(await each).content for each in long] == [b"tiaw", b"tiaw"]
        await serving.until(lambda: len(serving.running()) == 1)

    play(scene)


def test_instances_that_do_not_come_up_roll_back(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        # The first container is healthy, those after it are not.
        await serving.create({"environment": {"PING": "200,500"}})
        await serving.scale(
            {"VariantName": "AllTraffic", "DesiredInstanceCount": 2, "DesiredWeight": 5.0}
        )
        while (await serving.invoke(b"abc")).content == b"cba":
            if serving.cloud.records.get("endpoint", "e")["EndpointStatus"] == "InService":
                break
        found = await serving.settled()
        assert "did not pass the ping health check" in found["FailureReason"]
        assert counted(found) == [(1, 1)]
        assert (await serving.invoke(b"abc")).content == b"cba"
        assert len(serving.running()) == 1

    play(scene)


def test_what_was_changed_is_retained_where_the_update_says_so(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        change = {"VariantName": "AllTraffic", "DesiredInstanceCount": 2, "DesiredWeight": 4.0}
        await serving.scale(change)
        await serving.settled()
        await serving.config("second", {}, {"VariantName": "New"})
        kept: dict[str, Any] = {"RetainAllVariantProperties": True}
        excluded = [{"VariantPropertyType": "DesiredInstanceCount"}]
        cases: list[tuple[dict[str, Any], tuple[int, int]]] = [
            (kept, (4, 2)),
            (kept | {"ExcludeRetainedVariantProperties": excluded}, (4, 1)),
            ({}, (1, 1)),
        ]
        for number, (fields, expected) in enumerate(cases):
            await serving.update("second", **fields)
            assert counted(await serving.settled()) == [expected, (1, 1)], number

    play(scene)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ([{"VariantName": "Nobody", "DesiredWeight": 1}], 'name.s. "Nobody" is/are not present'),
        ([{"VariantName": "AllTraffic"}] * 2, '"AllTraffic" was non-unique'),
        ([{"VariantName": "AllTraffic", "DesiredInstanceCount": 0}], "must be at least 1"),
        ([{"VariantName": "AllTraffic", "ServerlessUpdateConfig": {}}], "ServerlessUpdateConfig"),
    ],
    ids=["unknown", "twice", "none", "serverless"],
)
def test_what_cannot_be_wanted(play: Play, wanted: list[dict[str, Any]], said: str) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        with pytest.raises(ValidationError, match=said):
            await serving.scale(*wanted)
        with pytest.raises(ResourceLimitExceeded, match="a request delta of 51 Instances"):
            await serving.scale({"VariantName": "AllTraffic", "DesiredInstanceCount": 51})
        assert counted(await serving.settled()) == [(1, 1)]

    play(scene)
