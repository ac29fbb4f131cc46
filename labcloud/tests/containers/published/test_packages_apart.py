"""What pip reads and writes for an image, it reads and writes nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from labcloud.containers.packages import layer
from labcloud_support.wheels import wheel

from .machine import Images


def test_nothing_is_read_behind_a_link(images: Images, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("lc-secret\n")
    code, lines = images.run(
        f"RUN mkdir /x && ln -s {tmp_path} /x/out && ln -s {tmp_path}/secret.txt /x/file.txt",
        "RUN pip install -r /x/out/secret.txt",
        "RUN pip install -r /x/file.txt",
        program="print('runs')",
    )
    assert (code, lines[-1]) == (0, "runs")
    assert not any("lc-secret" in line for line in lines)


def _environment(folder: Path) -> Path:
    """A virtual environment of this machine's."""
    layer.lay(folder)
    return folder


def _files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


@pytest.mark.parametrize(
    "lines",
    [
        "RUN ln -s {machine} /v\nRUN /v/bin/pip install lc-tiny",
        "RUN python -m venv /v && /v/bin/pip install lc-tiny\nRUN rm -r /v && ln -s {machine} /v",
        "RUN python -m venv /v && /v/bin/pip install lc-tiny\n"
        "RUN rm -r /v/lib && ln -s {machine}/lib /v/lib",
    ],
)
def test_nothing_is_written_behind_a_link(images: Images, tmp_path: Path, lines: str) -> None:
    wheel(images.wheels, "lc-tiny")
    machine = _environment(tmp_path / "of-this-machine")
    before = _files(machine)
    code, said = images.run(lines.format(machine=machine), program="print('runs')")
    assert (code, said[-1]) == (0, "runs"), said
    assert _files(machine) == before


def test_a_file_of_requirements_does_not_name_the_folder_of_the_server(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path, "lc-tiny")
    monkeypatch.chdir(tmp_path)
    code, lines = images.run(
        "COPY requirements.txt /opt/", "RUN pip install -r /opt/requirements.txt",
        requirements_txt="./lc_tiny-1.0-py3-none-any.whl\n",
    )  # fmt: skip
    assert (code, lines[-1]) == (1, "ModuleNotFoundError: No module named 'lc_tiny'"), lines


def test_pip_has_the_dockerfile_s_variables_and_not_the_job_s(images: Images) -> None:
    """As when Docker builds the image: then there is no job."""
    seen = images.folder / "seen"
    backend = (
        "import os, pathlib\n"
        f"pathlib.Path({str(seen)!r}).write_text(repr(dict(os.environ)))\n"
        "def build_wheel(*_): raise SystemExit('no wheel')\n"
    )
    images.run(
        "ENV OF_IMAGE=yes", "COPY pyproject.toml backend.py /src/", "RUN pip install /src",
        job={"OF_JOB": "yes"},
        **{
            "pyproject.toml": (
                '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            ),
            "backend.py": backend,
        },
    )  # fmt: skip
    variables = ast.literal_eval(seen.read_text())
    assert variables["OF_IMAGE"] == "yes"
    assert "OF_JOB" not in variables
    assert "PIP_TARGET" not in variables


@pytest.mark.parametrize("name", ["TARGET", "PREFIX", "ROOT"])
def test_pip_installs_nowhere_else_on_this_machine(images: Images, name: str) -> None:
    """A path of the image would be one of this machine."""
    wheel(images.wheels, "lc-tiny")
    elsewhere = images.folder / "elsewhere"
    code, lines = images.run(f"ENV PIP_{name}={elsewhere}", "RUN pip install lc-tiny")
    assert (code, lines[-1]) == (0, "has 1.0"), lines
    assert not elsewhere.exists()


def test_a_password_of_an_index_is_not_said(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    _, lines = images.run(
        "ARG TOKEN=of-a-user", "RUN pip install --extra-index-url=https://me:$TOKEN@lc.invalid/ "
        "lc-tiny",
    )  # fmt: skip
    assert any(
        "--extra-index-url https://****@lc.invalid/ lc-tiny (line " in line for line in lines
    )
    assert not any("of-a-user" in line for line in lines)
