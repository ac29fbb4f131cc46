"""The container's log in the format of AWS's image, and lines without one.

Knows how a line looks; how it gets to standard output is in `algorithms.logs`.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager

from labcloud.algorithms import logs

logger = logging.getLogger("labcloud.algorithms.xgboost")

_FORMAT = "[%(asctime)s:%(levelname)s] %(message)s"
_TIME = "%Y-%m-%d:%H:%M:%S"


def on_stdout() -> AbstractContextManager[None]:
    """While it lasts, the logger and Python's warnings write to standard output."""
    return logs.on_stdout(logger, _FORMAT, _TIME)


def say(line: str) -> None:
    """Prints a line as it is (a metric line carries no time), at once."""
    print(line, flush=True)
