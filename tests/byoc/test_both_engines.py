"""The same image, trained and served by Docker and, where there is none, as processes."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from labcloud_support.life import eventually
from labcloud_support.needs import unavailable
from labcloud_support.resources import ROLE

from .conftest import Scene

pytestmark = pytest.mark.slow

FLOWERS = "5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3\n"
SPECIES = "setosa\nvirginica\n"


def test_it_trains(scene: Scene, trained: dict[str, Any]) -> None:
    assert trained["TrainingJobStatus"] == "Completed", trained.get("FailureReason")
    assert {m["MetricName"]: m["Value"] for m in trained["FinalMetricDataList"]} == {
        "train:accuracy": pytest.approx(0.9833)
    }
    lines = scene.log("TrainingJobs", trained["TrainingJobName"])
    assert lines[:2] == [
        "Channel training: 120 rows of 4 features, 3 different labels.",
        "Fitted a tree with 5 leaves, 4 levels deep.",
    ]
    found = scene.s3.list_objects_v2(Bucket="byoc", Prefix="output/")["Contents"]
    assert [item["Key"] for item in found] == [
        f"output/{trained['TrainingJobName']}/output/model.tar.gz"
    ]


def test_its_own_words_become_the_failure_reason(scene: Scene, image: str) -> None:
    failed = scene.train(image, HyperParameters={"max_leaf_nodes": "1"})
    assert failed["TrainingJobStatus"] == "Failed"
    assert failed["FailureReason"] == (
        "AlgorithmError: The hyperparameter max_leaf_nodes is '1'. It must be a whole number from "
        "2 to 2147483647., exit code: 1"
    )


def test_a_stop_lets_it_save_what_it_has(scene: Scene, script: Any) -> None:
    image = script(
        train="#!/bin/sh\ntrap 'echo saving; echo half > /opt/ml/model/half; exit 0' TERM\n"
        "echo at work\nwhile :; do sleep 0.05; done\n"
    )
    name = scene.begin(image)
    scene.until_logged("TrainingJobs", name, "at work")
    scene.sagemaker.stop_training_job(TrainingJobName=name)
    scene.sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    job = scene.sagemaker.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert scene.log("TrainingJobs", name) == ["at work", "saving"]
    scene.s3.head_object(Bucket="byoc", Key=f"output/{name}/output/model.tar.gz")


def test_an_exit_code_without_words(scene: Scene, script: Any) -> None:
    failed = scene.train(script(train="#!/bin/sh\nexit 9\n"))
    assert failed["FailureReason"] == "AlgorithmError: , exit code: 9"


def test_an_image_without_the_program(scene: Scene, script: Any) -> None:
    image = script(serve="#!/bin/sh\n")
    failed = scene.train(image)
    assert failed["FailureReason"] == (
        'AlgorithmError: exec: "train": executable file not found in $PATH'
    )


def test_what_it_sees_of_its_job(scene: Scene, script: Any) -> None:
    image = script(
        train="#!/bin/sh\npwd\necho $COLOUR $TRAINING_JOB_NAME $SECRET\nls /opt/ml\n"
        "cat /opt/ml/input/config/hyperparameters.json\n"
    )
    job = scene.train(image, Environment={"COLOUR": "blue"}, HyperParameters={"a": "1"})
    name = job["TrainingJobName"]
    lines = scene.log("TrainingJobs", name)
    assert lines[:2] == ["/opt/program", f"blue {name}"]
    assert {"checkpoints", "input", "model", "output"} <= set(lines[2:-1])
    assert json.loads(lines[-1]) == {"a": "1"}


@pytest.mark.parametrize("isolated", [False, True])
def test_it_has_a_network_unless_it_is_isolated(scene: Scene, script: Any, isolated: bool) -> None:
    image = script(train="#!/bin/sh\ngrep -c : /proc/net/dev\n")
    job = scene.train(image, EnableNetworkIsolation=isolated)
    devices = int(scene.log("TrainingJobs", job["TrainingJobName"])[-1])
    assert (devices == 1) is isolated


def test_it_serves(scene: Scene, endpoint: str) -> None:
    assert scene.invoke(endpoint, FLOWERS) == SPECIES
    answer = scene.invoke(endpoint, "[[5.1, 3.5, 1.4, 0.2]]", "application/json")
    assert json.loads(answer) == {"predictions": ["setosa"]}
    assert json.loads(scene.invoke(endpoint, FLOWERS, Accept="application/json")) == {
        "predictions": ["setosa", "virginica"]
    }


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        ("5.1\n", "text/csv", 400, "Row 1 has 1 values, the model takes 4.\n"),
        ("", "text/csv", 400, "The body is empty. Send at least one row.\n"),
        ("{", "application/json", 400, "The body is not JSON: "),
        ("<a/>", "text/xml", 415, "The content type text/xml is not supported. Send text/csv or "
         "application/json.\n"),
    ],
    ids=["columns", "empty", "json", "type"],
)  # fmt: skip
def test_bad_input_gets_the_container_s_own_sentence(
    scene: Scene, endpoint: str, body: str, kind: str, status: int, said: str
) -> None:
    with pytest.raises(ClientError) as refused:
        scene.invoke(endpoint, body, kind)
    answer = refused.value.response
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["OriginalStatusCode"] == status
    assert answer["OriginalMessage"].startswith(said)


def test_a_batch(scene: Scene, image: str, trained: dict[str, Any]) -> None:
    artifact = trained["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": image, "ModelDataUrl": artifact}
    scene.sagemaker.create_model(
        ModelName="batch", ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    scene.s3.put_object(Bucket="byoc", Key="batch/rows.csv", Body=FLOWERS.encode())
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://byoc/batch/"}
    scene.sagemaker.create_transform_job(
        TransformJobName="batch", ModelName="batch",
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv",
                        "SplitType": "Line"},
        TransformOutput={"S3OutputPath": "s3://byoc/predicted/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    scene.sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="batch")
    found = scene.s3.get_object(Bucket="byoc", Key="predicted/rows.csv.out")
    assert found["Body"].read().decode() == SPECIES


@pytest.mark.parametrize("server", ["nginx", "gunicorn"])
def test_a_crash_of_a_server_is_seen_and_mended(scene: Scene, endpoint: str, server: str) -> None:
    if scene.engine == "process" and not any("nginx" in name for name in scene.servers()):
        unavailable("there is no nginx on this machine: serve does without")
    scene.crash(server)
    scene.until_logged(
        "Endpoints/" + endpoint, "AllTraffic", f"serve: {server} has ended (signal 9)."
    )
    restarted = "[labcloud] the model server ended with code 1; restarting it"
    scene.until_logged("Endpoints/" + endpoint, "AllTraffic", restarted)

    def answers() -> bool:
        try:
            return scene.invoke(endpoint, FLOWERS) == SPECIES
        except ClientError:
            return False

    eventually(answers, "it answers again")


def test_an_endpoint_that_cannot_start_says_so(scene: Scene, script: Any) -> None:
    image = script(train="#!/bin/sh\necho model > /opt/ml/model/model\n")
    artifact = scene.train(image)["ModelArtifacts"]["S3ModelArtifacts"]
    name = scene.deploy(image, artifact)
    found = eventually(
        lambda: (
            (said := scene.sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"]
            == "Failed" and said
        ),
        "the endpoint fails",
    )  # fmt: skip
    assert "CannotStartContainerError" in found["FailureReason"]


def test_it_stops_in_order_and_leaves_nothing(scene: Scene, endpoint: str) -> None:
    assert scene.servers()
    scene.sagemaker.delete_endpoint(EndpointName=endpoint)
    scene.sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=endpoint)
    assert scene.servers() == []
    assert "serve: Stopping." in scene.log("Endpoints/" + endpoint, "AllTraffic")


def test_a_processing_job_reads_writes_and_ends_with_its_message(scene: Scene, script: Any) -> None:
    """The image's own entrypoint, with the arguments of the request and no word."""
    program = (
        "#!/bin/sh\nset -e\necho $# $1 $KIND\n"
        "cat /opt/ml/processing/input/* > /opt/ml/processing/output/all\n"
        "test -s /opt/ml/config/processingjobconfig.json\nprintf done > /opt/ml/output/message\n"
    )
    place = f"s3://{scene.lab.bucket}/processing"
    scene.s3.put_object(Bucket=scene.lab.bucket, Key="processing/in/a", Body=b"one")
    path = "/opt/ml/processing"
    scene.sagemaker.create_processing_job(
        ProcessingJobName="processes", RoleArn=ROLE,
        AppSpecification={
            "ImageUri": script(go=program), "ContainerEntrypoint": ["/opt/program/go"],
            "ContainerArguments": ["generate"],
        },
        ProcessingInputs=[{"InputName": "in", "S3Input": {
            "S3Uri": f"{place}/in/", "LocalPath": f"{path}/input", "S3DataType": "S3Prefix"}}],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": {
            "S3Uri": f"{place}/out", "LocalPath": f"{path}/output", "S3UploadMode": "EndOfJob"}}]},
        ProcessingResources={"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
        Environment={"KIND": "both"},
    )  # fmt: skip
    waiter = scene.sagemaker.get_waiter("processing_job_completed_or_stopped")
    with contextlib.suppress(WaiterError):
        waiter.wait(ProcessingJobName="processes")
    job = scene.sagemaker.describe_processing_job(ProcessingJobName="processes")
    assert job["ProcessingJobStatus"] == "Completed", scene.log("ProcessingJobs", "processes")
    assert job["ExitMessage"] == "done"
    assert scene.log("ProcessingJobs", "processes") == ["1 generate both"]
    found = scene.s3.get_object(Bucket=scene.lab.bucket, Key="processing/out/all")
    assert found["Body"].read() == b"one"
