"""The ways to name an object of S3 in a request: `s3://`, and the addresses of S3's own hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

# https://s3.amazonaws.com/BUCKET/KEY, https://BUCKET.s3.REGION.amazonaws.com/KEY, and the older
# forms with a dash before the region ("Virtual hosting of buckets" of the user guide of S3).
_HOST = re.compile(
    r"((?P<bucket>.+)\.)?s3([.-](dualstack\.)?(?P<region>[a-z]{2}(-[a-z]+)+-\d))?\.amazonaws\.com(\.cn)?"
)
# Of a key, in bytes of UTF-8.
LONGEST_KEY = 1024


@dataclass(frozen=True)
class Location:
    """An S3 URI taken apart: `s3://bucket/key`."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> Location:
        """Raises ValueError for what is not an S3 URI."""
        url = urlsplit(uri, allow_fragments=False)
        if url.scheme == "s3" and url.netloc:
            return cls(url.netloc, uri.split("/", 3)[3] if uri.count("/") > 2 else "")
        host = _HOST.fullmatch(url.netloc) if url.scheme == "https" else None
        if host is None:
            raise ValueError(f"{uri!r} is not an S3 URI")
        bucket, key = host["bucket"] or "", unquote(url.path.removeprefix("/"))
        if not bucket:
            bucket, _, key = key.partition("/")
        if not bucket:
            raise ValueError(f"{uri!r} names no bucket")
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def child(self, *names: str) -> Location:
        """A key below this one, with single slashes between."""
        parts = [self.key.rstrip("/"), *names] if self.key.rstrip("/") else list(names)
        return Location(self.bucket, "/".join(parts))
