"""Model servers: reached on a port of this machine, and of no other."""

from __future__ import annotations

import asyncio

import httpx

from labcloud_support.docker import docker

from .conftest import Play, Stage, until

PUBLISHED = (
    '{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}} {{.HostPort}}{{"\\n"}}{{end}}{{end}}'
)


def test_it_answers_on_loopback_only(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        server = await stage.engine.serve(stage.spec())
        await until(server, "listening")
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{server.address}/ping")
        assert answer.status_code == 200
        published = docker("inspect", "-f", PUBLISHED, server.id).stdout.split("\n")
        assert [line for line in published if line] == [f"127.0.0.1 {server.address}"]
        server.terminate()
        assert await server.wait() == 0

    play(scene)


def test_two_have_two_ports(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        one, two = await asyncio.gather(*[stage.engine.serve(stage.spec()) for _ in range(2)])
        assert one.address != two.address

    play(scene)


def test_one_that_ends_at_once_has_ended(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        server = await stage.engine.serve(stage.spec(environment={"BROKEN": "1"}))
        assert await server.wait() == 7
        assert isinstance(server.address, int)

    play(scene)
