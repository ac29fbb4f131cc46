"""Headers of a request that S3 leaves unread where they are malformed, and moto fails at."""

from __future__ import annotations

import datetime
import re
from typing import Any

# One range. S3 answers several with the whole object.
_RANGE = re.compile(r"bytes=(\d+-\d*|-\d+)")
_TIME = "%a, %d %b %Y %H:%M:%S GMT"
_TIMES = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")


def drop_unreadable(environ: dict[str, Any]) -> None:
    """Removes a range and conditions that say nothing."""
    if not _RANGE.fullmatch(environ.get("HTTP_RANGE", "bytes=0-")):
        del environ["HTTP_RANGE"]
    for name in _TIMES:
        if name in environ and not _is_time(environ[name]):
            del environ[name]


def _is_time(text: str) -> bool:
    try:
        datetime.datetime.strptime(text, _TIME)
    except ValueError:
        return False
    return True
