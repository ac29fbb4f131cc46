"""The licence, the addresses and the versions: each is declared once, and the files agree."""

from __future__ import annotations

import importlib.metadata
import re
import sysconfig
from pathlib import Path

import pytest

from .declared import PROJECTS, ROOT, declarations, tracked

IDS = [path.name if path != ROOT else "course" for path in PROJECTS]


@pytest.mark.parametrize("project", PROJECTS, ids=IDS)
def test_the_licence_that_is_declared_is_the_one_in_the_file(project: Path) -> None:
    declared = declarations(project)["project"]
    assert (declared["license"], declared["license-files"]) == ("Apache-2.0", ["LICENSE"])
    # PEP 639: an expression and a classifier would be two answers to one question.
    assert not [word for word in declared["classifiers"] if word.startswith("License ::")]
    text = (project / "LICENSE").read_text()
    assert text.split()[:5] == ["Apache", "License", "Version", "2.0,", "January"]
    assert "END OF TERMS AND CONDITIONS" in text
    assert "Copyright 2026 The SageMaker Labs authors" in text
    assert text == (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("project", PROJECTS, ids=IDS)
def test_what_is_installed_carries_the_licence(project: Path) -> None:
    name = declarations(project)["project"]["name"]
    # Not what an older build may have left in the project's folder.
    (installed,) = importlib.metadata.distributions(name=name, path=[sysconfig.get_path("purelib")])
    assert installed.metadata["License-Expression"] == "Apache-2.0"
    assert installed.metadata["License-File"] == "LICENSE"


@pytest.mark.parametrize("project", PROJECTS, ids=IDS)
def test_the_pythons_that_are_promised_are_those_that_are_classified(project: Path) -> None:
    declared = declarations(project)["project"]
    assert declared["requires-python"] == ">=3.11,<3.14"
    classified = re.findall(r"Python :: (3\.\d+)", " ".join(declared["classifiers"]))
    assert classified == ["3.11", "3.12", "3.13"]


@pytest.mark.parametrize("project", PROJECTS, ids=IDS)
def test_every_address_is_of_one_repository(project: Path) -> None:
    home = declarations(ROOT)["project"]["urls"]["Homepage"]
    urls = declarations(project)["project"]["urls"]
    assert all(url == home or url.startswith(home + "/") for url in urls.values())
    for tree, path in re.findall(r"/(blob|tree)/main/(\S+)", "\n".join(urls.values())):
        assert (ROOT / path).is_file() == (tree == "blob"), path


def test_the_course_s_version_stands_in_one_place() -> None:
    version = declarations(ROOT)["project"]["version"]
    again = re.compile(rf"""version["']?\s*[=:]\s*["']{re.escape(version)}["']""")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked("*.py", "*.toml", "*.yml", "*.json", ":!labcloud")
        if again.search(path.read_text())
    ]
    assert found == ["pyproject.toml"]
