"""Amazon ECR as moto answers it, with images that are stored and can be run.

Every change is on the disk before it is answered. The bytes of layers, which moto forgets, are
stored. A build context is read when it is pushed, so that its author learns of mistakes at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from typing import Any

from moto.ecr.models import ecr_backends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labcloud.aws.front import check_json
from labcloud.aws.repositories import Repositories
from labcloud.client.push import MEDIA_TYPE
from labcloud.containers.published.images import BadContext, PublishedImages
from labcloud.gateway.body import given_again
from labcloud.gateway.refusals import Protocol, Refused, refusal, unwritten
from labcloud.gateway.signature import claim_of
from labcloud.json_text import loads
from labcloud.sagemaker.protocol import service_model

_READING = ("Describe", "Get", "List", "BatchGet", "BatchCheck")
# Nothing is stored before the upload is complete.
_UPLOADING = ("InitiateLayerUpload", "UploadLayerPart")
# What a tag must be, as ECR words it.
_TAG = "[a-zA-Z0-9-_.]+"

logger = logging.getLogger(__name__)


class Registry:
    """An ASGI application in front of moto's ECR."""

    def __init__(
        self, account: str, repositories: Repositories, published: PublishedImages, moto: ASGIApp
    ) -> None:
        self._account = account
        self._repositories = repositories
        self._published = published
        self._moto = moto
        self._model = service_model("ecr")
        # One change at a time: the file on the disk holds the results of all of them.
        self._changing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation.startswith(_READING) or operation in _UPLOADING:
            await self._moto(scope, given_again([body], receive), send)
            return
        async with self._changing:
            try:
                body = await self._prepared(operation, body, claim_of(scope).region)
                used = self._used_layers()
                answer = await self._answered(scope, body, receive)
                await asyncio.to_thread(self._keep, used)
            except _Refused as error:
                answer = error.answer
            except OSError as error:
                logger.error("could not write: %s", error, extra={"event": "write-failed"})
                await asyncio.to_thread(self._repositories.load)
                answer = refusal(Protocol.JSON, "ServerException", unwritten(error), 500)
        await answer(scope, receive, send)

    async def _prepared(self, operation: str, body: bytes, region: str) -> bytes:
        """The body that moto gets. Raises _Refused for what ECR refuses and moto does not."""
        try:
            fields = check_json(self._model, operation, body)
        except Refused as error:
            raise _Refused(error.code, error.message) from error
        if operation == "CompleteLayerUpload":
            await asyncio.to_thread(self._keep_layer, fields, region)
        if operation == "PutImage":
            _check_tag(fields.get("imageTag", "latest"))
            await asyncio.to_thread(self._check_image, fields, region)
            manifest = str(fields["imageManifest"]).encode()
            digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
            if fields.setdefault("imageDigest", digest) != digest:
                raise _Refused(
                    "ImageDigestDoesNotMatchException",
                    "The specified image digest does not match the digest that Amazon ECR "
                    "calculated for the image.",
                )
        return json.dumps(fields).encode()

    def _keep_layer(self, fields: dict[str, Any], region: str) -> None:
        repository = self._repository(fields, region)
        upload = repository.uploads.get(fields.get("uploadId")) if repository else None
        if upload is None:
            return
        content = bytes(upload.layer_parts)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if digest not in fields.get("layerDigests", []):
            raise _Refused(
                "InvalidLayerException",
                f"Layer digests do not match: calculated digest '{digest}', but got "
                f"{fields.get('layerDigests')}",
            )
        self._repositories.add_layer(digest, content)

    def _check_image(self, fields: dict[str, Any], region: str) -> None:
        name = fields.get("repositoryName", "")
        if self._repository(fields, region) is None:
            raise _Refused(
                "RepositoryNotFoundException",
                f"The repository with name '{name}' does not exist in the registry with id "
                f"'{self._account}'",
            )
        try:
            manifest = loads(fields.get("imageManifest", ""))
        except (ValueError, RecursionError):
            manifest = None
        layers = manifest.get("layers", []) if isinstance(manifest, dict) else None
        if not isinstance(layers, list) or not all(isinstance(each, dict) for each in layers):
            raise _Refused(
                "InvalidParameterException",
                "Invalid parameter at 'ImageManifest' failed to satisfy constraint: "
                "'Invalid JSON syntax'",
            )
        for layer in layers:
            if layer.get("mediaType") == MEDIA_TYPE:
                self._check_context(name, str(layer.get("digest", "")))

    def _check_context(self, repository: str, digest: str) -> None:
        path = self._repositories.layer_file(digest)
        if path is None:
            raise _Refused(
                "LayersNotFoundException",
                f"The specified layers could not be found: {digest} in {repository}",
            )
        try:
            self._published.unpacked(path)
        except BadContext as error:
            raise _Refused("InvalidParameterException", str(error)) from error

    def _repository(self, fields: dict[str, Any], region: str) -> Any | None:
        backends: Any = ecr_backends[self._account]
        return backends[region].repositories.get(fields.get("repositoryName"))

    async def _answered(self, scope: Scope, body: bytes, receive: Receive) -> Response:
        """moto's whole answer. Raises _Refused with it where it is an error."""
        status, headers, parts = 500, list[tuple[bytes, bytes]](), list[bytes]()

        async def keep(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
            else:
                parts.append(message.get("body", b""))

        replay = given_again([body], receive)
        await self._moto(_with_length(scope, len(body)), replay, keep)
        answer = Response(b"".join(parts), status)
        answer.raw_headers = [pair for pair in headers if pair[0].lower() != b"content-length"]
        answer.raw_headers.append((b"content-length", str(len(answer.body)).encode()))
        if status >= 300:
            raise _Refused(answer=answer)
        return answer

    def _used_layers(self) -> set[tuple[int, str]]:
        """The layers of all images, each with the repository that has it."""
        backends: Any = ecr_backends[self._account]
        return {
            (id(repository), layer["digest"])
            for backend in backends.values()
            for repository in backend.repositories.values()
            for image in repository.images
            for layer in json.loads(image.image_manifest).get("layers", [])
        }

    def _keep(self, used: set[tuple[int, str]]) -> None:
        """Stores what has changed, and drops the layers of images that are gone."""
        gone = used - self._used_layers()
        backends: Any = ecr_backends[self._account]
        for backend in backends.values():
            for repository in backend.repositories.values():
                for digest in list(repository.layers):
                    if (id(repository), digest) in gone:
                        del repository.layers[digest]
        self._repositories.save()
        self._published.forget(self._repositories.file_names())


class _Refused(Exception):
    """ECR's answer to a request that it does not carry out. Nothing has changed."""

    def __init__(self, code: str = "", message: str = "", answer: Response | None = None) -> None:
        super().__init__(message)
        self.answer = answer or refusal(Protocol.JSON, code, message)


def _check_tag(tag: str) -> None:
    if not re.fullmatch(_TAG, tag):
        raise _Refused(
            "InvalidParameterException",
            "Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular "
            f"expression '{_TAG}''",
        )


def _with_length(scope: Scope, length: int) -> Scope:
    headers = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", str(length).encode())]}
