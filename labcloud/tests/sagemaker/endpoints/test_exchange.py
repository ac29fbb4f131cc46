"""Fleets take over from each other, and nobody who asks is the worse for it."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace

import pytest

from labcloud.sagemaker.endpoints import api
from labcloud.sagemaker.endpoints import blue_green as shifts
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.errors import ValidationError

from .conftest import Play, Serving

NEW = {"environment": {"WRAP": "1"}}
CANARY = {"Type": "CAPACITY_PERCENT", "Value": 25}


def blue_green(**routing: object) -> dict[str, object]:
    wait = {"WaitIntervalInSeconds": 1}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {**wait, **routing}}}


def test_a_request_under_way_is_answered_by_the_old_fleet(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("second", dict(NEW))
        (old,) = serving.running()
        long = asyncio.create_task(serving.invoke(b"wait"))
        await serving.until_reported("body", 1)
        await serving.update("second")
        found = await serving.settled()
        assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "second")
        assert (await serving.invoke(b"abc")).content == b'{"seen":abc}\n'
        assert old in serving.running()
        (serving.reports / "go").touch()
        answer = await long
        assert (answer.status_code, answer.content) == (200, b"tiaw")
        await serving.until(lambda: old not in serving.running())
        assert len(serving.running()) == 1

    play(scene)


@pytest.mark.timings(streamed_invocation=0.3)
def test_one_that_never_ends_is_cut_off(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("second", dict(NEW))
        endless = asyncio.create_task(serving.invoke(b"hang"))
        await serving.until_reported("body", 1)
        await serving.update("second")
        await serving.settled()
        assert (await endless).status_code == 424
        await serving.until(lambda: len(serving.running()) == 1)

    play(scene)


def test_a_fleet_that_fails_never_sees_a_request(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("bad", {"environment": {"PING": "500"}})
        long = asyncio.create_task(serving.invoke(b"wait"))
        await serving.update("bad")
        answers = []
        found = serving.cloud.records.get("endpoint", "e")
        statuses = {found["EndpointStatus"]}
        while found["EndpointStatus"] != "InService":
            answers.append((await serving.invoke(b"abc")).content)
            found = serving.cloud.records.get("endpoint", "e")
            statuses.add(found["EndpointStatus"])
        assert "Updating" in statuses
        assert set(answers) == {b"cba"}
        assert found["EndpointConfigName"] == "first"
        assert found["FailureReason"].startswith(
            "The primary container for production variant AllTraffic did not pass the ping"
        )
        assert "PendingDeploymentSummary" not in found
        (serving.reports / "go").touch()
        assert (await long).content == b"tiaw"
        assert len(serving.running()) == 1

    play(scene)


def test_a_model_that_is_gone_rolls_back(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("second", {})
        serving.cloud.records.delete("model", "second-0")
        await serving.update("second")
        found = await serving.settled()
        assert found["FailureReason"].startswith("Could not find model")
        assert (await serving.invoke(b"abc")).content == b"cba"
        await serving.config("third", dict(NEW))
        await serving.update("third")
        assert "FailureReason" not in await serving.settled()

    play(scene)


def test_a_canary_gets_its_share_and_then_all(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    over, waited = asyncio.Event(), list[float]()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await over.wait()

    # The time between two shares is over when all has been looked at.
    monkeypatch.setattr(shifts, "asyncio", SimpleNamespace(sleep=sleep))

    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("second", dict(NEW))
        await serving.update(
            "second", DeploymentConfig=blue_green(Type="CANARY", CanarySize=CANARY)
        )
        await serving.until(lambda: waited)
        serving.traffic.random.seed(7)
        first = [await serving.invoke(b"abc") for _ in range(20)]
        dice = random.Random(7)
        assert [each.content == b'{"seen":abc}\n' for each in first] == [
            dice.random() < 0.25 for _ in range(20)
        ]
        described = serving.cloud.records.get("endpoint", "e")
        assert described["EndpointStatus"] == "Updating"
        assert described["EndpointConfigName"] == "first"
        summary = described["PendingDeploymentSummary"]
        assert summary["EndpointConfigName"] == "second"
        assert summary["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Baking"
        assert waited == [1]
        over.set()
        found = await serving.settled()
        assert found["EndpointConfigName"] == "second"
        assert found["LastDeploymentConfig"] == blue_green(Type="CANARY", CanarySize=CANARY)
        last = {(await serving.invoke(b"abc")).content for _ in range(10)}
        assert last == {b'{"seen":abc}\n'}
        await serving.until(lambda: len(serving.running()) == 1)

    play(scene)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (blue_green(Type="CANARY"), "CanarySize must be given"),
        (blue_green(Type="LINEAR"), "LinearStepSize must be given"),
        (
            blue_green(Type="CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 51}),
            "CanarySize must be at most 50%",
        ),
        (
            blue_green(Type="LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 1}),
            "LinearStepSize must be 10% to 50%",
        ),
    ],
    ids=["canary", "linear", "large canary", "large step"],
)
def test_what_no_deployment_can_be(play: Play, config: dict[str, object], said: str) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("second", {})
        with pytest.raises(ValidationError, match=said):
            await serving.update("second", DeploymentConfig=config)
        assert (await serving.settled())["EndpointStatus"] == "InService"

    play(scene)


def test_a_canary_needs_the_same_variants(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        await serving.config("second", {"VariantName": "Other"})
        with pytest.raises(ValidationError, match="variants of the old one"):
            await serving.update(
                "second", DeploymentConfig=blue_green(Type="CANARY", CanarySize=CANARY)
            )

    play(scene)


def test_nothing_is_left_of_an_endpoint_that_was_deleted(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({})
        folder = serving.cloud.jobs_folder / "endpoints"
        assert [path.name for path in folder.iterdir()] == ["e"]
        await api.delete_endpoint(serving.cloud, {"EndpointName": "e"})
        await serving.until(lambda: not list(folder.iterdir()))
        await serving.until(lambda: Traffic.of(serving.cloud, "e") is None)

    play(scene)
