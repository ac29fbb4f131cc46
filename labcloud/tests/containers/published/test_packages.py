"""What pip brings to an image: programs of images run, and no network is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from labcloud.containers.contract import Contract
from labcloud.containers.engine import CannotStart, ContainerSpec
from labcloud.containers.packages import layer
from labcloud.containers.published.images import PublishedImage, write_plan
from labcloud.containers.published.packages import wanted
from labcloud.containers.published.pip import Installation
from labcloud_support.wheels import offline, wheel

MAIN = "import lc_tiny; print('has', lc_tiny.VERSION)\n"
_RUN = """
import pathlib, sys
from labcloud.containers.published import program
sys.exit(program.main(*map(pathlib.Path, sys.argv[1:])))
"""
_ENTRYPOINT = 'ENTRYPOINT ["python", "/opt/main.py"]'
INSTALLING = ": installing the packages, once for all containers."
ALREADY = ": these packages are installed already."


class Images:
    """Images of one machine: what pip has installed for one is kept for the others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sets = folder / "sets"
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        self._count = 0

    def begin(
        self,
        *lines: str,
        program: str = MAIN,
        job: dict[str, str] | None = None,
        **files: str | bytes,
    ) -> subprocess.Popen[str]:
        """A training container of a Dockerfile with these lines, which runs `program`."""
        self._count += 1
        context = self.folder / f"context-{self._count}"
        context.mkdir()
        settings = offline(self.wheels / "any.whl")
        (context / "Dockerfile").write_text("\n".join((
            "FROM python", *(f"ENV {name}={text}" for name, text in settings.items()),
            *lines, "COPY main.py /opt/",
            *(() if any("ENTRYPOINT" in each for each in lines) else [_ENTRYPOINT]),
        )))  # fmt: skip
        for name, content in {"main.py": program, **files}.items():
            data = content if isinstance(content, bytes) else content.encode()
            (context / name.replace("_txt", ".txt")).write_bytes(data)
        contract = Contract(self.folder / f"ml-{self._count}")
        contract.create()
        spec = ContainerSpec(image="image", root=contract.root, environment=job or {})
        plan, environment = PublishedImage.load(context).prepare(spec, "train", self.sets)
        plan_file = write_plan(spec, plan)
        return subprocess.Popen(
            [sys.executable, "-c", _RUN, str(contract.root), str(plan_file)],
            env={**environment, "HOME": str(contract.root / "tmp")},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *lines: str, **more: Any) -> tuple[int, list[str]]:
        """Its exit code and what it printed."""
        process = self.begin(*lines, **more)
        output, _ = process.communicate()
        return process.returncode, output.splitlines()

    def kept(self) -> list[Path]:
        return [each for each in self.sets.glob("*") if each.is_dir()]


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path)


def test_a_package_is_installed_once(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    code, lines = images.run("RUN pip install --no-cache-dir lc-tiny")
    assert code == 0, lines
    assert lines[-1] == "has 1.0"
    (said,) = (line for line in lines if line.endswith(INSTALLING))
    assert said.startswith("[labcloud] pip install lc-tiny (line ")
    assert not any("Skipped" in line and "pip" in line for line in lines)

    # There is nothing to install it from any more.
    for file in images.wheels.iterdir():
        file.unlink()
    code, lines = images.run("RUN pip3 install lc-tiny", "RUN mkdir /x")
    assert (code, lines[-1]) == (0, "has 1.0")
    assert any(line.endswith(ALREADY) for line in lines)
    assert len(images.kept()) == 1


def test_a_program_s_pip_does_not_install_what_is_there(images: Images) -> None:
    """As in Docker: a requirement that is met needs no network, and none of it comes twice."""
    wheel(images.wheels, "lc-tiny")
    (images.folder / "later").mkdir()
    later = wheel(images.folder / "later", "lc-later")
    program = (
        "import subprocess, sys\n"
        "open('/opt/ml/tmp/wanted', 'w').write('lc-tiny>=1,<2\\nnumpy\\n')\n"
        "module = [sys.executable, '-m', 'pip', 'install']\n"
        "subprocess.run([*module, '-r', '/opt/ml/tmp/wanted'], check=True)\n"
        "subprocess.run(['pip', 'install', '-q', 'lc-tiny==1.0'], check=True)\n"
        "print('code', subprocess.run([*module, 'lc-tiny>=2'], capture_output=True).returncode)\n"
        f"subprocess.run(['pip3', 'install', '-q', '-f', {str(later.parent)!r}, 'lc-later'])\n"
        "import lc_later, pip\n"
        "print('has', lc_later.VERSION, lc_later.__file__, pip.__version__)\n"
    )
    code, lines = images.run("RUN pip install lc-tiny", program=program)
    assert code == 0, lines
    for file in images.wheels.iterdir():
        file.unlink()
    code, lines = images.run("RUN pip install lc-tiny", program=program)
    assert code == 0, lines
    said = [line for line in lines if line.startswith("Requirement already satisfied: ")]
    assert [line.split()[3] for line in said] == ["lc-tiny>=1,<2", "numpy"], lines
    assert lines[-2] == "code 1"
    *_, version, file_name, pip_version = lines[-1].split()
    assert (version, pip_version) == ("1.0", metadata.version("pip"))
    assert file_name.startswith("/opt/ml/tmp/packages/")


def test_what_the_machine_has_is_not_installed(images: Images) -> None:
    code, lines = images.run(
        "RUN pip install -U numpy 'scikit-learn>=1' && pip check",
        program="import numpy, sys; print(sys.prefix)",
    )
    assert (code, lines[-1]) == (0, sys.prefix)
    assert not any("pip" in line for line in lines)
    assert images.kept() == []


def test_another_version_than_the_machine_s_is_the_image_s(images: Images) -> None:
    wheel(images.wheels, "iniconfig", "99.0")
    program = (
        "from importlib.metadata import version; import subprocess, sys\n"
        "print(version('iniconfig'), flush=True)\n"
        # Another Python finds it too: a script of labcloud's own environment is run by that one.
        f"subprocess.run([{sys.executable!r}, '-c', 'import iniconfig; print(iniconfig.VERSION)'])"
    )
    code, lines = images.run("RUN pip install iniconfig==99.0", program=program)
    assert (code, lines[-2:]) == (0, ["99.0", "99.0"])
    code, lines = images.run("RUN mkdir /x", program=program)
    assert lines[-2] != "99.0"


def test_a_file_of_requirements_that_is_gone_later(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    wheel(images.wheels, "lc-more")
    code, lines = images.run(
        "WORKDIR /app",
        "COPY requirements.txt base.txt ./",
        "RUN pip install -r requirements.txt && rm requirements.txt base.txt",
        program="import lc_more\n" + MAIN,
        requirements_txt="-r base.txt\nlc-tiny\n",
        base_txt="lc-more\n",
    )
    assert (code, lines[-1]) == (0, "has 1.0"), lines


def test_another_text_of_the_same_file_is_another_set(images: Images) -> None:
    for version in ("1.0", "2.0"):
        wheel(images.wheels, "lc-tiny", version)
    for version in ("1.0", "2.0"):
        code, lines = images.run(
            "COPY requirements.txt /opt/", "RUN pip install -r /opt/requirements.txt",
            requirements_txt=f"lc-tiny=={version}\n",
        )  # fmt: skip
        assert (code, lines[-1]) == (0, f"has {version}"), lines
    assert len(images.kept()) == 2


def test_a_wheel_of_the_build_context(images: Images) -> None:
    path = wheel(images.wheels, "lc-tiny").rename(images.folder / "lc_tiny-1.0-py3-none-any.whl")
    lines_of_it = (f"COPY {path.name} /tmp/", f"RUN pip install /tmp/{path.name} && rm -r /tmp")
    code, lines = images.run(*lines_of_it, **{path.name: path.read_bytes()})
    assert (code, lines[-1]) == (0, "has 1.0"), lines
    # As pip has it, the name of an archive needs no slash.
    alone = ("WORKDIR /tmp", f"COPY {path.name} .", f"RUN pip install {path.name}")
    code, lines = images.run(*alone, **{path.name: path.read_bytes()})
    assert (code, lines[-1]) == (0, "has 1.0"), lines

    code, lines = images.run(*lines_of_it, **{path.name: b"not a wheel"})
    assert any(line.startswith("ERROR: ") for line in lines), lines
    assert any("pip ended with 1: Docker would have built no image" in line for line in lines)
    assert (code, lines[-1]) == (1, "ModuleNotFoundError: No module named 'lc_tiny'")


def test_a_package_of_the_build_context(images: Images) -> None:
    """Its build needs nothing from a network, as that of most packages would."""
    wheel(images.wheels, "lc-tiny")
    code, lines = images.run(
        "COPY pyproject.toml backend.py /src/", "WORKDIR /src", "RUN pip install .",
        **{
            "pyproject.toml": (
                '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
                '[project]\nname = "lc-tiny"\nversion = "1.0"\n'
            ),
            "backend.py": (
                "import pathlib, shutil\n"
                "def build_wheel(folder, *_):\n"
                f"    [found] = pathlib.Path({str(images.wheels)!r}).iterdir()\n"
                "    shutil.copy(found, folder)\n"
                "    return found.name\n"
            ),
        },
    )  # fmt: skip
    assert (code, lines[-1]) == (0, "has 1.0"), lines


def test_layers_lie_over_each_other(images: Images) -> None:
    for version in ("1.0", "2.0"):
        wheel(images.wheels, "lc-tiny", version)
    wheel(images.wheels, "lc-more")
    program = "import lc_more\n" + MAIN
    code, lines = images.run("RUN pip install lc-tiny==1.0", "RUN pip install lc-tiny lc-more",
                             program=program)  # fmt: skip
    assert (code, lines[-1]) == (0, "has 1.0"), lines
    code, lines = images.run("RUN pip install lc-tiny==1.0", "RUN pip install lc-tiny==2.0")
    assert (code, lines[-1]) == (0, "has 2.0"), lines
    # The first layer of both is one.
    assert len(images.kept()) == 3


def test_what_fails_is_said_and_the_next_one_is_done(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    code, lines = images.run("RUN pip install lc-nowhere", "RUN pip install lc-tiny")
    assert (code, lines[-1]) == (0, "has 1.0")
    assert any("No matching distribution found for lc-nowhere" in line for line in lines)
    assert sum("Docker would have built no image" in line for line in lines) == 1
    assert len(images.kept()) == 1


def test_a_disk_that_takes_no_packages_is_said(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    images.sets.write_text("no folder")
    code, lines = images.run("RUN pip install lc-tiny", program="print('runs')")
    assert (code, lines[-1]) == (0, "runs"), lines
    assert any("cannot be kept (File exists)" in line for line in lines)


def test_a_program_of_another_stage_is_missing_with_a_hint(images: Images) -> None:
    with pytest.raises(CannotStart) as raised:
        images.run(
            "RUN python -m venv /opt/venv", "FROM python",
            "COPY --from=0 /opt/venv /opt/venv", 'ENTRYPOINT ["/opt/venv/bin/python"]',
        )  # fmt: skip
    assert raised.value.lines[1:] == [
        "[labcloud] Without Docker, COPY in line 8 of the Dockerfile was not run. It may have "
        "made it."
    ]


def test_a_file_that_is_not_there_leaves_the_run_to_docker(images: Images) -> None:
    code, lines = images.run("RUN pip install -r /of/the/base/image.txt", program="print('runs')")
    assert (code, lines[-1]) == (0, "runs")
    assert "Skipped: " in lines[0] and "RUN pip install -r /of/the/base" in lines[0]


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


def test_an_environment_that_is_gone_later(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    code, lines = images.run(
        "RUN python -m venv /v && /v/bin/pip install lc-tiny && rm -r /v", program="print('runs')"
    )
    assert (code, lines[-1]) == (0, "runs"), lines


def test_a_virtual_environment_of_the_image(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    code, lines = images.run(
        "RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir lc-tiny",
        "ENV PATH=/opt/venv/bin:$PATH",
        program="import sys, numpy; print(sys.prefix)\n" + MAIN,
    )
    assert (code, lines[-2:]) == (0, ["/opt/venv", "has 1.0"]), lines
    # It is the image's, and kept like any other.
    code, lines = images.run(
        "RUN python3 -m venv /other && /other/bin/pip install lc-tiny",
        "ENV PATH=/other/bin:$PATH",
    )
    assert (code, lines[-1]) == (0, "has 1.0"), lines
    assert len(images.kept()) == 1


def test_a_program_that_pip_brings(images: Images, tmp_path: Path) -> None:
    wheel(images.wheels, "lc-tiny", script="lc-tiny-says")
    code, lines = images.run(
        "RUN pip install lc-tiny",
        program="import subprocess; subprocess.run(['lc-tiny-says'], check=True)",
    )
    assert (code, lines[-1]) == (0, "lc_tiny 1.0 says"), lines


def test_two_containers_at_once_make_a_set_once(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    begun = [images.begin("RUN pip install lc-tiny") for _ in range(2)]
    outputs = [each.communicate()[0] for each in begun]
    assert [output.splitlines()[-1] for output in outputs] == ["has 1.0"] * 2, outputs
    assert sorted(INSTALLING in output for output in outputs) == [False, True]
    assert len(images.kept()) == 1


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


def test_extras_are_another_set(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    wheel(tmp_path / "root", "lc-tiny")
    keys = []
    for extras in ("", "[more]", "[all]"):
        word = f"/lc_tiny-1.0-py3-none-any.whl{extras}"
        asked = Installation((word,), homes=(), workdir="/", line=1)
        keys.append(wanted(asked, tmp_path / "root", tmp_path / "copies")["key"])
    assert len({tuple(key) for key in keys}) == 3


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


def test_a_build_that_reads_the_image_s_variables_is_another_set(images: Images) -> None:
    backend = (
        "import os, pathlib, shutil\n"
        "def build_wheel(folder, *_):\n"
        f"    found = pathlib.Path({str(images.folder)!r}) / os.environ['WHICH']\n"
        "    name = next(found.iterdir()).name\n"
        "    shutil.copy(found / name, folder)\n"
        "    return name\n"
    )
    for version in ("1.0", "2.0"):
        (images.folder / version).mkdir()
        wheel(images.folder / version, "lc-tiny", version)
        files = {
            "pyproject.toml": (
                '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            ),
            "backend.py": backend,
        }
        code, lines = images.run(
            f"ENV WHICH={version}", "COPY pyproject.toml backend.py /src/", "RUN pip install /src",
            **files,
        )  # fmt: skip
        assert (code, lines[-1]) == (0, f"has {version}"), lines
