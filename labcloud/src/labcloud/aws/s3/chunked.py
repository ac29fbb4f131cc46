"""Bodies in aws-chunked: unpacked, with every signature and checksum in them verified.

Each chunk of such a body has its size and, where the body is signed, a signature that goes on from
the one before; headers may follow the last chunk. See "Signature calculations for the
Authorization header: transferring payload in multiple chunks" in the S3 API reference.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from botocore.auth import SigV4Auth
from botocore.credentials import Credentials as Key

from labcloud.gateway.refusals import Refused
from labcloud.gateway.signature import Claim

# How x-amz-content-sha256 begins for them.
STREAMING = "STREAMING-"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_HEAD = re.compile(rb"([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?")
_TRAILER = re.compile(rb"([A-Za-z0-9-]+):(.*)")
_SIGNATURE = "x-amz-trailer-signature"
# The longest line between chunks, and how many headers may follow the last one.
_LINE = 8192
_TRAILERS = 20
_READ = 1024**2
_OF_NOTHING = hashlib.sha256().hexdigest()


@dataclass
class Chain:
    """The signatures of a body's chunks: each is computed from the one before."""

    key: Key
    claim: Claim
    last: str

    @classmethod
    def of(cls, claim: Claim, secret: str) -> Chain:
        return cls(Key(claim.access_key, secret), claim, claim.signature)

    def check_chunk(self, digest: str, signature: bytes | None) -> None:
        """Raises Refused for a chunk that is not signed like this."""
        self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{_OF_NOTHING}\n{digest}", signature)

    def check_trailers(self, lines: str, signature: bytes | None) -> None:
        """`lines` are the headers after the last chunk, each with a line break at its end."""
        digest = hashlib.sha256(lines.encode()).hexdigest()
        self._check("AWS4-HMAC-SHA256-TRAILER", digest, signature)

    def _check(self, kind: str, content: str, signature: bytes | None) -> None:
        claim = self.claim
        scope = f"{claim.date}/{claim.region}/{claim.service}/aws4_request"
        text = f"{kind}\n{claim.moment}\n{scope}\n{self.last}\n{content}"
        signer: Any = SigV4Auth(self.key, claim.service, claim.region)
        request = _Timed({"timestamp": claim.moment})
        self.last = signer.signature(text, request)
        if signature is None or not hmac.compare_digest(self.last, signature.decode()):
            raise Refused(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
                403,
            )


@dataclass
class _Timed:
    """What botocore asks of a request whose text it signs."""

    context: dict[str, str]


def unpack(source: BinaryIO, target: IO[bytes], chain: Chain | None) -> dict[str, str]:
    """Writes the content of an aws-chunked body; returns the headers that came after it.

    Without a chain, chunks are not signed. Raises Refused.
    """
    while True:
        size, signature = _head(_line(source))
        digest = hashlib.sha256()
        _copy(source, target, size, digest)
        if chain:
            chain.check_chunk(digest.hexdigest(), signature)
        if not size:
            return _trailers(source, chain)
        if _line(source):
            raise _incomplete()


def _head(line: bytes) -> tuple[int, bytes | None]:
    found = _HEAD.fullmatch(line)
    if not found:
        raise _incomplete()
    return int(found[1], 16), found[2]


def _copy(source: BinaryIO, target: IO[bytes], size: int, digest: Any) -> None:
    while size:
        part = source.read(min(size, _READ))
        if not part:
            raise _incomplete()
        digest.update(part)
        target.write(part)
        size -= len(part)


def _trailers(source: BinaryIO, chain: Chain | None) -> dict[str, str]:
    found: dict[str, str] = {}
    while (line := _line(source, last=True)) and len(found) < _TRAILERS:
        header = _TRAILER.fullmatch(line)
        if not header:
            raise Refused(
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform "
                "to our published schema.",
            )
        found[header[1].decode().lower()] = header[2].decode("latin-1").strip()
    signature = found.pop(_SIGNATURE, None)
    if chain and found:
        lines = "".join(f"{name}:{value}\n" for name, value in sorted(found.items()))
        chain.check_trailers(lines, signature.encode() if signature else None)
    return found


def _line(source: BinaryIO, *, last: bool = False) -> bytes:
    """The next line, without its end. The very last one may be missing."""
    line = source.readline(_LINE)
    if not line and last:
        return b""
    if not line.endswith(b"\n"):
        raise _incomplete()
    return line.rstrip(b"\r\n")


def _incomplete() -> Refused:
    return Refused("IncompleteBody", "The request body terminated unexpectedly")
