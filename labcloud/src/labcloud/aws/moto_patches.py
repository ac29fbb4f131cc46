"""All changes that labcloud makes to moto itself, applied by one call.

moto keeps what S3 holds in memory, forgets it, and is made to be asked from other origins. Each
change here says why it is needed; each is of something that moto calls its own, so a new minor
version of moto is installed only after the tests have passed with it.
"""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace
from typing import Any

import moto.ecr.models
import moto.s3.models
from moto.core import common_models
from moto.moto_server import utilities, werkzeug_app
from moto.s3.exceptions import MissingKey

from labcloud.aws import cloudwatch, managed_policies
from labcloud.aws.s3 import changes, lists, multipart
from labcloud.aws.s3.buffers import DiskBuffer
from labcloud.aws.s3.contents import MappedFile


def apply() -> None:
    """Changes moto, in this process. A second call changes nothing."""
    server: Any = werkzeug_app
    # No page of another origin has business here.
    server.DISABLE_GLOBAL_CORS = True
    server.RegexConverter = _AnyCharacter

    # moto keeps every object that it has ever made, for a page that shows them.
    models: Any = common_models
    models.BaseModel.__new__ = _untracked

    s3: Any = moto.s3.models
    # The only temporary file of this module is the content of a key.
    s3.tempfile = SimpleNamespace(SpooledTemporaryFile=DiskBuffer)
    # moto pickles the content together with the key; here the key names the content's file.
    # A copy of a key shares its content, which goes by the vault's word alone.
    s3.FakeKey.__del__ = lambda _: None
    s3.FakeKey.__getstate__ = _key_state
    s3.FakeKey.__setstate__ = _set_key_state
    s3.FakeKey.value = property(_value, s3.FakeKey.value.fset)
    # moto joins the parts of an upload in memory.
    s3.FakeMultipart.complete = multipart.complete
    # What a request changes is noted where moto changes it.
    s3._VersionedKeyStore = changes.Keys
    s3.MultipartDict = changes.Uploads
    s3.FakeMultipart.set_part = changes.set_part
    s3.FakeMultipart.dispose = changes.dispose

    # moto looks at every key of a bucket for each page of a list.
    s3.S3Backend.list_objects = lists.list_objects
    s3.S3Backend.list_objects_v2 = lists.list_objects_v2
    s3.S3Backend.list_object_versions = lists.list_object_versions
    # moto fails for a key that is not there.
    s3.S3Backend.delete_object_tagging = delete_object_tagging

    cloudwatch.apply()
    managed_policies.apply()

    ecr: Any = moto.ecr.models
    # moto says the size of an image's configuration, and leaves its layers out.
    ecr.Image.get_image_size_in_bytes = size_in_bytes


def _untracked(kind: Any, *_: Any, **__: Any) -> Any:
    return object.__new__(kind)


class _AnyCharacter(utilities.RegexConverter):
    """moto's routes, where a key may have any character in it, line breaks too."""

    def __init__(self, url_map: Any, *items: Any) -> None:
        super().__init__(url_map, *items)
        self.regex = f"(?s:{self.regex})"


def _key_state(key: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(key).items() if name != "lock"}


def _set_key_state(key: Any, state: dict[str, Any]) -> None:
    vars(key).update(state, lock=threading.Lock())


def _value(key: Any) -> bytes | MappedFile:
    with key.lock:
        content: bytes | MappedFile = key._value_buffer.content()
    return content


def delete_object_tagging(
    backend: Any,
    bucket_name: str,
    key_name: str,
    version_id: str | None = None,
    _delete: Any = moto.s3.models.S3Backend.delete_object_tagging,
) -> None:
    """moto's S3Backend.delete_object_tagging. Raises MissingKey."""
    if backend.get_object(bucket_name, key_name, version_id=version_id) is None:
        raise MissingKey(key=key_name)
    _delete(backend, bucket_name, key_name, version_id)


def size_in_bytes(image: Any) -> int:
    """The size of an image: its configuration and its layers."""
    manifest = json.loads(image.image_manifest)
    parts = [manifest.get("config", {}), *manifest.get("layers", [])]
    return sum(part.get("size", 0) for part in parts)
