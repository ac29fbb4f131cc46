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


def test_no_action_stands_twice(statements: list[dict[str, Any]]) -> None:
    actions = allowed(statements)
    assert len(set(actions)) == len(actions)
