"""Writes the labs' permissions into the template of a classroom, docs/classroom/classroom.yaml.

`python -m tools.classroom` writes them; a test holds the template against labs/policy.json.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "labs" / "policy.json"
TEMPLATE = ROOT / "docs" / "classroom" / "classroom.yaml"
# The template's own role. The labs' policy allows every role whose name has the first part of it.
ROLE = (
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
    "AmazonSageMaker-ExecutionRole-${AWS::StackName}"
)
_BLOCK = re.compile(r"(?<=^ {14}# begin\n).*(?=^ {14}# end$)", re.M | re.S)


def template() -> str:
    """The template, with the permissions that the labs have now."""
    block = yaml.dump(statements(), Dumper=_Indented, sort_keys=False, width=200)
    indented = re.sub(r"^", " " * 14, block.rstrip("\n"), flags=re.M) + "\n"
    return _BLOCK.sub(lambda _: indented, TEMPLATE.read_text())


def statements() -> list[dict[str, Any]]:
    """The statements of the labs' policy. What is about a role is about the template's own."""
    found: list[dict[str, Any]] = json.loads(POLICY.read_text())["Statement"]
    return [
        statement | {"Resource": {"Fn::Sub": ROLE}} if _about_a_role(statement) else statement
        for statement in found
    ]


def _about_a_role(statement: dict[str, Any]) -> bool:
    """Whether it is about the learners' own role, and not about those of their functions."""
    return ":role/*AmazonSageMaker-ExecutionRole" in str(statement["Resource"])


class _Indented(yaml.SafeDumper):
    """Lists stand further in than what they belong to, as in the rest of the template."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


if __name__ == "__main__":
    TEMPLATE.write_text(template())
