"""A file that is given up goes when nobody holds it any more, and not before."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from labcloud.aws.s3.removals import Removals


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.touch()
    return path


def test_it_goes_at_once_where_nothing_is_under_way(file: Path) -> None:
    Removals().remove(file)
    assert not file.exists()


def test_it_stays_for_those_who_came_before(file: Path) -> None:
    removals = Removals()
    with ExitStack() as later:
        with removals.held():
            with removals.held():
                removals.remove(file)
            assert file.exists()
            # Who comes now cannot find it, and so does not keep it.
            later.enter_context(removals.held())
        assert not file.exists()


def test_it_goes_where_a_request_has_failed(file: Path) -> None:
    removals = Removals()
    with pytest.raises(ZeroDivisionError), removals.held():
        removals.remove(file)
        raise ZeroDivisionError
    assert not file.exists()
