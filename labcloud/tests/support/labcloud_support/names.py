"""A pytest hook: what the name of a test shows of its parameters."""

from __future__ import annotations

# Of a longer parameter, this much is in a test's name (characters).
_SHOWN = 200


def pytest_make_parametrize_id(val: object) -> str | None:
    """Tests are named often: in each process, in each report. Some parameters have megabytes."""
    if not isinstance(val, str | bytes) or len(val) <= _SHOWN:
        return None
    return f"{val[:_SHOWN]!r}, {len(val)} in all"
