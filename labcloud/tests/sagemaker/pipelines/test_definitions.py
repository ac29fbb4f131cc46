"""Definitions that are refused, to the last member, and what is said."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines.checks import checked
from labcloud.sagemaker.pipelines.steps.table import KINDS, NOT_HERE

ROLE = "arn:aws:iam::123456789012:role/any"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}


def processing(**changes: Any) -> dict[str, Any]:
    output = {"S3Uri": "s3://b/o", "LocalPath": "/opt/ml/processing/o", "S3UploadMode": "EndOfJob"}
    return {
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["true"]},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "o", "S3Output": output}]},
        **changes,
    }


def step(name: str = "A", kind: str = "Processing", arguments: Any = None, **members: Any) -> Any:
    arguments = processing() if arguments is None else arguments
    return {"Name": name, "Type": kind, "Arguments": arguments, **members}


def fail(name: str, message: Any = "no", **members: Any) -> Any:
    return step(name, "Fail", {"ErrorMessage": message}, **members)


def condition(name: str, *conditions: Any, then: Any = (), otherwise: Any = ()) -> Any:
    return step(
        name,
        "Condition",
        {"Conditions": list(conditions), "IfSteps": list(then), "ElseSteps": list(otherwise)},
    )


def text(*steps: Any, **members: Any) -> str:
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps), **members})


def get(of: str) -> dict[str, str]:
    return {"Get": of}


def refusal(given: str) -> str:
    with pytest.raises(ValidationError) as refused:
        checked(given)
    return refused.value.message.removeprefix("Unable to parse pipeline definition. ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "It is not valid JSON."),
        ("[" * 100_000, "It is not valid JSON."),
        (text(fail("F", math.nan)), "It is not valid JSON: Non-standard token 'NaN'."),
        (text(fail("F", -math.inf)), "It is not valid JSON: Non-standard token '-Infinity'."),
        (text(fail("F", 5)).replace("5", "1e999"),
         "It is not valid JSON: 1e999 is not a finite number."),
        ("[]", "Expecting start of Json Object."),
        (text(step(), Version="2021"), "The Version must be 2020-12-01; it is 2021."),
        (text(step(), Colour="red"), "Unknown member 'Colour'."),
        (text(step(), Steps={}), "Expecting start of Json Array."),
        (text(), "A pipeline must have at least one step."),
        (text(step(), Parameters={"a": 1}), "Expecting start of Json Array."),
        (text(step(), MlflowConfig={"a": "b"}),
         "labcloud does not implement MlflowConfig of pipeline definitions"),
        (text(step(), PipelineExperimentConfig={"Name": 1}),
         "PipelineExperimentConfig has an ExperimentName and a TrialName."),
        (text(step(), PipelineExperimentConfig={"TrialName": get("Parameters.P")}),
         "PipelineExperimentConfig refers to parameter 'P', which is not there."),
        (text(step(), step()), "Duplicate step name 'A'."),
        (text(condition("C", then=[fail("F")], otherwise=[fail("F")])),
         "Duplicate step name 'F'."),
        (text(5), "Expecting start of Json Object."),
        (text(step("a b")), "The Name of a step must match"),
        (text(step("x" * 65)), "The Name of a step must match"),
        (text(step(kind="Dance")), "Unknown step type 'Dance'."),
        (text(step(arguments=[])), "Expecting start of Json Object."),
        (text(step(Colour="red")), "Unknown member 'Colour' of step 'A' of type Processing."),
        (text(step(DependsOn="B")), "Expecting start of Json Array."),
        (text(step(DependsOn=["B"])), "Step 'A' depends on step 'B', which is not there."),
        (text(step(DependsOn=[{"Step": "A", "Trigger": "Later"}])), "A Trigger is one of"),
        (text(step(DependsOn=["A"])), "The steps wait for each other: A."),
        (text(step(DependsOn=["B"]), step("B", DependsOn=["A"])),
         "The steps wait for each other: A, B."),
        (text(fail("F"), condition("C"), {**condition("D"), "DependsOn": ["F"]}),
         "D can not depends on F"),
        (text(step(CacheConfig={"Enabled": 1})), "Enabled of a CacheConfig must be true or false."),
        (text(condition("C") | {"CacheConfig": {"Enabled": True}}),
         "Unknown member 'CacheConfig' of step 'C' of type Condition."),
        (text(step(DisplayName="x" * 257)), "DisplayName of step 'A' is a String of 256"),
    ],
)  # fmt: skip
def test_the_frame(given: str, said: str) -> None:
    assert refusal(given).startswith(said)


@pytest.mark.parametrize("kind", NOT_HERE)
def test_steps_that_labcloud_does_not_have_are_refused_by_name(kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        checked(text(step(kind=kind)))
    assert refused.value.message == f"labcloud does not implement pipeline steps of type {kind}"
    assert kind not in KINDS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (processing(Colour=1), "Unknown Argument member 'Colour'."),
        (processing(AppSpecification={"ImageUri": IMAGE, "Colour": 1}),
         "Unknown Argument member 'Colour'."),
        (processing(AppSpecification=[]), "Expecting start of Json Object."),
        (processing(ProcessingInputs={}), "Expecting start of Json Array."),
        (processing(ProcessingInputs=get("Parameters.P")), "Expecting start of Json Array."),
        (processing(Environment=get("Parameters.P")), "Expecting start of Json Object."),
        (processing(RoleArn=None), "Missing Argument member 'RoleArn'."),
        (processing(RoleArn=5), "Model Validation failed: Value '5' for 'RoleArn' failed to "
         "satisfy type string"),
        (processing(ProcessingInputs=[{"InputName": "i", "S3Input": {
            "S3Uri": "s3://b/i", "LocalPath": "/opt/ml/processing/i", "S3DataType": "S3Prefix",
            "S3InputMode": "FastFile"}}]),
         "Model Validation failed: Value 'FastFile' for 'ProcessingS3InputMode' failed to satisfy "
         "enum value set: [Pipe, File]"),
        (processing(ProcessingResources={"ClusterConfig": {**CLUSTER, "InstanceCount": "1"}}),
         "Model Validation failed: Value '1' for 'ProcessingInstanceCount' failed to satisfy type"),
        (processing(ExperimentConfig={"TrialName": "t"}),
         "labcloud does not implement ExperimentConfig of CreateProcessingJob"),
        (processing(Environment={"A": {"Get": "Nothing"}}),
         "Step 'A' has an expression that cannot be read"),
        (processing(Environment={"A": get("Parameters.P")}),
         "Step 'A' refers to parameter 'P', which is not there."),
        (processing(Environment={"A": get("Execution.Colour")}),
         "Step 'A' refers to 'Execution.Colour', which executions do not have."),
        (processing(Environment={"A": get("Steps.B.RoleArn")}),
         "Step 'A' depends on step 'B', which is not there."),
        (processing(Environment={"A": {"Std:Join": {"On": "/"}}}),
         "Step 'A' has a Std:Join without Values"),
        (processing(Environment={"A": {"Std:JsonGet": {"Path": "a"}}}),
         "Step 'A' has a Std:JsonGet that needs a Path"),
    ],
)  # fmt: skip
def test_arguments(arguments: Any, said: str) -> None:
    assert refusal(text(step(arguments=arguments))).startswith(said)


OF_EACH_TYPE = [{"Name": kind, "Type": kind} for kind in ("String", "Integer", "Float", "Boolean")]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("Integer", "String"), ("Float", "String"), ("Boolean", "String"),
     ("String", "Integer"), ("Float", "Integer"), ("Boolean", "Integer"),
     ("String", "Boolean"), ("Integer", "Boolean"), ("Float", "Boolean")],
)  # fmt: skip
def test_a_parameter_has_the_type_of_its_argument(kind: str, wanted: str) -> None:
    """AWS's words; Std:Join makes a text of a number, as the SDKs' to_string does."""
    asked = get(f"Parameters.{kind}")
    arguments = {
        "String": processing(Environment={"A": asked}),
        "Integer": processing(ProcessingResources={
            "ClusterConfig": {**CLUSTER, "InstanceCount": asked}}),
        "Boolean": processing(NetworkConfig={"EnableNetworkIsolation": asked}),
    }[wanted]  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        checked(text(step(arguments=arguments), Parameters=OF_EACH_TYPE))
    assert refused.value.message == (
        f"Cannot assign property reference [Parameters.{kind}] to argument of type [{wanted}]."
    )


def test_parameters_that_fit() -> None:
    """As the whole of an argument, or as a part of a text."""
    arguments = processing(
        AppSpecification={"ImageUri": get("Parameters.String"), "ContainerEntrypoint": ["true"]},
        Environment={"A": {"Std:Join": {"Values": [get("Parameters.Integer")]}}},
        ProcessingResources={"ClusterConfig": {**CLUSTER, "InstanceCount": get(
            "Parameters.Integer")}},
        NetworkConfig={"EnableNetworkIsolation": get("Parameters.Boolean")},
    )  # fmt: skip
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large",
               "InitialInstanceCount": 1}  # fmt: skip
    weights = [{**variant, "InitialVariantWeight": get(f"Parameters.{n}")}
               for n in ("Float", "Integer")]  # fmt: skip
    configs = [step(f"C{n}", "EndpointConfig", {"ProductionVariants": [each]})
               for n, each in enumerate(weights)]  # fmt: skip
    function = step("L", "Lambda", {"a": get("Parameters.Integer")}, FunctionArn="f")
    given = text(step(arguments=arguments), *configs, function, Parameters=OF_EACH_TYPE)
    assert list(checked(given).steps) == ["A", "C0", "C1", "L"]


def test_patterns_and_ranges_wait_for_the_step() -> None:
    """AWS makes such pipelines: the SDK's own tests do it."""
    cluster = {"ClusterConfig": {**CLUSTER, "VolumeSizeInGB": 0}}
    source = {"S3Uri": "/tmp/i", "LocalPath": "/opt/ml/processing/i", "S3DataType": "S3Prefix"}
    local = {"InputName": "i", "S3Input": source}
    many = {f"k{number}": "v" for number in range(101)}
    arguments = processing(
        RoleArn="me", ProcessingResources=cluster, ProcessingInputs=[local], Environment=many
    )
    assert checked(text(step(arguments=arguments))).steps["A"].arguments == arguments


FILE = {"PropertyFileName": "Report", "OutputName": "o", "FilePath": "r.json"}


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("Steps.A.Colour", "which steps of type Processing do not have."),
        ("Steps.A", "which steps of type Processing do not have."),
        ("Steps.A.AppSpecification.Colour", "which steps of type Processing do not have."),
        ("Steps.A.RoleArn.Below", "which steps of type Processing do not have."),
        ("Steps.A.PropertyFiles.Other", "step 'A' has no such file."),
        ("Steps.C.Colour", "which steps of type Condition do not have."),
        ("Steps.L.OutputParameters['b']", "which steps of type Lambda do not have."),
    ],
)
def test_references_to_what_a_step_does_not_have(of: str, said: str) -> None:
    outputs = [{"OutputName": "a", "OutputType": "String"}]
    function = step("L", "Lambda", {}, FunctionArn="f", OutputParameters=outputs)
    given = text(step(PropertyFiles=[FILE]), condition("C"), function, fail("F", get(of)))
    assert refusal(given) == f"Step 'F' refers to '{of}'" + (
        f": {said}" if "file" in said else f", {said}"
    )


def test_what_can_be_referred_to() -> None:
    outputs = [{"OutputName": "a", "OutputType": "String"}]
    function = step("L", "Lambda", {}, FunctionArn="f", OutputParameters=outputs)
    report = {"Std:JsonGet": {"PropertyFile": get("Steps.A.PropertyFiles.Report"), "Path": "a.b"}}
    used = [
        get("Steps.A.ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri"),
        get("Steps.A.Environment['any']"), get("Steps.C.Outcome"), report,
        get("Steps.L.OutputParameters['a']"), get("Execution.PipelineExecutionId"),
    ]  # fmt: skip
    message = {"Std:Join": {"On": " ", "Values": used}}
    found = checked(
        text(step(PropertyFiles=[FILE]), condition("C", then=[fail("F", message)]), function)
    )
    assert list(found.steps) == ["A", "C", "F", "L"]
    waits = {each.step for each in found.steps["F"].dependencies}
    assert waits == {"A", "C", "L"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "Expecting start of Json Array."),
        ([{"PropertyFileName": "R"}], "PropertyFiles holds Objects with"),
        ([FILE, FILE], "Duplicate property file 'Report'."),
        ([{**FILE, "OutputName": "p"}], "Property file 'Report' is of the output 'p', which"),
        ([{**FILE, "FilePath": 1}], "The members of PropertyFiles are Strings."),
    ],
)
def test_property_files(files: Any, said: str) -> None:
    given = text(step(PropertyFiles=files))
    if files == {}:
        checked(given)
        return
    assert refusal(given).startswith(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (step("L", "Lambda", {}), "Step 'L' must have a FunctionArn."),
        (step("C", "Callback", {}), "Step 'C' must have an SqsQueueUrl."),
        (step("L", "Lambda", {}, FunctionArn="f", OutputParameters={"a": 1}),
         "Expecting start of Json Array."),
        (step("L", "Lambda", {}, FunctionArn="f", OutputParameters=[{"OutputType": "String"}]),
         "OutputParameters holds Objects with"),
        (step("L", "Lambda", {}, FunctionArn="f",
              OutputParameters=[{"OutputName": "a", "OutputType": "Date"}]),
         "An OutputType is one of"),
        (step("F", "Fail", {"Message": "a"}), "Unknown Argument member 'Message'."),
        (step("F", "Fail", {"ErrorMessage": ["a"]}), "ErrorMessage must be a String"),
        (step("C", "Condition", {"Conditions": [], "Then": []}), "Unknown Argument member 'Then'."),
        (step("C", "Condition", {"IfSteps": []}), "Expecting start of Json Array."),
        (step("E", "Endpoint", {"EndpointConfigName": "c"}),
         "Missing Argument member 'EndpointName'."),
        (step("R", "RegisterModel", {"ModelPackageName": "m"}),
         "Unknown Argument member 'ModelPackageName'."),
    ],
)  # fmt: skip
def test_single_kinds(given: Any, said: str) -> None:
    assert refusal(text(given)).startswith(said)


def test_how_deep_branches_can_be() -> None:
    inner = condition("C0")
    for number in range(1, 25):
        inner = condition(f"C{number}", then=[inner])
    assert refusal(text(inner)) == "The branches of conditions can be 20 deep."
