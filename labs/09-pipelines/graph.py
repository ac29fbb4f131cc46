"""The graph of a pipeline: which step needs which, read from its definition, and what has run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

# How a step has ended, as its box says it: fill, border, and the border's line.
CACHED, NOT_RUN = "from the cache", "not run"
_LOOKS = {
    "Succeeded": ("#e6f5f0", "#009E73", "-"),
    CACHED: ("#e8f1fa", "#0072B2", "-"),
    "Failed": ("#fdf0e6", "#D55E00", "-"),
    NOT_RUN: ("white", "#616e7c", "--"),
    "": ("white", "#1f2933", "-"),
}
_STEP = re.compile(r"Steps\.([\w-]+)")
_WIDE, _HIGH = 0.74, 0.36

# From a step to one that comes later, and "if true" or "if false" where a condition decides.
Edge = tuple[str, str, str]


def edges(definition: str) -> list[Edge]:
    """Which step needs which: its references, its DependsOn, and the branches of a condition."""
    return list(dict.fromkeys(_edges(json.loads(definition)["Steps"])))


def _edges(steps: Sequence[Mapping[str, Any]]) -> Iterator[Edge]:
    for step in steps:
        branches = {"IfSteps": "if true", "ElseSteps": "if false"}
        told = {key: value for key, value in step["Arguments"].items() if key not in branches}
        for name in [*_references(told), *step.get("DependsOn", [])]:
            yield name, step["Name"], ""
        for branch, label in branches.items():
            inner = step["Arguments"].get(branch, [])
            for each in inner:
                yield step["Name"], each["Name"], label
            yield from _edges(inner)


def _references(value: Any) -> Iterator[str]:
    """The steps whose results are named anywhere in a value: {"Get": "Steps.Train. …"}."""
    if isinstance(value, Mapping):
        if found := _STEP.match(str(value.get("Get", ""))):
            yield found[1]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def columns(definition: str) -> dict[str, int]:
    """The column of each step: one to the right of the last step that it needs."""
    found = dict.fromkeys(_names(json.loads(definition)["Steps"]), 0)
    for _ in found:
        for start, end, _ in edges(definition):
            found[end] = max(found[end], found[start] + 1)
    return found


def _names(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for step in steps:
        yield step["Name"]
        for branch in ("IfSteps", "ElseSteps"):
            yield from _names(step["Arguments"].get(branch, []))


def draw(
    definition: str,
    steps: Sequence[Mapping[str, Any]] | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draws a pipeline from its definition. `steps`, from list_steps(), say how each has ended."""
    placed = columns(definition)
    ended = {} if steps is None else {name: NOT_RUN for name in placed} | _ended(steps)
    if axes is None:
        _, axes = plt.subplots(figsize=(1.75 * (max(placed.values()) + 1), 2.4))
    where = _places(placed)
    for start, end, label in edges(definition):
        _arrow(axes, where[start], where[end], label)
    for name, (x, y) in where.items():
        _box(axes, name, ended.get(name, ""), x, y)
    axes.set_xlim(-0.5, max(placed.values()) + 0.5)
    axes.set_ylim(-0.6, 1.05)
    axes.axis("off")
    axes.set_title(_message(placed, ended))
    words = [f"{name} {ended[name]}" if name in ended else name for name in placed]
    needs = [f"{end} after {start} {label}".strip() for start, end, label in edges(definition)]
    axes.set_label(f"Boxes: {', '.join(words)}. Arrows: {', '.join(needs)}")
    return axes


def _ended(steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {
        step["StepName"]: CACHED if "CacheHitResult" in step else step["StepStatus"]
        for step in steps
    }


def _message(placed: Mapping[str, int], ended: Mapping[str, str]) -> str:
    if not ended:
        return f"{len(placed)} steps, each after those whose results it needs"
    parts = []
    for word in (*_LOOKS, *ended.values()):
        count = sum(each == word for each in ended.values())
        if count and f"{count} {word}" not in parts:
            parts.append(f"{count} {word}")
    return f"Of {len(ended)} steps: {', '.join(parts)}"


def _places(placed: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Steps of one column stand below each other, around the middle."""
    where = {}
    for column in set(placed.values()):
        names = [name for name, each in placed.items() if each == column]
        for row, name in enumerate(names):
            where[name] = (float(column), 0.6 * ((len(names) - 1) / 2 - row))
    return {name: where[name] for name in placed}


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    far = end[0] - start[0] > 1
    # What leaps over a column goes around the boxes between.
    begin = (start[0], start[1] + _HIGH / 2) if far else (start[0] + _WIDE / 2, start[1])
    stop = (end[0], end[1] + _HIGH / 2) if far else (end[0] - _WIDE / 2, end[1])
    axes.annotate(
        "", stop, begin,
        arrowprops={
            "arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0,
            "color": "#616e7c" if far else "#1f2933",
            "linestyle": ":" if far else "-",
            "connectionstyle": f"arc3,rad={-0.35 if far else 0}",
        },
    )  # fmt: skip
    if label:
        above = 0.1 if end[1] > start[1] else -0.16
        x, y = (begin[0] + stop[0]) / 2, (begin[1] + stop[1]) / 2
        axes.text(x, y + above, label, ha="right", fontsize=8)


def _box(axes: Axes, name: str, status: str, x: float, y: float) -> None:
    fill, border, line = _LOOKS.get(status, _LOOKS[""])
    axes.add_patch(
        FancyBboxPatch(
            (x - _WIDE / 2, y - _HIGH / 2), _WIDE, _HIGH, boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=fill, edgecolor=border, linestyle=line, linewidth=1.6, zorder=3,
        )
    )  # fmt: skip
    up = 0.06 if status else 0
    axes.text(x, y + up, name, ha="center", va="center", fontweight="bold", fontsize=9, zorder=4)
    if status:
        axes.text(x, y - 0.09, status, ha="center", va="center", fontsize=8, zorder=4)
