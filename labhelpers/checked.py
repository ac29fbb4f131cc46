"""A function of a lab says what it needs when it gets something else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from labhelpers.errors import LabError
from labhelpers.lab import Lab

F = TypeVar("F", bound=Callable[..., Any])


def of_a_lab(function: F) -> F:
    """Refuses a first argument that is no lab, with a LabError that says where one comes from."""

    @functools.wraps(function)
    def checked(*arguments: Any, **more: Any) -> Any:
        first = arguments[0] if arguments else more.get("lab")
        if not isinstance(first, Lab):
            got = f"not {first!r:.60}" if arguments or more else "and it got nothing"
            raise LabError(
                f"{function.__name__} needs the lab first, {got}. Write "
                f"{function.__name__}(lab, …) after lab = connect(…), as in step 1."
            )
        return function(*arguments, **more)

    return cast(F, checked)
