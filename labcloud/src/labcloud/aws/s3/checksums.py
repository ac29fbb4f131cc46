"""The checksums that a request gives for its content.

CRC32C and CRC64NVME are taken as they are given: nothing that is installed here computes them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import IO

from labcloud.gateway.refusals import Refused

_READ = 1024**2


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


_ALGORITHMS: dict[str, Callable[[], object]] = {
    "x-amz-checksum-crc32": _Crc32,
    "x-amz-checksum-sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "x-amz-checksum-sha256": hashlib.sha256,
    "content-md5": lambda: hashlib.md5(usedforsecurity=False),
}


def given(headers: Mapping[str, str]) -> dict[str, bytes]:
    """The checksums in these headers (by lower-case name) that can be verified.

    Raises Refused for what cannot be one.
    """
    found = {}
    for name in _ALGORITHMS.keys() & headers.keys():
        try:
            found[name] = base64.b64decode(headers[name], validate=True)
        except binascii.Error as error:
            raise _invalid(name) from error
        if len(found[name]) != len(_new(name).digest()):
            raise _invalid(name)
    return found


def verify(content: IO[bytes], stated: Mapping[str, bytes]) -> None:
    """Raises Refused unless the content, from its beginning, has these checksums."""
    states = {name: _new(name) for name in stated}
    content.seek(0)
    while states and (part := content.read(_READ)):
        for state in states.values():
            state.update(part)
    for name, state in states.items():
        if state.digest() != stated[name]:
            short = name.rpartition("-")[2].upper()
            raise Refused(
                "BadDigest",
                "The Content-MD5 you specified did not match what we received."
                if name == "content-md5"
                else f"The {short} you specified did not match the calculated checksum.",
            )


def _new(name: str) -> _Crc32:
    """One that has update and digest, as a _Crc32 has."""
    state: _Crc32 = _ALGORITHMS[name]()  # type: ignore[assignment]
    return state


def _invalid(name: str) -> Refused:
    if name == "content-md5":
        return Refused("InvalidDigest", "The Content-MD5 you specified was invalid.")
    return Refused("InvalidRequest", f"Value for {name} header is invalid.")
