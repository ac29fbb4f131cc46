"""What an execution takes from a former one: the cache, and selected steps."""

from __future__ import annotations

from typing import Any

from labcloud_support.life import eventually

from ..test_refusals import refusal
from .callbacks import Queue, callback
from .definitions import Pipelines, compared, condition, definition, fail, get, step


def test_a_former_run_is_taken_from_the_cache(
    pipelines: Pipelines, sagemaker: Any, queue: Queue, name: str
) -> None:
    cached = {"CacheConfig": {"Enabled": True, "ExpireAfter": "PT1H"}}
    asked = step(
        "Ask", "Callback", {"word": get("Parameters.Word")}, SqsQueueUrl=queue.url,
        OutputParameters=[{"OutputName": "it", "OutputType": "Integer"}], **cached,
    )  # fmt: skip
    is_five = compared("Equals", get("Steps.Ask.OutputParameters['it']"), 5)
    text = definition(
        asked, condition("Five", is_five), parameters=[{"Name": "Word", "Type": "String"}]
    )

    def run(word: str) -> tuple[str, dict[str, Any]]:
        arn = pipelines.start(name, {"Word": word})
        answer = [{"Name": "it", "Value": "5"}]

        def over() -> Any:
            found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            return found["PipelineExecutionStatus"] != "Executing"

        eventually(lambda: over() or token(arn), "it waits or is over")
        if not over():
            sagemaker.send_pipeline_execution_step_success(
                CallbackToken=token(arn), OutputParameters=answer
            )
        assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
        return arn, pipelines.steps(arn)

    def token(arn: str) -> Any:
        found = pipelines.steps(arn).get("Ask", {}).get("Metadata", {}).get("Callback", {})
        return found.get("CallbackToken") if "OutputParameters" not in found else None

    pipelines.create(name, text)
    first, steps = run("a")
    assert "CacheHitResult" not in steps["Ask"]
    _, again = run("a")
    assert again["Ask"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert again["Ask"]["Metadata"] == steps["Ask"]["Metadata"]
    assert again["Five"]["Metadata"]["Condition"]["Outcome"] == "True"
    _, other = run("b")
    assert "CacheHitResult" not in other["Ask"]
    # What has expired is done again, and what does not ask for the cache.
    for config in ({"Enabled": True, "ExpireAfter": "PT0S"}, {"Enabled": False}):
        changed = definition(
            asked | {"CacheConfig": config}, parameters=[{"Name": "Word", "Type": "String"}]
        )
        sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=changed)
        _, steps = run("a")
        assert "CacheHitResult" not in steps["Ask"]


def test_selected_steps_take_what_they_need_from_a_former_execution(
    pipelines: Pipelines, sagemaker: Any, queue: Queue, name: str
) -> None:
    text = definition(
        callback("Ask", queue.url, "word"),
        condition("Same", compared("Equals", get("Steps.Ask.OutputParameters['word']"), "a")),
        fail("Other", get("Steps.Ask.OutputParameters['word']")),
    )
    pipelines.create(name, text)
    source = pipelines.start(name)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue.receive()["token"], OutputParameters=[{"Name": "word", "Value": "a"}]
    )
    assert pipelines.ended(source)["PipelineExecutionStatus"] == "Failed"

    def selected(*names: str, **members: Any) -> dict[str, Any]:
        return {"SelectedSteps": [{"StepName": each} for each in names], **members}

    config = selected("Same", SourcePipelineExecutionArn=source)
    arn = pipelines.start(name, SelectiveExecutionConfig=config)
    found = pipelines.ended(arn)
    assert found["PipelineExecutionStatus"] == "Succeeded"
    assert found["SelectiveExecutionConfig"] == config
    steps = pipelines.steps(arn)
    assert set(steps) == {"Ask", "Same"}
    assert steps["Ask"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": source}
    assert steps["Same"]["Metadata"]["Condition"]["Outcome"] == "True"
    start = sagemaker.start_pipeline_execution
    for config, said in (
        (selected("Same"),
         "Invalid SourcePipelineExecutionArn: null. The selected steps [Same] have dependencies "
         "on [Ask]"),
        (selected("Nothing"), "Invalid SelectedSteps: the pipeline has no step [Nothing]"),
        (selected("Ask", "Ask"), "Invalid SelectedSteps: a step is selected twice"),
    ):  # fmt: skip
        assert refusal(start, PipelineName=name, SelectiveExecutionConfig=config) == (
            "ValidationException", said
        )  # fmt: skip
