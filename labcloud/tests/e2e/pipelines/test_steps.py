"""What the steps of a pipeline do: real jobs, models and endpoints."""

from __future__ import annotations

from typing import Any

from .definitions import Pipelines, compared, condition, definition, fail, get, join, step


def training(request_of: Any, golden: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The arguments of a Training step."""
    found: dict[str, Any] = request_of("", golden["softprob"], **changes)
    del found["TrainingJobName"]
    return found


def test_a_training_and_what_its_metric_decides(
    pipelines: Pipelines, sagemaker: Any, request_of: Any, golden: dict[str, Any], name: str
) -> None:
    loss = get("Steps.Train.FinalMetricDataList['validation:mlogloss'].Value")
    artifact = get("Steps.Train.ModelArtifacts.S3ModelArtifacts")
    text = definition(
        step("Train", "Training", training(request_of, golden)),
        condition(
            "Good", compared("LessThan", loss, get("Parameters.Limit")),
            then=[condition("Yes", compared("Equals", artifact, "nothing"))],
            otherwise=[fail("Bad", join("The loss is above", get("Parameters.Limit"), on=" "))],
        ),
        parameters=[{"Name": "Limit", "Type": "Float", "DefaultValue": 5.0}],
    )  # fmt: skip
    pipelines.create(name, text)
    status, steps = pipelines.run(name)
    assert status == "Succeeded", steps
    assert list(steps) == ["Yes", "Good", "Train"]
    arn = steps["Train"]["Metadata"]["TrainingJob"]["Arn"]
    job = sagemaker.describe_training_job(TrainingJobName=arn.rpartition("/")[2])
    assert job["TrainingJobStatus"] == "Completed"
    assert steps["Good"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert steps["Yes"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    status, steps = pipelines.run(name, {"Limit": "0.0001"})
    assert status == "Failed"
    assert list(steps) == ["Bad", "Good", "Train"]
    assert steps["Bad"]["FailureReason"] == "The loss is above 0.0001"
    assert steps["Bad"]["Metadata"] == {"Fail": {"ErrorMessage": "The loss is above 0.0001"}}
