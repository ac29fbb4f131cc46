"""Sheets and slides are made from any notebook, and hold no solution."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import nbformat

from tools.exercise_cells import exercise_number, load_exercises
from tools.printing import instructor, prose
from tools.printing.checklist import checklist
from tools.printing.lesson import read
from tools.printing.sheet import sheet
from tools.printing.slides import slides

from .printed import (
    GLOSSARY,
    INDEX,
    LABS,
    NOTEBOOKS,
    ROOT,
    every_notebook,
    loaded,
    sheet_of,
    slides_of,
    words,
)

# Steps that say "the same line as always", and so have no slide.
SILENT = dict.fromkeys(("02a", "03a", "03b"), ("Step 1 · Connect",))


@every_notebook
def test_a_lesson_is_the_notebook_s(path: Path) -> None:
    lesson = read(path)
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert f"# {lesson.title}\n" in text
    assert lesson.summary in text and lesson.summary
    assert lesson.picture.startswith("![")
    steps = re.findall(r"^## (Step .*)$", text, re.M)
    assert [step.heading for step in lesson.steps] == steps
    numbers = [number for cell in cells if (number := exercise_number(cell))]
    assert [exercise.number for exercise in lesson.exercises] == numbers
    for exercise in lesson.exercises:
        assert exercise.text.startswith(f"**Exercise {exercise.number}.**")
        assert f"answer_{exercise.number} = ..." in exercise.source


@every_notebook
def test_a_sheet_has_what_a_learner_needs_and_no_results(path: Path) -> None:
    page = sheet_of(path)
    said = words(page)
    lesson = read(path)
    for part in (lesson.title, "What you will learn", "Time", "Cost on AWS", "Clean up"):
        assert part in said
    for step in lesson.steps:
        assert prose.read(step.heading) in said
    assert page.count('class="answer"') == len(lesson.exercises)
    # Plots are PNG; pictures that are drawn are SVG.
    assert "data:image/png" not in page
    assert page.count("data:image/svg") == 1


@every_notebook
def test_slides_follow_the_steps_and_show_every_picture(path: Path) -> None:
    lesson = read(path)
    page = slides_of(path)
    headings = [words(found) for found in re.findall(r"<h[12][^>]*>(.*?)</h", page)]
    silent = SILENT.get(lesson.number, ())
    own = [heading for heading in headings if not re.search(r" \(\d\)$", heading)]
    assert own == [
        lesson.title, "What you will learn",
        *(prose.read(step.heading) for step in lesson.steps if step.heading not in silent),
        *(f"Exercise {exercise.number}" for exercise in lesson.exercises), "What you learned",
    ]  # fmt: skip
    outputs = [
        output
        for step in lesson.steps
        for cell in step.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert page.count("data:image/png") == len(outputs)
    for output in outputs:
        assert html.escape(output.metadata["image/png"]["alt"]) in page.replace("&#39;", "&#x27;")


@every_notebook
def test_every_slide_says_something_and_no_box_is_empty(path: Path) -> None:
    for slide in re.findall(r"<section.*?</section>", slides_of(path), re.S):
        heading, _, below = slide.partition("</h")
        assert len(words(below).partition(">")[2].strip()) > 30, words(heading)
        for box in re.findall(r"<pre.*?</pre>", slide, re.S):
            assert words(box).strip(), words(heading)


@every_notebook
def test_no_heading_shows_marks_of_markdown(path: Path) -> None:
    for page in (sheet_of(path), slides_of(path)):
        for heading in re.findall(r"<(?:h[12]|b)\b[^>]*>.*?</(?:h[12]|b)>", page):
            assert not re.search(r"[`*]", words(heading)), heading


def test_a_list_is_what_a_step_says() -> None:
    """Lab 03a's words of Docker are a list, and those of the servers in 03b, too."""
    for name, words_ in (
        ("03a", ("packed file system", "recipe of an image", "through a port")),
        ("03b", ("takes requests from the network", "runs Python", "where the application is")),
    ):
        path = next(path for path in NOTEBOOKS if path.stem.startswith(name))
        for page in (sheet_of(path), slides_of(path)):
            points = [words(point) for point in re.findall(r"<li>.*?</li>", page, re.S)]
            for word in words_:
                assert any(word in point for point in points), word


@every_notebook
def test_a_page_needs_nothing_but_itself(path: Path) -> None:
    for page in (
        sheet_of(path),
        slides_of(path),
        instructor.edition(path, load_exercises(path), {}, INDEX),
    ):
        assert loaded(page) == []
        # Other files of the course are not beside it.
        assert re.findall(r'href="(?!https?://)[^"]*"', page) == []


def test_what_is_loaded_from_elsewhere_is_noticed() -> None:
    assert loaded('<img src="a.png"><script src="https://x/y.js"></script>') != []
    assert loaded('<link rel="stylesheet" href="https://x/y.css">') != []
    assert loaded("<style>@import url(https://x/y)</style>") == ["https://x/y"]


@every_notebook
def test_learners_pages_hold_no_solution(path: Path) -> None:
    for page in (sheet_of(path), slides_of(path)):
        said = words(page)
        for exercise in load_exercises(path).exercises:
            for text in (exercise.solution, *exercise.hints, *exercise.wrong):
                assert text not in said


def test_learners_pages_are_made_without_the_exercises(tmp_path: Path) -> None:
    """The solutions are nowhere near."""
    shutil.copytree(ROOT / "images", tmp_path / "images")
    shutil.copytree(LABS, tmp_path / "labs", ignore=shutil.ignore_patterns("data", "exercises*.py"))
    for path in NOTEBOOKS:
        alone = tmp_path / path.relative_to(ROOT)
        assert not alone.with_name("exercises.py").exists()
        assert sheet(read(alone), GLOSSARY) == sheet_of(path)
        assert slides(read(alone)) == slides_of(path)


def test_the_checklist_is_the_classroom_s() -> None:
    folder = ROOT / "docs" / "classroom"
    text = (folder / "README.md").read_text()
    page = checklist(text, folder)
    said = words(page)
    assert page.count("<li>") == text.count("- [ ] ")
    for point in ("Clean up", "leftovers(lab)", "Stopped", "Budgets"):
        assert point in said
    assert loaded(page) == []
