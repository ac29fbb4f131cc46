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
import shutil
import subprocess
from collections import deque
from pathlib import Path
from typing import Any

from labhelpers.build_context import context_archive, push_context
from labhelpers.connect import Lab
from labhelpers.errors import ImageError
from labhelpers.registry import put_image, repository_uri

# The managed policy AmazonSageMakerFullAccess covers repositories with "sagemaker" in their name;
# the course's own are found by the whole prefix.
PREFIX = "sagemaker-labs-"
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
_TAG = re.compile(r"\w[\w.-]{0,127}")
# How Docker's two builders announce an instruction of the Dockerfile.
_STEP = re.compile(r"(?:Step \d+/\d+ :|#\d+ \[[^]]*\d+/\d+\]) (?P<what>.+)")
_LAST_LINES = 20
_NO_DOCKER_ON_AWS = (
    "Docker does not answer on this machine, and an image for AWS needs it. In SageMaker Studio, "
    "an administrator allows it for the domain (DockerSettings, EnableDockerAccess), and you "
    "install its command line tools. Or run container/build_and_push.sh where there is Docker."
)

_WITHOUT = "Docker is not needed here: set LABCLOUD_ENGINE=process, and run ./lab open again."


def build_and_push(lab: Lab, context: str | Path, name: str, tag: str = "latest") -> str:
    """Builds the Dockerfile in a folder, pushes the image to Amazon ECR and returns its URI.

    Makes the repository `name` where there is none. Prints the Dockerfile's steps as they come.
    Options of `docker build` may be in the environment, in LAB_DOCKER_BUILD_OPTIONS. Raises
    ImageError with the last lines of what Docker said.
    """
    folder = Path(context).resolve()
    if not (folder / "Dockerfile").is_file():
        raise ImageError(f"There is no Dockerfile in {folder}")
    if not _NAME.fullmatch(name) or not 2 <= len(name) <= 256 or not _TAG.fullmatch(tag):
        raise ImageError(f"{name}:{tag} cannot be an image's name: use small letters, digits and -")
    if "sagemaker" not in name:
        print('Note: AmazonSageMakerFullAccess covers images with "sagemaker" in their name only.')
    docker = has_docker(lab)
    if not docker and not lab.is_local:
        raise ImageError(_NO_DOCKER_ON_AWS)
    ecr = lab.client("ecr")
    image = f"{repository_uri(ecr, name)}:{tag}"
    print(f"Building {name}:{tag}", flush=True)
    if docker:
        _build(lab, folder, image)
        _push(ecr, image) if not lab.is_local else _register(ecr, name, tag, image)
    else:
        print("Without Docker: labcloud reads the Dockerfile, copies its files, and runs no RUN")
        push_context(ecr, name, tag, context_archive(folder))
    print(f"Pushed {name}:{tag}")
    return image


def has_docker(lab: Lab) -> bool:
    """Whether Docker is there to build and run images, and is to be used."""
    if lab.is_local and os.environ.get("LABCLOUD_ENGINE") == "process":
        return False
    return shutil.which("docker") is not None and _docker("version").returncode == 0


def delete_image(lab: Lab, name: str) -> bool:
    """Deletes a repository with all its images, here and in ECR; False if there was none."""
    ecr = lab.client("ecr")
    try:
        repository = ecr.delete_repository(repositoryName=name, force=True)["repository"]
    except ecr.exceptions.RepositoryNotFoundException:
        return False
    if has_docker(lab):
        held = _docker("image", "ls", "--quiet", "--no-trunc", repository["repositoryUri"])
        for identity in dict.fromkeys(held.stdout.split()):
            _docker("image", "rm", "--force", identity)
    return True


def _build(lab: Lab, folder: Path, image: str) -> None:
    # AWS's instances are x86; what stays here is for the machine that it runs on.
    platform = [] if lab.is_local else ["--platform", "linux/amd64"]
    options = shlex.split(os.environ.get("LAB_DOCKER_BUILD_OPTIONS", ""))
    try:
        _followed("build", *platform, "--tag", image, *options, str(folder))
    except ImageError as error:
        if lab.is_local:
            raise ImageError(f"{error}\n{_WITHOUT}") from error
        raise


def _push(ecr: Any, image: str) -> None:
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    registry = image.partition("/")[0]
    done = _docker("login", "--username", user, "--password-stdin", registry, said=password)
    if done.returncode:
        raise ImageError(f"Docker cannot log in to {registry}: {done.stderr.strip()}")
    _followed("push", image)


def _register(ecr: Any, name: str, tag: str, image: str) -> None:
    """Tells labcloud's ECR of an image in the local daemon, which need not be copied."""
    inspected = json.loads(_docker("image", "inspect", image).stdout)[0]
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


def _followed(*words: str) -> None:
    """Runs a command of Docker's and shows the steps that it announces. Raises ImageError."""
    last = deque[str](maxlen=_LAST_LINES)
    with subprocess.Popen(
        ["docker", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", env={**os.environ, "BUILDKIT_PROGRESS": "plain"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            last.append(line.rstrip())
            if found := _STEP.match(line):
                print(f"    {found['what'].rstrip()}", flush=True)
    if process.returncode:
        raise ImageError(f"docker {words[0]} has failed:\n" + "\n".join(last))


def _docker(*words: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["docker", *words], input=said, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(["docker", *words], 1, "", str(error))
