"""Any acyclic graph of steps: each runs once, after all that it waits for, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.sagemaker.pipelines.graph import (
    ANY,
    COMPLETED,
    FAILED,
    STOPPED,
    TRIGGERS,
    Branch,
    Dependency,
    End,
    Result,
    Schedule,
    cycle,
    waits_for,
)


@dataclass(frozen=True)
class Node:
    name: str
    dependencies: tuple[Dependency, ...] = ()
    branch: Branch | None = None


# What the end of a step must be for a trigger.
MET = {
    COMPLETED: {End.SUCCEEDED},
    FAILED: {End.FAILED},
    STOPPED: {End.STOPPED},
    ANY: {End.SUCCEEDED, End.FAILED, End.STOPPED},
}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], dict[str, Result]]:
    """Steps that only wait for earlier ones, in any order, and how each would end."""
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 12))):
        before = [node.name for node in nodes]
        some: list[str] = []
        branch = None
        if before:
            some = draw(st.lists(st.sampled_from(before), unique=True, max_size=3))
            branch = draw(st.none() | st.builds(Branch, st.sampled_from(before), st.booleans()))
        waits = tuple(Dependency(each, draw(st.sampled_from(TRIGGERS))) for each in some)
        nodes.append(Node(f"s{number}", waits, branch))
    ends = {
        node.name: Result(
            draw(st.sampled_from([End.SUCCEEDED, End.SUCCEEDED, End.FAILED, End.STOPPED])),
            draw(st.booleans()),
        )
        for node in nodes
    }
    # A step that has not succeeded has no outcome.
    ends = {n: r if r.end is End.SUCCEEDED else Result(r.end) for n, r in ends.items()}
    return draw(st.permutations(nodes)), ends


def expected(nodes: Mapping[str, Node], ends: Mapping[str, Result]) -> dict[str, Result]:
    """What becomes of each step, found by looking at one step after the other."""
    found: dict[str, Result] = {}
    while len(found) < len(nodes):
        for name, node in nodes.items():
            if name in found or waits_for(node) - found.keys():
                continue
            runs = all(found[each.step].end in MET[each.trigger] for each in node.dependencies)
            if node.branch:
                runs = runs and found[node.branch.condition].outcome is node.branch.taken_if
            found[name] = ends[name] if runs else Result(End.SKIPPED)
    return found


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_each_step_runs_once_after_what_it_waits_for(
    graph: tuple[list[Node], dict[str, Result]], data: st.DataObject
) -> None:
    listed, ends = graph
    nodes = {node.name: node for node in listed}
    assert cycle(nodes) == []
    schedule = Schedule(listed)
    ran: list[str] = []
    running: list[str] = []
    while True:
        while name := schedule.next():
            assert waits_for(nodes[name]) <= schedule.results.keys()
            running.append(name)
            ran.append(name)
        if not running:
            break
        ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
        schedule.ended(ended, ends[ended])
    assert len(ran) == len(set(ran))
    assert schedule.results == expected(nodes, ends)
    assert set(ran) == {n for n, r in schedule.results.items() if r.end is not End.SKIPPED}


@settings(max_examples=50, deadline=None)
@given(graphs(), st.data())
def test_what_had_succeeded_does_not_run_again(
    graph: tuple[list[Node], dict[str, Result]], data: st.DataObject
) -> None:
    listed, ends = graph
    whole = expected({node.name: node for node in listed}, ends)
    succeeded = [name for name, result in whole.items() if result.end is End.SUCCEEDED]
    kept = data.draw(st.sets(st.sampled_from(succeeded))) if succeeded else set()
    schedule = Schedule(listed, {name: whole[name] for name in kept})
    ran = set()
    while name := schedule.next():
        ran.add(name)
        schedule.ended(name, ends[name])
    assert not ran & kept
    # All that depends on kept steps alone is as it was.
    for name in kept:
        if name in schedule.results:
            assert schedule.results[name] == whole[name]


@settings(max_examples=50, deadline=None)
@given(graphs(), st.data())
def test_a_cycle_is_found(graph: tuple[list[Node], dict[str, Result]], data: st.DataObject) -> None:
    listed, _ = graph
    first = data.draw(st.sampled_from(listed))
    # Somebody behind it, or it itself, is waited for.
    behind = {first.name}
    for _ in listed:
        behind |= {node.name for node in listed if waits_for(node) & behind}
    last = data.draw(st.sampled_from(sorted(behind)))
    turned = Node(first.name, (*first.dependencies, Dependency(last)), first.branch)
    nodes = {node.name: turned if node is first else node for node in listed}
    assert {first.name, last} <= set(cycle(nodes))


def test_a_failure_that_something_runs_because_of_is_handled() -> None:
    tidy = Node("tidy", (Dependency("work", FAILED),))
    schedule = Schedule([Node("work"), tidy, Node("next", (Dependency("work"),))])
    assert schedule.next() == "work"
    schedule.ended("work", Result(End.FAILED))
    assert (schedule.next(), schedule.handled) == ("tidy", {"work"})
    assert schedule.results["next"].end is End.SKIPPED


def test_what_a_failure_led_to_leads_nowhere_once_it_has_succeeded() -> None:
    """A retry: `tidy` and a condition ran because `work` had failed, and others behind them."""
    nodes = [
        Node("work"),
        Node("tidy", (Dependency("work", FAILED),)),
        Node("ask", (Dependency("work", FAILED),)),
        Node("behind", (Dependency("tidy"),)),
        Node("inside", branch=Branch("ask", taken_if=True)),
    ]
    done = {"tidy": Result(End.SUCCEEDED), "ask": Result(End.SUCCEEDED, outcome=True)}
    schedule = Schedule(nodes, done)
    assert (schedule.next(), schedule.next()) == ("work", None)
    schedule.ended("work", Result(End.SUCCEEDED))
    assert schedule.next() is None
    assert {name for name, each in schedule.results.items() if each.end is End.SKIPPED} == {
        "tidy", "ask", "behind", "inside"
    }  # fmt: skip
    # It has failed again: they do not run again, and what is behind them goes on.
    schedule = Schedule(nodes, done)
    schedule.next()
    schedule.ended("work", Result(End.FAILED))
    assert (schedule.next(), schedule.next(), schedule.handled) == ("behind", "inside", {"work"})


@pytest.mark.parametrize("count", [2000])
def test_a_long_chain_is_no_recursion(count: int) -> None:
    nodes = [Node("s0")] + [Node(f"s{n}", (Dependency(f"s{n - 1}"),)) for n in range(1, count)]
    schedule = Schedule(nodes)
    assert schedule.next() == "s0"
    schedule.ended("s0", Result(End.FAILED))
    assert schedule.next() is None
    assert len(schedule.results) == count
