"""What S3 and ECR hold goes to the disk and comes back, whichever Python has written it."""

from __future__ import annotations

import pickle
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from moto.ecr.models import RepoTagMutability

from labcloud.aws import pickles

MEMBER = RepoTagMutability.MUTABLE


def by_getattr(member: Enum, _: int) -> Any:
    """How Python 3.11.0 to 3.11.3 pickle the member of an enum."""
    return getattr, (type(member), member.name)


def test_an_enum_is_written_in_one_way_by_every_python(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = pickles.dumps(MEMBER)
    monkeypatch.setattr(RepoTagMutability, "__reduce_ex__", by_getattr)
    assert pickles.dumps(MEMBER) == plain
    assert pickles.loads(plain) is MEMBER


def test_an_enum_that_such_a_python_has_written_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RepoTagMutability, "__reduce_ex__", by_getattr)
    written = pickle.dumps(MEMBER)
    assert b"getattr" in written
    assert pickles.loads(written) is MEMBER


def test_what_could_not_be_read_is_not_written() -> None:
    with pytest.raises(pickles.NotStorable, match="pathlib"):
        pickles.dumps({"path": Path("/")})


@pytest.mark.parametrize("named", [print, Path, pickle.loads])
def test_a_name_of_another_module_is_not_read(named: Any) -> None:
    with pytest.raises(pickle.UnpicklingError, match="does not belong to a state"):
        pickles.loads(pickle.dumps(named))


def test_getattr_stands_for_a_function_that_knows_enums_alone() -> None:
    with pytest.raises(pickle.UnpicklingError, match="not an enum"):
        pickles.loads(pickle.dumps(getattr))(str, "format")
