"""How the tests wait for what another process does."""

import re

import psutil
import pytest
from botocore.exceptions import ClientError

from labcloud_support import life
from labcloud_support.life import eventually


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetLogEvents")


NOT_THERE = [
    IndexError(), KeyError(), FileNotFoundError(), ProcessLookupError(), psutil.NoSuchProcess(1),
    refused("ResourceNotFoundException"), refused("NoSuchKey"),
]  # fmt: skip


@pytest.mark.parametrize("error", NOT_THERE, ids=lambda error: type(error).__name__)
def test_what_is_not_there_yet_is_waited_for(error: Exception) -> None:
    looks: list[Exception | str] = [error, "", error, "found"]

    def look() -> str:
        seen = looks.pop(0)
        if isinstance(seen, Exception):
            raise seen
        return seen

    assert eventually(look, "it is there") == "found"
    assert looks == []


@pytest.mark.parametrize("error", [refused("AccessDenied"), AssertionError(), ValueError()])
def test_another_error_ends_the_waiting(error: Exception) -> None:
    looks = 0

    def look() -> bool:
        nonlocal looks
        looks += 1
        raise error

    with pytest.raises(type(error)) as raised:
        eventually(look, "it is there")
    assert (raised.value, looks) == (error, 1)


def test_what_has_been_missing_last_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "PATIENCE", 0.05)

    def look() -> bool:
        raise KeyError("stream")

    with pytest.raises(AssertionError, match=re.escape("waited in vain until it is there")) as vain:
        eventually(look, "it is there")
    assert isinstance(vain.value.__cause__, KeyError)
    with pytest.raises(AssertionError, match="waited in vain") as vain:
        eventually(lambda: False, "it is there")
    assert vain.value.__cause__ is None
