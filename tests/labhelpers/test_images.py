"""Images are built, pushed and deleted, step by step, with Docker and without."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labcloud_support.docker import base_argument, docker, require_docker
from labhelpers import Lab
from labhelpers.errors import ImageError
from labhelpers.images import (
    build_and_push,
    build_image,
    delete_image,
    push_image,
    pushed_image,
)

Printed = pytest.CaptureFixture[str]
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(
        f"ARG BASE={base_argument()}\nFROM ${{BASE}}\nCOPY train /opt/program/\n"
    )
    (tmp_path / "train").write_text("#!/bin/sh\n")
    return tmp_path


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABCLOUD_ENGINE", "process")


@pytest.fixture
def with_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    require_docker()
    monkeypatch.delenv("LABCLOUD_ENGINE", raising=False)


@pytest.fixture
def name_of(lab: Lab) -> Iterator[Callable[[str], str]]:
    """Names that are this test's own; what has them is gone afterwards."""
    given = []

    def name(label: str) -> str:
        given.append(lab.repository(label))
        return given[-1]

    yield name
    for each in given:
        delete_image(lab, each)


def held(name: str) -> list[str]:
    """The names that the daemon has for an image of a repository."""
    listed = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
    return sorted(each for each in listed if name in each)


@pytest.mark.usefixtures("with_docker")
def test_docker_shows_its_steps_and_the_image_has_two_names(
    lab: Lab, context: Path, name_of: Callable[[str], str], capsys: Printed
) -> None:
    name = name_of("mine")
    assert build_image(lab, context, name, "two") == f"{name}:two"
    first, *steps, last = capsys.readouterr().out.splitlines()
    assert first == f"Building {name}:two"
    assert steps[0].startswith("    ")
    assert last.startswith("    COPY train /opt/program/")
    assert push_image(lab, context, name, "two") == f"{REGISTRY}/{name}:two"
    assert capsys.readouterr().out.splitlines() == [
        f"Created the repository {name}",
        f"Pushed {name}:two",
    ]
    assert held(name) == [f"{REGISTRY}/{name}:two", f"{name}:two"]


@pytest.mark.usefixtures("without")
def test_without_docker_it_says_what_is_not_done(
    lab: Lab, context: Path, name_of: Callable[[str], str], capsys: Printed
) -> None:
    name = name_of("mine")
    assert build_and_push(lab, context, name) == f"{REGISTRY}/{name}:latest"
    assert capsys.readouterr().out.splitlines() == [
        f"Building {name}:latest",
        "Without Docker: labcloud copies the files; packages come with the first start",
        f"Created the repository {name}",
        f"Pushed {name}:latest",
    ]


@pytest.mark.usefixtures("without")
def test_an_image_that_was_pushed_is_found_by_its_tag(
    lab: Lab, context: Path, name_of: Callable[[str], str]
) -> None:
    name = name_of("mine")
    assert pushed_image(lab, name) is None
    uri = build_and_push(lab, context, name, "one")
    assert pushed_image(lab, name, "one") == uri
    assert pushed_image(lab, name) is None
    delete_image(lab, name)
    assert pushed_image(lab, name, "one") is None


@pytest.mark.usefixtures("with_docker")
def test_what_was_not_built_cannot_be_pushed(
    lab: Lab, context: Path, name_of: Callable[[str], str]
) -> None:
    name = name_of("mine")
    with pytest.raises(ImageError, match=rf"^There is no image {name}:latest on this machine\."):
        push_image(lab, context, name)
    assert not delete_image(lab, name), "no repository was made for it"


@pytest.mark.usefixtures("with_docker")
def test_a_build_that_fails_says_what_docker_said_and_how_to_do_without(
    lab: Lab, context: Path, name_of: Callable[[str], str]
) -> None:
    (context / "train").unlink()
    with pytest.raises(ImageError) as failed:
        build_image(lab, context, name_of("mine"))
    lines = str(failed.value).splitlines()
    assert lines[0] == "docker build has failed:"
    assert any("train" in line and re.search("failed|not found", line) for line in lines)
    assert lines[-1].startswith("Docker is not needed here: end ./lab open with Ctrl-C")
    assert "LABCLOUD_ENGINE=process ./lab open" in lines[-1]


@pytest.mark.usefixtures("with_docker")
def test_deleting_one_leaves_the_other_that_is_the_same(
    lab: Lab, context: Path, name_of: Callable[[str], str]
) -> None:
    mine, other = name_of("mine"), name_of("other")
    for name in (mine, other):
        build_and_push(lab, context, name)
    assert delete_image(lab, mine)
    assert held(mine) == []
    assert held(other) == [f"{REGISTRY}/{other}:latest", f"{other}:latest"]
    assert not delete_image(lab, mine)


@pytest.mark.usefixtures("with_docker")
def test_an_image_goes_from_this_machine_though_its_repository_is_gone(
    lab: Lab, context: Path, name_of: Callable[[str], str]
) -> None:
    name = name_of("mine")
    build_and_push(lab, context, name)
    lab.client("ecr").delete_repository(repositoryName=name, force=True)
    assert delete_image(lab, name)
    assert held(name) == []


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("step", [build_image, push_image])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Sagemaker-labs", "Sagemaker-labs:latest cannot be an image's name: use small letters"),
        ("sagemaker_", "sagemaker_:latest cannot be an image's name: use small letters"),
        ("a", "a:latest cannot be an image's name: use small letters"),
    ],
)
def test_names_that_docker_or_ecr_would_refuse(
    lab: Lab, context: Path, step: Callable[..., str], name: str, said: str
) -> None:
    with pytest.raises(ImageError, match=said):
        step(lab, context, name)


@pytest.mark.usefixtures("without")
def test_a_folder_without_a_dockerfile(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=f"There is no Dockerfile in {tmp_path}"):
        build_image(lab, tmp_path, "sagemaker-labs-mine")


@pytest.mark.parametrize("step", [build_image, push_image])
def test_on_aws_there_must_be_docker(
    lab: Lab, context: Path, step: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(context))
    monkeypatch.setenv("LABCLOUD_ENGINE", "process")
    assert "docker" not in os.listdir(context)
    with pytest.raises(ImageError, match="Docker does not answer on this machine, and an image"):
        step(replace(lab, is_local=False), context, "sagemaker-labs-mine")
