"""Lab 07's page in Chromium, through the API, the function and the endpoint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, FrameLocator, Page, expect
from web_app import write_page

from tests.web.conftest import LAB_07, Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIKED = "A wonderful film, moving and funny, with great performances."
DISLIKED = "A dull mess. Too long, bad and boring, the worst film of the year."
NO_WORD = "Великолепно, настоящее искусство"
# Of WCAG 2, for text.
CONTRAST = 4.5
# What an answer may take (milliseconds).
_PATIENCE = 60_000
_CONTRAST = """element => {
  const light = colour => colour.match(/[0-9.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const style = getComputedStyle(element);
  let behind = element;
  const filled = () => getComputedStyle(behind).backgroundColor;
  while (filled() === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  const two = [light(style.color), light(filled())].sort((a, b) => a - b);
  return (two[1] + 0.05) / (two[0] + 0.05);
}"""


def ask(page: Page | FrameLocator, review: str) -> None:
    page.get_by_label("A movie review, in English").fill(review)
    page.get_by_role("button", name="Ask the model").click()


def expect_said(page: Page | FrameLocator, text: str | re.Pattern[str]) -> None:
    """A function that was changed starts anew, which takes seconds on a busy machine."""
    expect(page.get_by_role("status")).to_have_text(text, timeout=_PATIENCE)


def test_it_says_positive_or_negative_and_how_sure(page: Page) -> None:
    for review, said in ((LIKED, r"Positive, \d\d% sure\."), (DISLIKED, r"Negative, \d\d% sure\.")):
        ask(page, review)
        expect_said(page, re.compile(f"^{said}$"))


def test_what_gets_no_prediction_gets_a_sentence(page: Page) -> None:
    for review, said in (
        ("   ", "Please write a review first."),
        (LIKED * 1000, "Please write 5000 characters at most."),
        (NO_WORD, "I know none of these words. I have learned from English reviews."),
    ):
        ask(page, review)
        expect_said(page, said)


def test_html_stays_text(page: Page) -> None:
    opened: list[str] = []

    def note(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    ask(page, f"<img src=x onerror=alert(1)> <script>alert(2)</script> {LIKED}")
    expect_said(page, re.compile("sure"))
    # Even an answer with markup in it is shown as it is.
    page.route("**/*", lambda route: route.fulfill(
        status=400,
        json={"error": "<img src=x onerror=alert(3)>"},
        headers={"access-control-allow-origin": "*", "access-control-allow-headers": "*"},
    ))  # fmt: skip
    ask(page, LIKED)
    expect_said(page, "<img src=x onerror=alert(3)>")
    assert page.locator("img").count() == 0
    assert opened == []


def test_it_is_used_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.type(LIKED)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect_said(page, re.compile("sure"))
    expect(page.get_by_role("status")).to_have_attribute("aria-live", "polite")
    # The focus stays where it was, and can be seen.
    expect(page.get_by_role("button")).to_be_focused()
    outline = page.get_by_role("button").evaluate("each => getComputedStyle(each).outlineStyle")
    assert outline == "solid"


def test_its_text_stands_out(page: Page) -> None:
    ask(page, LIKED)
    expect_said(page, re.compile("sure"))
    for selector in ("h1", "label", "p", "textarea", "button", "#answer"):
        assert page.locator(selector).evaluate(_CONTRAST) >= CONTRAST, selector


def test_it_talks_to_the_api_and_to_nobody_else(browser: Browser, file: Path, stack: Stack) -> None:
    page, asked = browser.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    ask(page, LIKED)
    expect_said(page, re.compile("sure"))
    assert {url for url in asked if url != file.as_uri()} == {f"{stack.app.url}/"}
    refused = page.evaluate("fetch('https://example.com/').then(() => 'let', () => 'refused')")
    assert refused == "refused"
    page.close()


def test_it_works_in_jupyterlab_s_frame(browser: Browser, file: Path) -> None:
    """Trusted pages run there in a frame with scripts, without forms and without an origin."""
    page = browser.new_page()
    page.set_content('<iframe sandbox="allow-scripts" width="600" height="500"></iframe>')
    page.locator("iframe").evaluate("(frame, text) => { frame.srcdoc = text }", file.read_text())
    frame = page.frame_locator("iframe")
    ask(frame, LIKED)
    expect_said(frame, re.compile(r"^Positive, \d\d% sure\.$"))
    page.close()


def test_without_a_model_or_an_api_it_says_so(
    page: Page, browser: Browser, stack: Stack, tmp_path: Path
) -> None:
    functions = stack.lab.client("lambda")
    for name, said in (
        (f"{stack.endpoint}-gone", "The model does not answer now."),
        (stack.endpoint, ""),
    ):
        functions.update_function_configuration(
            FunctionName=stack.app.function, Environment={"Variables": {"ENDPOINT": name}}
        )
        functions.get_waiter("function_updated_v2").wait(FunctionName=stack.app.function)
        ask(page, LIKED)
        expect_said(page, re.compile(said or "sure"))
    # Port 9 answers nobody.
    other = write_page("http://127.0.0.1:9", tmp_path / "other.html", LAB_07 / "page.html")
    page.goto(other.as_uri())
    ask(page, LIKED)
    expect_said(page, "The service cannot be reached. Please try again later.")
