"""Amazon ECR: an image's repository, and the credentials to push."""

from __future__ import annotations

import base64
from typing import Any

from labhelpers.errors import ImageError
from labhelpers.images.docker_cli import docker, docker_with_steps


def repository_uri(ecr: Any, name: str) -> str:
    """The URI of a repository. It is created if there is none of this name."""
    try:
        found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    except ecr.exceptions.RepositoryNotFoundException:
        scan = {"scanOnPush": True}
        created = ecr.create_repository(repositoryName=name, imageScanningConfiguration=scan)
        found = created["repository"]
        print(f"Created the repository {name}")
    return str(found["repositoryUri"])


def push(ecr: Any, uri: str) -> None:
    """Lets Docker push an image to ECR. Raises ImageError."""
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    registry = uri.partition("/")[0]
    done = docker("login", "--username", user, "--password-stdin", registry, stdin=password)
    if done.returncode:
        raise ImageError(f"Docker cannot log in to {registry}: {done.stderr.strip()}")
    docker_with_steps("push", uri)
