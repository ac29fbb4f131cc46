"""A build context as an image: the folder that `docker build` would get, pushed to ECR as it is.

The same folder makes the same image, byte for byte. Only labcloud runs such images.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from labhelpers.errors import ImageError
from labhelpers.registry import put_image

MEDIA_TYPE = "application/vnd.labcloud.build-context.v1.tar+gzip"
# The empty configuration of the OCI image specification.
_EMPTY = b"{}"
# ECR takes layers in parts; labcloud's build contexts have a limit, and 100 MB is a mistake anyway.
_PART = 10 * 1024**2
_LARGEST = 100 * 1024**2


def context_archive(folder: Path) -> bytes:
    """A folder as .tar.gz, without what its .dockerignore leaves out. Raises ImageError."""
    # Docker's own reading of .dockerignore; the package is there where labcloud is.
    from docker.utils import exclude_paths

    ignored = folder / ".dockerignore"
    lines = ignored.read_text().splitlines() if ignored.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted({*exclude_paths(str(folder), patterns), "Dockerfile"}):
            tar.add(folder / name, name, recursive=False, filter=_anonymous)
            if content.tell() > _LARGEST:
                raise ImageError(
                    f"{folder} holds more than {_LARGEST // 1024**2} MB: name what the image does "
                    "not need in .dockerignore"
                )
    return gzip.compress(content.getvalue(), compresslevel=6, mtime=0)


def push_context(ecr: Any, name: str, tag: str, archive: bytes) -> None:
    """Uploads a build context as the one layer of an image. Raises ImageError."""
    digest = f"sha256:{hashlib.sha256(archive).hexdigest()}"
    try:
        known = ecr.batch_check_layer_availability(repositoryName=name, layerDigests=[digest])
        if not known["layers"]:
            _upload(ecr, name, archive, digest)
    except ClientError as error:
        raise ImageError(error.response["Error"]["Message"]) from error
    empty = {
        "mediaType": "application/vnd.oci.empty.v1+json",
        "digest": f"sha256:{hashlib.sha256(_EMPTY).hexdigest()}",
        "size": len(_EMPTY),
    }
    layer = {"mediaType": MEDIA_TYPE, "digest": digest, "size": len(archive)}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": empty,
        "layers": [layer],
    }
    put_image(ecr, name, tag, manifest)


def _upload(ecr: Any, name: str, archive: bytes, digest: str) -> None:
    upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    for first in range(0, len(archive), _PART):
        part = archive[first : first + _PART]
        ecr.upload_layer_part(
            repositoryName=name, uploadId=upload, layerPartBlob=part,
            partFirstByte=first, partLastByte=first + len(part) - 1,
        )  # fmt: skip
    ecr.complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[digest])


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without what differs from one machine to the next."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & 0o111 else 0o644
    return member
