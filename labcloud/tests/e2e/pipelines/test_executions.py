"""Executions and pipelines as a client sees them: versions, lists, stops, retries, the cache."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import eventually
from labcloud_support.resources import ROLE

from .definitions import Pipelines, compared, condition, definition, fail, get, join, step

NOBODY = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/nobody/execution/abcdefghijkl"


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def callback(name: str, queue: Any, *outputs: str, **members: Any) -> dict[str, Any]:
    listed = [{"OutputName": each, "OutputType": "String"} for each in outputs]
    return step(
        name, "Callback", {"who": name}, SqsQueueUrl=queue, OutputParameters=listed, **members
    )


class Queue:
    """A queue of SQS, and what Callback steps have sent to it."""

    def __init__(self, sqs: Any, name: str) -> None:
        self._sqs = sqs
        self.url: str = sqs.create_queue(QueueName=name)["QueueUrl"]

    def receive(self) -> dict[str, Any]:
        """The next message, which is there no more then."""

        def look() -> Any:
            found = self._sqs.receive_message(QueueUrl=self.url).get("Messages")
            if found:
                receipt = found[0]["ReceiptHandle"]
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
            return found

        (message,) = eventually(look, "a message has come")
        body: dict[str, Any] = json.loads(message["Body"])
        return body


@pytest.fixture
def queue(client: Any, name: str) -> Queue:
    return Queue(client("sqs"), name)


# ---- pipelines --------------------------------------------------------------------------------


def test_the_life_of_a_pipeline(
    pipelines: Pipelines, sagemaker: Any, client: Any, own_bucket: str, name: str
) -> None:
    first, second = definition(fail("F", "one")), definition(fail("F", "two"))
    arn = pipelines.create(
        name, first, PipelineDescription="d", Tags=[{"Key": "k", "Value": "v"}],
        ParallelismConfiguration={"MaxParallelExecutionSteps": 3},
    )  # fmt: skip
    assert arn == f"arn:aws:sagemaker:us-east-1:123456789012:pipeline/{name}"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    assert refusal(
        sagemaker.create_pipeline, PipelineName=name, PipelineDefinition=second, RoleArn=ROLE
    ) == (
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region. Pipeline with name "
        f"({name}) already exists.",
    )
    client("s3").put_object(Bucket=own_bucket, Key="d.json", Body=second.encode())
    place = {"Bucket": own_bucket, "ObjectKey": "d.json"}
    found = sagemaker.update_pipeline(PipelineName=name, PipelineDefinitionS3Location=place)
    assert found["PipelineVersionId"] == 2
    found = sagemaker.update_pipeline(PipelineName=name, PipelineDescription="e")
    assert found["PipelineVersionId"] == 2
    found = sagemaker.describe_pipeline(PipelineName=arn)
    assert found["PipelineDefinition"] == second
    assert (found["PipelineStatus"], found["PipelineDescription"]) == ("Active", "e")
    assert found["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    found = sagemaker.describe_pipeline(PipelineName=name, PipelineVersionId=1)
    assert found["PipelineDefinition"] == first
    sagemaker.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="old"
    )
    versions = sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in versions] == [2, 1]
    assert versions[1]["PipelineVersionDisplayName"] == "old"
    _, steps = pipelines.run(name, PipelineVersionId=1)
    assert steps["F"]["FailureReason"] == "one"
    listed = sagemaker.list_pipelines(PipelineNamePrefix=name)["PipelineSummaries"]
    assert [each["PipelineName"] for each in listed] == [name]
    assert "LastExecutionTime" in listed[0]
    assert sagemaker.delete_pipeline(PipelineName=name)["PipelineArn"] == arn
    assert refusal(sagemaker.describe_pipeline, PipelineName=name) == (
        "ResourceNotFound", f"Pipeline '{arn}' does not exist."
    )  # fmt: skip
    pipelines.create(name, first)
    assert sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"] == []
    versions = sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in versions] == [1]


def test_a_request_that_is_sent_twice_is_done_once(
    pipelines: Pipelines, sagemaker: Any, name: str
) -> None:
    token = uuid.uuid4().hex
    text = definition(fail("F"))
    made = {pipelines.create(name, text, ClientRequestToken=token) for _ in range(2)}
    assert len(made) == 1
    started = {pipelines.start(name, ClientRequestToken=token) for _ in range(2)}
    assert len(started) == 1
    (arn,) = started
    pipelines.ended(arn)
    for _ in range(2):
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
        pipelines.ended(arn)
    found = sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionArn"] for each in found] == [arn]


def test_definitions_that_are_refused_make_nothing(sagemaker: Any, name: str) -> None:
    request = {"PipelineName": name, "RoleArn": ROLE}
    assert refusal(sagemaker.create_pipeline, **request) == (
        "ValidationException",
        "Either Pipeline Definition or Pipeline Definition S3 location should be provided",
    )
    place = {"Bucket": "nobodys-bucket", "ObjectKey": "d.json"}
    code, said = refusal(sagemaker.create_pipeline, **request, PipelineDefinitionS3Location=place)
    assert (code, "cannot be read" in said) == ("ValidationException", True)
    assert refusal(sagemaker.create_pipeline, **request, PipelineDefinition="[]") == (
        "ValidationException",
        "Unable to parse pipeline definition. Expecting start of Json Object.",
    )
    assert refusal(sagemaker.describe_pipeline, PipelineName=name)[0] == "ResourceNotFound"


# ---- executions -------------------------------------------------------------------------------


def test_how_an_execution_is_described(pipelines: Pipelines, sagemaker: Any, name: str) -> None:
    called = name.title()
    experiment = {
        "ExperimentName": get("Execution.PipelineName"),
        "TrialName": get("Execution.PipelineExecutionId"),
    }
    text = definition(
        condition("C", compared("Equals", get("Parameters.A"), 2)),
        parameters=[
            {"Name": "A", "Type": "Integer", "DefaultValue": 1},
            {"Name": "B", "Type": "Boolean", "DefaultValue": True},
        ],
        PipelineExperimentConfig=experiment,
    )
    pipeline = pipelines.create(called, text)
    arn = pipelines.start(called, {"A": "2"}, PipelineExecutionDescription="why")
    found = pipelines.ended(arn)
    identifier = arn.rpartition("/")[2]
    assert arn == f"{pipeline}/execution/{identifier}"
    assert len(identifier) == 12
    assert found["PipelineArn"] == pipeline
    assert found["PipelineExecutionDisplayName"].startswith("execution-")
    assert found["PipelineExecutionDescription"] == "why"
    # AWS has the name of the experiment in lower case.
    assert found["PipelineExperimentConfig"] == {
        "ExperimentName": called.lower(), "TrialName": identifier
    }  # fmt: skip
    given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert given["PipelineParameters"] == [
        {"Name": "A", "Value": "2"}, {"Name": "B", "Value": "true"}
    ]  # fmt: skip
    told = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    assert told["PipelineDefinition"] == text
    sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn, PipelineExecutionDisplayName="mine"
    )
    found = sagemaker.list_pipeline_executions(PipelineName=called)["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionDisplayName"] for each in found] == ["mine"]
    assert found[0]["PipelineExecutionStatus"] == "Succeeded"


def test_pages(pipelines: Pipelines, sagemaker: Any, name: str) -> None:
    names = [f"C{number}" for number in range(5)]
    pipelines.create(name, definition(*(condition(each, DependsOn=names[:n])
                                        for n, each in enumerate(names))))  # fmt: skip
    arns = [pipelines.start(name) for _ in range(3)]
    for arn in arns:
        pipelines.ended(arn)
    paged = sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName=name, SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    found = [each["PipelineExecutionArn"] for page in paged
             for each in page["PipelineExecutionSummaries"]]  # fmt: skip
    assert found == arns
    paged = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arns[0], PaginationConfig={"PageSize": 2}
    )
    found = [each["StepName"] for page in paged for each in page["PipelineExecutionSteps"]]
    assert found == names[::-1]


def test_what_is_refused_of_executions(pipelines: Pipelines, sagemaker: Any, name: str) -> None:
    pipelines.create(name, definition(condition("C")))
    start = sagemaker.start_pipeline_execution
    assert refusal(start, PipelineName="nobody")[0] == "ResourceNotFound"
    assert refusal(start, PipelineName=name, PipelineVersionId=2)[0] == "ResourceNotFound"
    given = [{"Name": "A", "Value": "1"}]
    assert refusal(start, PipelineName=name, PipelineParameters=given) == (
        "ValidationException", "The pipeline has no parameter 'A'"
    )  # fmt: skip
    for operation in (
        "describe_pipeline_execution", "stop_pipeline_execution", "retry_pipeline_execution",
        "list_pipeline_execution_steps", "list_pipeline_parameters_for_execution",
        "update_pipeline_execution", "describe_pipeline_definition_for_execution",
    ):  # fmt: skip
        code, said = refusal(getattr(sagemaker, operation), PipelineExecutionArn=NOBODY)
        assert (code, said) == (
            "ResourceNotFound", f"Pipeline execution '{NOBODY}' does not exist."
        ), operation  # fmt: skip
    arn = pipelines.start(name)
    pipelines.ended(arn)
    assert refusal(sagemaker.retry_pipeline_execution, PipelineExecutionArn=arn) == (
        "ValidationException",
        f"Only a Failed or Stopped pipeline execution can be retried: '{arn}' is Succeeded",
    )
    assert refusal(sagemaker.stop_pipeline_execution, PipelineExecutionArn=arn) == (
        "ConflictException",
        f"Pipeline execution '{arn}' cannot be stopped: it is Succeeded.",
    )


# ---- callbacks --------------------------------------------------------------------------------


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


# ---- the cache, and selected steps ------------------------------------------------------------


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
