"""What a function of a lab says when it gets something else: a learner's slips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labhelpers import clean_up, contents, download, latest_training_job, leftovers, upload, watch
from labhelpers.errors import LabError, StorageError
from labhelpers.images import build_and_push, pushed_image
from labhelpers.lab import Lab

FUNCTIONS = (
    watch, clean_up, leftovers, upload, download, contents, latest_training_job, build_and_push,
    pushed_image,
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: str(each.__name__))
@pytest.mark.parametrize("first", ["lab", 5, None])
def test_a_first_argument_that_is_no_lab(function: Callable[..., Any], first: Any) -> None:
    name = function.__name__
    with pytest.raises(LabError, match=f"^{name} needs the lab first, not {first!r}. Write {name}"):
        function(first, "more")


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: str(each.__name__))
def test_no_argument_at_all(function: Callable[..., Any]) -> None:
    with pytest.raises(LabError, match="needs the lab first, and it got nothing"):
        function()


def test_it_may_be_named(lab: Lab) -> None:
    assert latest_training_job(lab=lab) is None


def test_an_address_of_numbers(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"texts in quotes, not \(3,\)"):
        lab.uri(3)  # type: ignore[arg-type]
    with pytest.raises(StorageError, match="3 is not an S3 URI"):
        contents(lab, 3)  # type: ignore[arg-type]
