"""The template of a classroom is one that CloudFormation takes, and allows what the labs need."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from labhelpers.prices import HOURLY
from tests.labs import permissions
from tools import classroom

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "classroom"
# An inline policy and a role's name may not be longer.
CHARACTERS_OF_INLINE_POLICIES = 10_240
CHARACTERS_OF_A_ROLE = 64


class Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions as their long ones."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": loader.construct_scalar(node)}


Loader.add_multi_constructor("!", _function)


@pytest.fixture
def template() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((FOLDER / "classroom.yaml").read_text(), Loader)
    return found


def policy(template: dict[str, Any], name: str) -> list[dict[str, Any]]:
    policies = template["Resources"]["Role"]["Properties"]["Policies"]
    (found,) = [found for found in policies if found["PolicyName"] == name]
    statements: list[dict[str, Any]] = found["PolicyDocument"]["Statement"]
    return statements


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.prefix) / "bin" / "cfn-lint")
    command = [program, "--regions", "us-east-1", "eu-central-1", "--", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_cfn_lint_is_content() -> None:
    done = lint(FOLDER / "classroom.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_cfn_lint_finds_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "classroom.yaml"
    text = (FOLDER / "classroom.yaml").read_text()
    broken.write_text(text.replace("IdleTimeoutInMinutes:", "IdleTimeout:"))
    assert "IdleTimeout" in lint(broken).stdout


def test_the_labs_permissions_are_those_that_the_labs_have() -> None:
    written = (FOLDER / "classroom.yaml").read_text()
    assert written == classroom.template(), "run python -m tools.classroom"


def test_every_action_of_the_labs_is_allowed(template: dict[str, Any]) -> None:
    """The template against the labs' policy without the program that writes it."""
    labs = json.loads((ROOT / "labs" / "policy.json").read_text())["Statement"]
    written = policy(template, "labs")
    assert permissions.allowed(written) == permissions.allowed(labs)
    for one, other in zip(labs, written, strict=True):
        assert one.get("Condition") == other.get("Condition")
        if not permissions.allowed([one])[0].startswith("iam:"):
            assert one["Resource"] == other["Resource"]


def test_no_statement_allows_all_of_a_service_or_stands_twice(template: dict[str, Any]) -> None:
    statements = policy(template, "labs") + policy(template, "studio")
    actions = permissions.allowed([one for one in statements if one["Effect"] == "Allow"])
    assert [action for action in actions if action.endswith("*")] == []
    names = [statement["Sid"] for statement in statements]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in names)


def test_the_role_is_handed_to_sagemaker_alone(template: dict[str, Any]) -> None:
    passed, to_functions = [
        one for one in policy(template, "labs") if "iam:PassRole" in permissions.allowed([one])
    ]
    # The roles that learners make are for functions, and others than this one.
    assert to_functions["Resource"] == "arn:aws:iam::*:role/labs-*"
    assert passed["Resource"] == {"Fn::Sub": classroom.ROLE}
    services = passed["Condition"]["StringEquals"]["iam:PassedToService"]
    assert services == "sagemaker.amazonaws.com"
    name = template["Resources"]["Role"]["Properties"]["RoleName"]["Fn::Sub"]
    assert classroom.ROLE.endswith(f":role/{name}")
    # What labhelpers and the labs' policies know a role of Studio by.
    assert name.startswith("AmazonSageMaker-ExecutionRole-")
    assert len(name.removesuffix("${AWS::StackName}")) < CHARACTERS_OF_A_ROLE


def test_the_boundary_is_the_labs(template: dict[str, Any]) -> None:
    made = template["Resources"]["Boundary"]["Properties"]
    assert made["PolicyDocument"] == json.loads((ROOT / "labs" / "boundary.json").read_text())
    for statement in policy(template, "labs"):
        if "iam:CreateRole" in permissions.allowed([statement]):
            (condition,) = statement["Condition"].values()
            name = condition["iam:PermissionsBoundary"].rpartition("/")[2]
            assert name == made["ManagedPolicyName"]


def test_the_policies_are_short_enough_for_a_role(template: dict[str, Any]) -> None:
    policies = template["Resources"]["Role"]["Properties"]["Policies"]
    documents = [json.dumps(one["PolicyDocument"], separators=(",", ":")) for one in policies]
    assert sum(map(len, documents)) < CHARACTERS_OF_INLINE_POLICIES


def test_only_the_labs_instance_types_can_be_started(template: dict[str, Any]) -> None:
    (denied,) = [one for one in policy(template, "studio") if one["Effect"] == "Deny"]
    types = set(denied["Condition"]["ForAnyValue:StringNotEquals"]["sagemaker:InstanceTypes"])
    used = {
        name
        for path in ROOT.glob("labs/*/*.ipynb")
        for cell in json.loads(path.read_text())["cells"]
        if cell["cell_type"] == "code"
        for name in re.findall(r'"(ml\.\w+\.\w+)"', "".join(cell["source"]))
    }
    assert used <= types
    assert used <= set(HOURLY)


def test_a_space_starts_whatever_happens_to_its_script(
    template: dict[str, Any], tmp_path: Path
) -> None:
    """With a git that fails: Studio does not start a space whose script fails."""
    content = template["Resources"]["Start"]["Properties"]["StudioLifecycleConfigContent"]
    script = tmp_path / "start"
    script.write_text(content["Fn::Base64"]["Fn::Sub"].replace("${Repository}", "nowhere"))
    (tmp_path / "git").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "git").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(["bash", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "could not be installed" in done.stdout


def test_a_space_installs_what_the_readme_installs(template: dict[str, Any]) -> None:
    content = template["Resources"]["Start"]["Properties"]["StudioLifecycleConfigContent"]
    (installed,) = re.findall(r"--no-deps .*", content["Fn::Base64"]["Fn::Sub"])
    assert f"pip install {installed}\n" in (ROOT / "README.md").read_text()
    assert "\n  python -m tools.working_copies\n" in content["Fn::Base64"]["Fn::Sub"]


def test_permissions_that_change_are_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changed = tmp_path / "policy.json"
    changed.write_text(classroom.POLICY.read_text().replace("StopTrainingJob", "StopPipeline"))
    monkeypatch.setattr(classroom, "POLICY", changed)
    assert "StopPipeline" in classroom.template()
