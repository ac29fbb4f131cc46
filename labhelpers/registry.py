"""Amazon ECR: the repository of an image, and the manifest that a tag names."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from labhelpers.errors import ImageError


def repository_uri(ecr: Any, name: str) -> str:
    """The URI of a repository, which is made where there is none."""
    try:
        found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    except ecr.exceptions.RepositoryNotFoundException:
        scan = {"scanOnPush": True}
        found = ecr.create_repository(repositoryName=name, imageScanningConfiguration=scan)
        found = found["repository"]
        print(f"Created the repository {name}")
    return str(found["repositoryUri"])


def put_image(ecr: Any, name: str, tag: str, manifest: dict[str, Any]) -> None:
    """Makes a tag name an image; that it does already is no error."""
    try:
        ecr.put_image(repositoryName=name, imageTag=tag, imageManifest=json.dumps(manifest))
    except ecr.exceptions.ImageAlreadyExistsException:
        return
    except ClientError as error:
        raise ImageError(error.response["Error"]["Message"]) from error
