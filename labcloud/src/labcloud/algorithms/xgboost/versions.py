"""How the containers of earlier XGBoost images differ, as far as their public code shows it.

xgboost itself is the installed one for all of them. Of `xgboost:1`, whose code is not public, it is
assumed that it does as the oldest that is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from labcloud.algorithms.algorithm import IMAGE_VARIABLE

_NEWEST = (3, 0, 5)
_OLDEST = (0, 72, 0)
_TAG = re.compile(r":(\d+)\.(\d+)-(\d+)")


@dataclass(frozen=True)
class Version:
    """The version of an image: `sagemaker-xgboost:1.7-1` is 1, 7, 1."""

    number: tuple[int, int, int]
    image: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Version:
        """The version that this process stands for; the newest where nothing is said."""
        image = environ.get(IMAGE_VARIABLE, "").rpartition("/")[2]
        if not image:
            return cls(_NEWEST)
        found = _TAG.search(image)
        return cls((int(found[1]), int(found[2]), int(found[3])) if found else _OLDEST, image)

    @property
    def takes_silent(self) -> bool:
        """Whether `silent` is a hyperparameter."""
        return self.number < (1, 2, 0)

    @property
    def joins_with_commas(self) -> bool:
        """Whether the predictions of a CSV answer are one line."""
        return self.number < (1, 2, 2)

    @property
    def saves_best(self) -> bool:
        """Whether a training that stops early saves its best round, and not all of them."""
        return self.number >= (1, 3, 0)

    @property
    def measures_margins(self) -> bool:
        """Whether the container's own metrics get what they expect: log-odds, not probabilities."""
        return self.number < (3, 0, 0)

    @property
    def slices_linear(self) -> bool:
        """Whether xgboost could take the best rounds of the objective `reg:linear`."""
        return self.number < (3, 0, 0)
