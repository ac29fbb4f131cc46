"""Where lab 07's reviews come from, and what is said where they cannot be had."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import reviews
from reviews import NoReviews, Review


@pytest.fixture(scope="module")
def content() -> bytes:
    """The file as it is on this machine."""
    return reviews.fetch().read_bytes()


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without them, whose pip has no index."""
    monkeypatch.setattr(reviews, "_folders", lambda: [tmp_path / "course", tmp_path / "own"])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path


def test_they_are_all_there_and_rated() -> None:
    found = reviews.snippets()
    assert len(found) == 10_605
    assert [review.id for review in found] == list(range(1, 10_606))
    assert all(-4 <= review.rating <= 4 and review.text for review in found)
    assert found[2] == Review(3, -0.6, "Effective but too tepid biopic")


def test_without_a_network_it_says_what_to_do(nowhere: Path) -> None:
    with pytest.raises(NoReviews, match="Connect to a network and run this again"):
        reviews.snippets()
    assert list(nowhere.iterdir()) == []


def test_a_file_that_is_another_one_is_not_read(nowhere: Path) -> None:
    (nowhere / "course").mkdir()
    (nowhere / "course" / reviews.NAME).write_text("1\t4.0\tA forged review\r\n")
    with pytest.raises(NoReviews):
        reviews.snippets()


def test_where_the_course_cannot_be_written_they_are_the_user_s(
    content: bytes, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "_from_the_index", lambda: content)
    # Where a folder should be is a file.
    (nowhere / "course").write_text("")
    assert reviews.fetch() == nowhere / "own" / reviews.NAME
    # Once they are here, nobody is asked.
    monkeypatch.setattr(reviews, "_from_the_index", pytest.fail)
    assert len(reviews.snippets()) == 10_605


def test_the_other_set_has_the_same_columns(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "aclImdb_v1.tar.gz", "w:gz") as archive:
        for name, text in (
            ("aclImdb/test/neg/7_2.txt", "Dull."),
            ("aclImdb/train/pos/0_9.txt", "A wonderful film."),
            ("aclImdb/train/unsup/3_0.txt", "Nobody has rated this."),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    assert list(reviews.imdb(tmp_path)) == [
        Review(0, 3.5, "A wonderful film."),
        Review(7, -3.5, "Dull."),
    ]
