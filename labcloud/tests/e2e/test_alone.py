"""labcloud alone in an empty environment: what its README promises to whoever installs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from uv import find_uv_bin

from labcloud.version import __version__

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()
# What builds and installs a wheel, and nothing of the environment of these tests.
_KEPT = ("LANG", "TMPDIR", "SSL_", "PIP_", "UV_", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def code(language: str, holding: str) -> str:
    """The README's block of code that holds these words."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    (found,) = (block for block in blocks if holding in block)
    return str(found)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves files beside its sources."""
    copy = tmp_path_factory.mktemp("project") / "labcloud"
    shutil.copytree(
        PROJECT, copy, ignore=shutil.ignore_patterns("tests", "*.egg-info", "build", "__pycache__")
    )
    subprocess.run(
        [find_uv_bin(), "build", "--quiet", "--wheel", "--no-build-isolation",
         "--python", sys.executable, "--out-dir", copy / "dist", copy],
        check=True,
    )  # fmt: skip
    (found,) = (copy / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs a program of an environment with labcloud and pytest, in an empty home."""
    folder = tmp_path_factory.mktemp("alone")
    uv = [find_uv_bin(), "--quiet"]
    python = folder / "venv" / "bin" / "python"
    subprocess.run([*uv, "venv", "--python", sys.executable, folder / "venv"], check=True)
    install = [*uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
    subprocess.run([*install, str(wheel), "pytest"], check=True)
    environment = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    environment |= {"HOME": str(folder), "PATH": f"{folder / 'venv' / 'bin'}:/usr/bin:/bin"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
        )

    yield run
    run("labcloud", "stop")


def test_what_the_wheel_holds(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name == f"labcloud-{__version__}-py3-none-any.whl"
    assert {name.partition("/")[0] for name in names} == {
        "labcloud",
        f"labcloud-{__version__}.dist-info",
    }
    for name in (
        "labcloud/py.typed",
        "labcloud/client/plugins/labcloud_botocore.py",
        "labcloud/algorithms/xgboost/train.py",
        f"labcloud-{__version__}.dist-info/licenses/LICENSE",
        f"labcloud-{__version__}.dist-info/entry_points.txt",
    ):
        assert name in names


def test_nothing_of_its_clients_is_installed_with_it(run: Run) -> None:
    looked = "import importlib.util as u; print([n for n in {} if u.find_spec(n)])"
    names = ["sagemaker", "pandas", "jupyterlab", "IPython", "labhelpers"]
    assert run("python", "-c", looked.format(names)).stdout == "[]\n"


def test_the_start_of_the_readme(run: Run, tmp_path: Path) -> None:
    commands = code("", "labcloud start").splitlines()
    assert commands[0] == "pip install labcloud"
    script = tmp_path / "my_script.py"
    script.write_text(code("python", "print("))
    for command in commands[1:]:
        done = run(*command.replace("my_script.py", str(script)).split())
        assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
    assert re.search(r"^training jobs +none$", run("labcloud", "status").stdout, re.MULTILINE)
    assert run("labcloud", "stop").stdout == "labcloud has stopped.\n"
    assert run("labcloud", "--version").stdout == f"labcloud {__version__}\n"


def test_the_tests_of_the_readme(run: Run, tmp_path: Path) -> None:
    """A model is really trained, through boto3, with nothing but labcloud's own packages."""
    (tmp_path / "test_mine.py").write_text(code("python", "create_training_job"))
    done = run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    assert "2 passed" in done.stdout, done.stdout


def test_the_pipeline_of_the_readme(run: Run, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(code("python", "create_pipeline"))
    done = run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    assert "1 passed" in done.stdout, done.stdout


def test_the_block_and_the_decorator_of_the_readme(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(code("python", "local_aws") + "\n\ntest_there_are_no_models()\n")
    done = run("python", str(script))
    assert (done.returncode, done.stderr) == (0, "")
