"""The graph of a pipeline as numbers: where its steps are in a drawing, and the lines between them.

A step is in a row below all that it waits for. The templates draw it as SVG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.graph import COMPLETED, waits_for

BOX = (184, 52)
_GAP = (22, 46)
_MARGIN = 8
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
    box: tuple[int, int] = BOX

    def before(self, name: str) -> str:
        """What a step waits for, in words."""
        found = [edge for edge in self.edges if edge.end == name]
        return ", ".join(f"{e.begin} ({e.said})" if e.said else e.begin for e in found)


def graph(steps: Mapping[str, Step], statuses: Mapping[str, str], otherwise: str) -> Graph:
    """The graph of steps that do not wait for each other in a circle.

    `otherwise` is the status of a step that is not in `statuses`.
    """
    rows = _rows(steps)
    widest = max(map(len, rows))
    width = widest * (BOX[0] + _GAP[0]) - _GAP[0] + 2 * _MARGIN
    nodes: dict[str, Node] = {}
    for number, row in enumerate(rows):
        taken = len(row) * (BOX[0] + _GAP[0]) - _GAP[0]
        for place, name in enumerate(row):
            nodes[name] = Node(
                name, name if len(name) <= _FITS else f"{name[: _FITS - 1]}…",
                steps[name].type, statuses.get(name, otherwise),
                (width - taken) / 2 + place * (BOX[0] + _GAP[0]),
                _MARGIN + number * (BOX[1] + _GAP[1]),
            )  # fmt: skip
    edges = tuple(edge for step in steps.values() for edge in _edges(step, nodes))
    height = len(rows) * (BOX[1] + _GAP[1]) - _GAP[1] + 2 * _MARGIN
    return Graph(tuple(nodes.values()), edges, width, height)


def _rows(steps: Mapping[str, Step]) -> list[list[str]]:
    """The steps by rows, each below all that it waits for, in the order of the definition."""
    levels: dict[str, int] = {}
    left = dict(steps)
    while left:
        # All of these wait for nothing that is left: the graph has no circle.
        free = [n for n, step in left.items() if not (waits_for(step) & left.keys())]
        for name in free:
            above = [levels[each] for each in waits_for(steps[name]) if each in levels]
            levels[name] = max(above, default=-1) + 1
        left = {name: step for name, step in left.items() if name not in free}
    rows: list[list[str]] = [[] for _ in range(max(levels.values()) + 1)]
    for name in steps:
        rows[levels[name]].append(name)
    for row in rows[1:]:
        # Below what they wait for, so that few lines cross.
        place = {name: at for above in rows for at, name in enumerate(above)}
        row.sort(key=lambda name: _middle(steps[name], place))
    return rows


def _middle(step: Step, place: Mapping[str, int]) -> float:
    above = [place[each] for each in waits_for(step) if each in place]
    return sum(above) / max(1, len(above))


def _edges(step: Step, nodes: Mapping[str, Node]) -> Iterator[Edge]:
    """The lines to a step from what it waits for."""
    reasons = {step.branch.condition: str(step.branch.taken_if)} if step.branch else {}
    for each in step.dependencies:
        reasons.setdefault(each.step, "" if each.trigger == COMPLETED else each.trigger)
    below = nodes[step.name]
    for name, said in reasons.items():
        if name not in nodes:
            continue
        above = nodes[name]
        x1, y1 = above.x + BOX[0] / 2, above.y + BOX[1]
        x2, y2 = below.x + BOX[0] / 2, below.y
        half = (y1 + y2) / 2
        path = f"M{x1:.1f} {y1:.1f} C{x1:.1f} {half:.1f} {x2:.1f} {half:.1f} {x2:.1f} {y2:.1f}"
        yield Edge(path, said, (x1 + x2) / 2, half + 4, name, step.name)
