"""What is there already, as pip would say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcloud.containers.packages.asked import satisfied


def installed(folder: Path, name: str, version: str, *requires: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    installed(tmp_path, "lc_one", "1.5", "lc_two>=2", "lc_lone; extra == 'more'")
    installed(tmp_path, "lc_two", "2.0", "lc_gone; python_version < '3'")
    installed(tmp_path, "lc_lone", "1.0", "lc_gone")
    return tmp_path


def test_what_is_met_is_said_in_pip_s_words(packages: Path) -> None:
    said = satisfied(["install", "lc-one<2", "LC_two"], {})
    assert said is not None
    assert [line.rsplit(" ", 3) for line in said] == [
        ["Requirement already satisfied: LC_two", "in", f"{packages}", "(2.0)"],
        ["Requirement already satisfied: lc-one<2", "in", f"{packages}", "(1.5)"],
    ]
    assert satisfied(["install", "--quiet", "-U", "lc-one"], {}) == []
    assert satisfied(["install", "lc-gone; python_version < '3'"], {}) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["install", "lc-one>=2"],
        ["install", "lc-one", "lc-gone"],
        # What it requires is missing.
        ["install", "lc-lone"],
        ["install", "lc-one[more]"],
        ["install", "--target", "/somewhere", "lc-one"],
        ["install", "./lc-one"],
        ["install"],
        ["uninstall", "lc-one"],
        ["list"],
    ],
)
def test_all_else_is_pip_s(packages: Path, arguments: list[str]) -> None:
    assert satisfied(arguments, {}) is None


def test_variables_of_pip_s_may_ask_for_other_packages(packages: Path) -> None:
    wanted = ["install", "lc-one"]
    assert satisfied(wanted, {"PIP_CACHE_DIR": "/x", "PIP_TARGET": str(packages)}) is not None
    assert satisfied(wanted, {"PIP_TARGET": "/somewhere"}) is None
    assert satisfied(wanted, {"PIP_CONSTRAINT": "/somewhere"}) is None
