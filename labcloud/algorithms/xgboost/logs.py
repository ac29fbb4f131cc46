"""The container's log: lines on standard output in the format of AWS's image, flushed one by one.

Knows how a line looks; where the lines go from standard output is the platform's business.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator

logger = logging.getLogger("labcloud.algorithms.xgboost")

_FORMAT = "[%(asctime)s:%(levelname)s] %(message)s"
_TIME = "%Y-%m-%d:%H:%M:%S"


@contextlib.contextmanager
def on_stdout() -> Iterator[None]:
    """While it lasts, the logger writes to standard output, and Python's warnings go through it.

    xgboost reports through warnings; as log lines they reach the user of the job in order.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(_FORMAT, _TIME))
    before = (logger.level, logger.propagate)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = _show
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def say(line: str) -> None:
    """Prints a line as it is (a metric line carries no time), at once."""
    print(line, flush=True)


def _show(message: Warning | str, *_: object, **__: object) -> None:
    logger.warning(str(message).rstrip())
