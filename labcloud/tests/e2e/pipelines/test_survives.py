"""kill -9 in the middle of an execution, and what is there afterwards."""

from __future__ import annotations

from typing import Any

from labcloud_support.life import LOST, Life, eventually
from labcloud_support.resources import ROLE

from ..scripts import SKLEARN
from .definitions import Pipelines, condition, definition, fail, step


def waiting(name: str, **members: Any) -> dict[str, Any]:
    """A Processing step that runs until somebody ends it."""
    program = "import time; time.sleep(600)"
    arguments = {
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", "-c", program]},
        "ProcessingResources": {"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
    }  # fmt: skip
    return step(name, "Processing", arguments, **members)


def test_what_an_execution_had_done_is_there_after_a_kill(life: Life) -> None:
    """It has failed, and its steps that had succeeded have not. A retry goes on from there."""
    pipelines = Pipelines(life.client("sagemaker"))
    pipelines.create(
        "p", definition(condition("First"), waiting("Wait", DependsOn=["First"]),
                        fail("Last", DependsOn=["Wait"])),
    )  # fmt: skip
    arn, stopped = pipelines.start("p"), pipelines.start("p")

    def runs(which: str) -> Any:
        return pipelines.steps(which).get("Wait", {}).get("Metadata")

    for each in (arn, stopped):
        eventually(lambda each=each: runs(each), "the job has begun")  # type: ignore[misc]
    before = pipelines.steps(arn)
    life.kill()
    life.begin()
    pipelines = Pipelines(life.client("sagemaker"))
    found = pipelines.ended(arn)
    assert (found["PipelineExecutionStatus"], found["FailureReason"]) == ("Failed", LOST)
    after = pipelines.steps(arn)
    assert after["First"] == before["First"]
    assert (after["Wait"]["StepStatus"], after["Wait"]["FailureReason"]) == ("Failed", LOST)
    assert after["Wait"]["Metadata"] == before["Wait"]["Metadata"]
    assert "Last" not in after
    # Again, with another definition: an execution follows the one that it began with.
    pipelines.sagemaker.update_pipeline(
        PipelineName="p", PipelineDefinition=definition(condition("Other"))
    )
    pipelines.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)

    def runs_again() -> Any:
        return (runs(arn) or {}).get("ProcessingJob", {}).get("Arn")

    job = eventually(runs_again, "the next job has begun").rpartition("/")[2]
    assert pipelines.steps(arn)["First"] == before["First"]
    pipelines.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    assert pipelines.steps(arn)["Wait"]["StepStatus"] == "Stopped"
    described = pipelines.sagemaker.describe_processing_job(ProcessingJobName=job)
    assert described["ProcessingJobStatus"] == "Stopped"
    # An orderly end says the same.
    pipelines.sagemaker.retry_pipeline_execution(PipelineExecutionArn=stopped)
    eventually(lambda: runs(stopped), "the job has begun")
    life.end(clean=True)
    life.begin()
    pipelines = Pipelines(life.client("sagemaker"))
    found = pipelines.ended(stopped)
    assert (found["PipelineExecutionStatus"], found["FailureReason"]) == ("Failed", LOST)
    assert pipelines.steps(stopped)["Wait"]["FailureReason"] == LOST
    # Its pipeline can be deleted, and nothing of it is left.
    pipelines.sagemaker.delete_pipeline(PipelineName="p")
    life.kill()
    life.begin()
    assert life.client("sagemaker").list_pipelines()["PipelineSummaries"] == []
