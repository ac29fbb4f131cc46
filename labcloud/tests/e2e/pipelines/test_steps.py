"""What the steps of a pipeline do: real jobs, models and endpoints."""

from __future__ import annotations

from typing import Any

from labcloud_support.lambdas import TRUST, archive
from labcloud_support.resources import IMAGE, ROLE, undeploy, variant

from ..scripts import SKLEARN
from ..tuning.tunings import settings
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
    # The beginning of its name, as the SDK has it with use_custom_job_prefix.
    called = join("mine", get("Parameters.Size"), on="-at-")
    own = {"JOB": get("Execution.TrainingJobName")}
    arguments = training(request_of, golden, Environment=own)
    text = definition(
        step("Train", "Training", arguments | {"TrainingJobName": called}),
        condition(
            "Good", compared("LessThan", loss, get("Parameters.Limit")),
            then=[condition("Yes", compared("Equals", artifact, "nothing"))],
            otherwise=[fail("Bad", join("The loss is above", get("Parameters.Limit"), on=" "))],
        ),
        parameters=[{"Name": "Limit", "Type": "Float", "DefaultValue": 5.0},
                    {"Name": "Size", "Type": "Integer", "DefaultValue": 3}],
    )  # fmt: skip
    pipelines.create(name, text)
    status, steps = pipelines.run(name)
    assert status == "Succeeded", steps
    assert list(steps) == ["Yes", "Good", "Train"]
    arn = steps["Train"]["Metadata"]["TrainingJob"]["Arn"]
    job = sagemaker.describe_training_job(TrainingJobName=arn.rpartition("/")[2])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingJobName"].startswith("mine-at-3-")
    assert job["Environment"] == {"JOB": job["TrainingJobName"]}
    assert steps["Good"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert steps["Yes"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    status, steps = pipelines.run(name, {"Limit": "0.0001"})
    assert status == "Failed"
    assert list(steps) == ["Bad", "Good", "Train"]
    assert steps["Bad"]["FailureReason"] == "The loss is above 0.0001"
    assert steps["Bad"]["Metadata"] == {"Fail": {"ErrorMessage": "The loss is above 0.0001"}}


# AWS takes no line break in an entrypoint.
REPORT = (
    "import json, sys; "
    "json.dump({'metrics': {'mse': float(sys.argv[1]), 'all': [1, 2]}, 'sizes': [1, 1.0, 90.0]}, "
    "open('/opt/ml/processing/report/report.json', 'w'))"
)


def processing(bucket: str, *arguments: Any, program: str = REPORT) -> dict[str, Any]:
    """The arguments of a Processing step that runs a program in Python."""
    output = {
        "S3Uri": join("s3:/", bucket, get("Execution.PipelineExecutionId"), "report", on="/"),
        "LocalPath": "/opt/ml/processing/report", "S3UploadMode": "EndOfJob",
    }  # fmt: skip
    return {
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", "-c", program],
            "ContainerArguments": list(arguments),
        },
        "ProcessingResources": {"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": get("Parameters.Instances"),
            "VolumeSizeInGB": 1}},
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]},
    }  # fmt: skip


INSTANCES = {"Name": "Instances", "Type": "Integer", "DefaultValue": 1}
FILE = {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}


def report(path: str) -> dict[str, Any]:
    file = get("Steps.Evaluate.PropertyFiles.Report")
    return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}


def test_a_report_is_read_from_s3(
    pipelines: Pipelines, sagemaker: Any, own_bucket: str, name: str
) -> None:
    """A property file decides, and a path that it does not have fails the step that asks.

    Its numbers are integers where a job wants integers, as a program writes them.
    """
    sized = processing(own_bucket, "any", program="import os; os.environ['LIMIT']")
    del sized["ProcessingOutputConfig"]
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": report("sizes[0]"),
               "VolumeSizeInGB": report("sizes[1]")}  # fmt: skip
    sized |= {
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": {"MaxRuntimeInSeconds": report("sizes[2]")},
        "Environment": {"LIMIT": report("sizes[2]")},
    }
    text = definition(
        step("Evaluate", "Processing", processing(own_bucket, get("Parameters.Error")),
             PropertyFiles=[FILE], DisplayName="How good", Description="Look"),
        condition("Good", compared("LessThanOrEqualTo", report("metrics.mse"), 1.5),
                  otherwise=[fail("Bad", join("mse", report("metrics.mse"), on=" "))]),
        fail("Lost", report("metrics.rmse"), DependsOn=["Good", "Sized"]),
        step("Sized", "Processing", sized),
        parameters=[INSTANCES, {"Name": "Error", "Type": "String", "DefaultValue": "1.25"}],
    )  # fmt: skip
    pipelines.create(name, text)
    arn = pipelines.start(name)
    assert pipelines.ended(arn)["FailureReason"] == "Step failure: One or multiple steps failed."
    steps = pipelines.steps(arn)
    assert list(steps) == ["Lost", "Sized", "Good", "Evaluate"], steps
    uri = f"s3://{own_bucket}/{arn.rpartition('/')[2]}/report/report.json"
    assert steps["Lost"]["FailureReason"] == (
        "ClientError: metrics.rmse of Steps.Evaluate.PropertyFiles.Report has no value"
    )
    evaluate = steps["Evaluate"]
    assert (evaluate["StepDisplayName"], evaluate["StepDescription"]) == ("How good", "Look")
    assert evaluate["StartTime"] <= evaluate["EndTime"]
    job = evaluate["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert job.startswith(f"pipelines-{arn.rpartition('/')[2]}-Evaluate-")
    described = sagemaker.describe_processing_job(ProcessingJobName=job)
    (output,) = described["ProcessingOutputConfig"]["Outputs"]
    assert f"{output['S3Output']['S3Uri']}/report.json" == uri
    job = steps["Sized"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    described = sagemaker.describe_processing_job(ProcessingJobName=job)
    counts = described["ProcessingResources"]["ClusterConfig"]
    assert (counts["InstanceCount"], counts["VolumeSizeInGB"]) == (1, 1)
    assert described["StoppingCondition"] == {"MaxRuntimeInSeconds": 90}
    assert described["Environment"] == {"LIMIT": "90.0"}
    _, steps = pipelines.run(name, {"Error": "2"})
    assert steps["Bad"]["Metadata"]["Fail"]["ErrorMessage"] == "mse 2.0"


def test_what_a_failed_job_says(pipelines: Pipelines, own_bucket: str, name: str) -> None:
    """A job that ends badly, one that is refused, and a limit: AWS's words for each."""
    ends = processing(own_bucket, "x", program="raise SystemExit(3)")
    missing = processing(own_bucket, "1")
    source = {"S3Uri": f"s3://{own_bucket}/nothing/", "S3DataType": "S3Prefix",
              "S3InputMode": "File", "LocalPath": "/opt/ml/processing/in"}  # fmt: skip
    missing["ProcessingInputs"] = [{"InputName": "in", "S3Input": source}]
    limit = processing(own_bucket, "1")
    limit["ProcessingResources"]["ClusterConfig"]["InstanceType"] = "ml.p3.2xlarge"
    text = definition(
        step("Ends_badly", "Processing", ends),
        step("Missing", "Processing", missing),
        step("Limit", "Processing", limit),
        step("Repeated", "Processing", limit, RetryPolicies=[{
            "ExceptionType": ["SageMaker.RESOURCE_LIMIT"], "MaxAttempts": 2,
            "IntervalSeconds": 0}]),
        step("Uncovered", "Processing", limit, RetryPolicies=[{
            "ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2}]),
        fail("Behind", DependsOn=["Missing"]),
        parameters=[INSTANCES],
    )  # fmt: skip
    pipelines.create(name, text)
    arn = pipelines.start(name)
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Failed"
    steps = pipelines.steps(arn)
    assert set(steps) == {"Ends_badly", "Missing", "Limit", "Repeated", "Uncovered"}
    said = {each: steps[each]["FailureReason"] for each in steps}
    assert said["Ends_badly"].startswith("ClientError: AlgorithmError: ")
    assert "ProcessingJob" in steps["Ends_badly"]["Metadata"]
    invoked = "ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details: "
    assert said["Missing"].startswith(f"{invoked}No S3 objects found under S3 URL ")
    assert steps["Missing"]["Metadata"] == {}
    assert said["Limit"].startswith(f"{invoked}The account-level service limit 'ml.p3.2xlarge for")
    assert said["Limit"].endswith(
        f"Retry not appropriate on execution of step with PipelineExecutionArn {arn} and StepId "
        "Limit. No retry policy configured for the exception type SAGEMAKER_RESOURCE_LIMIT."
    )
    assert "Retry not appropriate" not in said["Repeated"]
    # The step has a policy, and none for this.
    assert said["Uncovered"] == said["Limit"].replace("StepId Limit.", "StepId Uncovered.")
    assert [steps[each]["AttemptCount"] for each in ("Limit", "Repeated")] == [1, 3]


def test_from_a_search_to_an_endpoint(
    pipelines: Pipelines, sagemaker: Any, client: Any, request_of: Any, golden: dict[str, Any],
    bucket: str, name: str,
) -> None:  # fmt: skip
    """Tuning, Model, Transform, RegisterModel, EndpointConfig and Endpoint in one execution."""
    request = training(request_of, golden)
    static = dict(request.pop("HyperParameters"))
    del static["max_depth"]
    depths = {"Name": "max_depth", "MinValue": "2", "MaxValue": "3"}
    tuning = {
        "HyperParameterTuningJobConfig": settings(
            "validation:mlogloss", {"IntegerParameterRanges": [depths]}, 2, 2, Strategy="Random"
        ),
        "TrainingJobDefinition": {**request, "StaticHyperParameters": static},
    }  # fmt: skip
    best = get("Steps.Search.TrainingJobSummaries[0].TrainingJobName")
    data = join("s3:/", bucket, "output", best, "output", "model.tar.gz", on="/")
    container = {"Image": IMAGE, "ModelDataUrl": data}
    client("s3").put_object(Bucket=bucket, Key=f"{name}/rows.csv", Body=b"5.9,3.0,5.1,1.8\n")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{name}/"}}
    made = variant("")
    made["ModelName"] = get("Steps.Make.ModelName")
    text = definition(
        step("Search", "Tuning", tuning),
        step("Make", "Model", {"ExecutionRoleArn": ROLE, "PrimaryContainer": container}),
        step("Predict", "Transform", {
            "ModelName": get("Steps.Make.ModelName"),
            "TransformInput": {"DataSource": source, "ContentType": "text/csv"},
            "TransformOutput": {"S3OutputPath": f"s3://{bucket}/{name}-out/"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}}),
        step("Register", "RegisterModel", {
            "ModelPackageGroupName": name,
            "InferenceSpecification": {
                "Containers": [container], "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
                "SupportedTransformInstanceTypes": ["ml.m5.large"],
                "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"]}}),
        step("Configure", "EndpointConfig", {
            "EndpointConfigName": name, "ProductionVariants": [made]}),
        step("Deploy", "Endpoint", {
            "EndpointName": name,
            "EndpointConfigName": get("Steps.Configure.EndpointConfigName")}),
    )  # fmt: skip
    pipelines.create(name, text)
    arn = pipelines.start(name)
    identifier = arn.rpartition("/")[2]
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(arn)
    metadata = {each: found["Metadata"] for each, found in pipelines.steps(arn).items()}
    tuned = metadata["Search"]["TuningJob"]["Arn"].rpartition("/")[2]
    # ARNs of tuning jobs are in lower case.
    assert tuned.startswith(f"{identifier}-search-")
    model = metadata["Make"]["Model"]["Arn"].rpartition("/")[2]
    assert model.startswith(f"pipelines-{identifier}-Make-")
    job = metadata["Predict"]["TransformJob"]["Arn"].rpartition("/")[2]
    described = sagemaker.describe_transform_job(TransformJobName=job)
    assert described["ModelName"] == model
    package = metadata["Register"]["RegisterModel"]["Arn"]
    assert package.endswith(f":model-package/{name}/1")
    config = metadata["Configure"]["EndpointConfig"]["Arn"].rpartition("/")[2]
    assert config.startswith(f"{name}-{identifier}-")
    assert metadata["Deploy"]["Endpoint"]["Arn"].endswith(f":endpoint/{name}")
    # Its next execution updates the endpoint that is there.
    again = pipelines.start(name)
    assert pipelines.ended(again)["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(again)
    found = sagemaker.describe_endpoint(EndpointName=name)
    assert found["EndpointConfigName"].startswith(f"{name}-{again.rpartition('/')[2]}-")
    undeploy(sagemaker, name)
    sagemaker.describe_model_package(ModelPackageName=f"{package[:-2]}/2")


FUNCTION = """
def handler(event, context):
    if event["rows"] < 0:
        raise ValueError("no rows")
    return {"double": event["rows"] * 2, "who": context.function_name, "more": None}
"""


def test_a_function_answers_or_fails(pipelines: Pipelines, client: Any, name: str) -> None:
    """A real Lambda function: its answer's outputs decide, and its exception fails the step."""
    iam, functions = client("iam"), client("lambda")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    function = functions.create_function(
        FunctionName=name, Runtime="python3.12", Role=role, Handler="main.handler", Timeout=30,
        Code={"ZipFile": archive(main=FUNCTION)},
    )["FunctionArn"]  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    outputs = [{"OutputName": "double", "OutputType": "Integer"},
               {"OutputName": "who", "OutputType": "String"}]  # fmt: skip
    double = get("Steps.Ask.OutputParameters['double']")
    text = definition(
        step("Ask", "Lambda", {"rows": get("Parameters.Rows")},
             FunctionArn=function, OutputParameters=outputs),
        condition("Many", compared("GreaterThan", double, 100), then=[fail("Bad", join(
            get("Steps.Ask.OutputParameters['who']"), double, on=" "))]),
        parameters=[{"Name": "Rows", "Type": "Integer", "DefaultValue": 2}],
    )  # fmt: skip
    pipelines.create(name, text)
    status, steps = pipelines.run(name)
    assert status == "Succeeded", steps
    assert steps["Ask"]["Metadata"]["Lambda"] == {
        "Arn": function,
        "OutputParameters": [{"Name": "double", "Value": "4"}, {"Name": "who", "Value": name}],
    }
    _, steps = pipelines.run(name, {"Rows": "60"})
    assert steps["Bad"]["FailureReason"] == f"{name} 120"
    status, steps = pipelines.run(name, {"Rows": "-1"})
    assert (status, list(steps)) == ("Failed", ["Ask"])
    assert steps["Ask"]["FailureReason"] == (
        "ClientError: Lambda function failed: ValueError: no rows"
    )
    functions.delete_function(FunctionName=name)
    iam.delete_role(RoleName=name)


def test_a_package_in_no_group_and_values_that_wait_for_their_step(
    pipelines: Pipelines, sagemaker: Any, client: Any, bucket: str, name: str
) -> None:
    """A package gets a name of the execution's; a value against a pattern fails its step."""
    client("s3").put_object(Bucket=bucket, Key=f"{name}/model.tar.gz", Body=b"a model")
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{bucket}/{name}/model.tar.gz"}
    specification = {
        "Containers": [container], "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedTransformInstanceTypes": ["ml.m5.large"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
    }  # fmt: skip
    star = specification | {"SupportedResponseMIMETypes": ["*"]}
    text = definition(
        step("Alone_one", "RegisterModel", {"InferenceSpecification": specification}),
        step("Star", "RegisterModel", {"InferenceSpecification": star}),
    )
    pipelines.create(name, text)
    arn = pipelines.start(name)
    assert pipelines.ended(arn)["PipelineExecutionStatus"] == "Failed"
    steps = pipelines.steps(arn)
    assert steps["Alone_one"]["StepStatus"] == "Succeeded", steps
    package = steps["Alone_one"]["Metadata"]["RegisterModel"]["Arn"]
    called = package.rpartition(":model-package/")[2]
    assert called.startswith(f"pipelines-{arn.rpartition('/')[2]}-Alone-one-")
    described = sagemaker.describe_model_package(ModelPackageName=called)
    assert described["ModelPackageName"] == called
    assert described.keys().isdisjoint({"ModelPackageGroupName", "ModelPackageVersion"})
    assert steps["Star"]["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateModelPackage. Error Details: 1 validation "
        "error detected: Value '[*]' at 'inferenceSpecification.supportedResponseMIMETypes' "
        "failed to satisfy constraint: Member must satisfy constraint: ["
    )
    sagemaker.delete_model_package(ModelPackageName=called)
