"""Amazon ECR: an image's repository, the credentials to push, and images made without a push."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from botocore.exceptions import ClientError

from labhelpers.containers.docker_cli import docker, docker_with_steps
from labhelpers.errors import ImageError

# labcloud knows build contexts by this media type, which is its own.
MEDIA_TYPE = "application/vnd.labcloud.build-context.v1.tar+gzip"
_OCI = "application/vnd.oci"
_DOCKER = "application/vnd.docker"
# The empty configuration of the OCI image specification.
_EMPTY = b"{}"
# The largest part of a layer that ECR takes is 20 MB.
_PART = 10 * 1024**2


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


def register(ecr: Any, name: str, tag: str, uri: str) -> None:
    """Enters an image of the local Docker into labcloud's ECR. Nothing needs to be copied."""
    inspected = json.loads(docker("image", "inspect", uri).stdout)[0]
    kind = f"{_DOCKER}.image.rootfs.diff.tar"
    layers = [_part(kind, digest, 0) for digest in inspected["RootFS"]["Layers"]]
    # Docker knows only the size of all layers together.
    layers[0]["size"] = inspected["Size"]
    config = _part(f"{_DOCKER}.container.image.v1+json", inspected["Id"], 0)
    _put_image(ecr, name, tag, f"{_DOCKER}.distribution.manifest.v2+json", config, layers)


def push_context(ecr: Any, name: str, tag: str, archive: bytes) -> None:
    """Uploads a build context as the only layer of an image. Raises ImageError."""
    digest = _digest(archive)
    try:
        known = ecr.batch_check_layer_availability(repositoryName=name, layerDigests=[digest])
        if not known["layers"]:
            _upload(ecr, name, archive, digest)
    except ClientError as error:
        raise ImageError(error.response["Error"]["Message"]) from error
    config = _part(f"{_OCI}.empty.v1+json", _digest(_EMPTY), len(_EMPTY))
    layers = [_part(MEDIA_TYPE, digest, len(archive))]
    _put_image(ecr, name, tag, f"{_OCI}.image.manifest.v1+json", config, layers)


def _upload(ecr: Any, name: str, archive: bytes, digest: str) -> None:
    upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    for first in range(0, len(archive), _PART):
        part = archive[first : first + _PART]
        ecr.upload_layer_part(
            repositoryName=name, uploadId=upload, layerPartBlob=part,
            partFirstByte=first, partLastByte=first + len(part) - 1,
        )  # fmt: skip
    ecr.complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[digest])


def _put_image(
    ecr: Any, name: str, tag: str, kind: str, config: dict[str, Any], layers: list[dict[str, Any]]
) -> None:
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers}
    try:
        ecr.put_image(repositoryName=name, imageTag=tag, imageManifest=json.dumps(manifest))
    except ecr.exceptions.ImageAlreadyExistsException:
        # The tag names this image already.
        return
    except ClientError as error:
        raise ImageError(error.response["Error"]["Message"]) from error


def _part(kind: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest, "size": size}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
