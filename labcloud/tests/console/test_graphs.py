"""Where the boxes and lines of a pipeline's graph are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from labcloud.console.graphs import BOX, Edge, Graph, graph
from labcloud.sagemaker.pipelines.checks import checked

Point = tuple[float, float]


def drawn(waits: dict[str, list[str]]) -> Graph:
    """The graph of steps, each with the names of those that it waits for."""
    steps: list[dict[str, Any]] = [
        {
            "Name": name, "Type": "Condition", "DependsOn": above,
            "Arguments": {"Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}],
                          "IfSteps": [], "ElseSteps": []},
        }
        for name, above in waits.items()
    ]  # fmt: skip
    definition = checked(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    return graph(definition.steps, {}, "Waiting")


def points(edge: Edge) -> Iterator[Point]:
    """Points of a line, a few for each of its curves."""
    x = y = 0.0
    for letter, numbers in re.findall(r"([MCV])([^MCV]+)", edge.path):
        given = [float(number) for number in numbers.split()]
        if letter == "C":
            (x1, y1), (x2, y2), (x3, y3) = zip(given[::2], given[1::2], strict=True)
            for t in (0.25, 0.5, 0.75):
                u = 1 - t
                yield (
                    u**3 * x + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                    u**3 * y + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3,
                )
        if letter == "V":
            yield x, (y + given[0]) / 2
        x, y = (x, given[0]) if letter == "V" else (given[-2], given[-1])
        yield x, y


SHAPES = {
    "a line past one": {"A": [], "B": ["A"], "C": ["A", "B"]},
    "a chain with all lines": {
        name: list("ABCDEF"[:number]) for number, name in enumerate("ABCDEF")
    },
    "two wide rows": {
        **{f"A{number}": [] for number in range(4)},
        **{f"B{number}": [f"A{number}"] for number in range(4)},
        "End": [f"A{number}" for number in range(4)] + [f"B{number}" for number in range(4)],
    },
}


@pytest.mark.parametrize("waits", SHAPES.values(), ids=SHAPES)
def test_no_line_is_behind_a_box(waits: dict[str, list[str]]) -> None:
    found = drawn(waits)
    assert {(edge.begin, edge.end) for edge in found.edges} == {
        (above, name) for name, all_above in waits.items() for above in all_above
    }
    for edge in found.edges:
        for x, y in points(edge):
            assert 0 <= x <= found.width and 0 <= y <= found.height
            inside = [
                node.name
                for node in found.nodes
                if node.x < x < node.x + BOX[0] and node.y < y < node.y + BOX[1]
            ]
            assert inside == [], edge


def test_boxes_do_not_overlap_and_are_below_what_they_wait_for() -> None:
    found = drawn(SHAPES["two wide rows"])
    places = {node.name: node for node in found.nodes}
    for edge in found.edges:
        assert places[edge.begin].y + BOX[1] < places[edge.end].y
    for y in {node.y for node in found.nodes}:
        row = sorted(node.x for node in found.nodes if node.y == y)
        assert all(right - left > BOX[0] for left, right in pairwise(row))


def test_what_a_step_waits_for_in_words() -> None:
    assert drawn(SHAPES["a line past one"]).before("C") == "A, B"


def test_a_graph_of_too_many_lanes_is_drawn_straight() -> None:
    """Each of 80 steps waits for all before: that would be 79,000 lanes."""
    names = [f"S{number}" for number in range(80)]
    found = drawn({name: names[:number] for number, name in enumerate(names)})
    assert len(found.edges) == 80 * 79 // 2
    assert found.width < 2 * BOX[0]


def test_of_far_too_many_lines_those_to_the_next_row_are_drawn() -> None:
    """A page of 20,000 lines would keep the server and the browser busy each time it changes."""
    names = [f"S{number}" for number in range(200)]
    found = drawn({name: names[:number] for number, name in enumerate(names)})
    assert [(edge.begin, edge.end) for edge in found.edges] == list(pairwise(names))
    assert found.before("S199") == ", ".join(names[:199])
