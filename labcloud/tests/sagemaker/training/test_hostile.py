"""A job can leave anything in its /opt/ml: it ends, and nothing outside is read or written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from labcloud.sagemaker.states import ENDED
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.state.records import Record
from labcloud_support.algorithms import fake_image
from labcloud_support.clouds import SHORT
from labcloud_support.theatre import Theatre

from ..conftest import Stage

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/hostile:1"
Play = Callable[[Callable[[Stage], Awaitable[None]]], None]


@pytest.fixture
def act(tmp_path: Path, theatre: Theatre) -> Iterator[Play]:
    """Runs a scene with a cloud that has the image `hostile`."""
    home = tmp_path / "home"
    home.mkdir()
    with fake_image("hostile"):
        yield theatre.with_each(lambda: Stage(home, theatre, SHORT))


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder outside of all jobs."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "secret").write_text("secret")
    return folder


async def trained(stage: Stage, leaves: str, victim: Path, code: int = 0) -> Record:
    """The record of a job that has ended."""
    request = {
        "TrainingJobName": "job",
        "AlgorithmSpecification": {"TrainingImage": IMAGE},
        "HyperParameters": {"leaves": leaves, "victim": str(victim), "code": str(code)},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    }
    TrainingJob.begin(stage.cloud, request)
    return await stage.cloud.records.wait(
        TRAINING_JOB.kind, "job", lambda now: now["TrainingJobStatus"] in ENDED, 30
    )


def untouched(victim: Path) -> None:
    assert (victim / "secret").read_text() == "secret"
    assert {path.name for path in victim.iterdir()} <= {"secret", "failure"}


@pytest.mark.parametrize(
    "leaves",
    [
        "a pipe for the failure",
        "a link for the failure",
        "a folder for the failure",
        "a link for the output",
    ],
)
def test_what_is_no_failure_file_says_nothing(act: Play, victim: Path, leaves: str) -> None:
    async def scene(stage: Stage) -> None:
        job = await trained(stage, leaves, victim, code=1)
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"] == "AlgorithmError: , exit code: 1"

    act(scene)
    untouched(victim)


@pytest.mark.parametrize(
    ("leaves", "names"),
    [
        ("a link for the model", None),
        ("a file for the model", None),
        ("no model", None),
        ("a link for the data", ["weights"]),
        ("links for the archives", ["weights"]),
        ("deep folders", ["weights"]),
        ("folders without rights", ["weights"]),
    ],
)
def test_only_the_model_is_packed(
    act: Play, victim: Path, leaves: str, names: list[str] | None
) -> None:
    async def scene(stage: Stage) -> None:
        job = await trained(stage, leaves, victim)
        assert job["TrainingJobStatus"] == "Completed", job
        assert stage.packed("job") == names

    act(scene)
    untouched(victim)


@pytest.mark.parametrize(("leaves", "packed"), [("a deep model", 1501), ("a bottomless model", 0)])
def test_a_deep_model_is_packed_as_far_as_a_path_goes(
    act: Play, victim: Path, leaves: str, packed: int
) -> None:
    async def scene(stage: Stage) -> None:
        job = await trained(stage, leaves, victim)
        found = stage.packed("job")
        assert (None if found is None else len(found)) == (packed or None)
        if not packed:
            assert job["FailureReason"] == (
                "ClientError: /opt/ml/model cannot be packed: it has folders in folders, deeper "
                "than a path can be"
            )

    act(scene)


def test_a_reason_gives_no_orders_to_a_terminal(act: Play, victim: Path) -> None:
    async def scene(stage: Stage) -> None:
        job = await trained(stage, "orders to a terminal", victim, code=1)
        assert job["FailureReason"] == (
            "AlgorithmError: one\ttab\n#033]0;mine#007#23331m#20056olleh, exit code: 1"
        )

    act(scene)
