"""The instructor's edition has solutions, hints, and what each answer is told."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tools.exercise_cells import load_exercises
from tools.printing import instructor, notes
from tools.printing.lesson import read
from tools.printing.told import NotRun, told

from .printed import (
    INDEX,
    course,
    every_notebook,
    words,
)


@every_notebook
def test_the_instructor_s_edition_has_solutions_hints_and_wrong_answers(path: Path) -> None:
    exercises = load_exercises(path)
    numbers = [exercise.number for exercise in read(path).exercises]
    answers = {
        (number, answer): f"not yet: reason {place} of {number}."
        for number in numbers
        for place, answer in enumerate(exercises.exercises[number - 1].wrong)
    }
    page = instructor.edition(path, exercises, answers, INDEX)
    said = words(page)
    for number in numbers:
        exercise = exercises.exercises[number - 1]
        assert f"Solution of exercise {number}" in said
        for text in (exercise.solution, *exercise.hints, *exercise.wrong):
            assert text in said
    for told_ in answers.values():
        assert told_ in said
    # Where an answer was not tried, the page says so.
    assert "not tried" not in said
    assert "not tried" in words(instructor.edition(path, exercises, {}, INDEX))
    # Its outputs are those that are stored.
    assert "Connected to labcloud on this machine" in said


@every_notebook
def test_every_notebook_has_notes_and_times(path: Path) -> None:
    teaching = notes.teaching(INDEX, path)
    assert teaching
    number = path.stem.partition("-")[0]
    assert all(re.match(rf"Lab {number[:2]}({number[2:]})?\b", note) for note in teaching)
    assert {"reading time", "on AWS"} <= notes.times(INDEX, path).keys()


def test_general_notes_are_about_no_lab() -> None:
    general = notes.general(INDEX)
    assert len(general) >= 3
    assert [note for note in general if note.startswith("Lab ")] == []


@pytest.fixture
def anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The learner that a run sets is that of this test alone."""
    monkeypatch.setenv("LAB_LEARNER", "anybody")


def test_an_answer_is_told_what_a_learner_is_told(tmp_path: Path, anybody: None) -> None:
    path = course(tmp_path)
    before = path.read_bytes()
    assert told(path, load_exercises(path)) == {
        (1, "answer_1 = number"): "not yet: 3 is not twice 3.",
        (1, "answer_1 = 7"): "not yet: 7 is not twice 3.",
        (1, "answer_1 = 2 * number"): "correct: twice 3 is 6.",
    }
    assert path.read_bytes() == before


def test_exercises_may_import_what_lies_beside_them(tmp_path: Path) -> None:
    path = course(tmp_path)
    beside = path.with_name("exercises.py").rename(path.with_name("exercises_of_this_test.py"))
    path.with_name("exercises.py").write_text(f"from {beside.stem} import exercises\n")
    assert load_exercises(path).exercises[0].solution == "answer_1 = 2 * number"
    assert str(path.parent) not in sys.path


def test_a_notebook_that_stops_says_where(tmp_path: Path, anybody: None) -> None:
    path = course(tmp_path, "number = nobody")
    with pytest.raises(NotRun) as stopped:
        told(path, load_exercises(path))
    assert "name 'nobody' is not defined" in stopped.value.problem
