"""The container's log in the format of AWS's image."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager

from labcloud.algorithms import logs

logger = logging.getLogger("labcloud.algorithms.linear_learner")

_FORMAT = "[%(asctime)s %(levelname)s %(thread)d] %(message)s"
_TIME = "%m/%d/%Y %H:%M:%S"


def on_stdout() -> AbstractContextManager[None]:
    """While it lasts, the logger and Python's warnings write to standard output."""
    return logs.on_stdout(logger, _FORMAT, _TIME)
