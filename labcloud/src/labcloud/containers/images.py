"""Which images are built in: those of AWS's registries that an algorithm of labcloud follows."""

from __future__ import annotations

from labcloud.algorithms.algorithm import Algorithm
from labcloud.algorithms.table import ALGORITHMS
from labcloud.containers.image_uris import parse

# By the name of an image's repository.
BUILT_IN: dict[str, Algorithm] = {
    image.repository: algorithm for algorithm in ALGORITHMS for image in algorithm.images
}


def built_in(image: str) -> Algorithm | None:
    """The built-in algorithm that an image URI names, or None.

    An image of the same name in another registry, such as the user's own, is another image.
    """
    named = parse(image)
    algorithm = BUILT_IN.get(named.repository) if named else None
    if named is None or algorithm is None or named.digest:
        return None
    for each in algorithm.images:
        registry = each.registries.get(named.region)
        if (each.repository, registry) == (named.repository, named.account):
            return algorithm if each.tags.fullmatch(named.tag or "latest") else None
    return None
