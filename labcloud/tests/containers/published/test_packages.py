"""What pip brings to an image: programs of images run, and no network is needed."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from labcloud.containers.engine import CannotStart
from labcloud_support.wheels import wheel

from .machine import MAIN, Images


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


def test_what_fails_is_said_and_the_next_one_is_done(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    code, lines = images.run("RUN pip install lc-nowhere", "RUN pip install lc-tiny")
    assert (code, lines[-1]) == (0, "has 1.0")
    assert any("No matching distribution found for lc-nowhere" in line for line in lines)
    assert sum("Docker would have built no image" in line for line in lines) == 1
    assert len(images.kept()) == 1


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
