"""The same model for requests of strangers: what is not a house is refused, with the reason."""

from __future__ import annotations

import math
import re
from typing import Any

from ml2p.errors import ClientError
from model import FEATURES, BostonModel, BostonPredictor

# A name on one line: letters of any language, digits, spaces, and - . ' in it.
DISTRICT = re.compile(r"[\w .'-]{1,40}")


class CheckedPredictor(BostonPredictor):
    """Looks at a house before it predicts."""

    def result(self, data: dict[str, Any]) -> dict[str, float]:
        """The price. Raises ClientError, which is the status 400, for anything else."""
        fields = ["district", *FEATURES]
        if not isinstance(data, dict) or set(data) != set(fields):
            raise ClientError(f"A house has these fields: {', '.join(fields)}")
        for name in FEATURES:
            if not _is_number(data[name]):
                raise ClientError(f"{name} must be a number from 0 to 1000")
        district = data["district"]
        if not isinstance(district, str) or not DISTRICT.fullmatch(district):
            raise ClientError("district must be 1 to 40 letters, digits, spaces and . ' -")
        return super().result(data)


def _is_number(value: Any) -> bool:
    # True is an int in Python, and NaN is a float.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and 0 <= value <= 1000


class CheckedModel(BostonModel):
    """BostonModel with the other predictor."""

    PREDICTOR = CheckedPredictor
