"""A container's log: lines on standard output, flushed one by one.

Each algorithm has a logger and a format of its own; where the lines go from standard output is the
platform's business.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def on_stdout(logger: logging.Logger, format_: str, time: str) -> Iterator[None]:
    """While it lasts, the logger writes to standard output, and Python's warnings go through it.

    Libraries report through warnings; as log lines they reach the user of the job in order.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(format_, time))
    before = (logger.level, logger.propagate)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False

    def show(message: Warning | str, *_: object, **__: object) -> None:
        logger.warning(str(message).rstrip())

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = show
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]
