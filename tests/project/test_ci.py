"""CI installs what a machine lacks: asked for by the programs that are run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from labcloud_support.needs import unavailable

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / ".ci" / "packages"
# Of a package for each: the shell that runs the script, and all that the script asks for.
PROGRAMS = [
    program
    for line in re.findall(r'^    "[\w.-]+: ([^"]+)"', PACKAGES.read_text(), re.M)
    for program in line.split()
]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The folder of a machine's programs; only bash is there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "bash").symlink_to(str(shutil.which("bash")))
    return folder


def missing(machine: Path) -> set[str]:
    """What the script prints on a machine that has these programs and no others."""
    # The folders that it adds are those of this machine, which has them all.
    text = re.sub(r"^PATH=.*\n", "", PACKAGES.read_text(), count=1, flags=re.M)
    done = subprocess.run(
        [machine / "bash", "-c", text], env={"PATH": str(machine)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def everything(machine: Path) -> None:
    for program in (*PROGRAMS, "docker", "ldconfig"):
        path = machine / program
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    (machine / "ldconfig").write_text("#!/bin/sh\necho '  libatomic.so.1 (libc6) => /lib'\n")


def test_a_machine_with_nothing_gets_everything(machine: Path) -> None:
    assert missing(machine) == {
        "ca-certificates", "chromium", "curl", "docker.io", "git", "iptables", "libatomic1",
        "mmdebstrap", "mount", "nginx-light", "nodejs", "npm", "python3", "python3-venv",
        "shellcheck", "util-linux",
    }  # fmt: skip


def test_a_machine_with_everything_gets_nothing(machine: Path) -> None:
    everything(machine)
    assert missing(machine) == set()


def test_dockers_client_alone_is_not_docker(machine: Path) -> None:
    """This happened: CI looked for `docker`, found one, and could not start `dockerd`."""
    everything(machine)
    (machine / "dockerd").unlink()
    assert missing(machine) == {"docker.io"}


def test_a_daemon_without_its_client(machine: Path) -> None:
    """So Debian 13's docker.io installs it; up to Debian 12 the client comes along."""
    everything(machine)
    (machine / "docker").unlink()
    assert missing(machine) == {"docker-cli"}


def test_a_python_without_its_venv(machine: Path) -> None:
    everything(machine)
    (machine / "python3").write_text("#!/bin/sh\nexit 1\n")
    assert missing(machine) == {"python3-venv"}


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A machine of .ci/run alone: it lacks what the file `lacks` says, and installs by apt-get."""
    scripts, programs = tmp_path / ".ci", tmp_path / "bin"
    scripts.mkdir()
    programs.mkdir()
    shutil.copy(ROOT / ".ci" / "run", scripts)
    # Sourced once all is installed: it ends the run with what the machine is then.
    (scripts / "docker").write_text('echo "$PATH"; exit\n')
    for path, does in {
        scripts / "packages": 'head -n 1 "$HOME/lacks"',
        programs / "sudo": 'exec "$@"',
        # The next line is what is missing after it.
        programs
        / "apt-get": 'echo "$*" >>"$HOME/asked"; [ "$1" = update ] || sed -i 1d "$HOME/lacks"',
    }.items():
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)
    return tmp_path


def ci(fresh: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{fresh / 'bin'}:/usr/bin:/bin", "HOME": str(fresh)}
    return subprocess.run([fresh / ".ci" / "run"], env=environment, capture_output=True, text=True)


def installed(fresh: Path) -> list[str]:
    asked = (fresh / "asked").read_text().splitlines()
    return [line.split()[-1] for line in asked if line.startswith("install")]


def test_what_lies_where_root_looks_is_run_too(fresh: Path) -> None:
    """What .ci/packages has found there, as dockerd, is started by what .ci/run runs next."""
    (fresh / "lacks").touch()
    done = ci(fresh)
    assert done.returncode == 0, done.stderr
    assert {"/usr/local/sbin", "/usr/sbin", "/sbin"} <= set(done.stdout.strip().split(":"))
    assert not (fresh / "asked").exists()


def test_it_asks_again_after_it_has_installed(fresh: Path) -> None:
    (fresh / "lacks").write_text("docker.io\ndocker-cli\n")
    done = ci(fresh)
    assert done.returncode == 0, done.stderr
    assert installed(fresh) == ["docker.io", "docker-cli"]


def test_a_package_without_its_program_ends_it(fresh: Path) -> None:
    (fresh / "lacks").write_text("curl\ncurl\n")
    done = ci(fresh)
    assert done.returncode == 1
    assert "still missing after the installation: curl" in done.stderr
    assert installed(fresh) == ["curl"]


def test_a_list_that_fails_ends_it(fresh: Path) -> None:
    """Without the file `lacks` .ci/packages fails, and what is missing is not known."""
    assert ci(fresh).returncode != 0


def test_shellcheck_is_content() -> None:
    if shutil.which("shellcheck") is None:
        unavailable("shellcheck is not installed")
    scripts = sorted((ROOT / ".ci").iterdir())
    assert len(scripts) == 3
    done = subprocess.run(
        ["shellcheck", "--external-sources", *scripts], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_it_runs_here() -> None:
    done = subprocess.run([PACKAGES], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
