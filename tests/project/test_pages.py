"""The pages at the front of the repository: their links, and the files and commands they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .declared import ROOT, declarations

PAGES = [
    *(ROOT / f"{name}.md" for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY")),
    *sorted((ROOT / ".github").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_commands_of_contributing_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"(?:\./lab|\.ci/run|requirements/[\w.]+|tests/[\w./]+\w)", text))
    assert {"./lab", ".ci/run", "requirements/lock.py", "requirements/course.txt"} <= named
    for name in named:
        assert (ROOT / name).exists(), name


def test_the_changelog_has_the_form_that_the_release_looks_for() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    sections = re.findall(r"^## (.*)$", text, re.M)
    assert sections[0] == "Unreleased"
    kinds = set(re.findall(r"^### (.*)$", text, re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    for section in sections[1:]:
        assert re.fullmatch(r"(labcloud|course) \d.* \(\d{4}-\d\d-\d\d\)", section), section


def test_the_course_s_version_is_in_the_changelog() -> None:
    version = declarations(ROOT)["project"]["version"]
    assert f"course {version} (" in (ROOT / "CHANGELOG.md").read_text()


def test_the_address_for_vulnerabilities_is_not_an_issue() -> None:
    assert "SECURITY.md" in (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text()
    assert "Report a vulnerability" in (ROOT / "SECURITY.md").read_text()
