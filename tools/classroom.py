"""Writes the labs' permissions into the template of a classroom, docs/classroom/classroom.yaml.

`python -m tools.classroom` writes them; a test holds the template against the labs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "docs" / "classroom" / "classroom.yaml"
# The template's own role.
ROLE = (
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
    "AmazonSageMaker-ExecutionRole-${AWS::StackName}"
)
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
_BLOCK = re.compile(r"(?<=^ {14}# begin\n).*(?=^ {14}# end$)", re.M | re.S)

Statement = dict[str, Any]


def template() -> str:
    """The template, with the permissions that the labs have now."""
    block = yaml.dump(statements(), Dumper=_Plain, sort_keys=False, width=200)
    indented = re.sub(r"^", " " * 14, block.rstrip("\n"), flags=re.M) + "\n"
    return _BLOCK.sub(lambda _: indented, TEMPLATE.read_text())


def statements() -> list[Statement]:
    """Every permission of the labs, each once. What is about a role is about the template's own."""
    merged: dict[str, Statement] = {}
    for statement in _of_the_labs():
        actions, resources = _list(statement["Action"]), _list(statement["Resource"])
        condition = statement.get("Condition")
        if "iam:PassRole" in actions:
            # It has a condition that the others beside it have not.
            _add(merged, "HandsItselfToJobs", ["iam:PassRole"], [ROLE], condition or TO_SAGEMAKER)
            actions = [action for action in actions if action != "iam:PassRole"]
        if actions and all(action.startswith("iam:") for action in actions):
            _add(merged, "LooksAtItself", actions, [ROLE], None)
        elif actions:
            _add(merged, _place(resources), actions, resources, condition)
    return [_ordered(statement) for statement in merged.values()]


def _of_the_labs() -> Iterable[Statement]:
    one_for_all = ROOT / "labs" / "policy.json"
    paths = [one_for_all] if one_for_all.exists() else sorted(ROOT.glob("labs/*/policy.json"))
    for path in paths:
        yield from json.loads(path.read_text())["Statement"]


def _place(resources: list[str]) -> str:
    """What a statement is about: those about the same place become one."""
    (first, *_) = resources
    if first.startswith("arn:aws:sagemaker:"):
        return "JobsModelsAndEndpoints"
    words = re.findall(r"[A-Za-z0-9]+", first.removeprefix("arn:aws:"))
    return "".join(word.capitalize() for word in words) or "Everywhere"


def _add(
    merged: dict[str, Statement],
    place: str,
    actions: list[str],
    resources: list[str],
    condition: Any,
) -> None:
    key = place + json.dumps(condition)
    number = sum(found["Sid"].startswith(place) for found in merged.values())
    found = merged.setdefault(
        key,
        {
            "Sid": place + (str(number + 1) if number else ""),
            "Effect": "Allow",
            "Action": set(),
            "Resource": set(),
        }
        | ({"Condition": condition} if condition else {}),
    )
    found["Action"].update(actions)
    found["Resource"].update(resources)


def _ordered(statement: Statement) -> Statement:
    resources: list[Any] = sorted(statement["Resource"])
    if resources == [ROLE]:
        resources = [{"Fn::Sub": ROLE}]
    return statement | {"Action": sorted(statement["Action"]), "Resource": resources}


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


class _Plain(yaml.SafeDumper):
    """Lists indented, and nothing said by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


if __name__ == "__main__":
    TEMPLATE.write_text(template())
