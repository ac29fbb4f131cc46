"""A learner's role needs the policy beside the lab, and no more than a lab's own actions."""

from __future__ import annotations

from typing import Any

from .permissions import allowed


def test_statements_only_allow_and_name_what_they_are_for(statements: list[dict[str, Any]]) -> None:
    for statement in statements:
        assert statement["Effect"] == "Allow"
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    names = [statement["Sid"] for statement in statements]
    assert len(set(names)) == len(names)


def test_no_statement_allows_a_whole_service(statements: list[dict[str, Any]]) -> None:
    actions = allowed(statements)
    assert [action for action in actions if action.partition(":")[2] in ("", "*")] == []


def test_no_action_stands_twice_for_a_resource(statements: list[dict[str, Any]]) -> None:
    pairs = [
        (action, resource)
        for statement in statements
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    ]
    assert len(set(pairs)) == len(pairs)


def test_whoever_makes_roles_makes_them_within_the_boundary(
    statements: list[dict[str, Any]],
) -> None:
    """Else a learner could make a role that may do everything, and use it."""
    dangerous = {
        "iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
        "iam:UpdateAssumeRolePolicy", "iam:CreatePolicy", "iam:CreatePolicyVersion",
    }  # fmt: skip
    for statement in statements:
        if found := dangerous & set(_list(statement["Action"])):
            assert found == {"iam:CreateRole", "iam:PutRolePolicy"}
            assert statement["Resource"] == "arn:aws:iam::*:role/labs-*"
            (condition,) = statement["Condition"].values()
            assert condition["iam:PermissionsBoundary"].endswith(":policy/sagemaker-labs-boundary")


def _list(one_or_more: Any) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else list(one_or_more)
