"""Numbers as AWS shows them, where its records say less than labcloud's.

Records keep what was measured: a search that goes on from a rounded value would be another search.
"""

from __future__ import annotations

import math
import struct
from typing import Any


def single(value: float) -> float:
    """A value of a metric, which AWS keeps in 32 bits."""
    try:
        found: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return found


def whole_seconds(described: dict[str, Any], *fields: str) -> dict[str, Any]:
    """A description with these times without what follows their seconds, so far as it has them."""
    return described | {name: int(described[name]) for name in fields if name in described}


def milliseconds(seconds: float) -> float:
    """A time as it goes over the wire."""
    return round(seconds, 3)
