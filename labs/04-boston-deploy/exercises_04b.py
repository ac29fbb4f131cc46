"""The exercises of lab 04b, with their checks, hints and solutions."""

from __future__ import annotations

from typing import Any

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_number, need, need_value
from labhelpers.gone import still_there
from labhelpers.shapes import need_shape

# Exercise 5.
GROUP, SUBNETS = "sg-0a1b2c3d", ("subnet-1a2b3c4d", "subnet-5e6f7a8b")


def two_instances(answer: Any, *, client: Any, model_name: str) -> str:
    """ProductionVariants: one variant on two machines."""
    need(answer, (list, tuple), "ProductionVariants is a list")
    need_shape(answer, client, "ProductionVariantList")
    if len(answer) != 1:
        raise NotYet("one variant is enough: machines are a number in it, not more variants.")
    (variant,) = answer
    if variant.get("ModelName") != model_name:
        raise NotYet(f"ModelName is the name of the model in step 3, {model_name!r}.")
    if variant.get("InstanceType") != "ml.m5.large":
        raise NotYet("InstanceType should be ml.m5.large.")
    if variant.get("InitialInstanceCount") != 2:
        raise NotYet("how many machines it has is InitialInstanceCount.")
    if variant.get("InitialVariantWeight", 1) == 0:
        raise NotYet("with the weight 0 it gets no traffic, however many machines it has.")
    if "ServerlessConfig" in variant:
        raise NotYet("a variant has machines or a ServerlessConfig. AWS refuses both together.")
    return (
        "AWS tries to put the two into different availability zones, so that one of them goes on "
        "when a data centre does not. It costs twice as much, 0.23 dollars an hour."
    )


def vpc_config(answer: Any, *, client: Any) -> str:
    """VpcConfig with one security group and two subnets."""
    need(answer, dict, "VpcConfig is a dict")
    need_shape(answer, client, "VpcConfig")
    if list(answer["SecurityGroupIds"]) != [GROUP]:
        raise NotYet(f"SecurityGroupIds is a list with {GROUP} in it.")
    if sorted(answer["Subnets"]) != sorted(SUBNETS):
        raise NotYet(f"both subnets belong in it: {', '.join(SUBNETS)}.")
    return (
        "two subnets in two zones, so that the machines need not all stand in one. And remember "
        "the VPC endpoint for S3, without which the model does not arrive."
    )


def original_status(answer: Any, *, client: Any, endpoint_name: str) -> str:
    """The HTTP status with which the container answers thirteen values."""
    if answer is None:
        # An endpoint that is not there has no container that could answer.
        with still_there("endpoint", "steps 3 to 5"):
            client.describe_endpoint(EndpointName=endpoint_name)
        raise NotYet("there was no status. Did the call fail, and where did you look for it?")
    given = as_number(answer, "a status is a whole number", whole=True)
    known = (
        (
            424,
            "that is the status of InvokeEndpoint. The container's own is in the response, too.",
        ),
        (415, "that is the header line of step 6: text that is no number."),
        (200, "that is a call that worked. Is the price in the body?"),
    )
    other = "send a row of parts.test with all its columns, and look at error.response."
    need_value(given, 400, 0, known, other)
    return (
        "400: thirteen numbers are good CSV, but the model has learned from twelve. A missing "
        "column would not have been refused; XGBoost takes it for an unknown value."
    )


EXERCISES = (
    Exercise(
        check=two_instances,
        hints=(
            "Look at step 4: what has to change is one number.",
            "It is a list with one dict in it, and the dict has the keys of step 4.",
        ),
        solution="""\
answer_4 = [
    {
        "VariantName": "AllTraffic",
        "ModelName": model_name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
]""",
        wrong=(
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]',
            'answer_4 = [{"VariantName": "All Traffic!", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}]',
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2, "InitialVariantWeight": 0}]',
            'answer_4 = {"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}',
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": "2"}]',
            'answer_4 = [{"ModelName": model_name, "InstanceType": "ml.m5.large", '
            '"InitialInstanceCount": 2}]',
            'answer_4 = [{"VariantName": name, "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 1} for name in ("A", "B")]',
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": "xgboost", '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}]',
        ),
    ),
    Exercise(
        check=vpc_config,
        hints=(
            "VpcConfig has two keys; the request in step 3 shows them.",
            "Both values are lists, also the one with a single name in it.",
        ),
        solution="""\
answer_5 = {
    "SecurityGroupIds": ["sg-0a1b2c3d"],
    "Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"],
}""",
        wrong=(
            'answer_5 = {"SecurityGroupIds": "sg-0a1b2c3d", '
            '"Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"]}',
            'answer_5 = {"SecurityGroupIds": ["sg-0a1b2c3d"], "Subnets": ["subnet-1a2b3c4d"]}',
            'answer_5 = {"Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"]}',
            'answer_5 = {"security_groups": ["sg-0a1b2c3d"], "subnets": []}',
            'answer_5 = {"SecurityGroupIds": ["subnet-1a2b3c4d"], '
            '"Subnets": ["sg-0a1b2c3d", "subnet-5e6f7a8b"]}',
            'answer_5 = ["sg-0a1b2c3d", "subnet-1a2b3c4d", "subnet-5e6f7a8b"]',
        ),
    ),
    Exercise(
        check=original_status,
        hints=(
            "Make a body from parts.test.head(1), invoke the endpoint with it inside try, and "
            "catch ClientError as in step 6.",
            'error.response is a dict, and one of its keys is "OriginalStatusCode".',
        ),
        solution="""\
try:
    runtime.invoke_endpoint(
        EndpointName=endpoint_name,
        ContentType="text/csv",
        Body=parts.test.head(1).to_csv(header=False, index=False),
    )
except ClientError as error:
    # No container, no such status: None, for an endpoint that is gone.
    answer_6 = error.response.get("OriginalStatusCode")""",
        wrong=(
            "answer_6 = None",
            "answer_6 = 424",
            "answer_6 = 415",
            "answer_6 = 200",
            "answer_6 = 500",
            'answer_6 = "400"',
        ),
    ),
)
