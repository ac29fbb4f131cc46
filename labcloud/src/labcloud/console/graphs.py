"""The graph of a pipeline as numbers: where its steps are in a drawing, and the lines between them.

A step is in a row below all that it waits for. A line to a row further down has a lane of its own
in each row between, beside the boxes. The templates draw it as SVG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.graph import COMPLETED, waits_for

BOX = (184, 52)
_GAP = (22, 46)
_MARGIN = 8
_LANE = 10
# More lanes than this are not drawn: such lines go straight, behind the boxes.
_LANES = 2000
# Of more lines than this, only those from one row to the next are drawn.
_LINES = 4000
# So many characters of a name fit into its box.
_FITS = 23


@dataclass(frozen=True)
class Node:
    """A step's box; x and y are its upper left corner."""

    name: str
    label: str
    type: str
    status: str
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """A line from a step to one that waits for it. `said` is why, where it is not success."""

    path: str
    said: str
    x: float
    y: float
    # The names of the two.
    begin: str
    end: str


@dataclass(frozen=True)
class Graph:
    """A drawing of so many pixels."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    # What each step waits for, in words, whether a line of it is drawn or not.
    waits: Mapping[str, str]
    box: tuple[int, int] = BOX

    def before(self, name: str) -> str:
        return self.waits[name]


@dataclass
class _Line:
    begin: str
    end: str
    said: str
    # Where it passes the rows between the two.
    lanes: list[_Place] = field(default_factory=list)


@dataclass
class _Place:
    """A step's box in a row, or the lane of a line. `x` is its middle; 0 is that of the row."""

    width: int
    above: list[_Place]
    x: float = 0.0


def graph(steps: Mapping[str, Step], statuses: Mapping[str, str], otherwise: str) -> Graph:
    """The graph of steps that do not wait for each other in a circle.

    `otherwise` is the status of a step that is not in `statuses`.
    """
    levels = _levels(steps)
    by_step = {name: list(_lines(step, levels)) for name, step in steps.items()}
    waits = {
        name: ", ".join(
            f"{each.begin} ({each.said})" if each.said else each.begin for each in found
        )
        for name, found in by_step.items()
    }
    lines = [line for found in by_step.values() for line in found]
    if len(lines) > _LINES:
        lines = [each for each in lines if levels[each.end] - levels[each.begin] == 1]
    boxes = {name: _Place(BOX[0], []) for name in steps}
    rows: list[list[_Place]] = [[] for _ in range(max(levels.values()) + 1)]
    for name, box in boxes.items():
        rows[levels[name]].append(box)
    _open_lanes(lines, levels, boxes, rows)
    width = max(map(_set_out, rows)) + 2 * _MARGIN
    tops = [_MARGIN + number * (BOX[1] + _GAP[1]) for number in range(len(rows))]
    nodes = tuple(
        Node(
            name, name if len(name) <= _FITS else f"{name[: _FITS - 1]}…",
            step.type, statuses.get(name, otherwise),
            width / 2 + boxes[name].x - BOX[0] / 2, tops[levels[name]],
        )
        for name, step in steps.items()
    )  # fmt: skip
    edges = tuple(_edge(line, levels, boxes, tops, width / 2) for line in lines)
    # As they are read, and as the keyboard goes through them: row by row.
    nodes = tuple(sorted(nodes, key=lambda node: (node.y, node.x)))
    return Graph(nodes, edges, width, tops[-1] + BOX[1] + _MARGIN, waits)


def _levels(steps: Mapping[str, Step]) -> dict[str, int]:
    """The number of each step's row: below all that it waits for."""
    waits = {name: waits_for(step) & steps.keys() for name, step in steps.items()}
    below: dict[str, list[str]] = {name: [] for name in steps}
    for name, above in waits.items():
        for each in above:
            below[each].append(name)
    missing = {name: len(above) for name, above in waits.items()}
    levels: dict[str, int] = {}
    # The graph has no circle: all get there.
    free = [name for name, number in missing.items() if not number]
    for name in free:
        levels[name] = max((levels[each] for each in waits[name]), default=-1) + 1
        for each in below[name]:
            missing[each] -= 1
            if not missing[each]:
                free.append(each)
    return levels


def _lines(step: Step, levels: Mapping[str, int]) -> Iterator[_Line]:
    """The lines to a step from what it waits for."""
    reasons = {step.branch.condition: str(step.branch.taken_if)} if step.branch else {}
    for each in step.dependencies:
        reasons.setdefault(each.step, "" if each.trigger == COMPLETED else each.trigger)
    return (_Line(name, step.name, said) for name, said in reasons.items() if name in levels)


def _open_lanes(
    lines: Sequence[_Line],
    levels: Mapping[str, int],
    boxes: Mapping[str, _Place],
    rows: Sequence[list[_Place]],
) -> None:
    """Adds the lanes to the rows, and says of each place what it is drawn below."""
    drawn = sum(levels[line.end] - levels[line.begin] - 1 for line in lines) <= _LANES
    for line in lines:
        above = boxes[line.begin]
        if drawn:
            for level in range(levels[line.begin] + 1, levels[line.end]):
                above = _Place(_LANE, [above])
                line.lanes.append(above)
                rows[level].append(above)
        boxes[line.end].above.append(above)


def _set_out(row: list[_Place]) -> float:
    """Puts a row's places side by side, below what is above them, so that few lines cross.

    The row's width. The rows above have been set out.
    """
    row.sort(key=lambda place: sum(each.x for each in place.above) / max(1, len(place.above)))
    width = sum(place.width for place in row) + _GAP[0] * (len(row) - 1)
    at = -width / 2
    for place in row:
        place.x = at + place.width / 2
        at += place.width + _GAP[0]
    return width


def _edge(
    line: _Line,
    levels: Mapping[str, int],
    boxes: Mapping[str, _Place],
    tops: Sequence[float],
    middle: float,
) -> Edge:
    at, y = middle + boxes[line.begin].x, tops[levels[line.begin]] + BOX[1]
    path = f"M{at:.1f} {y:.1f}"
    said = (0.0, 0.0)
    for number, place in enumerate([*line.lanes, boxes[line.end]], 1):
        last = number > len(line.lanes)
        x, top = middle + place.x, tops[levels[line.end] if last else levels[line.begin] + number]
        half = (y + top) / 2
        path += f" C{at:.1f} {half:.1f} {x:.1f} {half:.1f} {x:.1f} {top:.1f}"
        if number == 1:
            said = ((at + x) / 2, half + 4)
        if not last:
            path += f" V{top + BOX[1]:.1f}"
        at, y = x, top + BOX[1]
    return Edge(path, line.said, *said, line.begin, line.end)
