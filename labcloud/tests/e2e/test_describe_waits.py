"""Describe of something unfinished waits for news, so that pollers lose no time."""

from __future__ import annotations

import threading
from typing import Any

SLOW = {"objective": "reg:squarederror", "num_round": "1000000", "max_depth": "1"}


def test_the_second_describe_waits_for_the_end_and_the_first_does_not(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, name: str
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
    asked.join(timeout=30)
    # It came back because the status changed, and says to what.
    assert answers == ["Stopping"] or answers == ["Stopped"]
    assert finished(name)["TrainingJobStatus"] == "Stopped"


def test_a_waiter_needs_one_call_for_a_short_job(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], name: str
) -> None:
    calls: list[str] = []
    sagemaker.meta.events.register(
        "before-call.sagemaker.DescribeTrainingJob", lambda **_: calls.append("call"), "count"
    )
    try:
        sagemaker.create_training_job(**request_of(name, golden["softprob"]))
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    finally:
        sagemaker.meta.events.unregister("before-call.sagemaker.DescribeTrainingJob", None, "count")
    assert calls == ["call"]
