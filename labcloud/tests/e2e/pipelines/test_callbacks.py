"""Executions that wait for somebody: what is answered, stopped, and tried again."""

from __future__ import annotations

from typing import Any

from labcloud_support.life import eventually
from labcloud_support.resources import ROLE

from ..test_refusals import refusal
from .callbacks import Queue, callback
from .definitions import Pipelines, compared, condition, definition, fail, get, join


def test_a_callback_is_waited_for(
    pipelines: Pipelines, sagemaker: Any, queue: Queue, name: str
) -> None:
    asked = callback("Ask", get("Parameters.Queue"), "word")
    word = get("Steps.Ask.OutputParameters['word']")
    text = definition(
        asked, fail("F", join("told", word, on=" ")),
        parameters=[{"Name": "Queue", "Type": "String"}],
    )  # fmt: skip
    pipelines.create(name, text)
    arn = pipelines.start(name, {"Queue": queue.url})
    message = queue.receive()
    token = message.pop("token")
    assert message == {
        "pipelineExecutionArn": arn, "arguments": {"who": "Ask"}, "status": "Executing",
    }  # fmt: skip
    assert refusal(sagemaker.delete_pipeline, PipelineName=name)[0] == "ConflictException"
    steps = eventually(lambda: pipelines.steps(arn), "it is listed")
    assert steps["Ask"]["StepStatus"] in ("Starting", "Executing")
    answer = [{"Name": "word", "Value": "hello"}]
    found = sagemaker.send_pipeline_execution_step_success(
        CallbackToken=token, OutputParameters=answer
    )
    assert found["PipelineExecutionArn"] == arn
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Failed"
    steps = pipelines.steps(arn)
    assert steps["F"]["FailureReason"] == "told hello"
    assert steps["Ask"]["Metadata"]["Callback"] == {
        "CallbackToken": token, "SqsQueueUrl": queue.url, "OutputParameters": answer,
    }  # fmt: skip
    code, said = refusal(sagemaker.send_pipeline_execution_step_success, CallbackToken=token)
    assert (code, said) == (
        "ResourceNotFound", f"No callback step waits for the token {token}."
    )  # fmt: skip


def test_a_callback_that_fails_lets_others_go_on(
    pipelines: Pipelines, sagemaker: Any, queue: Queue, name: str
) -> None:
    """What waits for it does not run; what runs if it fails does, and it is no failure then."""
    waits = condition("Tidy") | {"DependsOn": [{"Step": "Ask", "Trigger": "Failed"}]}
    pipelines.create(
        name,
        definition(
            callback("Ask", queue.url), callback("Lost", "https://sqs/123456789012/nothing"),
            waits, condition("Next", DependsOn=["Ask"]),
            condition("Either") | {"DependsOn": [{"Step": "Lost", "Trigger": "Any"}]},
        ),
    )  # fmt: skip
    arn = pipelines.start(name)
    token = queue.receive()["token"]
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="not today")
    found = pipelines.ended(arn)
    assert found["PipelineExecutionStatus"] == "CompletedWithFailures"
    assert "FailureReason" not in found
    steps = pipelines.steps(arn)
    assert set(steps) == {"Ask", "Lost", "Tidy", "Either"}
    assert steps["Ask"]["FailureReason"] == "not today"
    assert steps["Lost"]["FailureReason"] == (
        "ClientError: Failed to invoke sqs:SendMessage. Error Details: The specified queue does "
        "not exist."
    )


def test_a_stop_and_a_retry(pipelines: Pipelines, sagemaker: Any, queue: Queue, name: str) -> None:
    """A stop is told to the queue, and waits for the answer; a retry keeps what has succeeded."""
    text = definition(
        condition("First"), callback("Ask", queue.url, DependsOn=["First"]),
        condition("Last", DependsOn=["Ask"]),
    )  # fmt: skip
    pipelines.create(name, text)
    arn = pipelines.start(name)
    token = queue.receive()["token"]
    before = pipelines.steps(arn)["First"]
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    message = queue.receive()
    assert (message["token"], message["status"]) == (token, "Stopping")
    # A second stop changes nothing.
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert found["PipelineExecutionStatus"] == "Stopping"
    assert pipelines.steps(arn)["Ask"]["StepStatus"] == "Stopping"
    sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    steps = pipelines.steps(arn)
    assert {each: found["StepStatus"] for each, found in steps.items()} == {
        "First": "Succeeded", "Ask": "Stopped"
    }  # fmt: skip
    sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    token = queue.receive()["token"]
    found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert found["PipelineExecutionStatus"] == "Executing"
    sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    steps = pipelines.steps(arn)
    assert set(steps) == {"First", "Ask", "Last"}
    assert steps["First"] == before


def test_how_many_steps_run_at_a_time(
    pipelines: Pipelines, sagemaker: Any, queue: Queue, name: str
) -> None:
    pipelines.create(
        name, definition(*(callback(f"A{number}", queue.url) for number in range(5))),
        ParallelismConfiguration={"MaxParallelExecutionSteps": 5},
    )  # fmt: skip
    arn = pipelines.start(name, ParallelismConfiguration={"MaxParallelExecutionSteps": 2})
    answered = set()
    for number in range(5):
        if number == 4:
            # From the next step on.
            sagemaker.update_pipeline_execution(
                PipelineExecutionArn=arn, ParallelismConfiguration={"MaxParallelExecutionSteps": 1}
            )
        message = queue.receive()
        running = {each for each, found in pipelines.steps(arn).items()
                   if found["StepStatus"] != "Succeeded"}  # fmt: skip
        assert len(running) <= 2
        answered.add(message["arguments"]["who"])
        sagemaker.send_pipeline_execution_step_success(CallbackToken=message["token"])
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert len(answered) == 5


def test_numbers_that_json_does_not_have(
    pipelines: Pipelines, sagemaker: Any, client: Any, queue: Queue, own_bucket: str, name: str
) -> None:
    """Neither in a definition nor in a parameter, an output or a file, which are records then."""
    file = {"S3Uri": f"s3://{own_bucket}/report.json", "Path": "mse"}
    client("s3").put_object(Bucket=own_bucket, Key="report.json", Body=b'{"mse": NaN}')
    asked = callback("Ask", queue.url)
    asked["OutputParameters"] = [{"OutputName": "it", "OutputType": "Float"}]
    parts = (asked, condition("Read", compared("LessThan", {"Std:JsonGet": file}, 1)))

    def text(limit: float) -> str:
        return definition(
            *parts, parameters=[{"Name": "Limit", "Type": "Float", "DefaultValue": limit}]
        )

    create, start = sagemaker.create_pipeline, sagemaker.start_pipeline_execution
    request = {"PipelineName": name, "RoleArn": ROLE, "PipelineDefinition": text(float("nan"))}
    assert refusal(create, **request) == (
        "ValidationException",
        "Unable to parse pipeline definition. It is not valid JSON: Non-standard token 'NaN'.",
    )
    pipelines.create(name, text(1))
    given = [{"Name": "Limit", "Value": "Infinity"}]
    assert refusal(start, PipelineName=name, PipelineParameters=given) == (
        "ValidationException", "The value 'Infinity' of parameter 'Limit' is not of type Float"
    )  # fmt: skip
    arn = pipelines.start(name)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue.receive()["token"], OutputParameters=[{"Name": "it", "Value": "nan"}]
    )
    pipelines.ended(arn)
    steps = pipelines.steps(arn)
    assert steps["Ask"]["FailureReason"] == (
        "ClientError: The output it of the callback is not of type Float"
    )
    assert steps["Read"]["FailureReason"].endswith(
        "report.json cannot be read: it is not valid JSON: Non-standard token 'NaN'"
    )
