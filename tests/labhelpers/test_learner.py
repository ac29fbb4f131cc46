"""A learner's part of names: from Studio, LAB_LEARNER or the machine, short, and nobody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labhelpers import learner as module
from labhelpers.learner import learner


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No variable, and no file of Studio's at the path that is returned."""
    monkeypatch.delenv("LAB_LEARNER", raising=False)
    monkeypatch.setattr(module, "_STUDIO", tmp_path / "resource-metadata.json")
    return tmp_path / "resource-metadata.json"


def test_the_variable_comes_first(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody.write_text(json.dumps({"UserProfileName": "bea"}))
    assert learner() == "bea"
    monkeypatch.setenv("LAB_LEARNER", "ana")
    assert learner() == "ana"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"UserProfileName": null}'])
def test_without_a_profile_it_is_the_user_of_the_machine(
    nobody: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    nobody.write_text(text)
    monkeypatch.setenv("LOGNAME", "carla")
    assert learner() == "carla"


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", fail)
    assert learner().startswith("user")


def test_names_that_had_to_be_changed_stay_different(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        "student-01",
        "student-02",
        "student01",
        "student-1",
        "Ana",
        "a.na",
        "a-na",
        "李",
        "王",
    ]
    found = set()
    for name in names:
        monkeypatch.setenv("LAB_LEARNER", name)
        part = learner()
        assert part.isalnum() and part.isascii() and part == part.lower() and 0 < len(part) <= 8
        found.add(part)
    assert len(found) == len(names)
