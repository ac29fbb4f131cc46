"""COPY and ADD, carried out."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from labcloud.containers.published.dockerfile import read
from labcloud.containers.published.files import place
from labcloud.containers.published.words import BadDockerfile


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "program" / "below").mkdir(parents=True)
    (folder / "program" / "train").write_text("#!/bin/sh\n")
    (folder / "program" / "below" / "data.csv").write_text("1,2\n")
    (folder / "one.txt").write_text("one")
    (folder / "two.txt").write_text("two")
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return tmp_path / "image"


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def carry_out(context: Path, image: Path, *lines: str) -> dict[str, str]:
    place(read("\n".join(("FROM base", *lines))), context, image, context.with_name("asked"))
    return files(image)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY one.txt /opt/", ["opt/one.txt"]),
        ("COPY one.txt /opt/renamed", ["opt/renamed"]),
        ("COPY one.txt two.txt /opt/", ["opt/one.txt", "opt/two.txt"]),
        ("COPY *.txt /opt/", ["opt/one.txt", "opt/two.txt"]),
        ("COPY program /opt/program", ["opt/program/below/data.csv", "opt/program/train"]),
        ("COPY program /opt/", ["opt/below/data.csv", "opt/train"]),
        ("COPY program/below/data.csv .", ["data.csv"]),
        ("COPY . /all", ["all/one.txt", "all/program/below/data.csv", "all/program/train",
                         "all/two.txt"]),
        ("COPY ../../one.txt /opt/", ["opt/one.txt"]),
    ],
)  # fmt: skip
def test_files_go_where_docker_puts_them(
    context: Path, image: Path, line: str, expected: list[str]
) -> None:
    assert list(carry_out(context, image, line)) == expected


def test_the_last_copy_of_a_file_stays(context: Path, image: Path) -> None:
    found = carry_out(context, image, "COPY one.txt /opt/x", "COPY two.txt /opt/x")
    assert found == {"opt/x": "two"}


@pytest.mark.parametrize(
    ("more", "executable"),
    [
        ((), False),
        (("RUN chmod +x /opt/train",), True),
        (("WORKDIR /opt", "RUN chmod 700 train && pip install x"), True),
        # It may have: what it would have done is not known.
        (("RUN find /opt -exec chmod +x {} +",), True),
        (("RUN pip install x",), False),
    ],
)
def test_a_script_is_executable_where_somebody_has_made_it_so(
    context: Path, image: Path, more: tuple[str, ...], executable: bool
) -> None:
    carry_out(context, image, "COPY program /opt/", *more)
    assert os.access(image / "opt" / "train", os.X_OK) is executable
    assert not os.access(image / "opt" / "below" / "data.csv", os.X_OK)


def test_modes_can_be_asked_for(context: Path, image: Path) -> None:
    carry_out(context, image, "COPY --chmod=640 one.txt /opt/", "COPY --chmod=+x two.txt /opt/")
    assert (image / "opt" / "one.txt").stat().st_mode & 0o777 == 0o640
    assert os.access(image / "opt" / "two.txt", os.X_OK)


def test_a_text_of_the_dockerfile(context: Path, image: Path) -> None:
    found = carry_out(
        context, image, "COPY --chmod=755 <<A <<B one.txt /opt/", "a", "A", "b", "B",
        "COPY <<EOF /deep/er/c", "c", "EOF",
    )  # fmt: skip
    assert found == {"deep/er/c": "c\n", "opt/A": "a\n", "opt/B": "b\n", "opt/one.txt": "one"}
    assert os.access(image / "opt" / "B", os.X_OK)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("mkdir -p /x/y && cp /opt/one.txt /x/y", {"x/y/one.txt": "one"}),
        ("cp -r /opt /x", {"x/one.txt": "one", "x/two.txt": "two"}),
        ("mv /opt/one.txt /x/y.txt", {"x/y.txt": "one"}),
        ("cp /opt/one.txt /opt/two.txt /x/", {"x/one.txt": "one", "x/two.txt": "two"}),
        ("touch /x/new", {}),
        ("mkdir /x && touch /x/new", {"x/new": ""}),
        ("cp /etc/passwd /x", {}),
        ("mkdir /x && cd /opt && cp one.txt /x && cd .. && cp opt/two.txt x/",
         {"x/one.txt": "one", "x/two.txt": "two"}),
        ("cd /nowhere && cp one.txt /x", {}),
        ("cp /opt/one.txt /../../x/../y", {"y": "one"}),
    ],
)  # fmt: skip
def test_commands_about_files(
    context: Path, image: Path, run: str, expected: dict[str, str]
) -> None:
    found = carry_out(context, image, "COPY *.txt /opt/", f"RUN {run}")
    assert {name: text for name, text in found.items() if not name.startswith("opt/")} == expected


def test_links_are_made_and_nothing_is_written_through_them(
    context: Path, image: Path, tmp_path: Path
) -> None:
    recipe = read(
        f"FROM x\nCOPY one.txt /opt/\nRUN ln -s {tmp_path} /out && ln -sf /opt/one.txt /opt/two\n"
        "RUN cp /opt/one.txt /out/stolen\nRUN chmod +x /opt/two\nRUN rm -rf /out\n"
    )
    assert place(recipe, context, image, tmp_path / "asked").undone == [4, 5]
    assert os.readlink(image / "opt" / "two") == "/opt/one.txt"
    assert not (image / "out").is_symlink()
    assert not (tmp_path / "stolen").exists()
    assert (tmp_path / "context").is_dir()


def test_add_unpacks_archives_and_copy_does_not(context: Path, image: Path) -> None:
    with tarfile.open(context / "a.tar.gz", "w:gz") as tar:
        tar.add(context / "one.txt", "inside.txt")
    carry_out(context, image, "ADD a.tar.gz /added/", "COPY one.txt /added/")
    assert files(image / "added") == {"inside.txt": "one", "one.txt": "one"}
    place(read("FROM x\nCOPY a.tar.gz /copied/"), context, image, context.with_name("asked"))
    assert [path.name for path in (image / "copied").iterdir()] == ["a.tar.gz"]


def test_nothing_is_written_behind_a_link(context: Path, image: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (context / "link").symlink_to(outside)
    with pytest.raises(BadDockerfile, match="COPY to /link/: it lies behind a link"):
        carry_out(context, image, "COPY link /", "COPY one.txt /link/")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["COPY three.txt /"], "COPY of 'three.txt': there is no such file"),
        (["COPY one.txt /x", "COPY program /x"], "COPY to /x"),
        (["ADD bad.tar.gz /x"], "ADD of bad.tar.gz: "),
    ],
    ids=["missing", "file-and-folder", "broken-archive"],
)
def test_what_cannot_be_copied_is_said(
    context: Path, image: Path, lines: list[str], said: str
) -> None:
    (context / "bad.tar.gz").write_bytes(b"no archive")
    with pytest.raises(BadDockerfile) as refused:
        carry_out(context, image, *lines)
    assert str(refused.value).startswith(said)
