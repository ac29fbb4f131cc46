"""Lab 01 as a learner sees it: opened with `lab open`, run from the menu, read on the page."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# JupyterLab itself, then the whole lab (milliseconds).
_START = 60_000
_LAB = 180_000
_ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"


@pytest.fixture
def notebook(page: Page, interruptions: list[str]) -> Locator:
    """The notebook that JupyterLab opens with, once its kernel is ready."""
    found = page.locator(".jp-Notebook")
    ready = page.locator('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="idle"]')
    incomplete = page.locator(".jp-Dialog").filter(has_text="Error Loading")
    expect(ready.or_(incomplete).first).to_be_visible(timeout=_START)
    if interruptions:
        interruptions.clear()
        page.reload()
    expect(found.locator(".jp-CodeCell").last).to_be_attached(timeout=_START)
    expect(ready).to_be_attached(timeout=_START)
    return found


def choose(page: Page, menu: str, entry: str) -> None:
    page.get_by_role("menubar").get_by_text(menu, exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def shows_nothing_else(page: Page) -> None:
    """No question, no notice, no announcement lies over the notebook."""
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def output_of(notebook: Locator, source: str) -> Locator:
    """What the code cells with this text in them have put out."""
    return notebook.locator(".jp-CodeCell").filter(has_text=source).locator(".jp-OutputArea-output")


def test_jupyterlab_opens_the_first_lab(page: Page, notebook: Locator) -> None:
    expect(page.get_by_role("tab", name="01-xgboost-iris.ipynb")).to_be_visible()
    expect(notebook.get_by_role("heading", name="Lab 01")).to_be_visible()

    picture = notebook.locator("img").first
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0

    # JupyterLab would ask about its news some seconds later: it must not have the extension at all.
    config = json.loads(page.locator("#jupyter-config-data").text_content() or "")
    assert _ANNOUNCEMENTS in config["disabledExtensions"]
    shows_nothing_else(page)


def test_prices_are_not_taken_for_formulas(page: Page, notebook: Locator) -> None:
    """Two dollar signs in a line are a formula to a notebook."""
    # There as soon as JupyterLab has looked for formulas, whether it found any or not.
    expect(page.locator("#MJX-CHTML-styles")).to_be_attached(timeout=_START)
    expect(notebook.locator("mjx-container")).to_have_count(0)


def test_lab_01_runs_from_the_menu(page: Page, notebook: Locator) -> None:
    # Nothing of an earlier run: what stands there afterwards is the learner's own.
    expect(notebook.locator(".jp-OutputArea-output")).to_have_count(0)
    expect(notebook.locator(".jp-CodeCell .jp-InputPrompt").first).to_have_text("[ ]:")
    # The notebook's own sign is idle before there is a kernel, and JupyterLab would ask for one.
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=_START)

    choose(page, "Run", "Run All Cells")
    expect(output_of(notebook, "clean_up(")).to_contain_text("Deleted endpoint", timeout=_LAB)

    expect(output_of(notebook, "lab = connect(").first).to_contain_text("Connected to labcloud")
    expect(output_of(notebook, "trainer.train(")).to_contain_text(
        re.compile("Starting.*Downloading.*Training.*Uploading.*Completed", re.DOTALL)
    )
    expect(output_of(notebook, "builder.deploy(")).to_contain_text(
        re.compile("Creating.*InService", re.DOTALL)
    )
    expect(output_of(notebook, '"correct:"')).to_contain_text("correct: 22 of 23")
    expect(notebook.locator(".jp-OutputArea-output img")).to_have_count(2)
    expect(output_of(notebook, "exercises.check(")).to_contain_text(["not attempted"] * 3)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    # Every code cell has run to its end: none is empty, none waits.
    prompts = notebook.locator(".jp-CodeCell .jp-InputPrompt")
    expect(prompts).to_have_text([re.compile(r"^\[\d+\]:$")] * prompts.count())
    shows_nothing_else(page)
