"""The Python of a framework image: it sees labcloud's packages, and installs into itself alone."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest

from labcloud.containers.packages import layer
from labcloud_support.wheels import offline, wheel


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(home / "bin" / "python"), *arguments],
        env={"PATH": f"{home / 'bin'}:/usr/bin:/bin", **environment},
        capture_output=True, text=True,
    )  # fmt: skip


def said(home: Path, code: str) -> str:
    done = run(home, "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def own() -> list[tuple[str, int]]:
    """What lies in the packages of this environment, and when it changed."""
    folder = Path(sysconfig.get_path("purelib"))
    return sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    layer.lay(tmp_path / "home")
    return tmp_path / "home"


def test_it_is_a_python_of_its_own_that_has_labcloud_s_packages(home: Path) -> None:
    assert said(home, "import sys; print(sys.prefix)") == str(home)
    import numpy

    assert said(home, "import numpy; print(numpy.__file__)") == numpy.__file__
    assert said(home, "import labcloud.frameworks, xgboost, sklearn; print('there')") == "there"


@pytest.mark.parametrize("program", ["pip", "pip3"])
def test_its_pip_is_found_by_name(home: Path, program: str) -> None:
    done = subprocess.run(
        [str(home / "bin" / program), "--version"],
        env={"PATH": f"{home / 'bin'}:/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("pip ")


def test_what_a_job_installs_never_reaches_the_environment_below(
    home: Path, tmp_path: Path
) -> None:
    """Neither something new, nor another version of what is there, nor a removal."""
    before = own()
    settings = offline(wheel(tmp_path, "lc-tiny"), wheel(tmp_path, "iniconfig", "99.0"))
    done = run(home, "-m", "pip", "install", "lc-tiny", "iniconfig==99.0", **settings)
    assert done.returncode == 0, done.stderr
    assert said(home, "import lc_tiny; print(lc_tiny.__file__)").startswith(str(home))
    version = "from importlib.metadata import version; print(version('iniconfig'))"
    assert said(home, version) == "99.0"
    assert own() == before

    done = run(home, "-m", "pip", "uninstall", "--yes", "numpy", **settings)
    assert "outside environment" in done.stdout + done.stderr
    assert said(home, "import numpy; print('still there')") == "still there"
    assert own() == before


def test_what_another_environment_has_comes_first(home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    layer.lay(kept)
    module = layer.packages_of(kept) / "numpy.py"
    module.write_text("__version__ = 'of the other'\n")
    (kept / "bin" / "a-program").write_text("#!/bin/sh\necho it runs\n")
    (kept / "bin" / "a-program").chmod(0o755)
    layer.add(home, kept)
    assert said(home, "import numpy; print(numpy.__version__)") == "of the other"
    assert (home / "bin" / "a-program").resolve() == kept / "bin" / "a-program"
    assert (home / "bin" / "pip").resolve() == home / "bin" / "pip"


LATE = """
import importlib, importlib.metadata, sys
print("ready", flush=True)
sys.stdin.readline()
print(importlib.metadata.version("lc-late"))
import lc_late, numpy
print(lc_late.__file__, numpy.__version__)
"""


def test_a_python_that_runs_finds_what_is_added(home: Path, tmp_path: Path) -> None:
    """What a program's own pip has installed: its version, its modules, before labcloud's."""
    kept = tmp_path / "kept"
    layer.lay(kept)
    packages = layer.packages_of(kept)
    (packages / "lc_late.py").write_text("")
    (packages / "numpy.py").write_text("__version__ = 'of the other'\n")
    (packages / "lc_late-1.5.dist-info").mkdir()
    (packages / "lc_late-1.5.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: lc-late\nVersion: 1.5\n"
    )
    with subprocess.Popen(
        [str(home / "bin" / "python"), "-c", LATE],
        env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
        layer.add(home, kept)
        out, _ = program.communicate("go\n", timeout=60)
    assert out.splitlines() == ["1.5", f"{packages / 'lc_late.py'} of the other"]
