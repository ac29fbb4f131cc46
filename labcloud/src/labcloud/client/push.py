"""Pushes images of your own to the ECR of a labcloud, without a registry to push to.

A folder with a Dockerfile is pushed as it is, where there is no Docker: labcloud copies what the
Dockerfile copies, and runs the programs as processes. An image of this machine's Docker is entered
by its name: labcloud runs it with the same Docker.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from labcloud.client.image_name import ImageName

# An image whose only layer is a build context. The type is labcloud's own.
MEDIA_TYPE = "application/vnd.labcloud.build-context.v1.tar+gzip"
_OCI = "application/vnd.oci"
_DOCKER = "application/vnd.docker"
# The empty configuration of the OCI image specification.
_EMPTY = b"{}"
# The largest part of a layer that ECR takes is 20 MB (bytes).
_PART = 10 * 1024**2
# A larger build context is a mistake (bytes).
_LARGEST = 100 * 1024**2


class PushFailed(Exception):
    """An image that cannot be pushed, and why."""


def context_archive(folder: Path) -> bytes:
    """What `docker build` would get of a folder, as .tar.gz. Raises PushFailed.

    What its .dockerignore excludes is not in it. The same folder makes the same archive, byte for
    byte.
    """
    # How Docker itself reads .dockerignore.
    from docker.utils import exclude_paths

    ignored = folder / ".dockerignore"
    lines = ignored.read_text().splitlines() if ignored.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted({*exclude_paths(str(folder), patterns), "Dockerfile"}):
            tar.add(folder / name, name, recursive=False, filter=_anonymous)
            if content.tell() > _LARGEST:
                raise PushFailed(
                    f"{folder} holds more than {_LARGEST // 1024**2} MB: name what the image does "
                    "not need in .dockerignore"
                )
    return gzip.compress(content.getvalue(), compresslevel=6, mtime=0)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Removes what differs from one machine to the next."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & 0o111 else 0o644
    return member


def push_folder(folder: Path, name: ImageName | str) -> str:
    """Pushes a folder with a Dockerfile, and returns the image's URI. Raises PushFailed.

    The repository is made where it is missing. Raises ValueError for a text that is no name.
    """
    repository, tag, registry = ImageName.parse(name) if isinstance(name, str) else name
    try:
        archive = context_archive(folder)
    except OSError as error:
        raise PushFailed(f"{error.filename or folder} cannot be read: {error.strerror}.") from error
    try:
        ecr: Any = get_session().create_client("ecr")
        if registry:
            own = (ecr.describe_registry()["registryId"], ecr.meta.region_name)
            if registry != own:
                raise PushFailed(
                    f"labcloud's account is {own[0]} in {own[1]}, and the image's name is for "
                    f"{registry[0]} in {registry[1]}. Push to {repository}:{tag}."
                )
        try:
            found = ecr.create_repository(repositoryName=repository)["repository"]
        except ecr.exceptions.RepositoryAlreadyExistsException:
            listed = ecr.describe_repositories(repositoryNames=[repository])
            found = listed["repositories"][0]
        push_context(ecr, repository, tag, archive)
    except (ClientError, BotoCoreError) as error:
        raise PushFailed(str(error)) from error
    return f"{found['repositoryUri']}:{tag}"


def push_context(ecr: Any, repository: str, tag: str, archive: bytes) -> None:
    """Pushes a build context to a repository that exists. Raises PushFailed.

    `ecr` is boto3's client.
    """
    digest = _digest(archive)
    try:
        known = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest])
        if not known["layers"]:
            _upload(ecr, repository, archive, digest)
    except ClientError as error:
        raise PushFailed(error.response["Error"]["Message"]) from error
    config = _part(f"{_OCI}.empty.v1+json", _digest(_EMPTY), len(_EMPTY))
    layers = [_part(MEDIA_TYPE, digest, len(archive))]
    _put_image(ecr, repository, tag, f"{_OCI}.image.manifest.v1+json", config, layers)


def enter_image(ecr: Any, repository: str, tag: str, inspected: dict[str, Any]) -> None:
    """Enters an image of the local Docker into a repository. Raises PushFailed.

    `inspected` is what `docker image inspect` says of it. The image must have the repository's URI,
    with the tag, as a name. Nothing is copied.
    """
    kind = f"{_DOCKER}.image.rootfs.diff.tar"
    layers = [_part(kind, digest, 0) for digest in inspected["RootFS"]["Layers"]]
    # Docker knows only the size of all layers together.
    layers[0]["size"] = inspected["Size"]
    config = _part(f"{_DOCKER}.container.image.v1+json", inspected["Id"], 0)
    _put_image(ecr, repository, tag, f"{_DOCKER}.distribution.manifest.v2+json", config, layers)


def _upload(ecr: Any, repository: str, archive: bytes, digest: str) -> None:
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    for first in range(0, len(archive), _PART):
        part = archive[first : first + _PART]
        ecr.upload_layer_part(
            repositoryName=repository, uploadId=upload, layerPartBlob=part,
            partFirstByte=first, partLastByte=first + len(part) - 1,
        )  # fmt: skip
    ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[digest])


def _put_image(
    ecr: Any,
    repository: str,
    tag: str,
    kind: str,
    config: dict[str, Any],
    layers: list[dict[str, Any]],
) -> None:
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers}
    try:
        ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest))
    except ecr.exceptions.ImageAlreadyExistsException:
        # The tag names this image already.
        return
    except ClientError as error:
        raise PushFailed(error.response["Error"]["Message"]) from error


def _part(kind: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest, "size": size}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
