"""Sheets, slides and the instructor's edition: made from any notebook, and solutions only there."""

from __future__ import annotations

import base64
import functools
import html
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from tools.exercise_cells import exercise_number, load_exercises
from tools.printing import instructor, notes, prose
from tools.printing.checklist import checklist
from tools.printing.lesson import read
from tools.printing.sheet import sheet
from tools.printing.slides import excerpt, slides
from tools.printing.told import NotRun, told
from tools.runner import find

ROOT = Path(__file__).parents[2]
LABS = ROOT / "labs"
NOTEBOOKS = list(find(LABS, []))
GLOSSARY = (LABS / "glossary.md").read_text()
INDEX = (LABS / "README.md").read_text()
# Steps that say "the same line as always", and so have no slide.
SILENT = dict.fromkeys(("02a", "03a", "03b"), ("Step 1 · Connect",))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


@functools.cache
def sheet_of(path: Path) -> str:
    return sheet(read(path), GLOSSARY)


@functools.cache
def slides_of(path: Path) -> str:
    return slides(read(path))


def words(page: str) -> str:
    """What is read on a page."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def loaded(page: str) -> list[str]:
    """What a browser loads for a page from elsewhere."""
    found = re.findall(r"""(?:src|srcset|data|poster)=["']([^"']*)|url\(([^)]*)\)""", page)
    addresses = [one or other for one, other in found]
    linked = re.findall(r"<(?:link|script|iframe|object|embed)\b[^>]*\b(?:src|href)=[^>]*>", page)
    return [one for one in addresses if not one.startswith("data:")] + linked


# ---- texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "longest", "said"),
    [
        ("One. Two is long. Three.", 17, "One. Two is long."),
        ("One is `a. B` and (see. There) done. Two.", 36, "One is `a. B` and (see. There) done."),
        ("**It stops here.** And on.", 20, "**It stops here.**"),
        ("On two\nlines. Next.", 15, "On two lines."),
        ("No end at all, which is too long", 20, "No end at all …"),
        ("| a | b |\n|---|---|\n\nText.", 99, "Text."),
        ("- a point\n\n```python\nCode = 1.\n```\n\n![A. B](c.svg)\n\nText.", 99, "Text."),
        ("Two things:\n\n1. a **model**: it runs.\n2. an endpoint. More.", 99,
         "Two things: a **model**; an endpoint."),
        ("First. The settings:\n\n| a | b |\n|---|---|", 99, "First."),
        ("All:\n\n| a |\n|---|", 99, ""),
        ("A [b. C](https://a.b/c. D) now. Two.", 11, "A [b. C](https://a.b/c. D) now."),
        ("", 99, ""),
    ],
)  # fmt: skip
def test_the_opening_of_a_text(text: str, longest: int, said: str) -> None:
    assert prose.opening(text, longest) == said


def test_points_and_tables() -> None:
    text = "Text.\n\n- one\n  goes on\n- two\n\n1. three\n\n| a |\n|---|\n| 1 |\n\n```\n- no\n```\n"
    assert prose.items(text) == ["one goes on", "two", "three"]
    assert prose.table(text) == "| a |\n|---|\n| 1 |\n"


def test_an_excerpt_has_no_imports_and_fits() -> None:
    source = "from a import (\n    b,\n    c,\n)\nimport d\n\n" + "x = 1\n" * 30 + "y" * 200
    lines = excerpt(source).splitlines()
    assert lines[0] == "x = 1"
    assert lines[-1] == "# …"
    assert len(lines) == 10
    assert max(map(len, excerpt("y" * 200).splitlines())) == 100
    assert excerpt("import d\n") == "import d"


# ---- lessons ----------------------------------------------------------------------------------


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


BEGINS = "It begins with a number that the rest of this step is about."


def lesson_of(folder: Path, *cells: Any) -> str:
    """The slides of a notebook with one step."""
    start = v4.new_markdown_cell(f"# Lab 01 · One\n\nOne step.\n\n## Step 1 · `one`\n\n{BEGINS}")
    path = folder / "01-one.ipynb"
    nbformat.write(v4.new_notebook(cells=[start, *cells]), path)
    return slides(read(path))


def code_cell(source: str, png: bytes = b"", tags: Iterable[str] = ()) -> Any:
    """A cell with a plot in its output, if there are bytes of one."""
    data = {"image/png": base64.b64encode(png).decode()}
    outputs = [v4.new_output("display_data", data=data)] if png else []
    return v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 10, 10)


def test_a_late_picture_stands_behind_what_the_step_begins_with(tmp_path: Path) -> None:
    later = v4.new_markdown_cell("Now a picture.")
    page = lesson_of(tmp_path, code_cell("begin = 1"), later, code_cell("plot()", PNG))
    parts = [words(part) for part in page.split("<section")]
    (first,) = [part for part in parts if BEGINS in part]
    (second,) = [part for part in parts if "Now a picture." in part]
    assert "begin = 1" in first and parts.index(first) < parts.index(second)
    assert "one (2)" in second


def test_a_notebook_chooses_with_a_tag(tmp_path: Path) -> None:
    """A text belongs to the code or plot before or behind it; what is not tagged is not shown."""
    tag = {"tags": ["slide"]}
    page = lesson_of(
        tmp_path,
        code_cell("begin = 1"),
        v4.new_markdown_cell("This matters.", metadata=tag),
        code_cell("matters = 2", tags=["slide"]),
        code_cell("plot()", PNG, ["slide"]),
        v4.new_markdown_cell("This was seen.", metadata=tag),
        v4.new_markdown_cell("This, too, alone.", metadata=tag),
    )
    said = words(page)
    assert BEGINS not in said and "begin = 1" not in said and "plot()" not in said
    chosen = [part for part in page.split("<section") if "Step 1" in part]
    for part, text, more in zip(
        chosen,
        ("This matters.", "This was seen.", "This, too, alone."),
        ("matters", "data:image/png", ""),
        strict=True,
    ):
        assert text in part and more in part
    assert "<pre" not in chosen[1] and "<pre" not in chosen[2]


def test_a_cell_that_shows_a_file_shows_it_on_the_slide(tmp_path: Path) -> None:
    listing = {"text/markdown": "```python\n    shown = 3\n```", "text/plain": "    shown = 3"}
    outputs = [v4.new_output("display_data", data=listing)]
    show = 'import sys\n\nsys.path.insert(0, "src")\nshow_lines("src/a.py", "shown")'
    more = v4.new_markdown_cell("And this is more about it.")
    page = words(lesson_of(tmp_path, v4.new_code_cell(show, outputs=outputs), more))
    assert "shown = 3" in page and "show_lines" not in page and "sys.path" not in page

    page = words(lesson_of(tmp_path, v4.new_code_cell(f"{show}\nown = 4", outputs=outputs), more))
    assert "own = 4" in page and "shown" not in page


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


# ---- solutions --------------------------------------------------------------------------------


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


# ---- what answers are told --------------------------------------------------------------------

EXERCISES = """\
from labhelpers import Exercise, Exercises, NotYet

def check(answer, *, of):
    if answer != 2 * of:
        raise NotYet(f"{answer} is not twice {of}.")
    return f"twice {of} is {answer}."

exercises = Exercises(
    Exercise(check=check, hints=("Add it.",), solution="answer_1 = 2 * number",
             wrong=("answer_1 = number", "answer_1 = 7")),
)
"""


def course(folder: Path, code: str = "number = 3") -> Path:
    """A course of one notebook with one exercise; what stands behind that would fail."""
    cells: list[Any] = [
        v4.new_markdown_cell(
            "# Lab 01 · Twice\n\nTake it twice.\n\n## Step 1 · A number\n\nIt is 3."
        ),
        v4.new_code_cell(code),
        v4.new_markdown_cell("## Exercises"),
        v4.new_code_cell("from exercises import exercises"),
        v4.new_markdown_cell("**Exercise 1.** What is twice the number?"),
        v4.new_code_cell(
            "answer_1 = ...\n\nexercises.check(1, answer_1, of=number)\n# exercises.hint(1)",
            metadata={"tags": ["exercise-1"]},
        ),
        v4.new_code_cell("1 / 0"),
    ]
    path = folder / "labs" / "01-twice" / "01-twice.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=cells), path)
    (path.parent / "exercises.py").write_text(EXERCISES)
    for name in ("glossary.md", "README.md"):
        shutil.copy(LABS / name, folder / "labs")
    (folder / "docs" / "classroom").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "classroom" / "README.md", folder / "docs" / "classroom")
    return path


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


# ---- the commands -----------------------------------------------------------------------------


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.printing", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_print_writes_pages_and_no_solution(tmp_path: Path) -> None:
    course(tmp_path)
    done = run(tmp_path, "01")
    assert done.returncode == 0, done.stderr
    build = tmp_path / "build" / "print"
    names = ["01-twice-sheet.html", "01-twice-slides.html", "before-you-go-home.html"]
    assert sorted(path.name for path in build.iterdir()) == names
    assert done.stdout.splitlines() == [f"build/print/{name}" for name in names]
    assert not any("2 * number" in path.read_text() for path in build.iterdir())


@pytest.mark.slow
def test_the_edition_says_what_answers_are_told(tmp_path: Path) -> None:
    course(tmp_path)
    done = run(tmp_path, "--instructor")
    assert done.returncode == 0, done.stderr
    said = words((tmp_path / "build" / "instructor" / "01-twice.html").read_text())
    assert "correct: twice 3 is 6." in said
    assert "not yet: 7 is not twice 3." in said
    contents = (tmp_path / "build" / "instructor" / "index.html").read_text()
    assert '<a href="01-twice.html">Lab 01 · Twice</a>' in contents


@pytest.mark.slow
def test_a_notebook_that_stops_has_a_page_all_the_same(tmp_path: Path) -> None:
    course(tmp_path, "number = nobody")
    done = run(tmp_path, "--instructor")
    assert done.returncode == 1
    assert "01-twice stopped" in done.stderr and "NameError" in done.stderr
    said = words((tmp_path / "build" / "instructor" / "01-twice.html").read_text())
    assert "answer_1 = 2 * number" in said and "not tried" in said


@pytest.mark.parametrize("options", [[], ["--instructor"]])
def test_a_lab_that_is_not_there(options: list[str]) -> None:
    command = [sys.executable, str(ROOT / "lab"), "print", *options, "77"]
    environment = os.environ | {"LAB_NO_SETUP": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "There is no lab '77'." in done.stderr


def test_the_checklist_is_the_classroom_s() -> None:
    folder = ROOT / "docs" / "classroom"
    text = (folder / "README.md").read_text()
    page = checklist(text, folder)
    said = words(page)
    assert page.count("<li>") == text.count("- [ ] ")
    for point in ("Clean up", "leftovers(lab)", "Stopped", "Budgets"):
        assert point in said
    assert loaded(page) == []
