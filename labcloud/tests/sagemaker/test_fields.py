"""Each member of each operation's input is done, without effect, or refused: none is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.fields import Fate, Fields
from labcloud.sagemaker.operations import FIELDS, OPERATIONS
from labcloud.sagemaker.protocol import service_model
from labcloud.sagemaker.validation import unknown, validate
from labcloud_support.fields_page import PAGE, page
from labcloud_support.members import members

MODEL = service_model("sagemaker")


def leaves(paths: list[str]) -> list[str]:
    return [path for path in paths if not any(other.startswith(f"{path}.") for other in paths)]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_no_member_is_unlisted(operation: str) -> None:
    paths = list(members(MODEL.operation_model(operation).input_shape))
    fates = {path: FIELDS[operation].fate(path)[0] for path in leaves(paths)}
    assert [path for path, fate in fates.items() if fate is Fate.UNLISTED] == []


@pytest.mark.parametrize(
    "operation", [name for name in sorted(OPERATIONS) if not name.startswith("List")]
)
def test_no_line_is_about_a_member_that_is_not_there(operation: str) -> None:
    paths = set(members(MODEL.operation_model(operation).input_shape))
    assert set(FIELDS[operation].paths) - paths == set()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_what_a_member_comes_to_is_said_once(operation: str) -> None:
    paths = FIELDS[operation].paths
    assert len(paths) == len(set(paths))


FIELDS_OF_A_TEST = Fields(
    done=("Name", "Config"),
    without_effect={"Key": "no need"},
    refused={"Config.Speed": "it is fast", "Lock": ""},
)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"Config": {"Speed": 1}}, "labcloud does not implement Config.Speed of Make: it is fast"),
        ({"Config": [{"Size": 1}, {"Speed": 0}]}, "labcloud does not implement Config.Speed of "),
        ({"Lock": {"On": True}}, "labcloud does not implement Lock of Make"),
        ({"New": {"In": "botocore"}}, "labcloud does not implement New.In of Make"),
    ],
)
def test_what_is_refused(request_: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        FIELDS_OF_A_TEST.check("Make", request_)
    assert refused.value.message.startswith(said)


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"ModelName": "m", "Colour": "red"}, "Colour"),
        (
            {"ModelName": "m", "PrimaryContainer": {"Colour": {"Of": "it"}}},
            "PrimaryContainer.Colour",
        ),
        ({"ModelName": "m", "Containers": [{}, {"Size": 0.5}]}, "Containers.Size"),
    ],
)
def test_what_only_a_newer_botocore_knows_is_refused(request_: dict[str, Any], path: str) -> None:
    shape = MODEL.operation_model("CreateModel").input_shape
    with pytest.raises(ValidationError) as refused:
        FIELDS["CreateModel"].check(
            "CreateModel", validate(request_, shape), unknown(request_, shape)
        )
    assert refused.value.message.startswith(
        f"labcloud does not implement {path} of CreateModel: its botocore, "
    )


def test_what_is_off_is_accepted_even_if_nobody_knows_it() -> None:
    shape = MODEL.operation_model("CreateModel").input_shape
    request: dict[str, Any] = {
        "ModelName": "m",
        "A": None,
        "B": False,
        "C": {"D": ""},
        "Containers": None,
    }
    request["Tags"] = [{"Key": "k", "Value": "v", "E": []}]
    request["PrimaryContainer"] = {"Image": "i", "Environment": {"of": "anything"}}
    FIELDS["CreateModel"].check("CreateModel", validate(request, shape), unknown(request, shape))


@pytest.mark.parametrize(
    "request_",
    [
        {"Name": "n", "Config": {"Size": 1}, "Key": "k"},
        {"Lock": {"On": False}},
        {"Lock": {}, "Config": {"Speed": ""}},
    ],
)
def test_what_is_accepted(request_: dict[str, Any]) -> None:
    FIELDS_OF_A_TEST.check("Make", request_)


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m labcloud_support.fields_page"
