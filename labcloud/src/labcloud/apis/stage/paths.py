"""Paths with variables, and which of them a request's path is one of.

A path of an API is of segments: fixed ones, variables `{id}`, and at its end a greedy variable
`{proxy+}`, which takes all that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{([^{}+]+)(\+?)\}")


@dataclass(frozen=True)
class Template:
    """A path of an API, in its segments."""

    segments: tuple[str, ...]

    @classmethod
    def of(cls, path: str) -> Template:
        return cls(tuple(path.split("/")[1:]))

    @property
    def variables(self) -> list[str]:
        """The names of its variables, a greedy one with its plus."""
        found = [_VARIABLE.fullmatch(segment) for segment in self.segments]
        return [match[1] + match[2] for match in found if match]

    @property
    def greedy(self) -> bool:
        return any(name.endswith("+") for name in self.variables)

    @property
    def rank(self) -> tuple[int, ...]:
        """The smaller, the more specific: a greedy path after all others, fixed before variable."""
        weights = []
        for segment in self.segments:
            match = _VARIABLE.fullmatch(segment)
            weights.append(2 if match and match[2] else 1 if match else 0)
        # Of two greedy paths, the longer one is more specific.
        return (int(self.greedy), *weights)

    def match(self, path: str) -> dict[str, str] | None:
        """The values of the variables for a path, or None where it is another one.

        A variable is never empty.
        """
        given = path.split("/")[1:]
        found: dict[str, str] = {}
        for number, segment in enumerate(self.segments):
            variable = _VARIABLE.fullmatch(segment)
            if variable and variable[2]:
                rest = "/".join(given[number:])
                return {**found, variable[1]: rest} if rest.strip("/") else None
            if number >= len(given):
                return None
            if variable is None:
                if given[number] != segment:
                    return None
            elif given[number]:
                found[variable[1]] = given[number]
            else:
                return None
        return found if len(given) == len(self.segments) else None


def best(paths: Iterable[str], path: str) -> tuple[str, dict[str, str]] | None:
    """The most specific of some paths that a request's path is one of, and its variables."""
    ranked = sorted(((Template.of(each), each) for each in set(paths)), key=_rank)
    for template, each in ranked:
        found = template.match(path)
        if found is not None:
            return each, found
    return None


def _rank(ranked: tuple[Template, str]) -> tuple[tuple[int, ...], str]:
    return ranked[0].rank, ranked[1]


@dataclass(frozen=True)
class Route:
    """A route of an HTTP API as its key names it; the path of `$default` is empty."""

    method: str
    path: str

    @classmethod
    def of(cls, key: str) -> Route:
        method, _, path = key.partition(" ")
        return cls(method, path)


def chosen(keys: Iterable[str], method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """The key of the route that a request takes, and the values of its variables.

    First a full match of method and path, then a greedy path, then `$default`. Of two paths that
    match, the more specific one is taken; of two methods, the named one before ANY.
    """
    routes = {key: Route.of(key) for key in keys}
    fits = [route for route in routes.values() if route.path and route.method in (method, "ANY")]
    found = best((route.path for route in fits), path)
    if found is not None:
        taken, variables = found
        exact = f"{method} {taken}"
        return (exact if exact in routes else f"ANY {taken}"), variables
    return ("$default", {}) if "$default" in routes else None
