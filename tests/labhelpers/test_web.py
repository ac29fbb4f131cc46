"""What a web app leaves is found and deleted, and nobody else's is."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labhelpers import Lab, clean_up, leftovers
from labhelpers.web import web_parts

Make = Callable[[Lab], str]


@pytest.fixture
def make() -> Make:
    """A role with a policy, a log group, a function and an API, all of one name."""

    def start(lab: Lab) -> str:
        name = lab.resource_name("app")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "lambda.amazonaws.com"}}]}  # fmt: skip
        made = lab.client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps(trust)
        )
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}  # fmt: skip
        lab.client("iam").put_role_policy(
            RoleName=name, PolicyName="one", PolicyDocument=json.dumps(policy)
        )
        lab.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("main.py", "def handler(event, context):\n    return event\n")
        lab.client("lambda").create_function(
            FunctionName=name, Runtime="python3.13", Handler="main.handler",
            Role=made["Role"]["Arn"],
            Code={"ZipFile": packed.getvalue()},
        )  # fmt: skip
        lab.client("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
        lab.client("apigatewayv2").create_api(Name=name, ProtocolType="HTTP")
        return name

    return start


def test_an_app_is_found_and_deleted_from_its_api_to_its_role(
    lab: Lab, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    name = make(lab)
    left = leftovers(lab)
    kinds = ["API", "function", "log group of function", "role"]
    assert left["kind"].tolist() == kinds
    assert set(left["name"]) == {name} and left["dollars an hour"].sum() == 0
    capsys.readouterr()
    clean_up(lab)
    said = capsys.readouterr().out.splitlines()
    assert said == [f"Deleted {kind} {name}" for kind in kinds]
    clean_up(lab)
    assert capsys.readouterr().out == "Nothing to clean up: this lab has no endpoint running.\n"


def test_what_is_gone_already_is_no_failure(lab: Lab, make: Make) -> None:
    make(lab)
    found = list(web_parts(lab, lab.prefix))
    assert [item.delete() for item in found] == [True] * 4
    assert [item.delete() for item in found] == [False] * 4


def test_another_prefix_is_left_alone(lab: Lab, make: Make) -> None:
    make(lab)
    assert list(web_parts(lab, lab.of("98-others").prefix)) == []


def test_what_a_role_may_not_list_is_passed_over(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The policy of an earlier version of the course does not allow it."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "List")

    client = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=refuse))
    monkeypatch.setattr(Lab, "client", lambda *_: client)
    assert list(web_parts(lab, lab.prefix)) == []
    assert capsys.readouterr().out.count("labs/policy.json allows it") == 4
    monkeypatch.undo()
