"""The services around SageMaker (S3, STS, IAM, ECR, CloudWatch): moto, in this process.

Gives the account what an AWS account has before the first lab: a role for SageMaker to run jobs
as, and a session of that role, which is who our one key pair is.
"""

from __future__ import annotations

import json
import os
from typing import Any, cast

# moto reads these when it is imported. No page of another origin has business here.
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")

from a2wsgi import WSGIMiddleware
from moto.iam.models import AccessKey, iam_backends
from moto.moto_server import werkzeug_app
from moto.moto_server.utilities import RegexConverter
from moto.sts.models import AssumedRole, sts_backends
from starlette.types import ASGIApp

from labcloud.aws.s3.answers import DurableS3
from labcloud.aws.s3.vault import Vault
from labcloud.state.credentials import Credentials

ROLE = "AmazonSageMaker-ExecutionRole-labcloud"
_PATH = "/service-role/"
_WORKERS = 10
_ONE_LIFE = 10 * 365 * 24 * 3600

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


class _AnyCharacter(RegexConverter):
    """moto's routes, where a key may have any character in it, the end of a line too."""

    def __init__(self, url_map: Any, *items: Any) -> None:
        super().__init__(url_map, *items)
        self.regex = f"(?s:{self.regex})"


def application(vault: Vault) -> ASGIApp:
    """moto as an ASGI application, with an S3 that survives."""
    cast(Any, werkzeug_app).RegexConverter = _AnyCharacter
    wsgi = DurableS3(
        werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app), vault
    )
    return cast(ASGIApp, WSGIMiddleware(cast(Any, wsgi), workers=_WORKERS))


def role_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:role{_PATH}{ROLE}"


def prepare_account(account: str, region: str, credentials: Credentials) -> None:
    """Makes the execution role, and lets our key pair be a session of it."""
    iam: Any = iam_backends[account]["aws"]
    role = iam.create_role(
        role_name=ROLE,
        assume_role_policy_document=json.dumps(_TRUST),
        path=_PATH,
        permissions_boundary=None,
        description="What the jobs and endpoints of the labs run as.",
        tags=[],
        max_session_duration="3600",
    )
    role.put_policy("labs", json.dumps(_POLICY))
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
        duration=_ONE_LIFE,
        external_id="",
    )
    sts_backends[account]["aws"].assumed_roles.append(session)
