"""A learner's role needs the policy beside the lab, and no more than a lab's own actions."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

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
    # A role is handed over with these.
    "sagemaker:CreateTrainingJob": ("sagemaker:CreateTrainingJob", "iam:PassRole"),
    "sagemaker:CreateHyperParameterTuningJob": (
        "sagemaker:CreateHyperParameterTuningJob", "iam:PassRole",
    ),
    "sagemaker:CreateModel": ("sagemaker:CreateModel", "iam:PassRole"),
    "lambda:CreateFunction": ("lambda:CreateFunction", "iam:PassRole"),
}  # fmt: skip


@pytest.fixture
def statements(path: Path) -> list[dict[str, Any]]:
    policy = json.loads((path.parent / "policy.json").read_text())
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


def test_statements_only_allow_and_name_what_they_are_for(statements: list[dict[str, Any]]) -> None:
    for statement in statements:
        assert statement["Effect"] == "Allow"
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    names = [statement["Sid"] for statement in statements]
    assert len(set(names)) == len(names)


def test_no_statement_allows_a_whole_service(statements: list[dict[str, Any]]) -> None:
    actions = allowed(statements)
    assert [action for action in actions if action.partition(":")[2] in ("", "*")] == []


def test_no_action_stands_twice(statements: list[dict[str, Any]]) -> None:
    actions = allowed(statements)
    assert len(set(actions)) == len(actions)


@pytest.mark.slow
def test_every_call_of_the_lab_is_allowed(run: Any, statements: list[dict[str, Any]]) -> None:
    assert run.problem is None, run.problem
    assert run.calls, "no call was recorded"
    patterns = [pattern.lower() for pattern in allowed(statements)]
    missing = {
        action
        for action in needed(run.calls)
        if not any(fnmatchcase(action.lower(), pattern) for pattern in patterns)
    }
    assert sorted(missing) == []
