"""Every exercise can be answered where it stands, and its check tells right from wrong."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from labhelpers import Exercises
from labhelpers.verdicts import Verdict
from tools.exercise_cells import blank, exercise_number, python_of


def cells_of_exercises(path: Path) -> list[tuple[int, Any]]:
    """Number and cell of each exercise, in all notebooks that share the exercises of `path`."""
    return [
        (number, cell)
        for notebook in sorted(path.parent.glob("*.ipynb"))
        for cell in nbformat.read(notebook, as_version=4).cells
        if (number := exercise_number(cell))
    ]


def assigned(source: str) -> Iterator[str]:
    """The names that code gives a value to, outside of its functions and comprehensions."""
    places: list[ast.AST] = list(ast.parse(python_of(source)).body)
    for node in places:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp)):
            # Python deletes the name of an exception after its block.
            yield from [node.name] if isinstance(node, ast.ExceptHandler) and node.name else []
            places.extend(ast.iter_child_nodes(node))


def taken_from_elsewhere(source: str) -> set[str]:
    """The names that a cell reads and that another cell must have made."""
    nodes = list(ast.walk(ast.parse(python_of(source))))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    return {node.id for node in names} - own


def test_each_exercise_has_one_cell(path: Path, exercises: Exercises) -> None:
    counts = Counter(number for number, _ in cells_of_exercises(path))
    assert counts == dict.fromkeys(range(1, len(exercises.exercises) + 1), 1)


def test_a_lab_has_exercises(exercises: Exercises) -> None:
    assert exercises.exercises


def test_each_cell_has_one_blank_its_check_and_its_hint(path: Path) -> None:
    for number, cell in cells_of_exercises(path):
        assert cell.cell_type == "code"
        lines = cell.source.splitlines()
        assert lines.count(blank(number)) == 1
        assert cell.source.count("...") == 1
        assert f"exercises.check({number}, answer_{number}" in lines[-2]
        # A keystroke makes a line of code of it.
        assert lines[-1] == f"# exercises.hint({number})"


def test_each_cell_stores_its_verdict_in_colour(path: Path) -> None:
    text = "replace the ... by your answer and run the cell again."
    for number, cell in cells_of_exercises(path):
        verdict = Verdict(number, "not attempted", text)
        (output,) = cell.outputs
        assert output.data == {"text/plain": repr(verdict), "text/html": verdict._repr_html_()}


def test_each_exercise_has_hints_and_wrong_answers(exercises: Exercises) -> None:
    for exercise in exercises.exercises:
        assert exercise.hints
        assert len(set(exercise.wrong)) == len(exercise.wrong) > 0
        assert exercise.solution not in exercise.wrong


def test_each_answer_is_put_into_the_variable_of_its_exercise(exercises: Exercises) -> None:
    for number, exercise in enumerate(exercises.exercises, start=1):
        for code in (exercise.solution, *exercise.wrong):
            answers = {name for name in assigned(code) if name.startswith("answer")}
            assert answers == {f"answer_{number}"}, code


def test_a_lesson_cell_runs_again_after_the_exercises(notebook: Any, exercises: Exercises) -> None:
    """No answer changes a variable that a cell of the lesson takes from another cell."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    lesson: set[str] = set()
    for cell in code:
        if not exercise_number(cell):
            lesson |= taken_from_elsewhere(cell.source)
    for cell in code:
        if number := exercise_number(cell):
            exercise = exercises.exercises[number - 1]
            own = {f"answer_{number}"}
            assert own.isdisjoint(lesson)
            assert set(assigned(cell.source)) == own
            for answer in (exercise.solution, *exercise.wrong):
                assert lesson.isdisjoint(assigned(answer)), answer


def test_the_notebooks_of_a_lab_share_out_its_exercises(path: Path, exercises: Exercises) -> None:
    """progress() counts those of one notebook."""
    counts = [
        sum(1 for cell in nbformat.read(each, as_version=4).cells if exercise_number(cell))
        for each in sorted(path.parent.glob("*.ipynb"))
    ]
    assert [len(numbers) for _, numbers in exercises._numbers()] == counts
