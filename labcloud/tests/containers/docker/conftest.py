"""A small image whose `train` runs what a test has written, and engines that run it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from labcloud.containers.contract import Contract
from labcloud.containers.docker import DockerEngine
from labcloud.containers.docker.container import DockerContainer
from labcloud.containers.engine import ContainerSpec
from labcloud_support.docker import BUILD_OPTIONS, base_argument, docker, require_docker

# Jobs need a cloud to run in.
from ...sagemaker.conftest import act as act
from ...sagemaker.conftest import echo_image as echo_image
from ...sagemaker.conftest import timings as timings

DOCKERFILE = f"""
ARG BASE={base_argument()}
FROM ${{BASE}}
ENV OF_THE_IMAGE=yes
WORKDIR /somewhere
COPY train serve /usr/local/bin/
RUN chmod 755 /usr/local/bin/train /usr/local/bin/serve
"""
TRAIN = "#!/bin/sh\n. /opt/ml/input/config/scene\n"
SERVE = """#!/usr/bin/env python3
import http.server, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
if os.environ.get("BROKEN"):
    sys.exit(7)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

print("listening", flush=True)
http.server.HTTPServer(("", 8080), Handler).serve_forever()
"""


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_docker()
    folder = tmp_path_factory.mktemp("image")
    for name, content in {"Dockerfile": DOCKERFILE, "train": TRAIN, "serve": SERVE}.items():
        (folder / name).write_text(content)
    # A name as it comes in requests.
    name = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/engine-test:{os.getpid()}"
    docker("build", "--tag", name, *BUILD_OPTIONS, folder, seconds=600)
    yield name
    docker("image", "rm", "--force", name)


@dataclass
class Ended:
    """What became of a container."""

    code: int
    lines: list[str]
    root: Path


@dataclass
class Stage:
    """An engine with a state directory of its own."""

    image: str
    home: Path
    engine: DockerEngine
    _number: Any = field(default_factory=lambda: count())

    def spec(self, script: str = "", **more: Any) -> ContainerSpec:
        """A container whose `train` is this shell script."""
        contract = Contract(self.home / "jobs" / str(next(self._number)))
        contract.create()
        (contract.config / "scene").write_text(script)
        return ContainerSpec(**{"image": self.image, "root": contract.root, **more})

    async def begin(self, script: str, **more: Any) -> DockerContainer:
        return await self.engine.train(self.spec(script, **more))

    async def train(self, script: str, **more: Any) -> Ended:
        """A training from its beginning to its end."""
        spec = self.spec(script, **more)
        container = await self.engine.train(spec)
        lines = [line async for line in container.lines()]
        return Ended(await container.wait(), lines, spec.root)

    def containers(self) -> list[str]:
        """The ids of the containers that this state directory has at the daemon's."""
        label = f"label=labcloud.home={self.home}"
        return docker("ps", "--all", "--quiet", "--no-trunc", "--filter", label).stdout.split()


async def until(container: DockerContainer, line: str) -> None:
    """Returns when a container has printed this."""
    async for printed in container.lines():
        if printed == line:
            return
    raise AssertionError(f"it ended without {line!r}")


Scene = Callable[[Stage], Awaitable[None]]
Play = Callable[[Scene], None]


@pytest.fixture
def play(image: str, tmp_path: Path) -> Play:
    """Runs a scene with an engine that is started, and closed at the end."""

    async def run(scene: Scene) -> None:
        stage = Stage(image, tmp_path, DockerEngine(tmp_path))
        await stage.engine.start()
        assert stage.engine.reason == ""
        try:
            await asyncio.wait_for(scene(stage), 120)
        finally:
            await stage.engine.close()
        assert stage.containers() == []

    return lambda scene: asyncio.run(run(scene))
