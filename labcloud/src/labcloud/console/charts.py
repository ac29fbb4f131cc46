"""Charts as numbers: where lines and dots are in a drawing. The templates draw them as SVG.

Nothing is drawn by a script. A browser without one shows them, and so does a screen reader, which
reads a chart's description and its table of values.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labcloud.console.shown import number

Point = tuple[float, float]

WIDTH, HEIGHT = 560, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 14, 12, 40
_TICKS = 5
# Beyond it, the difference of two values may be no number any more.
_LARGEST = 1e150
# A difference below it is none, and what is below it has no place on a logarithmic scale: of the
# smallest floats, a fifth may be 0.
_SMALLEST = 1 / _LARGEST
# The rows of a chart's table, at most.
_ROWS = 100
# The width of a letter, at most (pixels of the drawing).
_LETTER = 10


@dataclass(frozen=True)
class Series:
    """Points of the drawing, as SVG writes them, and what they stand for."""

    name: str
    points: tuple[Point, ...]
    values: tuple[Point, ...]

    @property
    def line(self) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)

    def circles(self, radius: float) -> str:
        """A circle around each point, as one path: hundreds of elements would cost more to make."""
        half = f"a{radius} {radius} 0 1 0 {{}} 0"
        circle = half.format(2 * radius) + half.format(-2 * radius)
        return "".join(f"M{x - radius:.1f} {y:.1f}{circle}" for x, y in self.points)

    @property
    def last(self) -> str:
        return number(self.values[-1][1])


@dataclass(frozen=True)
class Chart:
    """A chart; ticks are places in the drawing with their texts."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    dots: bool = False
    categories: tuple[str, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM

    @property
    def description(self) -> str:
        said = []
        for each in self.series:
            values = [y for _, y in each.values]
            said.append(
                f"{each.name}: {len(values)} values, from {number(min(values))} to "
                f"{number(max(values))}, the last {each.last}"
            )
        return f"{self.y_label} by {self.x_label}. {'; '.join(said)}."

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The values as a table: x, and what each series has there; the last ones of many."""
        return self._rows[-_ROWS:]

    @property
    def left_out(self) -> int:
        """How many rows stand before those."""
        return max(0, len(self._rows) - _ROWS)

    @functools.cached_property
    def _rows(self) -> list[tuple[str, list[str]]]:
        found: list[tuple[float, list[str]]] = []
        # A series may have several values at one x: each is a row.
        at: dict[tuple[float, int], list[str]] = {}
        for place, each in enumerate(self.series):
            times = Counter[float]()
            for x, y in each.values:
                key = (x, times[x])
                times[x] += 1
                if key not in at:
                    at[key] = ["–"] * len(self.series)
                    found.append((x, at[key]))
                at[key][place] = number(y)
        found.sort(key=lambda row: row[0])
        return [(self.categories[int(x)] if self.categories else number(x), v) for x, v in found]


def chart(
    title: str,
    series: Iterable[tuple[str, Sequence[Point]]],
    x_label: str,
    y_label: str,
    *,
    dots: bool = False,
    logarithmic: bool = False,
    from_zero: bool = False,
    categories: Sequence[str] = (),
) -> Chart | None:
    """A chart of some series; None where none has a number that can be drawn.

    `logarithmic` is about x, of which only what is above 0 is shown then. With `categories`, x is
    the number of one of them.
    """
    kept = []
    for name, points in series:
        finite = [
            (x, y)
            for x, y in points
            if abs(x) < _LARGEST and abs(y) < _LARGEST and (x > _SMALLEST or not logarithmic)
        ]
        if finite:
            kept.append((name, finite))
    if not kept:
        return None
    xs = [x for _, points in kept for x, _ in points]
    ys = [y for _, points in kept for _, y in points]
    if categories:
        x_ticks = [float(place) for place in range(len(categories))]
    elif logarithmic:
        x_ticks = _powers(min(xs), max(xs))
    else:
        x_ticks = _round_ticks(min(xs), max(xs))
    y_ticks = _round_ticks(0.0 if from_zero else min(ys), max(ys))
    horizontal = _scale(x_ticks, xs, _LEFT, WIDTH - _RIGHT, logarithmic=logarithmic)
    vertical = _scale(y_ticks, ys, HEIGHT - _BOTTOM, _TOP)
    placed = tuple(
        Series(name, tuple((horizontal(x), vertical(y)) for x, y in points), tuple(points))
        for name, points in kept
    )
    return Chart(
        title, x_label, y_label, placed,
        tuple(
            (horizontal(tick), _short(categories, int(tick)) if categories else text)
            for text, tick in _texts(x_ticks)
        ),
        tuple((vertical(tick), text) for text, tick in _texts(y_ticks)),
        dots, tuple(categories),
    )  # fmt: skip


def _short(categories: Sequence[str], place: int) -> str:
    """A category's name, as far as there is room for it; the table has the whole of it."""
    room = max(3, int((WIDTH - _LEFT - _RIGHT) / len(categories) / _LETTER))
    name = categories[place]
    return name if len(name) <= room else f"{name[: room - 1]}…"


class _scale:
    """From a value to its place between two places of the drawing."""

    def __init__(
        self, ticks: Sequence[float], values: Sequence[float], begin: float, end: float,
        *, logarithmic: bool = False,
    ) -> None:  # fmt: skip
        self._as = math.log10 if logarithmic else float
        self._least = self._as(min([*ticks, *values]))
        self._range = self._as(max([*ticks, *values])) - self._least
        self._begin, self._end = begin, end

    def __call__(self, value: float) -> float:
        share = (self._as(value) - self._least) / self._range if self._range else 0.5
        return self._begin + share * (self._end - self._begin)


def _round_ticks(least: float, most: float) -> list[float]:
    """A few round numbers from below the least value to above the greatest."""
    span = most - least
    if span <= max(abs(most) * 1e-12, _SMALLEST):
        return [least]
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough)
    first, last = math.floor(least / step), math.ceil(most / step)
    # As many digits as a step needs, and none of what floats add.
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def _texts(ticks: Sequence[float]) -> Iterable[tuple[str, float]]:
    """Ticks with their texts; one is enough where those do not tell them apart."""
    return {number(tick): tick for tick in ticks}.items()


def _powers(least: float, most: float) -> list[float]:
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    step = max(1, math.ceil((last - first) / _TICKS))
    return [10.0**power for power in range(first, last + 1, step)]
