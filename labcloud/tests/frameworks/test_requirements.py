"""pip of a framework image: what it keeps for later jobs, and what it leaves to pip."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.containers.packages import layer
from labcloud.containers.packages.asked import requirements
from labcloud.containers.packages.broker import REQUESTS, SOCKET
from labcloud.frameworks.images import IN_A_JOB
from labcloud_support.wheels import offline, spy, wheel

brokers: list[subprocess.Popen[str]] = []
ALREADY = "[labcloud] These requirements are installed already: "


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("b==1.0\na>=2,<3\n", ["a>=2,<3", "b==1.0"]),
        ("# a comment\n\na  # another one\n", ["a"]),
        ("\ufeffa\r\na\r\n", ["a"]),
        ("a ; python_version > '3'\n", ["a ; python_version > '3'"]),
        ("a[x, y]==1\nb (>=1)\n", ["a[x, y]==1", "b (>=1)"]),
        ("a==1 \\\n  ; python_version > '3'\n", ["a==1    ; python_version > '3'"]),
        ("", []),
        # What is more than names and versions is pip's.
        ("a\n--index-url https://example.com\n", None),
        ("-r other.txt\n", None),
        ("./folder\n", None),
        ("a-1.0-py3-none-any.whl\n", None),
        ("a @ https://example.com/a.whl\n", None),
        ("git+https://example.com/a.git\n", None),
        ("a==1 --hash=sha256:00\n", ["a==1 --hash=sha256:00"]),
    ],
)
def test_what_a_file_asks_for(tmp_path: Path, text: str, found: list[str] | None) -> None:
    file = tmp_path / "requirements.txt"
    file.write_bytes(text.encode())
    assert requirements(["install", "-r", str(file)]) == found


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["install", "b", "a==1"], ["a==1", "b"]),
        (["install", "-q", "--upgrade", "--no-cache-dir", "a"], ["a"]),
        (["install", "."], None),
        (["install", "--target", "x", "a"], None),
        (["install", "--user", "a"], None),
        (["install", "-r"], None),
        (["install", "-r", "no-such-file.txt"], None),
        (["uninstall", "a"], None),
        (["--version"], None),
        ([], None),
    ],
)
def test_what_a_command_asks_for(arguments: list[str], found: list[str] | None) -> None:
    assert requirements(arguments) == found


BROKER = """
import json, os, sys
from pathlib import Path
from labcloud.containers.packages.broker import Broker
given = json.load(sys.stdin)
sets, folder, hidden = (Path(given[name]) for name in ("sets", "folder", "hidden"))
broker = Broker(folder, sets, (hidden,), given["settings"])
print("listens", flush=True)
os.waitpid(broker.pid, 0)
"""


class Job:
    """One job's Python, and its pip; the broker that it asks ends with the test.

    `machine` are pip's settings of the machine, `settings` those of the job.
    """

    def __init__(
        self,
        folder: Path,
        kept: Path,
        settings: dict[str, str],
        machine: dict[str, str] | None = None,
    ) -> None:
        layer.lay(folder, IN_A_JOB)
        self.folder = folder
        kept.mkdir(exist_ok=True)
        place = {"folder": str(folder), "sets": str(kept), "hidden": str(kept.parent)}
        self.broker = subprocess.Popen(
            [sys.executable, "-c", BROKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.broker.stdin and self.broker.stdout
        given = {**place, "settings": settings if machine is None else machine}
        self.broker.stdin.write(json.dumps(given))
        self.broker.stdin.close()
        self.broker.stdin = None
        assert self.broker.stdout.readline() == "listens\n"
        brokers.append(self.broker)
        self.environment = {
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin", REQUESTS: str(folder / SOCKET), **settings,
        }  # fmt: skip

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.folder / "bin" / "python"), *arguments], env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[int, str]:
        begun = self.begin(*arguments)
        output, _ = begun.communicate()
        return begun.returncode, output

    def has(self, module: str) -> bool:
        return self.run("-c", f"import {module}")[0] == 0


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """Where sets are kept."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "key").write_text("secret")
    yield tmp_path / "state" / "kept"
    while brokers:
        ended = brokers.pop()
        ended.kill()
        ended.communicate()


def sets(kept: Path) -> list[Path]:
    """The sets of requirements that are kept."""
    return [each for each in kept.iterdir() if each.is_dir()] if kept.exists() else []


def test_a_second_job_finds_what_the_first_one_has_installed(tmp_path: Path, kept: Path) -> None:
    settings = offline(wheel(tmp_path, "lc-tiny"))
    (tmp_path / "requirements.txt").write_text("lc-tiny==1.0\n")
    install = ("-m", "pip", "install", "-r", str(tmp_path / "requirements.txt"))
    first = Job(tmp_path / "first", kept, settings)
    code, output = first.run(*install)
    assert (code, ALREADY in output) == (0, False), output
    assert "Successfully installed lc-tiny-1.0" in output
    assert first.has("lc_tiny")
    (folder,) = sets(kept)

    # There is nothing to install it from any more.
    second = Job(tmp_path / "second", kept, offline(tmp_path / "empty" / "x.whl"))
    assert not second.has("lc_tiny")
    assert second.run(*install) == (0, f"{ALREADY}lc-tiny==1.0\n")
    assert second.has("lc_tiny")
    assert sets(kept) == [folder]


def test_two_jobs_at_once_make_a_set_once(tmp_path: Path, kept: Path) -> None:
    settings = offline(wheel(tmp_path, "lc-tiny"))
    jobs = [Job(tmp_path / name, kept, settings) for name in ("one", "two")]
    begun = [job.begin("-m", "pip", "install", "lc-tiny") for job in jobs]
    outputs = [each.communicate()[0] for each in begun]
    assert [each.returncode for each in begun] == [0, 0], outputs
    assert sorted(ALREADY in output for output in outputs) == [False, True]
    assert all(job.has("lc_tiny") for job in jobs)
    assert len(sets(kept)) == 1


def test_an_installation_that_fails_leaves_nothing(tmp_path: Path, kept: Path) -> None:
    settings = offline(wheel(tmp_path, "lc-tiny"))
    job = Job(tmp_path / "job", kept, settings)
    code, output = job.run("-m", "pip", "install", "lc-tiny", "lc-nowhere")
    assert code == 1
    assert "No matching distribution found for lc-nowhere" in output
    assert sets(kept) == []
    assert not job.has("lc_tiny")
    # It is not taken for one that is there.
    code, output = job.run("-m", "pip", "install", "lc-tiny", "lc-nowhere")
    assert (code, ALREADY in output) == (1, False)


def test_what_is_there_needs_no_network(tmp_path: Path, kept: Path) -> None:
    job = Job(tmp_path / "job", kept, offline(tmp_path / "empty" / "x.whl"))
    code, output = job.run("-m", "pip", "install", "numpy", "scikit-learn")
    assert code == 0, output
    assert "Requirement already satisfied: numpy" in output


def test_another_installation_is_another_set(tmp_path: Path, kept: Path) -> None:
    settings = offline(wheel(tmp_path, "lc-tiny"), wheel(tmp_path, "lc-tiny", "2.0"))
    version = "from lc_tiny import VERSION; print(VERSION)"
    for wanted in ("1.0", "2.0"):
        job = Job(tmp_path / wanted, kept, settings)
        assert job.run("-m", "pip", "install", f"lc-tiny=={wanted}")[0] == 0
        assert job.run("-c", version) == (0, f"{wanted}\n")
    assert len(sets(kept)) == 2


def test_what_is_not_kept_is_the_job_s_own(tmp_path: Path, kept: Path) -> None:
    path = wheel(tmp_path, "lc-tiny")
    job = Job(tmp_path / "job", kept, offline(path))
    assert job.run("-m", "pip", "install", str(path))[0] == 0
    assert job.has("lc_tiny")
    assert (layer.packages_of(job.folder) / "lc_tiny.py").exists()
    assert sets(kept) == []
    assert not Job(tmp_path / "other", kept, {}).has("lc_tiny")


# What a package does while it is built.
LOOKS = """
found = os.listdir({hidden!r})
try:
    open({kept!r} + "/note", "w").close()
    found.append("can write")
except OSError:
    pass
"""


def test_what_a_package_runs_sees_no_more_than_a_job(tmp_path: Path, kept: Path) -> None:
    """A package that is built brings the program that builds it."""
    source = tmp_path / "source" / "lc_spy-1.0"
    source.mkdir(parents=True)
    for name, text in spy(LOOKS.format(hidden=str(kept.parent), kept=str(kept))).items():
        (source / name).write_text(text)
    archive = tmp_path / "index" / "lc_spy-1.0.tar.gz"
    archive.parent.mkdir()
    subprocess.run(["tar", "-czf", archive, "-C", source.parent, source.name], check=True)
    job = Job(tmp_path / "job", kept, offline(archive))
    code, output = job.run("-m", "pip", "install", "lc-spy")
    assert code == 0, output
    assert job.run("-c", "import lc_spy; print(lc_spy.FOUND)") == (0, "['kept']\n")


def test_an_option_in_a_variable_leaves_it_to_pip(tmp_path: Path, kept: Path) -> None:
    (tmp_path / "wheels").mkdir()
    settings = offline(wheel(tmp_path / "wheels", "lc-tiny"))
    job = Job(tmp_path / "job", kept, {**settings, "PIP_NO_DEPS": "1"}, machine=settings)
    assert job.run("-m", "pip", "install", "lc-tiny")[0] == 0
    assert job.has("lc_tiny")
    assert sets(kept) == []


def test_another_index_is_another_set(tmp_path: Path, kept: Path) -> None:
    """A job that has its own gives its packages to nobody else."""
    (tmp_path / "wheels").mkdir()
    settings = offline(wheel(tmp_path / "wheels", "lc-tiny"))
    own = {**settings, "PIP_INDEX_URL": "https://example.com/simple"}
    for name, given in (("first", own), ("second", settings)):
        job = Job(tmp_path / name, kept, given, machine=settings)
        code, output = job.run("-m", "pip", "install", "lc-tiny")
        assert (code, ALREADY in output) == (0, False), output
    assert len(sets(kept)) == 2


@pytest.mark.parametrize(
    "asked",
    [b"\n", b"[]\n", b"{}\n", b'{"wanted": ["../x"], "flags": [], "environment": {}}\n',
     b'{"wanted": ["a"], "flags": ["--target=/"], "environment": {}}\n', b"x" * 3_000_000],
    ids=["nothing", "a list", "empty", "a path", "an option", "long"],
)  # fmt: skip
def test_a_request_that_no_pip_would_send(tmp_path: Path, kept: Path, asked: bytes) -> None:
    job = Job(tmp_path / "job", kept, {})
    with socket.socket(socket.AF_UNIX) as asking, contextlib.suppress(ConnectionError):
        asking.connect(str(job.folder / SOCKET))
        asking.sendall(asked)
        asking.shutdown(socket.SHUT_WR)
        asking.recv(1000)
    assert sets(kept) == []
    assert job.broker.poll() is None
    assert job.run("-m", "pip", "install", "numpy")[0] == 0
