"""What is wrong with the ranges of a tuning job: in themselves, and for a built-in algorithm."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from labcloud.algorithms.algorithm import Algorithm
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.tuning.ranges import (
    LOGARITHMIC,
    REVERSE,
    Categories,
    Numbers,
    Range,
    read_ranges,
)

# Over all kinds of range.
_MOST = 30


def check_ranges(
    definition: dict[str, Any], given: dict[str, Any], algorithm: Algorithm | None
) -> None:
    """Raises ValidationError for the first thing that is wrong with a ParameterRanges."""
    for kind in ("Integer", "Continuous"):
        for item in given.get(f"{kind}ParameterRanges", []):
            _check_numbers(item, kind)
    ranges = read_ranges(given)
    names = [each.name for each in ranges]
    if not names:
        raise ValidationError("ParameterRanges must name a hyperparameter to tune")
    if len(names) > _MOST:
        raise ValidationError(
            f"ParameterRanges has {len(names)} hyperparameters, more than {_MOST}"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValidationError(f"The hyperparameter {twice[0]} stands twice in ParameterRanges")
    static = definition.get("StaticHyperParameters", {})
    if both := [name for name in names if name in static]:
        raise ValidationError(
            f"The hyperparameter {both[0]} is both in StaticHyperParameters and in ParameterRanges"
        )
    for each in ranges:
        if isinstance(each, Categories) and len(set(each.values)) != len(each.values):
            raise ValidationError(f"The values of the hyperparameter {each.name} must be different")
        if algorithm is not None:
            _check_for(algorithm, each)


def _check_numbers(item: dict[str, str], kind: str) -> None:
    name, scaling = item["Name"], item.get("ScalingType", "Auto")
    read = int if kind == "Integer" else float
    ends = []
    for member in ("MinValue", "MaxValue"):
        try:
            ends.append(float(read(item[member])))
        except (ValueError, OverflowError):
            ends.append(math.nan)
        if not math.isfinite(ends[-1]):
            a = "an integer" if kind == "Integer" else "a number"
            raise ValidationError(
                f"The {member} of the hyperparameter {name} must be {a}, and it is {item[member]!r}"
            )
    low, high = ends
    shown = f"[{item['MinValue']}, {item['MaxValue']}]"
    if low > high:
        raise ValidationError(
            f"The MinValue of the hyperparameter {name} must not be greater than its MaxValue: "
            f"{shown}"
        )
    if scaling == LOGARITHMIC and low <= 0:
        raise ValidationError(
            f"Logarithmic scaling of the hyperparameter {name} needs values greater than 0: {shown}"
        )
    if scaling == REVERSE and kind == "Integer":
        raise ValidationError(
            f"ReverseLogarithmic scaling of the hyperparameter {name} is not supported: it is for "
            "continuous hyperparameters only"
        )
    if scaling == REVERSE and not 0 <= low <= high < 1:
        raise ValidationError(
            f"ReverseLogarithmic scaling of the hyperparameter {name} needs a range within "
            f"0 <= x < 1.0: {shown}"
        )


def _check_for(algorithm: Algorithm, found: Range) -> None:
    """Whether the algorithm has this hyperparameter, lets it be tuned, and takes the values."""
    name = found.name
    if name not in algorithm.tunable:
        every = ", ".join(sorted(algorithm.tunable))
        raise ValidationError(
            f"The hyperparameter {name} of the algorithm {algorithm.name} cannot be tuned. Those "
            f"that can are [{every}]"
        )
    kind = algorithm.tunable[name].type
    # Any hyperparameter may be given by its values; an integer is a number, but not every number
    # an integer.
    if found.kind not in ("Categorical", kind) and (kind, found.kind) != ("Continuous", "Integer"):
        raise ValidationError(
            f"The hyperparameter {name} of the algorithm {algorithm.name} is {kind}: it cannot "
            f"have one of the {found.kind}ParameterRanges"
        )
    for text in _ends(found):
        try:
            algorithm.check_value(name, text)
        except Exception as error:
            raise ValidationError(
                f"The hyperparameter {name} of the algorithm {algorithm.name} cannot be {text}: "
                f"{error}"
            ) from error


def _ends(found: Range) -> Iterator[str]:
    """The values that have to be allowed for all others to be."""
    if isinstance(found, Numbers):
        for end in (found.low, found.high):
            yield str(int(end)) if found.kind == "Integer" else repr(end)
    else:
        yield from found.values
