"""How pip reaches packages from this machine: a job's pip has no other way, and no user's files."""

from __future__ import annotations

import os
from pathlib import Path

from labcloud.state.credentials import WITH_PASSWORD

# pip's variables for where packages come from, and how they get here.
_OF_PIP = (
    "INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "TRUSTED_HOST", "CERT", "CLIENT_CERT",
    "PROXY", "DEFAULT_TIMEOUT", "RETRIES", "CONFIG_FILE",
)  # fmt: skip
NAMES = tuple(f"PIP_{name}" for name in _OF_PIP)
_FILES = (
    ".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf",
)  # fmt: skip
_PROXIES = ("HTTPS_PROXY", "https_proxy")


def settings() -> dict[str, str]:
    """Variables for a pip that has neither the environment nor the home of labcloud's user.

    Only pip reads them: a proxy for all programs would stand between a job and labcloud.
    """
    # A job could read a password in a variable.
    own = {name: text for name, text in os.environ.items() if not WITH_PASSWORD.search(text)}
    found = {name: own[name] for name in NAMES if name in own}
    for name in _PROXIES:
        if name in own:
            found.setdefault("PIP_PROXY", own[name])
    for file in configurations():
        found.setdefault("PIP_CONFIG_FILE", str(file))
    return found


def configurations() -> list[Path]:
    """pip's files of labcloud's user."""
    home = Path.home()
    return [home / place for place in _FILES if (home / place).is_file()]
