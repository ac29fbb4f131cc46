"""Which images come built in.

The built-in images of AWS live in one registry account per region; the account is not checked,
so that a URI of any region names the same algorithm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labcloud.containers.image_uris import parse


@dataclass(frozen=True)
class BuiltIn:
    """An algorithm of labcloud: `module` holds train.py, serve.py and definitions.py."""

    name: str
    module: str
    # A version of AWS's image whose code the algorithm follows, by tag.
    tags: re.Pattern[str]


BUILT_IN = {
    "sagemaker-xgboost": BuiltIn(
        "sagemaker-xgboost",
        "labcloud.algorithms.xgboost",
        re.compile(r"(1|3)\.\d+-\d+(-cpu-py3)?|latest"),
    ),
    "linear-learner": BuiltIn(
        "linear-learner", "labcloud.algorithms.linear_learner", re.compile(r"1|latest")
    ),
}


def built_in(image: str) -> BuiltIn | None:
    """The built-in algorithm that an image URI names, or None."""
    found = parse(image)
    algorithm = BUILT_IN.get(found.repository) if found else None
    if found is None or algorithm is None:
        return None
    return algorithm if algorithm.tags.fullmatch(found.tag or "latest") else None
