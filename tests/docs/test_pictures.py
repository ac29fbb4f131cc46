"""The pictures say what their colours and numbers mean, and the notebooks have those steps."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
# Of WCAG 2, for small text, and for shapes.
TEXT, SHAPE = 4.5, 3
# What a step of that number does, by its heading.
SAID = {
    "01-train-and-deploy": {4: "S3", 5: "Train", 8: "Deploy", 9: "Predict", 10: "Predict"},
    "02-batch-transform": {3: "S3", 4: "job", 5: "Read the predictions"},
    "02-two-levels": {4: "High level", 6: "High level", 8: "Low level", 9: "Low level"},
    "03-byoc": {5: "Build", 8: "Push", 9: "Train", 10: "Deploy"},
    "03-servers": {3: "29 of 29", 4: "serve", 5: "lighter"},
    "04-deploy": {4: "Train", 5: "Deploy", 6: "Ask it", 10: "In parts"},
    "04-three-requests": {3: "model", 4: "configuration", 5: "endpoint", 6: "body", 7: "All"},
    "04-variants": {5: "Count the traffic", 6: "Ask each"},
    "05-search": {5: "Search"},
    "05-request": {2: "first part", 3: "second part", 4: "Send it", 7: "Continue"},
    "06-script-mode": {4: "By hand", 5: "As a job", 6: "metric"},
    "06-serve": {3: "beside the model", 6: "In a batch", 7: "Online"},
    "07-reviews": {4: "Sparse", 5: "Train", 6: "batch", 7: "Online", 9: "Search"},
    "07-web-app": {2: "endpoint", 5: "function", 6: "API", 7: "browser", 8: "page"},
    "07-update": {2: "app", 5: "Train again", 6: "Change the model"},
    "08-project": {5: "laptop", 6: "image", 8: "dataset", 9: "Train", 10: "Back"},
    "08-strangers": {3: "Serve", 5: "stranger", 6: "Look first"},
    "09-pipeline": {5: "Send it", 7: "Run it", 9: "fails"},
    "09-registry": {
        2: "Two versions",
        5: "Approve",
        6: "Deploy",
        7: "Ask it",
        8: "next version",
        9: "back",
    },
}


@pytest.fixture(scope="module")
def draw() -> Iterator[ModuleType]:
    """The program that draws the pictures; its neighbour says what they show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "images")
        spec = importlib.util.spec_from_file_location("draw", ROOT / "images" / "draw.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, "draw", module)
        spec.loader.exec_module(module)
        yield module


def light(colour: str) -> float:
    """The relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def notebooks_with(name: str) -> list[Any]:
    """Every notebook that shows a picture."""
    read = [nbformat.read(path, as_version=4) for path in sorted((ROOT / "labs").glob("*/*.ipynb"))]
    return [
        notebook
        for notebook in read
        if any(f"/images/{name}.svg)" in cell.source for cell in notebook.cells)
    ]


def test_every_picture_is_as_its_source_draws_it(draw: ModuleType) -> None:
    for picture in draw.PICTURES:
        stored = (ROOT / "images" / f"{picture.name}.svg").read_text()
        assert stored == draw.svg(picture), f"{picture.name}: run python images/draw.py"


def test_every_picture_has_a_legend_of_the_kinds_in_it_and_no_others(draw: ModuleType) -> None:
    for picture in draw.PICTURES:
        stored = (ROOT / "images" / f"{picture.name}.svg").read_text()
        used = {box.kind for box in picture.boxes}
        for kind, (fill, _, meaning) in draw.KINDS.items():
            assert (f">{meaning}</text>" in stored) == (kind in used), (picture.name, kind)
            boxes = sum(box.kind == kind for box in picture.boxes)
            assert stored.count(f'fill="{fill}"') == boxes + (kind in used)
        numbered = any(arrow.steps for arrow in picture.arrows)
        assert (f">{draw.STEP}</text>" in stored) == numbered, picture.name


def test_each_first_picture_leads_to_the_steps(draw: ModuleType) -> None:
    """The picture at a notebook's top is a map of it."""
    numbered = {p.name for p in draw.PICTURES if any(arrow.steps for arrow in p.arrows)}
    for path in sorted((ROOT / "labs").glob("*/*.ipynb")):
        opening = nbformat.read(path, as_version=4).cells[0].source
        shown = re.findall(r"/images/([\w-]+)\.svg\)", opening)
        assert set(shown) <= numbered, path.name


def test_every_number_has_the_heading_that_it_means(draw: ModuleType) -> None:
    for picture in draw.PICTURES:
        steps = {step for arrow in picture.arrows for step in arrow.steps}
        assert steps == set(SAID.get(picture.name, {})), picture.name
        stored = (ROOT / "images" / f"{picture.name}.svg").read_text()
        drawn = re.findall(r'font-weight="bold">(\d+)</text>', stored)
        assert {int(number) for number in drawn} == steps
        for notebook in notebooks_with(picture.name):
            text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
            for step, words in SAID.get(picture.name, {}).items():
                heading = re.search(rf"^## Step {step} · (.*)", text, re.MULTILINE)
                assert heading and words in heading[1], (picture.name, step)


def test_kinds_differ_in_shape_as_well(draw: ModuleType) -> None:
    """Without its colours, each is drawn in another way."""
    colourless = {
        re.sub(r"#[0-9a-f]{6}", "", draw._shape(kind, 0, 0, 150, 74)) for kind in draw.KINDS
    }
    assert len(colourless) == len(draw.KINDS)


def test_text_and_borders_stand_out(draw: ModuleType) -> None:
    for fill, border, _ in draw.KINDS.values():
        assert contrast(draw.INK, fill) >= TEXT
        assert contrast(border, draw.PAPER) >= SHAPE
    assert contrast(draw.PAPER, draw.INK) >= TEXT


def test_what_runs_on_your_machine_is_not_painted_as_stored(draw: ModuleType) -> None:
    picture = next(each for each in draw.PICTURES if each.name == "how-it-works")
    kinds = {box.text: box.kind for box in picture.boxes}
    assert kinds["labcloud"] == kinds["Processes"] == "you"
    assert kinds["AWS"] == "aws"


def test_lab_03b_has_two_containers_and_aws_runs_one_of_them(draw: ModuleType) -> None:
    picture = next(each for each in draw.PICTURES if each.name == "03-servers")
    boxes = {box.text: box for box in picture.boxes}

    def inside(frame: Any) -> set[str]:
        first, last = boxes[frame.first], boxes[frame.last]
        return {
            box.text
            for box in picture.boxes
            if first.row <= box.row <= last.row and first.column <= box.column <= last.column
        }

    held = {(frame.kind, frozenset(inside(frame))) for frame in picture.frames}
    served = frozenset({"nginx", "gunicorn", "predictor.py"})
    tried = frozenset({"gunicorn ", "predictor.py "})
    assert held == {("aws", served), ("plain", served), ("plain", tried)}
    assert {boxes[text].kind for text in served} == {"aws"}
    assert {boxes[text].kind for text in tried} == {"you"}
    (notebook,) = notebooks_with(picture.name)
    assert f"![{picture.title}](" in notebook.cells[0].source


def test_a_frame_around_a_frame_has_room(draw: ModuleType) -> None:
    """No border and no text of a frame meets another one's, or the legend."""
    stored = (ROOT / "images" / "03-servers.svg").read_text()
    frames = [
        tuple(map(float, found))
        for found in re.findall(
            r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" rx="10" '
            r'fill="none"',
            stored,
        )
    ]
    outer, inner, lower = frames
    assert outer[0] < inner[0] and outer[1] < inner[1]
    assert outer[0] + outer[2] > inner[0] + inner[2]
    assert outer[1] + outer[3] > inner[1] + inner[3] + 14
    assert lower[1] > outer[1] + outer[3]
    legend = re.findall(r'y="([\d.]+)" font-size="12.5" fill="#1f2933">you and your', stored)
    assert float(legend[0]) - 14 > lower[1] + lower[3]


def test_no_two_arrows_end_at_one_point(draw: ModuleType) -> None:
    for picture in draw.PICTURES:
        stored = (ROOT / "images" / f"{picture.name}.svg").read_text()
        ends = re.findall(r'x2="([\d.]+)" y2="([\d.]+)"', stored)
        assert len(ends) == len(picture.arrows)
        assert len(set(ends)) == len(ends), picture.name
