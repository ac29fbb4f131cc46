"""What scripts in AWS's images need, and pip installs for them."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.wheels import offline, wheel

from .scripts import PYTHON, SKLEARN, XGBOOST, Scripts, line

# Needs what its setup.py installs.
PACKAGE = {
    "setup.py": (
        "from setuptools import setup\n"
        "setup(name='lc-source', version='1.0', packages=['inner'], package_dir={'': 'src'})\n"
    ),
    "src/inner/__init__.py": "SAID = 'it is installed'\n",
    "train.py": "import inner\nprint('INNER', inner.SAID)\n",
}
IMPORTS = "import lc_tiny\nprint('VERSION', lc_tiny.VERSION, lc_tiny.__file__)\n"


@pytest.fixture(scope="module")
def scripts(client: Callable[[str], Any]) -> Scripts:
    return Scripts.in_new_bucket(client, "scripts-with-packages")


@pytest.mark.parametrize("image", [SKLEARN, XGBOOST], ids=["sklearn", "xgboost"])
def test_requirements_are_installed_beside_labcloud_s_own(
    scripts: Scripts, finished: Any, log_of: Any, tmp_path: Path, image: str, name: str
) -> None:
    folder = Path(sysconfig.get_path("purelib"))
    before = {each.name for each in folder.iterdir()}
    settings = offline(wheel(tmp_path, "lc-tiny"))
    scripts.begin(
        name, {"train.py": IMPORTS, "requirements.txt": "lc-tiny==1.0\n"},
        image=image, Environment=settings,
    )  # fmt: skip
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    version, _, place = line(log_of(name), "VERSION").partition(" ")
    assert version == "1.0"
    assert not Path(place).is_relative_to(sys.prefix)
    assert {each.name for each in folder.iterdir()} == before


@pytest.mark.parametrize(("image", "program"), [(SKLEARN, "train"), (XGBOOST, "train.py")])
def test_a_package_is_installed(
    scripts: Scripts,
    finished: Any,
    log_of: Any,
    tmp_path: Path,
    image: str,
    program: str,
    name: str,
) -> None:
    """Without a network; its entry point may be named as a module."""
    settings = offline(tmp_path / "none.whl")
    scripts.begin(name, PACKAGE, image=image, program=program, Environment=settings)
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert line(log_of(name), "INNER") == "it is installed"
    assert f"{PYTHON} -m train" in log_of(name)


PIP = f"{PYTHON} -m pip install"
UNMET = {
    "unmet-sklearn": (
        SKLEARN,
        'InstallRequirementsError:\nExitCode 1\nErrorMessage ""\n'
        f'Command "{PIP} -r requirements.txt"',
    ),
    "unmet-xgboost": (XGBOOST, f'InstallModuleError:\nCommand "{PIP} . -r requirements.txt"'),
}


@pytest.mark.parametrize("name", UNMET)
def test_requirements_that_cannot_be_installed(
    scripts: Scripts, finished: Any, log_of: Any, tmp_path: Path, name: str
) -> None:
    image, reason = UNMET[name]
    scripts.begin(
        name, {"train.py": IMPORTS, "requirements.txt": "lc-nowhere==1.0\n"}, image=image,
        Environment=offline(tmp_path / "none.whl"),
    )  # fmt: skip
    assert finished(name)["FailureReason"] == f"AlgorithmError: {reason}, exit code: 1"
    assert "No matching distribution found for lc-nowhere==1.0" in "\n".join(log_of(name))
