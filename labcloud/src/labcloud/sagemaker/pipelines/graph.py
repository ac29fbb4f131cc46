"""Which steps of a pipeline wait for which, and which of them run.

A step waits for the steps that its arguments refer to, for those in DependsOn, and for the
condition whose branch it is in. It runs when all of them have come to what it waits for; else it
is skipped, and so is what waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

COMPLETED, FAILED, STOPPED, ANY = "Completed", "Failed", "Stopped", "Any"
TRIGGERS = (COMPLETED, FAILED, STOPPED, ANY)


@dataclass(frozen=True)
class Dependency:
    """A step that is waited for, and what it is to come to."""

    step: str
    trigger: str = COMPLETED


@dataclass(frozen=True)
class Branch:
    """The branch of a Condition step that a step is in."""

    condition: str
    taken_if: bool


class End(Enum):
    """What has become of a step."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"
    SKIPPED = "Skipped"


@dataclass(frozen=True)
class Result:
    """The end of a step; `outcome` is that of a Condition step."""

    end: End
    outcome: bool | None = None


class Node(Protocol):
    """A step, as far as the order of steps goes."""

    @property
    def name(self) -> str: ...

    @property
    def dependencies(self) -> tuple[Dependency, ...]: ...

    @property
    def branch(self) -> Branch | None: ...


_MET = {
    COMPLETED: (End.SUCCEEDED,),
    FAILED: (End.FAILED,),
    STOPPED: (End.STOPPED,),
    ANY: (End.SUCCEEDED, End.FAILED, End.STOPPED),
}


def waits_for(node: Node) -> set[str]:
    """The names of the steps that a step waits for."""
    found = {each.step for each in node.dependencies}
    return found | {node.branch.condition} if node.branch else found


def cycle(nodes: Mapping[str, Node]) -> list[str]:
    """The steps that wait for each other, or behind such steps; none where the graph is one."""
    opened = {name: len(waits_for(node)) for name, node in nodes.items()}
    behind = _behind(nodes)
    free = deque(name for name, count in opened.items() if not count)
    while free:
        name = free.popleft()
        del opened[name]
        for each in behind[name]:
            opened[each] -= 1
            if not opened[each]:
                free.append(each)
    return list(opened)


def _behind(nodes: Mapping[str, Node]) -> dict[str, list[str]]:
    """By step, those that wait for it."""
    found: dict[str, list[str]] = {name: [] for name in nodes}
    for name, node in nodes.items():
        for each in waits_for(node):
            found[each].append(name)
    return found


class Schedule:
    """The steps of one execution: which may begin now, given how the others have ended.

    What a step waits for and is not among `nodes` counts as met: it is not part of this execution.
    Steps in `done` have ended before, and do not begin again. Such a step counts as long as what it
    waits for comes to the same: what ran because of a failure does not lead on to other steps once
    the failed step has succeeded.
    """

    def __init__(self, nodes: Iterable[Node], done: Mapping[str, Result] | None = None) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._done = done or {}
        self.results: dict[str, Result] = {}
        # The steps that have failed or stopped, and that others have run because of.
        self.handled: set[str] = set()
        self._ready: deque[str] = deque()
        self._open: dict[str, int] = {}
        self._behind: dict[str, list[str]] = {name: [] for name in self._nodes}
        for name, node in self._nodes.items():
            inside = waits_for(node) & self._nodes.keys()
            self._open[name] = len(inside)
            for each in inside:
                self._behind[each].append(name)
        self._decide(name for name, count in list(self._open.items()) if not count)

    def next(self) -> str | None:
        """A step that may begin now, in the order of the definition as far as they are free."""
        return self._ready.popleft() if self._ready else None

    def ended(self, name: str, result: Result) -> None:
        """Takes the end of a step into account."""
        self._decide(self._settle(name, result))

    def _settle(self, name: str, result: Result) -> Iterator[str]:
        """The steps that wait for nothing any more."""
        self.results[name] = result
        for each in self._behind[name]:
            self._open[each] -= 1
            if not self._open[each]:
                yield each

    def _decide(self, names: Iterable[str]) -> None:
        """Lets steps run, or skips them, and whatever comes of that."""
        waiting = deque(names)
        while waiting:
            name = waiting.popleft()
            if not self._runs(self._nodes[name]):
                waiting.extend(self._settle(name, Result(End.SKIPPED)))
            elif name in self._done:
                waiting.extend(self._settle(name, self._done[name]))
            else:
                self._ready.append(name)

    def _runs(self, node: Node) -> bool:
        found = self.results.get(node.branch.condition) if node.branch else None
        if node.branch and found and found.outcome is not node.branch.taken_if:
            return False
        inside = [each for each in node.dependencies if each.step in self._nodes]
        if not all(self.results[each.step].end in _MET[each.trigger] for each in inside):
            return False
        self.handled |= {
            each.step for each in inside if self.results[each.step].end in (End.FAILED, End.STOPPED)
        }
        return True
