"""What learners type into exercises, a module a lab."""

from __future__ import annotations

# By lab and exercise: code, and a part of what it is told; None: it is right.
Particular = dict[tuple[str, int], dict[str, str | None]]
