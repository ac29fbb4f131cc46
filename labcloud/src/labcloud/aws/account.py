"""What an AWS account has before anything is made in it: an execution role, and who we are.

The role is the one that SageMaker runs jobs as. Our one key pair belongs to a session of it.
"""

from __future__ import annotations

import json
from typing import Any

from moto.iam.models import AccessKey, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from labcloud.state.credentials import Credentials

ROLE = "AmazonSageMaker-ExecutionRole-labcloud"
_PATH = "/service-role/"
_TEN_YEARS = 10 * 365 * 24 * 3600  # seconds

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["sagemaker:*", "s3:*", "ecr:*", "logs:*", "cloudwatch:*", "sts:*", "ec2:*",
                       "iam:GetRole", "iam:PassRole", "iam:SimulatePrincipalPolicy"],
            "Resource": "*",
        }
    ],
}  # fmt: skip


def role_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:role{_PATH}{ROLE}"


def prepare_account(account: str, region: str, credentials: Credentials) -> None:
    """Makes the execution role, and our key pair one of a session of it."""
    iam: Any = iam_backends[account]["aws"]
    role = iam.create_role(
        role_name=ROLE,
        assume_role_policy_document=json.dumps(_TRUST),
        path=_PATH,
        permissions_boundary=None,
        description="SageMaker runs jobs and endpoints with this role.",
        tags=[],
        max_session_duration="3600",
    )
    role.put_policy("SageMakerExecution", json.dumps(_POLICY))
    make_key: Any = AccessKey  # moto's base class looks abstract to a type checker
    key = make_key(user_name=None, prefix="LABC", account_id=account)
    key.access_key_id, key.secret_access_key = credentials.access_key, credentials.secret_key
    key.role_arn = role.arn
    session = AssumedRole(
        account_id=account,
        region_name=region,
        access_key=key,
        role_session_name="SageMaker",
        role_arn=role.arn,
        policy="",
        duration=_TEN_YEARS,
        external_id="",
    )
    sts_backends[account]["aws"].assumed_roles.append(session)
