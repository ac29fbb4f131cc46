"""The permissions of a role that one ml2p project needs for its jobs and endpoints, and no others.

It follows from what the containers do, and what SageMaker does for them. Nobody has tried it on
AWS yet.
"""

from __future__ import annotations

from typing import Any

from labhelpers.lab import Lab

# SageMaker becomes the role, and nobody else does.
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def permissions(lab: Lab, project: str, repository: str) -> dict[str, Any]:
    """The policy of the role: the project's folder in S3, its image, its logs."""
    folder = lab.uri(lab.name, project).removeprefix("s3://")
    bucket, _, prefix = folder.partition("/")
    images = f"arn:aws:ecr:{lab.region}:{lab.account}:repository/{repository}"
    logs = f"arn:aws:logs:{lab.region}:{lab.account}:log-group:/aws/sagemaker/*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{folder}/*"),
            {
                **_allow(["s3:ListBucket"], f"arn:aws:s3:::{bucket}"),
                "Condition": {"StringLike": {"s3:prefix": f"{prefix}/*"}},
            },
            _allow(["ecr:GetAuthorizationToken"], "*"),
            _allow(
                [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                images,
            ),
            _allow(
                [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                logs,
            ),
            _allow(["cloudwatch:PutMetricData"], "*"),
        ],
    }


def _allow(actions: list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
