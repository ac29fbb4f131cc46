"""Which images are built in: those of AWS's registries that an algorithm of labcloud follows.

AWS's image of XGBoost runs its algorithm, or a script of the user's: script mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcloud.algorithms.algorithm import Algorithm
from labcloud.algorithms.table import ALGORITHMS
from labcloud.containers.image_uris import parse

# By the name of an image's repository.
BUILT_IN: dict[str, Algorithm] = {
    image.repository: algorithm for algorithm in ALGORITHMS for image in algorithm.images
}


def script_of(request: Mapping[str, Any]) -> bool:
    """Whether a training job, or a definition of a tuning job, runs a script of the user's."""
    hyperparameters = request.get("StaticHyperParameters") or request.get("HyperParameters") or {}
    return "sagemaker_program" in hyperparameters or "ContainerEntrypoint" in request.get(
        "AlgorithmSpecification", {}
    )


def algorithm_of(request: Mapping[str, Any]) -> Algorithm | None:
    """The built-in algorithm that a training job runs, or None: a script is none."""
    image = request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
    return None if script_of(request) else built_in(image)


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
