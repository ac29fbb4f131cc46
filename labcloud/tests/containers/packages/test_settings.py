"""How a job's pip reaches packages: as the pip of labcloud's user does."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcloud.client.environment import of_the_server
from labcloud.containers.packages.settings import settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user without settings for pip."""
    for name in ("HTTPS_PROXY", "https_proxy", *settings()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_user_without_settings_has_none(home: Path) -> None:
    assert settings() == {}


def test_the_index_is_the_user_s(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.com/simple")
    # Where it installs is labcloud's business.
    monkeypatch.setenv("PIP_TARGET", "/somewhere")
    assert settings() == {"PIP_INDEX_URL": "https://packages.example.com/simple"}


def test_a_proxy_is_pip_s_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    assert settings() == {"PIP_PROXY": "http://proxy.example.com:3128"}


def test_a_job_has_another_home_and_finds_the_file_all_the_same(home: Path) -> None:
    file = home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    file.touch()
    assert settings() == {"PIP_CONFIG_FILE": str(file)}


def test_a_server_is_started_with_them() -> None:
    base = {"PIP_INDEX_URL": "i", "HTTPS_PROXY": "p", "AWS_SECRET_ACCESS_KEY": "s", "PIPX": "x"}
    assert of_the_server(base) == {"PIP_INDEX_URL": "i", "HTTPS_PROXY": "p"}


@pytest.mark.parametrize(
    "value", ["https://me:token@example.com/simple", "https://a.org https://token@example.com/"]
)
def test_a_password_in_an_address_reaches_no_job(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """Nor a server: a job can read how it was started. Its pip finds the address in pip.conf."""
    base = dict.fromkeys(("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "HTTPS_PROXY"), value)
    assert of_the_server({"PATH": "/bin", **base}) == {"PATH": "/bin"}
    # One in the foreground has its user's own variables.
    for name in base:
        monkeypatch.setenv(name, value)
    assert settings() == {}
