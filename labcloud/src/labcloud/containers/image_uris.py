"""What the URI of an image in Amazon ECR says."""

from __future__ import annotations

import re
from dataclasses import dataclass

_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[a-z0-9][a-z0-9._/-]*)(:(?P<tag>[\w.-]+)|@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True)
class Named:
    """The parts of an image URI in Amazon ECR; of tag and digest there is at most one."""

    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None


def parse(image: str) -> Named | None:
    """The parts of an image URI, or None where it names nothing in Amazon ECR."""
    found = _URI.fullmatch(image)
    return Named(**found.groupdict()) if found else None
