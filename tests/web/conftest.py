"""Lab 07's web app as its notebooks make it: a model, an endpoint, a function and an API."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import prepared
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from web_app import WebApp, build, write_page

from labcloud.client.local import entered
from labcloud_support.needs import unavailable
from labhelpers import Lab, clean_up, connect, watch

LAB_07 = Path(__file__).parents[2] / "labs" / "07-sentiment-web-app"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Enough for a model that knows a film that is liked from one that is not.
_REVIEWS = 3000


class Stack(NamedTuple):
    """What a notebook has at its step 8."""

    lab: Lab
    endpoint: str
    app: WebApp


@pytest.fixture(scope="module")
def lab(cloud_environment: dict[str, str]) -> Iterator[Lab]:
    with entered(cloud_environment):
        yield connect("07b-the-web-app")


@pytest.fixture(scope="module")
def stack(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The app. One for each module: it takes some seconds to train."""
    parts, vocabulary = prepared.reviews_and_words()
    folder = tmp_path_factory.mktemp("data")
    train, validation = parts.train.head(_REVIEWS), parts.validation.head(500)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(prepared.SETTINGS, "num_round", "80")
        model = prepared.train(lab, train, validation, vocabulary, folder)
    endpoint = lab.resource_name()
    lab.client("sagemaker").create_endpoint(
        EndpointName=endpoint, EndpointConfigName=prepared.configure(lab, model)
    )
    watch(lab, endpoint)
    yield Stack(lab, endpoint, build(lab, endpoint, vocabulary, LAB_07 / "src"))
    clean_up(lab, data=[lab.uri("reviews")])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. For a module: as long as it is open, no other test can run an event loop."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        unavailable(f"no Chromium on the PATH (looked for {', '.join(_CHROMIUM)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture
def file(stack: Stack, tmp_path: Path) -> Path:
    """The page, with the API's address in it."""
    return write_page(stack.app.url, tmp_path / "page.html", LAB_07 / "page.html")


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """The file, opened as from a folder."""
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()
