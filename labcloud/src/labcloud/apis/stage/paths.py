"""Paths with variables, and which of them a request's path is one of.

A path of an API is of segments: fixed ones, variables `{id}`, and at its end a greedy variable
`{proxy+}`, which takes all that follows.
"""

from __future__ import annotations

import functools
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
        return self.takes(path.split("/")[1:])

    def takes(self, given: list[str]) -> dict[str, str] | None:
        """As `match`, of a path's segments."""
        found: dict[str, str] = {}
        for number, (segment, name, greedy) in enumerate(self._read):
            if greedy:
                rest = "/".join(given[number:])
                return {**found, name: rest} if rest.strip("/") else None
            if number >= len(given):
                return None
            if not name:
                if given[number] != segment:
                    return None
            elif given[number]:
                found[name] = given[number]
            else:
                return None
        return found if len(given) == len(self.segments) else None

    @functools.cached_property
    def _read(self) -> list[tuple[str, str, bool]]:
        """Each segment, the name of its variable or nothing, and whether it is greedy."""
        matches = [(each, _VARIABLE.fullmatch(each)) for each in self.segments]
        return [
            (each, match[1] if match else "", bool(match and match[2])) for each, match in matches
        ]


class Paths:
    """The paths of an API, read once."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._ranked = sorted(((Template.of(each), each) for each in set(paths)), key=_rank)

    def best(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The most specific one that a request's path is one of, and its variables."""
        given = path.split("/")[1:]
        for template, each in self._ranked:
            found = template.takes(given)
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


class Routes:
    """The routes of an HTTP API by their keys, read once."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = frozenset(keys)
        routes = [Route.of(key) for key in self._keys]
        methods = {route.method for route in routes} | {"ANY"}
        self._paths = {
            method: Paths(
                route.path for route in routes if route.path and route.method in (method, "ANY")
            )
            for method in methods
        }

    def chosen(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The key of the route that a request takes, and the values of its variables.

        First a full match of method and path, then a greedy path, then `$default`. Of two paths
        that match, the more specific one is taken; of two methods, the named one before ANY.
        """
        found = (self._paths.get(method) or self._paths["ANY"]).best(path)
        if found is not None:
            taken, variables = found
            exact = f"{method} {taken}"
            return (exact if exact in self._keys else f"ANY {taken}"), variables
        return ("$default", {}) if "$default" in self._keys else None
