"""What becomes of each member of a request: done, accepted without effect, or refused by name.

Each room has the tables of its own operations, and a test holds them against botocore's model. A
member that no table has, or that only a newer botocore knows, is refused, too: nothing is accepted
that nobody has thought of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import botocore

from labcloud.sagemaker.errors import ValidationError


class Fate(Enum):
    """What becomes of a member."""

    DONE = "done"
    WITHOUT_EFFECT = "accepted, without effect"
    REFUSED = "refused"
    UNLISTED = "unlisted"


@dataclass(frozen=True)
class Fields:
    """The members of one operation's input, by their paths (`InputDataConfig.InputMode`).

    A path stands for everything below it that has no line of its own. `without_effect` says why
    nothing is to be seen of a member on this machine, `refused` what there is instead, or nothing.
    """

    done: tuple[str, ...] = ()
    without_effect: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: Fields) -> Fields:
        return Fields(
            self.done + other.done,
            {**self.without_effect, **other.without_effect},
            {**self.refused, **other.refused},
        )

    def below(self, path: str) -> Fields:
        """The same members of a structure that lies at `path`."""
        return Fields(
            tuple(f"{path}.{each}" for each in self.done),
            {f"{path}.{each}": why for each, why in self.without_effect.items()},
            {f"{path}.{each}": why for each, why in self.refused.items()},
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths that are listed."""
        return (*self.done, *self.without_effect, *self.refused)

    def fate(self, path: str) -> tuple[Fate, str]:
        """What becomes of a member, and the line that says so; the closest one counts."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            listed = ".".join(parts[:length])
            if listed in self.refused:
                return Fate.REFUSED, listed
            if listed in self.without_effect:
                return Fate.WITHOUT_EFFECT, listed
            if listed in self.done:
                return Fate.DONE, listed
        return Fate.UNLISTED, path

    def check(
        self, operation: str, request: dict[str, Any], unknown: Iterable[tuple[str, Any]] = ()
    ) -> None:
        """Raises ValidationError for a member that labcloud does not have.

        `unknown` are members that its model does not have, by their paths.
        """
        for path in _given(request, ""):
            fate, listed = self.fate(path)
            if fate in (Fate.REFUSED, Fate.UNLISTED):
                raise _not_done(listed, operation, self.refused.get(listed, ""))
        for path, value in unknown:
            if any(_given(value, path)):
                version = botocore.__version__
                raise _not_done(path, operation, f"its botocore, {version}, does not know it")


def _not_done(path: str, operation: str, instead: str) -> ValidationError:
    said = f"labcloud does not implement {path} of {operation}"
    return ValidationError(f"{said}: {instead}" if instead else said)


def _given(value: Any, path: str) -> Iterator[str]:
    """The paths of all members that ask for something: what is off or empty does not."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _given(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from _given(item, path)
    elif value is not None and value is not False and value != "":
        yield path
