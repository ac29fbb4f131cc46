"""The services around SageMaker, as far as the labs and the SDK lean on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import ROLE

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
