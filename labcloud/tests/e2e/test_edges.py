"""What AWS refuses or does at the edges of a request, where a mistake would cost money there."""

from __future__ import annotations

import datetime
import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from labcloud_support.life import eventually
from labcloud_support.resources import IMAGE, ROLE, deploy_image, undeploy, variant

from .pushed import REGISTRY, push
from .test_refusals import refusal

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def request_(request_of: Any, golden: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = request_of(name, golden["softprob"])
    return found


def refused(sagemaker: Any, request: dict[str, Any]) -> str:
    code, message = refusal(sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    return message


# ---- images ---------------------------------------------------------------------------------


def test_an_image_of_another_region_is_refused(
    sagemaker: Any, request_: dict[str, Any], name: str
) -> None:
    image = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    request_["AlgorithmSpecification"]["TrainingImage"] = image
    assert refused(sagemaker, request_) == (
        "Invalid DNS suffix 'amazonaws.com' for region 'eu-west-1' in training image. Please "
        "provide the valid <region>.<dns-suffix>: 'us-east-1.amazonaws.com'"
    )
    container = {"Image": image}
    assert refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
    ) == (
        "ValidationException",
        f'Region of "{image}" does not match expected region of us-east-1. Cross region ECR image '
        "pulls are not allowed.",
    )


@pytest.mark.parametrize("repository", ["sagemaker-xgboost:3.0-5", "pytorch-training:2.1-cpu"])
def test_an_image_of_another_account_is_refused(
    sagemaker: Any, request_: dict[str, Any], name: str, repository: str
) -> None:
    image = f"141502667606.dkr.ecr.us-east-1.amazonaws.com/{repository}"
    request_["AlgorithmSpecification"]["TrainingImage"] = image
    assert refused(sagemaker, request_).startswith("Access denied for repository: ")
    _, message = refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": image},
    )  # fmt: skip
    assert message.startswith(
        f"The repository of your image {image} does not grant ecr:GetDownloadUrlForLayer, "
        "ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to sagemaker.amazonaws.com "
        "service principal."
    )


def test_an_image_of_ones_own_may_be_called_as_a_built_in_one(
    sagemaker: Any, ecr: Any, request_for: Any, finished: Any, log_of: Any, name: str
) -> None:
    ecr.create_repository(repositoryName="sagemaker-xgboost")
    image = push(ecr, "sagemaker-xgboost", tag="3.0-5")
    assert image == f"{REGISTRY}/sagemaker-xgboost:3.0-5"
    sagemaker.create_training_job(**request_for(name, image))
    assert finished(name)["TrainingJobStatus"] == "Completed"
    assert log_of(name)[-1].startswith("It trains in ")


def test_a_built_in_image_runs_no_program_of_the_request(
    sagemaker: Any, request_: dict[str, Any]
) -> None:
    request_["AlgorithmSpecification"]["ContainerEntrypoint"] = ["sh", "-c", "exit 3"]
    assert "does not implement ContainerEntrypoint of the image" in refused(sagemaker, request_)


def test_script_mode_is_refused_by_name(
    sagemaker: Any, request_: dict[str, Any], name: str
) -> None:
    """AWS's container would run the script; here, the algorithm would go on without it."""
    request_["HyperParameters"] = {**request_["HyperParameters"], "sagemaker_program": "train.py"}
    assert "does not implement script mode of the image" in refused(sagemaker, request_)
    container = {"Image": IMAGE, "Environment": {"SAGEMAKER_PROGRAM": "inference.py"}}
    code, message = refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    assert code == "ValidationException"
    assert "leave out SAGEMAKER_PROGRAM in the model's Environment" in message


def test_an_image_s_own_files_below_opt_ml_are_there(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    """But what SageMaker lays over them is not the image's."""
    files = {
        "Dockerfile": "FROM x\nWORKDIR /opt/ml/code\nCOPY train code/\nCOPY train /opt/ml/code/\n"
        "COPY train /opt/ml/model/\nCOPY train /opt/ml/more/deep/\n"
        'ENTRYPOINT ["/opt/ml/code/train"]\n',
        "train": "#!/bin/sh\necho $PWD $*\nls /opt/ml /opt/ml/model /opt/ml/more/deep\n",
    }
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    lines = log_of(name)[1:]
    assert lines[0] == "/opt/ml/code train"
    assert {"code", "input", "model", "more", "output"} <= set(lines)
    end = lines.index("/opt/ml/model:")
    assert lines[end:] == ["/opt/ml/model:", "", "/opt/ml/more/deep:", "train"] or lines[end:] == [
        "/opt/ml/model:", "/opt/ml/more/deep:", "train"
    ]  # fmt: skip


def test_the_shell_form_of_an_entrypoint(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    files = {
        "Dockerfile": "FROM x\nCOPY say /usr/bin/\nENTRYPOINT say $0 and $@\n",
        "say": '#!/bin/sh\necho "said: $*"\n',
    }
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    finished(name)
    assert log_of(name)[-1] == "said: train and"


# ---- training jobs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spot", "condition", "said"),
    [
        (False, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}, "It is only supported wh"),
        (True, {"MaxRuntimeInSeconds": 60}, "It must be present and be greater than or equal to "),
        (True, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}, "It must be present and "),
        (True, {"MaxWaitTimeInSeconds": 60}, "It must be present and be greater than or equal to "),
    ],
)
def test_spot_training_says_how_long_it_waits(
    sagemaker: Any, request_: dict[str, Any], spot: bool, condition: dict[str, int], said: str
) -> None:
    request_ |= {"EnableManagedSpotTraining": spot, "StoppingCondition": condition}
    assert refused(sagemaker, request_).startswith(f"Invalid MaxWaitTimeInSeconds. {said}")


def test_tags_of_aws_are_aws_s_own(sagemaker: Any, request_: dict[str, Any], model: str) -> None:
    tags = [{"Key": "AWS:cloudformation:stack-name", "Value": "x"}]
    said = f"System prefix 'aws:' reserved for AWS usage in tag key: {tags[0]['Key']}"
    assert refused(sagemaker, request_ | {"Tags": tags}) == said
    arn = sagemaker.describe_model(ModelName=model)["ModelArn"]
    taken = ("ValidationException", said)
    assert refusal(sagemaker.add_tags, ResourceArn=arn, Tags=tags) == taken
    assert refusal(sagemaker.delete_tags, ResourceArn=arn, TagKeys=[tags[0]["Key"]]) == taken


def test_a_built_in_algorithm_has_metrics_of_its_own(
    sagemaker: Any, request_: dict[str, Any]
) -> None:
    request_["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "m", "Regex": "(.*)"}]
    assert refused(sagemaker, request_).startswith("You can't override the metric definitions for ")


def test_a_metric_needs_a_regular_expression(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, name: str
) -> None:
    definitions = [{"Name": "m", "Regex": "("}]
    request = request_for(name, push(ecr, repository), MetricDefinitions=definitions)
    assert refused(sagemaker, request).startswith("The Regex of the metric definition m is not a ")
    names = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    assert name not in [each["TrainingJobName"] for each in names]


def test_a_model_that_is_not_packed(
    sagemaker: Any, client: Callable[[str], Any], request_: dict[str, Any], finished: Any,
    own_bucket: str, name: str,
) -> None:  # fmt: skip
    output = {"S3OutputPath": f"s3://{own_bucket}/out", "CompressionType": "NONE"}
    sagemaker.create_training_job(**request_ | {"OutputDataConfig": output})
    uri = finished(name)["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{own_bucket}/out/{name}/output/model"
    keys = client("s3").list_objects_v2(Bucket=own_bucket)["Contents"]
    assert [key["Key"] for key in keys] == [f"out/{name}/output/model/xgboost-model"]
    source = {"S3Uri": f"{uri}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    undeploy(sagemaker, name)


def test_what_sdks_read_of_a_job_is_there(
    sagemaker: Any, trained: dict[str, Any], transformed: str
) -> None:
    assert trained["OutputDataConfig"]["KmsKeyId"] == ""
    assert trained["EnableManagedSpotTraining"] is False
    names = [each["Name"] for each in trained["AlgorithmSpecification"]["MetricDefinitions"]]
    assert "validation:mlogloss" in names
    channel = trained["InputDataConfig"][0]
    assert (channel["CompressionType"], channel["RecordWrapperType"]) == ("None", "None")
    source = channel["DataSource"]["S3DataSource"]
    assert source["S3DataDistributionType"] == "FullyReplicated"
    job = sagemaker.describe_transform_job(TransformJobName=transformed)
    assert (job["TransformOutput"]["KmsKeyId"], job["Environment"]) == ("", {})


def test_metrics_of_a_training_are_in_cloudwatch(
    client: Callable[[str], Any], trained: dict[str, Any]
) -> None:
    """Also where StartTime lies after them in their minute, which AWS rounds down."""
    started = trained["TrainingStartTime"]
    found = client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs", MetricName="validation:mlogloss",
        Dimensions=[{"Name": "TrainingJobName", "Value": trained["TrainingJobName"]}],
        StartTime=started.replace(second=59), EndTime=started + datetime.timedelta(minutes=3),
        Period=60, Statistics=["Minimum", "SampleCount"],
    )["Datapoints"]  # fmt: skip
    final = {each["MetricName"]: each["Value"] for each in trained["FinalMetricDataList"]}
    assert min(point["Minimum"] for point in found) <= final["validation:mlogloss"]
    assert sum(point["SampleCount"] for point in found) >= 2


def test_events_of_the_streams_with_a_prefix(
    client: Callable[[str], Any], trained: dict[str, Any]
) -> None:
    asked = {"logGroupName": "/aws/sagemaker/TrainingJobs"}
    logs = client("logs")
    prefix = f"{trained['TrainingJobName']}/"
    events = logs.filter_log_events(**asked, logStreamNamePrefix=prefix)["events"]
    assert events
    assert {event["logStreamName"].startswith(prefix) for event in events} == {True}
    assert logs.filter_log_events(**asked, logStreamNamePrefix="nobody")["events"] == []
    code, _ = refusal(
        logs.filter_log_events, **asked, logStreamNamePrefix=prefix, logStreamNames=["a"]
    )
    assert code == "InvalidParameterException"


# ---- endpoints ------------------------------------------------------------------------------


def no_archive(kind: str) -> bytes:
    """What is not a .tar.gz."""
    with io.BytesIO() as content:
        with tarfile.open(fileobj=content, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("xgboost-model"), io.BytesIO())
        plain = content.getvalue()
    return {"plain tar": plain, "gzip": gzip.compress(b"no tar"), "text": b"hello"}[kind]


@pytest.mark.parametrize("kind", ["plain tar", "gzip", "text"])
def test_an_archive_that_is_none_fails_the_endpoint(
    sagemaker: Any, client: Callable[[str], Any], own_bucket: str, name: str, kind: str
) -> None:
    client("s3").put_object(Bucket=own_bucket, Key="model.tar.gz", Body=no_archive(kind))
    uri = f"s3://{own_bucket}/model.tar.gz"
    deploy_image(sagemaker, name, IMAGE, uri)
    reason = failed(sagemaker, name)
    assert reason.startswith(
        f'Failed to extract model data archive for container "container_1" from URL "{uri}". '
        "Please ensure that the object located at the URL is a valid tar.gz archive."
    )


def test_an_archive_that_has_gone_fails_endpoints_and_transforms(
    sagemaker: Any, client: Callable[[str], Any], own_bucket: str, name: str
) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=own_bucket, Key="model.tar.gz", Body=b"x")
    uri = f"s3://{own_bucket}/model.tar.gz"
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    s3.delete_object(Bucket=own_bucket, Key="model.tar.gz")
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert failed(sagemaker, name) == (
        f'Failed to download model data for container "container_1" from URL: "{uri}". Please '
        "ensure that there is an object located at the URL and that the role passed to CreateModel "
        "has permissions to download the object."
    )
    s3.put_object(Bucket=own_bucket, Key="in.csv", Body=b"1\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{own_bucket}/in.csv"}
    sagemaker.create_transform_job(
        TransformJobName=name, ModelName=name,
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{own_bucket}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    job = eventually(
        lambda: (
            found
            if (found := sagemaker.describe_transform_job(TransformJobName=name))[
                "TransformJobStatus"
            ]
            == "Failed"
            else None
        ),
        "the job has failed",
    )
    assert job["FailureReason"] == (
        f"ClientError: Failed to download model data(bucket: {own_bucket}, key: model.tar.gz). "
        "NoSuchKey (HTTP StatusCode: 404)"
    )


def failed(sagemaker: Any, name: str) -> str:
    """The FailureReason of an endpoint that is being created; the endpoint is deleted."""
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    reason: str = sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    undeploy(sagemaker, name)
    return reason


def test_what_was_deployed_is_named_by_its_digest(sagemaker: Any, endpoint: str) -> None:
    (variant_,) = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    (image,) = variant_["DeployedImages"]
    assert image["SpecifiedImage"] == IMAGE
    repository, _, digest = image["ResolvedImage"].partition("@sha256:")
    assert repository == IMAGE.removesuffix(":3.0-5")
    assert len(digest) == 64
    assert isinstance(image["ResolutionTime"], datetime.datetime)


SLOW = """\
#!/usr/bin/env python3
import http.server, os, time
begun = time.time()
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if time.time() - begun > 1.5 else int(os.environ["EARLY"]))
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Answers).serve_forever()
"""


@pytest.mark.parametrize("early", ["503", "404"])
def test_a_server_that_says_no_while_it_starts_is_waited_for(
    sagemaker: Any, client: Callable[[str], Any], ecr: Any, repository: str, name: str, early: str
) -> None:
    image = push(ecr, repository, {"Dockerfile": "FROM x\nCOPY serve /usr/bin/\n", "serve": SLOW})
    container = {"Image": image, "Environment": {"EARLY": early}}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    events = client("logs").filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{name}")
    said = [event["message"] for event in events["events"]]
    assert (
        f"[labcloud] /ping answered {early}, not 200. It is asked again for 240 seconds "
        "(ContainerStartupHealthCheckTimeoutInSeconds)." in said
    )
    undeploy(sagemaker, name)


# ---- other services -------------------------------------------------------------------------


def test_a_policy_of_aws_can_be_attached(client: Callable[[str], Any], name: str) -> None:
    iam = client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    for policy in ("AmazonSageMakerFullAccess", "service-role/AmazonECSTaskExecutionRolePolicy"):
        arn = f"arn:aws:iam::aws:policy/{policy}"
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        assert iam.get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {
        "AmazonSageMakerFullAccess",
        "AmazonECSTaskExecutionRolePolicy",
    }
    nobody = "arn:aws:iam::aws:policy/Nobody"
    code, _ = refusal(iam.attach_role_policy, RoleName=name, PolicyArn=nobody)
    assert code == "NoSuchEntity"


def test_another_region_is_another_region(
    session: boto3.Session, cloud_environment: dict[str, str]
) -> None:
    """Whose models would be shown there, and whose deleted?"""
    elsewhere = session.client(
        "sagemaker", "eu-west-1", endpoint_url=cloud_environment["AWS_ENDPOINT_URL"]
    )
    assert refusal(elsewhere.list_models) == (
        "ValidationException",
        "This labcloud's region is us-east-1, and the request is for eu-west-1. Ask for us-east-1, "
        "or start labcloud with --region eu-west-1.",
    )
    runtime = session.client(
        "sagemaker-runtime", "eu-west-1", endpoint_url=cloud_environment["AWS_ENDPOINT_URL"]
    )
    code, _ = refusal(runtime.invoke_endpoint, EndpointName="endpoint-for-all", Body="1")
    assert code == "ValidationException"
