"""A cloud in this process that has the image `echo`, for scenes of transform jobs."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from labcloud.aws.logs import TRANSFORM_JOBS
from labcloud.aws.s3.uris import Location
from labcloud.sagemaker.states import ENDED
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.transform import api
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.state.records import Record
from labcloud.timings import Timings
from labcloud_support.algorithms import fake_image
from labcloud_support.clouds import SHORT, LocalCloud
from labcloud_support.theatre import Theatre

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/echo:1"


class Stage(LocalCloud):
    """A cloud with a bucket called `bucket`, and all that a test asks of a transform job."""

    def __init__(self, folder: Path, theatre: Theatre, timings: Timings) -> None:
        super().__init__(folder, theatre, timings)
        self.reports = folder / "reports"
        self.reports.mkdir()
        self._names = count()
        self.cloud.objects._backend.create_bucket("bucket", "us-east-1")

    def put(self, **objects: bytes) -> None:
        """Objects by key below `in/`; two underscores stand for a slash."""
        for name, content in objects.items():
            path = self.folder / "put"
            path.write_bytes(content)
            self.cloud.objects.upload(path, Location("bucket", f"in/{name.replace('__', '/')}"))

    def outputs(self, below: str = "out/") -> dict[str, bytes]:
        """What lies under the outputs' prefix, by the rest of the key."""
        found = {}
        for key in self.cloud.objects.keys(Location("bucket", below)):
            with self.cloud.objects.open(Location("bucket", key)) as file:
                found[key.removeprefix(below)] = file.read()
        return found

    def packed(self, job: str) -> list[str] | None:
        """What a training job's model.tar.gz holds, its only output; None if there is none.

        Nothing else of the job may be left.
        """
        assert list((self.folder / "jobs" / TRAINING_JOB.kind).iterdir()) == []
        outputs = self.outputs(f"out/{job}/output/")
        assert set(outputs) <= {"model.tar.gz"}
        if not outputs:
            return None
        with tarfile.open(fileobj=io.BytesIO(outputs["model.tar.gz"])) as archive:
            return archive.getnames()

    async def begin(
        self,
        environment: dict[str, str] | None = None,
        source: dict[str, Any] | None = None,
        target: dict[str, Any] | None = None,
        instances: int = 1,
        **changes: Any,
    ) -> str:
        """Creates a model with this environment and a job; returns the job's name.

        By default the lines of all objects below `in/`, put together as they come.
        """
        name = f"job-{next(self._names)}"
        model = {
            "Image": IMAGE,
            "Environment": {"REPORT": str(self.reports), **(environment or {})},
        }
        self.cloud.records.insert("model", name, {"ModelName": name, "PrimaryContainer": model})
        prefix = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}
        request = {
            "TransformJobName": name,
            "ModelName": name,
            "TransformInput": {
                "DataSource": {"S3DataSource": prefix},
                "SplitType": "Line",
                **(source or {}),
            },
            "TransformOutput": {"S3OutputPath": "s3://bucket/out/", **(target or {})},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": instances},
            **changes,
        }
        await api.create_transform_job(self.cloud, request)
        return name

    async def ended(self, name: str) -> Record:
        """The record of a job that has come to its end."""
        found = await self.cloud.records.wait(
            TRANSFORM_JOB.kind, name, lambda now: now["TransformJobStatus"] in ENDED, 30
        )
        assert found["TransformJobStatus"] in ENDED
        return found

    async def run(self, *arguments: Any, **changes: Any) -> Record:
        """A job from its beginning to its end."""
        return await self.ended(await self.begin(*arguments, **changes))

    async def done(self, *arguments: Any, **changes: Any) -> dict[str, bytes]:
        """The outputs of a job that must succeed."""
        found = await self.run(*arguments, **changes)
        assert found["TransformJobStatus"] == "Completed", found.get("FailureReason")
        assert "FailureReason" not in found
        return self.outputs()

    def reported(self, key: str) -> list[Any]:
        """What the containers reported under a key, in the order in which they did."""
        path = self.reports / "report"
        lines = path.read_text().splitlines() if path.exists() else []
        return [found[key] for found in map(json.loads, lines) if key in found]

    async def until_reported(self, key: str, number: int) -> list[Any]:
        """The same, once there are so many."""
        while len(found := self.reported(key)) < number:
            await asyncio.sleep(0.01)
        return found

    def data_log(self, name: str) -> list[str]:
        """The lines of a job's data-log streams, without their times."""
        streams = self.cloud.logs._backend.groups[TRANSFORM_JOBS].streams
        return [
            event.message.split(":[sagemaker logs]: ", 1)[1]
            for stream in sorted(streams)
            if stream.startswith(f"{name}/") and stream.endswith("/data-log")
            for event in streams[stream].events
        ]

    def running(self) -> list[int]:
        """The containers that there are."""
        children: dict[int, object] = self.cloud.engine._nursery._children  # type: ignore[attr-defined]
        return list(children)


Scene = Callable[[Stage], Awaitable[None]]
Play = Callable[[Scene], None]


@pytest.fixture
def echo_image() -> Iterator[str]:
    """Gives every engine the image `echo`."""
    with fake_image("echo") as image:
        yield image


@pytest.fixture
def timings(request: pytest.FixtureRequest) -> Timings:
    """Short ones, with what the test's marker `timings` changes."""
    marker = request.node.get_closest_marker("timings")
    return replace(SHORT, **marker.kwargs) if marker else SHORT


@pytest.fixture
def act(tmp_path: Path, echo_image: str, theatre: Theatre, timings: Timings) -> Play:
    """Runs a scene with a cloud that has the image `echo`."""

    return theatre.with_each(lambda: Stage(tmp_path, theatre, timings))
