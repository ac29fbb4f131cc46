"""Tables of Lambda: each member of each operation has a fate, and the documents name them all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, StructureShape

from labcloud.arns import Arns
from labcloud.functions import policy
from labcloud.functions.asked import FunctionError
from labcloud.functions.fields import FIELDS
from labcloud.functions.names import name_of
from labcloud.functions.results import exited
from labcloud.sagemaker.fields import Fate
from labcloud.sagemaker.protocol import service_model

MODEL = service_model("lambda")
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
ARNS = Arns("us-east-1", "123456789012")


def leaves(shape: Any, path: str = "") -> list[str]:
    if isinstance(shape, ListShape):
        return leaves(shape.member, path)
    if isinstance(shape, StructureShape) and shape.members:
        return [
            leaf
            for name, member in shape.members.items()
            for leaf in leaves(member, f"{path}.{name}" if path else name)
        ]
    return [path]


@pytest.mark.parametrize("operation", sorted(FIELDS))
def test_no_member_is_unlisted_and_no_line_is_about_nothing(operation: str) -> None:
    paths = leaves(MODEL.operation_model(operation).input_shape)
    fields = FIELDS[operation]
    assert [path for path in paths if fields.fate(path)[0] is Fate.UNLISTED] == []
    assert len(fields.paths) == len(set(fields.paths))
    qualified = operation.startswith(("Add", "Remove"))
    lines = {line for line in fields.paths if line != "Qualifier" or qualified}
    known = {each for path in paths for each in _prefixes(path)}
    assert {line for line in lines if line not in known} == set()


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def test_every_operation_is_in_the_documents() -> None:
    listed = re.findall(r"^- `(\w+)` \(lambda\)$", OPERATIONS.read_text(), re.M)
    assert listed == sorted(FIELDS)


@pytest.mark.parametrize(
    ("principal", "action", "source", "allowed"),
    [
        ("apigateway.amazonaws.com", "lambda:InvokeFunction", "arn:aws:x:r:1:abc/*/GET/a", True),
        ("*", "lambda:InvokeFunction", "arn:aws:x:r:1:abc/*/GET/a", True),
        ("apigateway.amazonaws.com", "lambda:*", "arn:aws:x:r:1:*", True),
        ("apigateway.amazonaws.com", "lambda:GetFunction", None, False),
        ("events.amazonaws.com", "lambda:InvokeFunction", None, False),
        ("apigateway.amazonaws.com", "lambda:InvokeFunction", "arn:aws:x:r:1:abd/*", False),
        ("apigateway.amazonaws.com", "lambda:InvokeFunction", "arn:aws:x:r:1:[a]bc/*", False),
        ("apigateway.amazonaws.com", "lambda:InvokeFunction", "arn:aws:x:*:1:abc/?*", True),
    ],
)
def test_what_a_policy_allows(
    principal: str, action: str, source: str | None, allowed: bool
) -> None:
    request = {"StatementId": "s", "Principal": principal, "Action": action}
    request |= {"SourceArn": source} if source else {}
    made = policy.statement(request, "arn")
    asked = ("apigateway.amazonaws.com", "arn:aws:x:r:1:abc/$default/GET/a")
    assert policy.allows([made], *asked) is allowed
    other = policy.statement({**request, "SourceAccount": "2" * 12}, "arn")
    assert not policy.allows([other], *asked)


def test_a_policy_has_its_limits() -> None:
    request = {"Principal": "1" * 12, "Action": "lambda:InvokeFunction"}
    statements: list[policy.Statement] = []
    with pytest.raises(FunctionError) as refused:
        for number in range(1000):
            new = policy.statement({**request, "StatementId": str(number)}, "arn")
            statements = policy.added(statements, new)
    assert refused.value.code == "PolicyLengthExceededException"
    assert len(policy.document(statements).encode()) <= 20480


@pytest.mark.parametrize(
    ("given", "qualifier", "code"),
    [
        ("a" * 65, None, "ValidationException"),
        ("a.b", None, "InvalidParameterValueException"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:f", None, "ResourceNotFoundException"),
        ("999999999999:f", None, "AccessDeniedException"),
        ("f:1", None, "ResourceNotFoundException"),
        ("f", "1", "ResourceNotFoundException"),
        ("f:a", "b", "InvalidParameterValueException"),
    ],
)
def test_names_that_are_none(given: str, qualifier: str | None, code: str) -> None:
    with pytest.raises(FunctionError) as refused:
        name_of(given, ARNS, qualifier)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "given", ["f", "function:f", "123456789012:f", "123456789012:function:f:$LATEST"]
)
def test_names_of_one_function(given: str) -> None:
    assert name_of(given, ARNS, "$LATEST") == "f"


@pytest.mark.parametrize(
    ("code", "said"),
    [(1, "exit status 1"), (-9, "signal: killed"), (-64, "signal: signal 64")],
)
def test_how_a_process_has_ended(code: int, said: str) -> None:
    assert exited("id", code).payload.decode().endswith(f'Runtime exited with error: {said}"}}')
