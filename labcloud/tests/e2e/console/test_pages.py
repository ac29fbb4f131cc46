"""The console's pages in Chromium: what they show, what can be done on them, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from labcloud_support import demonstration as shown
from labcloud_support import deployed
from labcloud_support.demonstration import Demonstration
from labcloud_support.pictures import PAGES

from ..pushed import push
from .conftest import Seen

pytestmark = pytest.mark.slow

_STILL = {name: path for name, path in PAGES.items() if name != "running-job"}
_FORMS = {
    "asked": f"models/{shown.MODEL}/delete",
    "missing": "models/no-such-model",
    "picture": f"s3/{shown.BUCKET}/object?key=looks/house.png",
    "json": f"s3/{shown.BUCKET}/object?key=looks/settings.json",
    "config": f"endpoint-configs/{shown.ENDPOINT}",
    "sorted-out": "jobs/training-jobs?search=nothing",
    "sums": "costs/sums",
    "stop-asked": f"pipelines/{deployed.PIPELINE}/executions/{{{deployed.WAITING}}}/stop",
    "importance": f"jobs/tuning-jobs/{shown.TUNED}/importance",
}


@pytest.fixture(scope="module")
def pushed(account: Demonstration) -> Iterator[str]:
    # As long as a name may be, and with no place to break it.
    account.ecr.create_repository(repositoryName="w" * 256)
    yield push(account.ecr, "houses-features")
    account.ecr.delete_repository(repositoryName="w" * 256)


@pytest.mark.parametrize("name", [*_STILL, *_FORMS])
def test_everybody_can_use_it(
    seen: Seen, page: Page, console: str, account: Demonstration, pushed: str, name: str
) -> None:
    """Light and dark, and at the width of a phone."""
    axe = Axe()
    path = {**_STILL, **_FORMS}[name].format(**account.identifiers())
    # The importance may take its time: it is waited for below.
    until: Literal["load", "networkidle"] = "load" if name == "tuning-job" else "networkidle"
    page.goto(f"{console}/{path}", wait_until=until)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if name == "tuning-job":
        expect(page.locator("progress").first).to_be_visible(timeout=60_000)
    for details in page.locator("summary").all():
        details.click()
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = axe.run(page, options=options)
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 375, "height": 780})
    try:
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 375
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})
    if name == "missing":
        expect(page.get_by_role("alert")).to_contain_text("no-such-model")
        # The browser's own word about the status.
        assert all("status of 400" in said for said in seen.complaints)
        seen.complaints.clear()


def test_a_training_job(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/")
    page.get_by_role("link", name=re.compile("Training jobs")).first.click()
    page.get_by_label("Name contains").fill(shown.TRAINED.upper())
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="Training jobs")
    expect(table.get_by_role("row")).to_have_count(2)
    page.get_by_label("Image contains").fill("no-such-image")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_be_visible()
    page.get_by_label("Image contains").fill("XGBoost:3")
    page.keyboard.press("Enter")
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table).to_contain_text("sagemaker-xgboost:3.0-5")
    table.get_by_role("link", name=shown.TRAINED).click()
    curves = page.get_by_role("img", name="rmse")
    expect(curves).to_have_accessible_description(re.compile("train:rmse: 60 values"))
    assert curves.locator("polyline").count() == 2
    expect(page.get_by_role("listitem").filter(has_text="Uploading")).to_be_visible()
    expect(page.locator("#log")).to_contain_text("[59]#011train-rmse")
    expect(page.get_by_role("row", name="project houses")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("$0.000")
    page.get_by_role("link", name=re.compile("model.tar.gz")).click()
    expect(page.get_by_role("row", name=re.compile("xgboost-model"))).to_be_visible()


def test_why_a_job_has_failed(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/jobs/training-jobs?status=Failed&search=houses")
    page.get_by_role("link", name=shown.FAILED).click()
    reason = page.locator("section.reason")
    expect(reason).to_contain_text("AlgorithmError: framework error")
    expect(page.locator("#log")).not_to_be_empty()
    page.goto(f"{console}/jobs/processing-jobs/{shown.PROCESSED}")
    expect(reason).to_contain_text("80 % go to train, 20 % to validation")


def test_a_search(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/jobs/tuning-jobs/{shown.TUNED}")
    best = account.sagemaker.describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=shown.TUNED
    )["BestTrainingJob"]["TrainingJobName"]
    expect(page.locator("#best-job")).to_have_text(best)
    expect(page.locator("svg")).to_have_count(3)
    dots = page.get_by_role("img", name="validation:rmse by eta").locator("path.dot")
    assert str(dots.get_attribute("d")).count("M") == 10
    shares = page.locator("progress")
    # It loads what computes it.
    expect(shares).to_have_count(2, timeout=60_000)
    values = shares.evaluate_all("bars => bars.map(bar => bar.value)")
    assert sum(values) == pytest.approx(1, abs=0.01)
    page.get_by_role("region", name="Training jobs").get_by_role("link", name=best).click()
    expect(page.locator("#tuned-by")).to_have_text(shown.TUNED)


def test_a_job_that_runs(page: Page, console: str, account: Demonstration) -> None:
    """Its page changes by itself, keeps the focus, can be held, and stops the job."""
    account.begin()
    try:
        page.goto(f"{console}/jobs/processing-jobs/{shown.RUNNING}")
        log = page.locator("#log")
        expect(log).to_contain_text("feature 2:")
        page.get_by_role("link", name="Stop").focus()
        expect(log).to_contain_text("feature 12:")
        expect(page.get_by_role("link", name="Stop")).to_be_focused()
        page.get_by_label("Pause updates").check()
        before = log.inner_text()
        with page.expect_response(re.compile("live=1"), timeout=60_000) as asked:
            # What is held asks for nothing; what is let go asks again.
            page.get_by_label("Pause updates").uncheck()
        assert asked.value.status == 200
        expect(log).not_to_have_text(before)
        page.get_by_role("link", name="Stop").click()
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".badge").first).to_have_text("Stopped")
        expect(page.get_by_role("link", name="Stop")).to_have_count(0)
        expect(page.get_by_role("link", name="Delete")).to_be_visible()
        # What stands below is of the same moment.
        page.get_by_text("What DescribeProcessingJob answers").click()
        description = page.get_by_role("region", name="Description")
        expect(description).to_contain_text('"ProcessingJobStatus": "Stopped"')
        # It has ended, and is no longer asked about.
        expect(page.locator("[data-live]")).to_have_count(0)
    finally:
        account.sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
            ProcessingJobName=shown.RUNNING
        )
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(page.get_by_role("link", name=shown.RUNNING, exact=True)).to_have_count(0)


def test_an_endpoint_answers(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/endpoints")
    page.get_by_role("link", name=shown.ENDPOINT).click()
    variants = page.get_by_role("region", name="Variants")
    expect(variants.get_by_role("row", name=re.compile("champion"))).to_contain_text("3")
    expect(page.locator("svg")).to_have_count(2)
    page.get_by_label("Variant", exact=True).select_option("challenger")
    page.get_by_label("Body").fill("6.1,20,3\n4,80,9")
    page.get_by_role("button", name="Send").click()
    answer = page.locator("#answer")
    expect(answer).to_contain_text("by challenger")
    assert re.fullmatch(r"[\d.]+[,\n][\d.]+\s*", answer.locator("pre").inner_text())
    page.get_by_label("Content type").fill("application/json")
    page.get_by_label("Body").fill("<script>document.title = 'got in'</script>")
    page.get_by_role("button", name="Send").click()
    expect(answer).to_contain_text("ModelError")
    # The page of it has still been what it was.
    expect(page).to_have_title(re.compile(shown.ENDPOINT))
    expect(page.get_by_role("region", name="Log")).to_be_visible()
    page.get_by_role("link", name="s3://house-prices/captured/houses-live/").click()
    expect(page.get_by_role("link", name="champion/")).to_be_visible()


def test_a_file_comes_and_goes(
    page: Page, console: str, account: Demonstration, tmp_path: Path
) -> None:
    content = b"a,b\n1,2\n" * 100_000
    (tmp_path / "new rows é.csv").write_bytes(content)
    page.goto(f"{console}/s3/{shown.BUCKET}")
    page.get_by_role("link", name="looks/").click()
    page.get_by_label("Upload a file").set_input_files(tmp_path / "new rows é.csv")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("link", name="new rows é.csv").click()
    expect(page.get_by_role("columnheader", name="b")).to_be_visible()
    held = account.s3.get_object(Bucket=shown.BUCKET, Key="looks/new rows é.csv")
    assert held["Body"].read() == content
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert coming.value.suggested_filename == "new rows é.csv"
    coming.value.save_as(tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_bytes() == content
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="house.png")).to_be_visible()
    expect(page.get_by_role("link", name="new rows")).to_have_count(0)


def test_looks_into_objects(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/s3/{shown.BUCKET}/object?key=looks/house.png")
    picture = page.get_by_role("img", name="house.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1
    page.goto(f"{console}/s3/{shown.BUCKET}/object?key=looks/settings.json")
    expect(page.get_by_role("region", name="Content")).to_contain_text('"target": "price"')


def test_buckets_are_counted_once_the_page_is_there(
    page: Page, console: str, account: Demonstration, web: httpx.Client
) -> None:
    row = re.compile(f"^{shown.BUCKET} \\d+ [\\d.]+ [KM]?B ")
    first = web.get(f"{console}/s3").text
    assert first.count('<td class="num">…</td>') >= 2
    page.goto(f"{console}/s3")
    expect(page.get_by_role("row", name=row)).to_be_visible()
    page.goto(f"{console}/s3-counted")
    expect(page.get_by_role("row", name=row)).to_be_visible()


def test_costs(page: Page, console: str, account: Demonstration, pushed: str) -> None:
    page.goto(f"{console}/costs")
    now = page.get_by_role("region", name="What runs now")
    expect(now.get_by_role("row", name=re.compile(shown.ENDPOINT))).to_contain_text("$0.230")
    past = page.get_by_role("region", name="Until now")
    expect(past.get_by_role("row", name=re.compile("Training jobs ml.m5.large"))).to_be_visible()
    expect(past.get_by_role("row", name=re.compile("Endpoints ml.m5.large"))).to_contain_text("$")
    expect(page.get_by_role("main")).to_contain_text("us-east-1")


def test_without_a_mouse(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/models")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name contains")).to_be_focused()
    page.keyboard.type(shown.CHALLENGER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=shown.MODEL, exact=True)).to_have_count(0)
    page.get_by_role("link", name=shown.CHALLENGER).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=shown.CHALLENGER)).to_be_visible()


def test_many_jobs_come_by_pages(
    page: Page, console: str, account: Demonstration, client: Callable[[str], Any]
) -> None:
    names: list[str] = []
    page.goto(f"{console}/jobs/training-jobs?search=houses")
    total = len(account.sagemaker.list_training_jobs(
        NameContains="houses", MaxResults=100)["TrainingJobSummaries"])  # fmt: skip
    while True:
        names += page.locator("tbody th a").all_inner_texts()
        if not page.get_by_role("link", name="Older").count():
            break
        page.get_by_role("link", name="Older").click()
        page.wait_for_load_state()
    assert len(names) == len(set(names)) == total
