"""Which images are built in.

The built-in images of AWS live in one registry account per region; the account is not checked,
so that a URI of any region names the same algorithm.
"""

from __future__ import annotations

from labcloud.algorithms.algorithm import Algorithm
from labcloud.algorithms.table import ALGORITHMS
from labcloud.containers.image_uris import parse

# By the name of the image's repository.
BUILT_IN: dict[str, Algorithm] = {each.name: each for each in ALGORITHMS}


def built_in(image: str) -> Algorithm | None:
    """The built-in algorithm that an image URI names, or None."""
    found = parse(image)
    algorithm = BUILT_IN.get(found.repository) if found else None
    if found is None or algorithm is None:
        return None
    return algorithm if algorithm.tags.fullmatch(found.tag or "latest") else None
