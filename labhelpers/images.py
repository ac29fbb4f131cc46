"""Builds an image of your own and brings it to Amazon ECR.

On AWS, Docker builds the image and pushes it. On labcloud, Docker builds it where there is Docker;
where there is none, the build context itself is pushed, and labcloud runs its `train` and `serve`.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

from labhelpers.build_context import context_archive, push_context
from labhelpers.connect import Lab
from labhelpers.docker_cli import docker, followed, has_docker, network
from labhelpers.errors import ImageError
from labhelpers.registry import put_image, repository_uri

# The managed policy AmazonSageMakerFullAccess covers repositories with "sagemaker" in their name;
# the course's own are found by the whole prefix.
PREFIX = "sagemaker-labs-"
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
_TAG = re.compile(r"\w[\w.-]{0,127}")
_NO_DOCKER_ON_AWS = (
    "Docker does not answer on this machine, and an image for AWS needs it. In SageMaker Studio, "
    "an administrator allows it for the domain (DockerSettings, EnableDockerAccess), and you "
    "install its command line tools. Or run container/build_and_push.sh where there is Docker."
)
_WITHOUT = "Docker is not needed here: set LABCLOUD_ENGINE=process, and run ./lab open again."


def build_and_push(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Builds the Dockerfile in a folder, pushes the image to Amazon ECR and returns its URI.

    Does what build_image and push_image do, and raises what they raise.
    """
    build_image(lab, context, name, tag)
    return push_image(lab, context, name, tag)


def build_image(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Builds the Dockerfile in a folder and returns the image's name on this machine.

    Prints the Dockerfile's steps as they come. Options of `docker build` may be in the environment,
    in LAB_DOCKER_BUILD_OPTIONS. Raises ImageError with the last lines of what Docker said.
    """
    folder = _checked(lab, context, name, tag)
    print(f"Building {name}:{tag}", flush=True)
    if not has_docker(lab):
        context_archive(folder)
        print("Without Docker: labcloud reads the Dockerfile, copies its files, and runs no RUN")
        return f"{name}:{tag}"
    # AWS's instances are x86; what stays here is for the machine that it runs on.
    platform = [] if lab.is_local else ["--platform", "linux/amd64"]
    options = shlex.split(os.environ.get("LAB_DOCKER_BUILD_OPTIONS", ""))
    words = [*platform, *network(), "--tag", f"{name}:{tag}", *options]
    try:
        followed("build", *words, str(folder))
    except ImageError as error:
        if lab.is_local:
            raise ImageError(f"{error}\n{_WITHOUT}") from error
        raise
    return f"{name}:{tag}"


def push_image(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Pushes what build_image has made of a folder to Amazon ECR and returns the image's URI.

    Makes the repository `name` where there is none. Raises ImageError.
    """
    folder = _checked(lab, context, name, tag)
    with_docker = has_docker(lab)
    if with_docker and docker("image", "inspect", f"{name}:{tag}").returncode:
        raise ImageError(f"There is no image {name}:{tag} on this machine. Was it built?")
    ecr = lab.client("ecr")
    uri = f"{repository_uri(ecr, name)}:{tag}"
    if with_docker:
        docker("tag", f"{name}:{tag}", uri)
        _push(ecr, uri) if not lab.is_local else _register(ecr, name, tag, uri)
    else:
        push_context(ecr, name, tag, context_archive(folder))
    print(f"Pushed {name}:{tag}")
    return uri


def delete_image(lab: Lab, name: str) -> bool:
    """Deletes a repository with all its images, here and in ECR; False if there was none."""
    ecr = lab.client("ecr")
    try:
        ecr.delete_repository(repositoryName=name, force=True)
        found = True
    except ecr.exceptions.RepositoryNotFoundException:
        found = False
    if has_docker(lab):
        registry = f"{lab.account}.dkr.ecr.{lab.region}."
        listed = docker("image", "ls", "--format", "{{.Repository}} {{.Tag}}").stdout
        for repository, _, tag in (line.partition(" ") for line in listed.splitlines()):
            if repository == name or (
                repository.startswith(registry) and repository.partition("/")[2] == name
            ):
                # By its name: the same image may have others, of somebody else's.
                docker("image", "rm", "--force", f"{repository}:{tag}")
                found = True
    return found


def _checked(lab: Lab, context: str | Path, name: str, tag: str) -> Path:
    """The folder of a build context. Raises ImageError for what neither step could use."""
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


def _push(ecr: Any, uri: str) -> None:
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    registry = uri.partition("/")[0]
    done = docker("login", "--username", user, "--password-stdin", registry, said=password)
    if done.returncode:
        raise ImageError(f"Docker cannot log in to {registry}: {done.stderr.strip()}")
    followed("push", uri)


def _register(ecr: Any, name: str, tag: str, uri: str) -> None:
    """Tells labcloud's ECR of an image in the local daemon, which need not be copied."""
    inspected = json.loads(docker("image", "inspect", uri).stdout)[0]
    # The daemon tells only what all layers take together.
    sizes = [inspected["Size"], *[0] * (len(inspected["RootFS"]["Layers"]) - 1)]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "digest": inspected["Id"],
            "size": 0,
        },
        "layers": [
            {"mediaType": "application/vnd.docker.image.rootfs.diff.tar", "digest": digest,
             "size": size}
            for digest, size in zip(inspected["RootFS"]["Layers"], sizes, strict=True)
        ],
    }  # fmt: skip
    put_image(ecr, name, tag, manifest)
