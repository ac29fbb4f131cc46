"""Each member of each operation of Lambda and API Gateway is done, without effect, or refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labcloud.apis.httpapis import operations as http_apis
from labcloud.apis.restapis import operations as rest_apis
from labcloud.sagemaker.fields import Fate
from labcloud.sagemaker.protocol import service_model
from labcloud_support.members import members
from labcloud_support.services import SERVICES

OPERATIONS = [(service, name) for service, table in SERVICES.items() for name in table]
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_member_is_in_the_table_and_no_other_is(service: str, operation: str) -> None:
    shape = service_model(service).operation_model(operation).input_shape
    paths, fields = list(members(shape)), SERVICES[service][operation]
    leaves = [each for each in paths if not any(p.startswith(f"{each}.") for p in paths)]
    assert [each for each in leaves if fields.fate(each)[0] is Fate.UNLISTED] == []
    assert set(fields.paths) - set(paths) == set()
    assert len(fields.paths) == len(set(fields.paths))


def test_every_operation_has_a_table() -> None:
    assert set(SERVICES["apigatewayv2"]) == set(http_apis.OPERATIONS)
    assert set(SERVICES["apigateway"]) == set(rest_apis.OPERATIONS)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_listed_and_no_other(service: str) -> None:
    listed = re.findall(rf"^- `(\w+)` \({service}\)$", PAGE.read_text(), re.M)
    assert listed == sorted(SERVICES[service])
