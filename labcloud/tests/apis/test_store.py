"""What an API is kept as: its own record, and a copy for each deployment, written together."""

from __future__ import annotations

import sqlite3

import pytest

from labcloud.apis import store
from labcloud.apis.stage.served import Served

from .conftest import FUNCTION, Play, Scene


def copies(at: Scene) -> list[str]:
    return [
        name
        for kind in ("http-api-deployment", "rest-api-deployment")
        for name in at.records.places.names(kind, status_not_in=())
    ]


def test_what_deployments_have_copied_is_no_part_of_the_api(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api, rest = await at.quick(), await at.resting()
        (automatic,) = at.records.get(store.HTTP_API, api)["Deployments"].values()
        assert "Snapshot" not in automatic
        (deployed,) = at.records.get(store.REST_API, rest)["deployments"].values()
        assert "snapshot" not in deployed
        assert copies(at) == [f"{api}/{automatic['DeploymentId']}", f"{rest}/{deployed['id']}"]
        # Each change makes another one, and the one before goes.
        await at.http("CreateRoute", ApiId=api, RouteKey="GET /a")
        (changed,) = at.records.get(store.HTTP_API, api)["Deployments"]
        assert copies(at) == [f"{api}/{changed}", f"{rest}/{deployed['id']}"]
        await at.rest("DeleteStage", restApiId=rest, stageName="prod")
        await at.rest("DeleteDeployment", restApiId=rest, deploymentId=deployed["id"])
        assert copies(at) == [f"{api}/{changed}"]
        await at.http("DeleteApi", ApiId=api)
        assert copies(at) == []

    play(scene)


def test_an_api_is_written_with_its_deployment_or_not_at_all(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(at: Scene) -> None:
        api = await at.quick()
        before = at.records.get(store.HTTP_API, api)
        insert = at.records.insert

        def full(*_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(at.records, "insert", full)
        with pytest.raises(sqlite3.OperationalError):
            await at.http("CreateRoute", ApiId=api, RouteKey="GET /a")
        monkeypatch.setattr(at.records, "insert", insert)
        assert at.records.get(store.HTTP_API, api) == before
        assert (await at.visit(api)).status_code == 200
        await at.http("CreateRoute", ApiId=api, RouteKey="GET /a")
        assert (await at.visit(f"{api}/a")).status_code == 404

    play(scene)


def test_what_a_stage_serves_is_read_once_until_it_changes(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api, served = await at.quick(), Served(at.cloud)
        first = served.api(store.HTTP_API, api)
        assert first is not None
        deployment = first["Stages"]["$default"]["DeploymentId"]
        copied = served.http(api, deployment)
        assert copied is not None
        assert served.api(store.HTTP_API, api) is first
        assert served.http(api, deployment) is copied
        await at.http("UpdateApi", ApiId=api, Name="other")
        changed = served.api(store.HTTP_API, api)
        assert changed is not None
        assert changed["Name"] == "other"
        await at.http("DeleteApi", ApiId=api)
        assert served.api(store.HTTP_API, api) is None
        assert served.http(api, deployment) is None

    play(scene)


def test_a_stage_whose_copy_is_damaged_is_not_there(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api = await at.quick()
        (copy,) = copies(at)
        at.records.set_aside("http-api-deployment", copy)
        assert (await at.visit(api)).status_code == 404
        # The next deployment mends it.
        (integration,) = (await at.http("GetIntegrations", ApiId=api))["Items"]
        await at.http(
            "UpdateIntegration",
            ApiId=api,
            IntegrationId=integration["IntegrationId"],
            IntegrationUri=FUNCTION,
        )
        assert (await at.visit(api)).status_code == 200

    play(scene)


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        (store.HTTP_API, "Name"),
        (store.HTTP_API, "Routes"),
        (store.HTTP_API, "DisableExecuteApiEndpoint"),
        (store.REST_API, "name"),
        (store.REST_API, "resources"),
    ],
)
def test_an_api_without_what_is_read_of_each_is_set_aside(
    play: Play, kind: str, member: str
) -> None:
    """Otherwise every list, and `labcloud status`, would fail for its sake."""

    async def scene(at: Scene) -> None:
        api = await at.quick() if kind == store.HTTP_API else await at.resting()
        whole = at.records.get(kind, api)
        lacking = {name: value for name, value in whole.items() if name != member}
        at.records.insert(kind, "damaged", lacking)
        store.open_records(at.records)
        assert at.records.all(kind) == [whole]

    play(scene)
