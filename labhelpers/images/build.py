"""Builds an image of your own, pushes it to Amazon ECR, and deletes it."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

from labhelpers.checked import of_a_lab
from labhelpers.errors import ImageError
from labhelpers.images.docker_cli import docker, docker_with_steps, has_docker, network_options
from labhelpers.images.registry import push, repository_uri
from labhelpers.lab import Lab

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
_TAG = re.compile(r"\w[\w.-]{0,127}")
_NO_DOCKER_ON_AWS = (
    "Docker does not answer on this machine, and an image for AWS needs it. In SageMaker Studio, "
    "an administrator allows it for the domain (DockerSettings, EnableDockerAccess), and you "
    "install its command line tools. Or run container/build_and_push.sh where there is Docker."
)
_WITHOUT = (
    "Docker is not needed here: end ./lab open with Ctrl-C, and start it with "
    "LABCLOUD_ENGINE=process ./lab open"
)


@of_a_lab
def build_and_push(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Builds the Dockerfile in a folder, pushes the image to Amazon ECR and returns its URI.

    The same as build_image, then push_image.
    """
    build_image(lab, context, name, tag)
    return push_image(lab, context, name, tag)


@of_a_lab
def build_image(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Builds the Dockerfile in a folder and returns the image's name on this machine.

    Prints the steps of the Dockerfile while they run. The environment variable
    LAB_DOCKER_BUILD_OPTIONS may hold options for `docker build`. Raises ImageError with the last
    lines that Docker printed.
    """
    folder = _checked(lab, context, name, tag)
    print(f"Building {name}:{tag}", flush=True)
    if not has_docker(lab):
        _context(folder)
        print("Without Docker: labcloud copies the files; packages come with the first start")
        return f"{name}:{tag}"
    # The instances of AWS are x86. An image that stays here is for this machine.
    platform = [] if lab.is_local else ["--platform", "linux/amd64"]
    options = shlex.split(os.environ.get("LAB_DOCKER_BUILD_OPTIONS", ""))
    words = [*platform, *network_options(), "--tag", f"{name}:{tag}", *options]
    try:
        docker_with_steps("build", *words, str(folder))
    except ImageError as error:
        if lab.is_local:
            raise ImageError(f"{error}\n{_WITHOUT}") from error
        raise
    return f"{name}:{tag}"


@of_a_lab
def push_image(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Pushes the image that build_image has made of a folder to Amazon ECR and returns its URI.

    Creates the repository `name` if there is none. Raises ImageError.
    """
    folder = _checked(lab, context, name, tag)
    with_docker = has_docker(lab)
    if with_docker and docker("image", "inspect", f"{name}:{tag}").returncode:
        raise ImageError(f"There is no image {name}:{tag} on this machine. Was it built?")
    ecr = lab.client("ecr")
    uri = f"{repository_uri(ecr, name)}:{tag}"
    if with_docker:
        docker("tag", f"{name}:{tag}", uri)
    if lab.is_local:
        _push_to_labcloud(ecr, name, tag, uri if with_docker else _context(folder))
    else:
        push(ecr, uri)
    print(f"Pushed {name}:{tag}")
    return uri


@of_a_lab
def pushed_image(lab: Lab, name: str, tag: str = "latest") -> str | None:
    """The URI of an image in your repository `name` of Amazon ECR, or None if there is none."""
    ecr = lab.client("ecr")
    try:
        ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])
    except (ecr.exceptions.RepositoryNotFoundException, ecr.exceptions.ImageNotFoundException):
        return None
    return f"{repository_uri(ecr, name)}:{tag}"


def _context(folder: Path) -> bytes:
    """The folder as labcloud takes it. Raises ImageError."""
    # It is installed where labcloud runs, which is not in Studio.
    from labcloud.client.push import PushFailed, context_archive

    try:
        return context_archive(folder)
    except PushFailed as error:
        raise ImageError(str(error)) from error


def _push_to_labcloud(ecr: Any, name: str, tag: str, what: str | bytes) -> None:
    """Pushes an image of the local Docker by its URI, or a build context. Raises ImageError."""
    from labcloud.client.push import PushFailed, enter_image, push_context

    try:
        if isinstance(what, bytes):
            push_context(ecr, name, tag, what)
        else:
            inspected = json.loads(docker("image", "inspect", what).stdout)[0]
            enter_image(ecr, name, tag, inspected)
    except PushFailed as error:
        raise ImageError(str(error)) from error


def delete_image(lab: Lab, name: str) -> bool:
    """Deletes a repository and its images, in ECR and on this machine. False if there was none."""
    ecr = lab.client("ecr")
    try:
        ecr.delete_repository(repositoryName=name, force=True)
        found = True
    except ecr.exceptions.RepositoryNotFoundException:
        found = False
    if has_docker(lab):
        names = re.compile(rf"({lab.account}\.dkr\.ecr\.{lab.region}\.[^/]+/)?{re.escape(name)}")
        listed = docker("image", "ls", "--format", "{{.Repository}} {{.Tag}}").stdout
        for repository, tag in (line.split() for line in listed.splitlines()):
            if names.fullmatch(repository):
                # By name, because the same image may have other names too.
                docker("image", "rm", "--force", f"{repository}:{tag}")
                found = True
    return found


def _checked(lab: Lab, context: str | Path, name: str, tag: str) -> Path:
    """The folder of a build context. Raises ImageError if it or the name cannot be used."""
    folder = Path(context).resolve()
    if not (folder / "Dockerfile").is_file():
        raise ImageError(f"There is no Dockerfile in {folder}")
    if not _NAME.fullmatch(name) or not 2 <= len(name) <= 256 or not _TAG.fullmatch(tag):
        raise ImageError(f"{name}:{tag} cannot be an image's name: use small letters, digits and -")
    if "sagemaker" not in name:
        print('Note: AmazonSageMakerFullAccess covers images with "sagemaker" in their name only.')
    if not lab.is_local and not has_docker(lab):
        raise ImageError(_NO_DOCKER_ON_AWS)
    return folder
