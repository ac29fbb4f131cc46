"""What pip has installed for one image is kept for others, and for no more than that."""

from __future__ import annotations

from pathlib import Path

from labcloud.containers.published.packages import wanted
from labcloud.containers.published.pip import Installation
from labcloud_support.wheels import wheel

from .machine import ALREADY, INSTALLING, MAIN, Images


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


def test_a_disk_that_takes_no_packages_is_said(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    images.sets.write_text("no folder")
    code, lines = images.run("RUN pip install lc-tiny", program="print('runs')")
    assert (code, lines[-1]) == (0, "runs"), lines
    assert any("cannot be kept (File exists)" in line for line in lines)


def test_two_containers_at_once_make_a_set_once(images: Images) -> None:
    wheel(images.wheels, "lc-tiny")
    begun = [images.begin("RUN pip install lc-tiny") for _ in range(2)]
    outputs = [each.communicate()[0] for each in begun]
    assert [output.splitlines()[-1] for output in outputs] == ["has 1.0"] * 2, outputs
    assert sorted(INSTALLING in output for output in outputs) == [False, True]
    assert len(images.kept()) == 1


def test_extras_are_another_set(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    wheel(tmp_path / "root", "lc-tiny")
    keys = []
    for extras in ("", "[more]", "[all]"):
        word = f"/lc_tiny-1.0-py3-none-any.whl{extras}"
        asked = Installation((word,), homes=(), workdir="/", line=1)
        keys.append(wanted(asked, tmp_path / "root", tmp_path / "copies")["key"])
    assert len({tuple(key) for key in keys}) == 3


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
