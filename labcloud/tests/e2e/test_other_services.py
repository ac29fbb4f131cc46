"""The services around SageMaker, as far as the labs and the SDK lean on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import ROLE

from .test_refusals import refusal

Client = Callable[[str], Any]


def test_the_execution_role_is_there_and_sagemaker_may_assume_it(client: Client) -> None:
    role = client("iam").get_role(RoleName=ROLE.rsplit("/", 1)[-1])["Role"]
    assert role["Arn"] == ROLE
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}


def test_we_are_a_session_of_that_role(client: Client) -> None:
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == (
        "arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-labcloud/SageMaker"
    )


def test_permissions_are_simulated_from_the_role_s_policies(client: Client) -> None:
    answer = client("iam").simulate_principal_policy(
        PolicySourceArn=ROLE,
        ActionNames=["s3:PutObject", "iam:DeleteRole", "ecr:GetAuthorizationToken"],
    )
    decisions = {
        each["EvalActionName"]: each["EvalDecision"] for each in answer["EvaluationResults"]
    }
    assert decisions == {
        "s3:PutObject": "allowed",
        "iam:DeleteRole": "implicitDeny",
        "ecr:GetAuthorizationToken": "allowed",
    }
    with pytest.raises(ClientError) as refused:
        client("iam").simulate_principal_policy(
            PolicySourceArn=ROLE + "-other", ActionNames=["s3:PutObject"]
        )
    assert refused.value.response["Error"]["Code"] == "NoSuchEntity"


def test_an_image_repository_can_be_made(client: Client) -> None:
    ecr = client("ecr")
    made = ecr.create_repository(repositoryName="sagemaker-test")["repository"]
    assert made["repositoryUri"] == ("123456789012.dkr.ecr.us-east-1.amazonaws.com/sagemaker-test")
    ecr.delete_repository(repositoryName="sagemaker-test")


def test_a_bucket_s_owner_can_be_expected(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="owned")
    s3.head_bucket(Bucket="owned", ExpectedBucketOwner="123456789012")
    with pytest.raises(ClientError, match="Not Found"):
        s3.head_bucket(Bucket="not-there-at-all")


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
