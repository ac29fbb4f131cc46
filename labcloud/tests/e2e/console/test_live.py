"""Pages that change while somebody looks at them: what stays, and what is said when none come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from labcloud.console.pages import HERE
from labcloud_support import deployed
from labcloud_support.demonstration import Demonstration
from labcloud_support.resources import ROLE

from .conftest import Seen

pytestmark = pytest.mark.slow

_SITE = "http://console.test"
_SCRIPTS = ("htmx.min.js", "keep.js", "console.js")
# As the templates have them, but for what makes them ask.
_ASKS = (
    'id="live" data-live hx-get="/again" hx-trigger="go" hx-target="#main" hx-swap="keep" '
    'hx-ext="keep"'
)
_PAGE = """<!doctype html><title>t</title>
<label><input type="checkbox" id="paused"> Pause</label>
<main id="main" tabindex="-1">%s</main><p id="connection" role="status"></p>"""


@dataclass
class Site:
    """A page with the console's scripts, and what its server answers next."""

    page: Page
    main: str = ""
    status: int = 200
    asked: int = 0

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(_SITE)
        if path.startswith("/static/"):
            route.fulfill(path=HERE / path.removeprefix("/"))
        elif path != "/again":
            tags = "".join(f'<script src="/static/{name}" defer></script>' for name in _SCRIPTS)
            route.fulfill(content_type="text/html", body=_PAGE % self.main + tags)
        elif not self.status:
            route.abort()
        else:
            self.asked += 1
            route.fulfill(status=self.status, content_type="text/html", body=self.main)

    def open(self, main: str) -> None:
        self.main, self.status = main, 200
        self.page.goto(f"{_SITE}/")

    def change(self, main: str, status: int = 200) -> None:
        """What the page shows next; it is shown when this returns."""
        self.main, self.status = main, status
        self.page.evaluate(
            """() => new Promise((done) => {
                document.addEventListener("htmx:afterRequest", () => setTimeout(done, 100),
                                          { once: true });
                document.addEventListener("htmx:beforeRequest", (event) => {
                    if (event.defaultPrevented) { done(); }
                }, { once: true });
                htmx.trigger("#live", "go");
            })"""
        )


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.close()


@pytest.fixture
def site(tab: Page) -> Iterator[Site]:
    found = Site(tab)
    tab.route(f"{_SITE}/**", found.answer)
    yield found
    tab.unroute_all()


def table(*names: str, more: str = "") -> str:
    rows = "".join(f'<tr><th><a id="job-{n}" href="#{n}">{n}</a></th></tr>' for n in names)
    return (
        f'<div {_ASKS}><h1>Jobs</h1><div class="scroll" tabindex="0" id="box">'
        f"<table><tbody>{rows}</tbody></table></div>{more}</div>"
    )


def names(page: Page) -> list[str]:
    return page.locator("tbody a").all_inner_texts()


@pytest.mark.parametrize(
    "then",
    [["new", "a", "b", "c"], ["b"], ["c", "b", "a"], ["x", "b", "y", "z"], ["b", "c", "a", "d"]],
)
def test_the_focus_stays_with_what_has_it(site: Site, then: list[str]) -> None:
    site.open(table("a", "b", "c"))
    site.page.locator("#job-b").focus()
    site.page.evaluate("document.getElementById('job-b').mine = true")
    site.change(table(*then))
    assert names(site.page) == then
    expect(site.page.locator("#job-b")).to_be_focused()
    # It is the very same element, not one of its name.
    assert site.page.evaluate("document.activeElement.mine")


def test_where_the_focus_goes_with_its_element(site: Site) -> None:
    site.open(table("a", "b"))
    site.page.locator("#job-b").focus()
    site.change(table("a"))
    expect(site.page.locator("#main")).to_be_focused()


def test_scroll_and_what_is_open_typed_and_answered_stay(site: Site) -> None:
    form = """<details id="d"><summary>More</summary><p>{0}</p></details>
        <input id="typed" value="first"><textarea id="long">{{}}</textarea>
        <select id="variant"><option>a</option><option>b</option></select>
        <div id="answer" data-keep></div>"""
    many = [f"n{number}" for number in range(80)]
    site.open(table(*many, more=form.format(1)))
    page = site.page
    page.evaluate(
        """() => {
            const box = document.getElementById("box");
            box.setAttribute("class", "scroll");
            document.body.insertAdjacentHTML("beforeend", "<p id=end></p>");
            window.scrollTo(0, 300);
            document.getElementById("answer").textContent = "the answer";
        }"""
    )
    page.locator("summary").click()
    page.locator("#typed").fill("mine")
    page.locator("#long").fill("a body")
    page.locator("#variant").select_option("b")
    before = page.evaluate("window.scrollY")
    site.change(table("newest", *many, more=form.format(2)))
    assert page.evaluate("window.scrollY") >= before
    expect(page.locator("details p")).to_have_text("2")
    expect(page.locator("details p")).to_be_visible()
    expect(page.locator("#typed")).to_have_value("mine")
    expect(page.locator("#long")).to_have_value("a body")
    expect(page.locator("#variant")).to_have_value("b")
    expect(page.locator("#answer")).to_have_text("the answer")


def test_a_selection_stays_and_updates_wait_for_it(site: Site) -> None:
    site.open(table("a", more='<pre id="log">one\n</pre>'))
    page = site.page
    page.evaluate("getSelection().selectAllChildren(document.getElementById('log'))")
    site.change(table("a", more='<pre id="log">one\ntwo\n</pre>'))
    assert site.asked == 0
    expect(page.locator("#connection")).to_have_text("Updates wait while text is selected.")
    page.evaluate("getSelection().removeAllRanges()")
    site.change(table("a", more='<pre id="log">one\ntwo\n</pre>'))
    expect(page.locator("#log")).to_contain_text("two")
    expect(page.locator("#connection")).to_be_empty()


def test_the_pause_is_remembered(site: Site) -> None:
    site.open(table("a"))
    site.page.locator("#paused").check()
    site.open(table("a"))
    expect(site.page.locator("#paused")).to_be_checked()
    site.change(table("b"))
    assert (site.asked, names(site.page)) == (0, ["a"])
    site.page.locator("#paused").uncheck()
    site.open(table("a"))
    expect(site.page.locator("#paused")).not_to_be_checked()
    site.change(table("b"))
    assert names(site.page) == ["b"]


def test_a_part_that_has_ended_is_not_asked_for_again(site: Site) -> None:
    site.open(table("a"))
    ended = table("a").replace(_ASKS, 'id="live"')
    site.change(ended)
    site.page.evaluate("htmx.trigger('#live', 'go')")
    site.page.wait_for_load_state("networkidle")
    assert site.asked == 1
    expect(site.page.locator("[data-live]")).to_have_count(0)


def test_a_poll_that_fails_is_told(site: Site) -> None:
    refused = '<h1>ValidationException</h1><p role="alert">Could not find <b>it</b>.</p>'
    site.open(table("a"))
    said = site.page.locator("#connection")
    for status, text in (
        (404, "labcloud says: ValidationException. Could not find it."), (500, "labcloud says"),
        (401, "You are no longer signed in"), (0, "labcloud does not answer."),
    ):  # fmt: skip
        site.change(refused, status)
        expect(said).to_contain_text(text)
        expect(said).to_contain_text(re.compile(r"This page is as it was at [\d:]+"))
        # What was shown is still there.
        assert names(site.page) == ["a"]
        site.change(table("a"))
        expect(said).to_be_empty()


def test_nothing_on_a_page_is_older_than_the_rest(
    seen: Seen, page: Page, console: str, account: Demonstration
) -> None:
    """A pipeline that is changed, and then deleted, while its page is open."""
    sagemaker, name = account.sagemaker, "changed-meanwhile"

    def definition(step: str) -> str:
        failing = {"Name": step, "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
        return json.dumps({"Version": "2020-12-01", "Steps": [failing]})

    sagemaker.create_pipeline(
        PipelineName=name, RoleArn=ROLE, PipelineDefinition=definition("first")
    )
    page.goto(f"{console}/pipelines/{name}")
    expect(page.locator("svg .step")).to_have_text("first")
    page.get_by_text("Show as a table").click()
    steps = page.get_by_role("region", name="Graph: steps")
    expect(steps.get_by_role("row")).to_have_count(2)
    page.get_by_text("What DescribePipeline answers").click()
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=definition("second"))
    expect(page.locator("svg .step")).to_have_text("second")
    expect(steps).to_contain_text("second")
    expect(page.get_by_role("region", name="Description")).to_contain_text("second")
    sagemaker.delete_pipeline(PipelineName=name)
    expect(page.locator("#connection")).to_contain_text("labcloud says: ")
    page.goto(f"{console}/models")
    # The browser's own word, and htmx's, about each answer that was an error.
    assert all(re.search("status of 4|Response Status Error", each) for each in seen.complaints)
    seen.complaints.clear()


def test_the_graph_of_a_pipeline_as_a_table(
    page: Page, console: str, account: Demonstration
) -> None:
    found = account.identifiers()[deployed.REFUSED]
    page.goto(f"{console}/pipelines/{deployed.PIPELINE}/executions/{found}")
    page.get_by_text("Show as a table").click()
    steps = page.get_by_role("region", name="Graph: steps")
    row = steps.get_by_role("row", name=re.compile(f"^{deployed.BAD}"))
    expect(row).to_contain_text(f"{deployed.CHECKED} (False)")
    expect(row).to_contain_text("Failed")
