"""What `./lab print` writes, seen in Chromium: slides that hold what is on them, pages that fit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "labs").glob("*/*.ipynb"))
# How far a slide's text and pictures stand out of it, in pixels: to the right, and below.
OVERFLOW = """
() => [...document.querySelectorAll(".stage")]
  .map(stage => [stage.dataset.page, stage.scrollWidth - stage.clientWidth,
                 stage.scrollHeight - stage.clientHeight])
  .filter(([page, right, below]) => right > 0 || below > 0)
"""
SMALL_PICTURES = """
() => [...document.querySelectorAll(".stage img")]
  .filter(image => !image.complete || image.naturalWidth === 0 || image.clientHeight < 150)
  .map(image => image.closest(".stage").dataset.page)
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of all labs."""
    folder = tmp_path_factory.mktemp("printed")
    for name in ("labs", "docs", "images"):
        (folder / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "tools.printing"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=120)
    return folder / "build" / "print"


@pytest.fixture
def paper(browser: Browser) -> Iterator[Page]:
    """A page without a network, of the size of a projector's."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_nothing_runs_out_of_a_slide(printed: Path, paper: Page, name: str) -> None:
    paper.goto((printed / f"{name}-slides.html").as_uri())
    for width, height in ((1280, 720), (1024, 768), (1920, 1080)):
        paper.set_viewport_size({"width": width, "height": height})
        assert paper.evaluate(OVERFLOW) == []
    assert paper.evaluate(SMALL_PICTURES) == []
    slides = paper.locator(".slide").count()
    assert pages(paper.pdf(prefer_css_page_size=True)) == slides


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_sheet_is_three_pages_at_most(printed: Path, paper: Page, name: str) -> None:
    paper.goto((printed / f"{name}-sheet.html").as_uri())
    assert 1 <= pages(paper.pdf(prefer_css_page_size=True)) <= 3


def test_the_checklist_is_one_page(printed: Path, paper: Page) -> None:
    paper.goto((printed / "before-you-go-home.html").as_uri())
    assert pages(paper.pdf(prefer_css_page_size=True)) == 1


def test_keys_go_from_slide_to_slide(printed: Path, paper: Page) -> None:
    paper.goto((printed / f"{NOTEBOOKS[0]}-slides.html").as_uri())

    def shows(place: int) -> None:
        paper.wait_for_function("place => scrollY === place * innerHeight", arg=place)

    shows(0)
    for key, place in (
        ("ArrowRight", 1),
        ("PageDown", 2),
        (" ", 3),
        ("ArrowLeft", 2),
        ("PageUp", 1),
    ):
        paper.keyboard.press(key)
        shows(place)
    # Not beyond the first one.
    for _ in range(3):
        paper.keyboard.press("ArrowLeft")
    shows(0)


def test_a_slide_that_is_too_full_is_noticed(printed: Path, paper: Page) -> None:
    paper.goto((printed / f"{NOTEBOOKS[0]}-slides.html").as_uri())
    paper.evaluate("document.querySelector('.stage').append(document.createElement('pre'))")
    paper.evaluate("document.querySelector('.stage pre').textContent = 'line\\n'.repeat(40)")
    assert len(paper.evaluate(OVERFLOW)) == 1
