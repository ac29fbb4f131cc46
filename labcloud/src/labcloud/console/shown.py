"""How the console writes times, durations, sizes, money and URLs."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from labcloud.console.door import PATH
from labcloud.text import as_lines


def url(*parts: str, **query: Any) -> str:
    """An address of the console: each part, name and value is quoted; None leaves a value out."""
    path = "/".join([PATH, *(quoted(part) for part in parts)])
    pairs = [f"{quoted(n)}={quoted(str(v))}" for n, v in query.items() if v not in (None, "")]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def quoted(text: str) -> str:
    """A text as a part of an address; what is no character leads nowhere."""
    return quote(text, safe="", errors="replace")


def harmless(value: Any) -> Any:
    """What every expression of a template goes through: no control character reaches a page."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    return as_lines(value) if isinstance(value, str) else value


def moment(value: Any) -> str:
    """A time as this machine's clock shows it: seconds since the epoch, or a datetime."""
    found = _when(value)
    return found.astimezone().strftime("%Y-%m-%d %H:%M:%S") if found else "–"


def iso(value: Any) -> str:
    found = _when(value)
    return found.astimezone(datetime.UTC).isoformat() if found else ""


def zone() -> str:
    """The time zone of this machine, as an offset."""
    offset = datetime.datetime.now().astimezone().strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


def _when(value: Any) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, int | float) and value:
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    return None


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s" if whole else "under 1 s"


def size(count: Any) -> str:
    """A number of bytes."""
    value = float(count or 0)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"


def money(dollars: float | None) -> str:
    """Dollars; small amounts with as many digits as tell them from nothing."""
    if dollars is None:
        return "–"
    if dollars == 0 or dollars >= 0.995:
        return f"${dollars:,.2f}"
    if dollars < 0.0001:
        return "under $0.0001"
    return f"${dollars:.3f}" if dollars >= 0.0995 else f"${dollars:.4f}"


def number(value: Any) -> str:
    """A value of a metric."""
    if not isinstance(value, int | float):
        return str(value)
    try:
        return f"{value:.6g}" if math.isfinite(value) else str(value)
    except OverflowError:
        # An integer that is larger than any float, such as JSON may hold.
        return "inf" if value > 0 else "-inf"


def brief(value: Any) -> str:
    """A hyperparameter: a text, which may be that of a number with many digits."""
    try:
        return number(float(value))
    except (TypeError, ValueError):
        return str(value)


def image_name(uri: Any) -> str:
    """An image without its registry."""
    return str(uri or "").rpartition("/")[2]


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=iso)
