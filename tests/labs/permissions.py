"""Which IAM actions the calls of a lab need, and which ones a policy allows."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

# "Actions, resources, and condition keys for AWS services" says which operation needs which.
FREE = {"sts:GetCallerIdentity"}
ACTIONS = {
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:ListParts": ("s3:ListMultipartUploadParts",),
    "s3:ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    # API Gateway's actions are the methods of its requests.
    "apigateway:GetApis": ("apigateway:GET",),
    "apigateway:CreateApi": ("apigateway:POST",),
    "apigateway:CreateIntegration": ("apigateway:POST",),
    "apigateway:CreateRoute": ("apigateway:POST",),
    "apigateway:CreateStage": ("apigateway:POST",),
    "apigateway:DeleteApi": ("apigateway:DELETE",),
    # CloudWatch signs its requests by another name than the one it has in IAM.
    "monitoring:GetMetricStatistics": ("cloudwatch:GetMetricStatistics",),
    # A role is handed over with these.
    "sagemaker:CreateTrainingJob": ("sagemaker:CreateTrainingJob", "iam:PassRole"),
    "sagemaker:CreateHyperParameterTuningJob": (
        "sagemaker:CreateHyperParameterTuningJob", "iam:PassRole",
    ),
    "sagemaker:CreateModel": ("sagemaker:CreateModel", "iam:PassRole"),
    "sagemaker:CreateProcessingJob": ("sagemaker:CreateProcessingJob", "iam:PassRole"),
    "sagemaker:CreatePipeline": ("sagemaker:CreatePipeline", "iam:PassRole"),
    "sagemaker:UpdatePipeline": ("sagemaker:UpdatePipeline", "iam:PassRole"),
    "lambda:CreateFunction": ("lambda:CreateFunction", "iam:PassRole"),
}  # fmt: skip


def statements_for(notebook: Path) -> list[dict[str, Any]]:
    """The statements of the policy beside the folder of a notebook, one for all labs."""
    policy = json.loads((notebook.parents[1] / "policy.json").read_text())
    assert policy["Version"] == "2012-10-17"
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def allowed(statements: list[dict[str, Any]]) -> list[str]:
    """Every action of a policy, patterns as they are written."""
    actions: list[str] = []
    for statement in statements:
        action = statement["Action"]
        actions += [action] if isinstance(action, str) else action
    return actions


def needed(calls: frozenset[str]) -> set[str]:
    return {action for call in calls - FREE for action in ACTIONS.get(call, (call,))}


def missing(calls: frozenset[str], statements: list[dict[str, Any]]) -> list[str]:
    """The actions that these calls need and no statement allows. IAM does not regard case."""
    patterns = [pattern.lower() for pattern in allowed(statements)]
    return sorted(
        action
        for action in needed(calls)
        if not any(fnmatchcase(action.lower(), pattern) for pattern in patterns)
    )
