"""Python looks for garbage while tests run, but not among the tests."""

from __future__ import annotations

import gc


def test_garbage_is_looked_for() -> None:
    assert gc.isenabled()


def test_what_was_there_before_the_first_test_is_left_out() -> None:
    assert gc.get_freeze_count() > 0
