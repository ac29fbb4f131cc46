"""Describe of something unfinished waits for news, so that pollers lose no time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcloud.client import launch
from labcloud_support.life import SLOW, Life
from labcloud_support.resources import upload


@pytest.fixture
def sagemaker(tmp_path: Path, golden: dict[str, Any], bucket: str) -> Iterator[Any]:
    """That of a server which waits for news almost as long as clients wait for an answer."""
    waits = ("--timing", "describe=50", "--timing", "describe_of_a_waiter=50")
    life = Life(tmp_path / "home", *waits)
    try:
        upload(life.client("s3"), bucket, golden, golden["files"])
        yield life.client("sagemaker")
    finally:
        launch.stop(life.home)


def test_the_second_describe_waits_for_the_end_and_the_first_does_not(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], name: str
) -> None:
    case = golden["regression"] | {"hyperparameters": SLOW}
    sagemaker.create_training_job(**request_of(name, case))
    first = sagemaker.describe_training_job(TrainingJobName=name)
    assert first["TrainingJobStatus"] == "InProgress"

    answers: list[str] = []
    asked = threading.Thread(
        target=lambda: answers.append(
            sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
        )
    )
    asked.start()
    sagemaker.stop_training_job(TrainingJobName=name)
    asked.join(timeout=60)
    # It came back because the status changed, and says to what.
    assert answers == ["Stopping"] or answers == ["Stopped"]
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    ended = sagemaker.describe_training_job(TrainingJobName=name)
    assert ended["TrainingJobStatus"] == "Stopped"


def test_a_waiter_needs_one_call_for_a_short_job(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], name: str
) -> None:
    calls: list[str] = []
    sagemaker.meta.events.register(
        "before-call.sagemaker.DescribeTrainingJob", lambda **_: calls.append("call")
    )
    sagemaker.create_training_job(**request_of(name, golden["softprob"]))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    assert calls == ["call"]
