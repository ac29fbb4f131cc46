"""More than jobs for the shown account: a pipeline, versions of a model, a function, two APIs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .lambdas import TRUST, archive
from .life import eventually
from .resources import IMAGE, ROLE

PIPELINE, REFUSED, WAITING = "houses-weekly", "monday", "tuesday"
GROUP, FUNCTION, HTTP_API, REST_API = "houses", "houses-judge", "houses-web", "houses-rest"
SPLIT, JUDGED, CHECKED, ASKED, BAD = "split", "judge", "is-it-good", "ask-somebody", "not-good"
_ROLE = "houses-functions"
_QUEUE = "houses-approvals"
_FUNCTION = """\
def handler(event, context):
    print("judging", event)
    if event.get("fail"):
        raise ValueError(event["fail"])
    return {"error": event.get("error", 1.25), "path": event.get("rawPath", "")}
"""
_QUALITY = {
    "regression_metrics": {
        "mse": {"value": 2.31, "standard_deviation": 0.12},
        "r2": {"value": 0.913, "standard_deviation": 0.01},
    }
}


def definition(queue: str, function: str, bucket: str, split: dict[str, Any]) -> str:
    """A pipeline: a job, a function, a condition, and a question or a failure."""
    asked = {
        "Name": ASKED, "Type": "Callback", "Arguments": {"question": "deploy?"},
        "SqsQueueUrl": queue,
        "OutputParameters": [{"OutputName": "by", "OutputType": "String"}],
    }  # fmt: skip
    outcome = {
        "Type": "LessThanOrEqualTo",
        "LeftValue": {"Get": f"Steps.{JUDGED}.OutputParameters['error']"},
        "RightValue": {"Get": "Parameters.MostError"},
    }
    steps = [
        {"Name": SPLIT, "Type": "Processing", "Arguments": split},
        {
            "Name": JUDGED, "Type": "Lambda", "FunctionArn": function, "DependsOn": [SPLIT],
            "Arguments": {"error": 1.25, "bucket": bucket},
            "OutputParameters": [{"OutputName": "error", "OutputType": "Float"}],
        },
        {
            "Name": CHECKED, "Type": "Condition",
            "Arguments": {
                "Conditions": [outcome], "IfSteps": [asked],
                "ElseSteps": [
                    {"Name": BAD, "Type": "Fail", "Arguments": {"ErrorMessage": "Too wrong."}}],
            },
        },
    ]  # fmt: skip
    parameters = [{"Name": "MostError", "Type": "Float", "DefaultValue": 2.0}]
    return json.dumps(
        {"Version": "2020-12-01", "Metadata": {}, "Parameters": parameters, "Steps": steps}
    )


def make(client: Callable[[str], Any], bucket: str, model: str, split: dict[str, Any]) -> None:
    """`model` is the URI of a model's data, `split` the arguments of a processing step."""
    function = _function(client)
    _apis(client, function)
    _versions(client, bucket, model)
    queue = client("sqs").create_queue(QueueName=_QUEUE)["QueueUrl"]
    sagemaker = client("sagemaker")
    sagemaker.create_pipeline(
        PipelineName=PIPELINE, RoleArn=ROLE, PipelineDescription="Judges the week's houses.",
        PipelineDefinition=definition(queue, function, bucket, split),
    )  # fmt: skip
    refused, waiting = start(sagemaker, REFUSED, "0.5"), start(sagemaker, WAITING, "2.0")
    until(sagemaker, refused, BAD, "Succeeded", "Failed")
    until(sagemaker, waiting, ASKED, "Executing")


def start(sagemaker: Any, name: str, most_error: str) -> str:
    """Begins an execution, and returns its ARN."""
    arn: str = sagemaker.start_pipeline_execution(
        PipelineName=PIPELINE, PipelineExecutionDisplayName=name,
        PipelineParameters=[{"Name": "MostError", "Value": most_error}],
    )["PipelineExecutionArn"]  # fmt: skip
    return arn


def until(sagemaker: Any, arn: str, step: str, *statuses: str) -> None:
    """Waits until a step has one of these statuses."""

    def look() -> bool:
        found = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        steps = {each["StepName"]: each["StepStatus"] for each in found["PipelineExecutionSteps"]}
        return steps.get(step) in statuses

    eventually(look, f"{step} of {arn} is {' or '.join(statuses)}")


def identifiers(client: Callable[[str], Any]) -> dict[str, str]:
    """What addresses of pages need and nobody can choose: of executions and APIs, by name."""
    executions = client("sagemaker").list_pipeline_executions(PipelineName=PIPELINE)
    found = {
        each["PipelineExecutionDisplayName"]: each["PipelineExecutionArn"].rpartition("/")[2]
        for each in executions["PipelineExecutionSummaries"]
    }
    http = client("apigatewayv2").get_apis()["Items"]
    found["http_api"] = next(each["ApiId"] for each in http if each["Name"] == HTTP_API)
    rest = client("apigateway").get_rest_apis()["items"]
    found["rest_api"] = next(each["id"] for each in rest if each["name"] == REST_API)
    return found


def _function(client: Callable[[str], Any]) -> str:
    role = client("iam").create_role(RoleName=_ROLE, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    made = client("lambda").create_function(
        FunctionName=FUNCTION, Runtime="python3.12", Role=role, Handler="main.handler",
        Code={"ZipFile": archive(main=_FUNCTION, prices="HIGHEST = 40\n")}, Timeout=30,
        Description="Judges a model.", Environment={"Variables": {"MODEL": "houses"}},
        Tags={"project": "houses"},
    )  # fmt: skip
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=FUNCTION)
    client("lambda").invoke(FunctionName=FUNCTION, Payload=b"{}")
    arn: str = made["FunctionArn"]
    return arn


def _apis(client: Callable[[str], Any], function: str) -> None:
    http = client("apigatewayv2")
    http.create_api(
        Name=HTTP_API, ProtocolType="HTTP", Target=function, RouteKey="POST /judge",
        Description="For the page of prices.",
    )  # fmt: skip
    rest = client("apigateway")
    api = rest.create_rest_api(name=REST_API)["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    place = rest.create_resource(restApiId=api, parentId=root, pathPart="judge")["id"]
    rest.put_method(restApiId=api, resourceId=place, httpMethod="POST", authorizationType="NONE")
    region = rest.meta.region_name
    rest.put_integration(
        restApiId=api, resourceId=place, httpMethod="POST", type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations",
    )  # fmt: skip
    rest.create_deployment(restApiId=api, stageName="prod", variables={"colour": "blue"})


def _versions(client: Callable[[str], Any], bucket: str, model: str) -> None:
    sagemaker = client("sagemaker")
    client("s3").put_object(Bucket=bucket, Key="quality.json", Body=json.dumps(_QUALITY).encode())
    sagemaker.create_model_package_group(
        ModelPackageGroupName=GROUP, ModelPackageGroupDescription="What houses cost."
    )
    for words in ("The first.", "Deeper trees."):
        sagemaker.create_model_package(
            ModelPackageGroupName=GROUP, ModelPackageDescription=words,
            CustomerMetadataProperties={"rows": "240"},
            InferenceSpecification={
                "Containers": [{"Image": IMAGE, "ModelDataUrl": model}],
                "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics={"ModelQuality": {"Statistics": {
                "ContentType": "application/json", "S3Uri": f"s3://{bucket}/quality.json"}}},
        )  # fmt: skip
