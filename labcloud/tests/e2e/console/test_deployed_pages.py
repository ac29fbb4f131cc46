"""The pages of pipelines, the model registry, functions and APIs in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from labcloud_support import deployed
from labcloud_support.demonstration import Demonstration

pytestmark = pytest.mark.slow


def test_a_pipeline(page: Page, console: str, account: Demonstration) -> None:
    """From its table to the job of a step."""
    page.goto(f"{console}/pipelines")
    page.get_by_role("link", name=deployed.PIPELINE, exact=True).click()
    expect(page.locator("svg .node")).to_have_count(5)
    page.get_by_role("link", name=deployed.REFUSED).click()
    expect(page.locator("section.reason")).to_contain_text("Too wrong.")
    colours = {
        status: page.locator(f"svg .{status} .step").all_text_contents()
        for status in ("succeeded", "not-executed")
    }
    assert sorted(colours["succeeded"]) == sorted(
        [deployed.SPLIT, deployed.JUDGED, deployed.CHECKED]
    )
    assert colours["not-executed"] == [deployed.ASKED]
    # The lines of the condition's branches say which they are.
    assert sorted(page.locator("svg .said").all_text_contents()) == ["False", "True"]
    page.locator("svg").get_by_role("link", name=re.compile(f"^{deployed.SPLIT},")).click()
    page.get_by_role("link", name=re.compile(":processing-job")).click()
    expect(page.locator(".badge").first).to_have_text("Completed")
    # Other tests' executions have failed too, and perhaps after it.
    name = account.identifiers()[deployed.REFUSED]
    page.goto(f"{console}/jobs/pipeline-executions?status=Failed")
    page.get_by_role("region", name="Pipeline executions").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=deployed.REFUSED)).to_be_visible()


def test_an_execution_waits_and_is_answered_and_stopped(
    page: Page, console: str, account: Demonstration
) -> None:
    sagemaker = account.sagemaker
    for number, (answer, status) in enumerate(
        [("Success", "Succeeded"), ("Failure", "Failed"), ("", "Stopped")]
    ):
        arn = deployed.start(sagemaker, f"asked-{number}", "2.0")
        deployed.until(sagemaker, arn, deployed.ASKED, "Executing")
        of = f"{console}/pipelines/{deployed.PIPELINE}/executions/{arn.rpartition('/')[2]}"
        page.goto(of)
        expect(page.locator("svg .node.executing")).to_contain_text(deployed.ASKED)
        if not answer:
            page.get_by_role("link", name="Stop").click()
            page.get_by_role("link", name="Cancel").click()
            page.get_by_role("link", name="Stop").click()
            page.get_by_role("button", name="Stop").click()
            expect(page.locator(".badge").first).to_have_text("Stopping")
        page.goto(f"{of}/steps/{deployed.ASKED}")
        page.get_by_label("by, String").fill("<b>me</b>")
        page.get_by_label("Reason").fill("<i>enough</i>")
        page.get_by_role("button", name=answer or "Success").click()
        if answer == "Failure":
            expect(page.locator("section.reason")).to_contain_text("<i>enough</i>")
        page.goto(of)
        expect(page.locator(".badge").first).to_have_text(status)
    # Only the step that was stopped begins again.
    page.get_by_role("button", name="Retry").click()
    deployed.until(sagemaker, arn, deployed.ASKED, "Executing")
    page.goto(f"{of}/steps/{deployed.ASKED}")
    page.get_by_label("Reason").fill("en")
    for _ in range(2):
        # The page is asked for again once what came before is on it.
        with page.expect_response(re.compile("live=1"), timeout=60_000):
            pass
    page.keyboard.type("ough")
    expect(page.get_by_label("Reason")).to_have_value("enough")
    # Somebody else is faster.
    token = page.locator("#callback + p b").inner_text()
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="no, never")
    expect(page.locator("section.reason")).to_contain_text("no, never")


def test_a_version_is_approved_with_a_reason(
    page: Page, console: str, account: Demonstration
) -> None:
    page.goto(f"{console}/registry")
    page.get_by_role("link", name=deployed.GROUP, exact=True).click()
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("row", name="regression_metrics.r2 0.913")).to_be_visible()
    arn = account.sagemaker.list_model_packages(ModelPackageGroupName=deployed.GROUP)[
        "ModelPackageSummaryList"
    ][-1]["ModelPackageArn"]
    for button, status, reason in (
        ("Approve", "Approved", "<i>good</i> enough"), ("Reject", "Rejected", "not any more"),
    ):  # fmt: skip
        page.get_by_label("Reason").fill(reason)
        page.get_by_role("button", name=button).click()
        expect(page.locator(".facts")).to_contain_text(reason)
        expect(page.locator(".badge").first).to_have_text(status)
        found = account.sagemaker.describe_model_package(ModelPackageName=arn)
        assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == (status, reason)
    page.goto(f"{console}/registry/{deployed.GROUP}?status=Rejected")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_function_answers(page: Page, console: str, account: Demonstration) -> None:
    page.goto(f"{console}/functions")
    page.get_by_role("link", name=deployed.FUNCTION).click()
    expect(page.get_by_role("row", name=re.compile("^main.py"))).to_be_visible()
    expect(page.get_by_role("row", name="MODEL houses")).to_be_visible()
    expect(page.locator("#log")).to_contain_text("REPORT RequestId")
    answer = page.locator("#answer")
    for event, said in (
        ('{"error": 7.5}', '"error": 7.5'),
        ('{"fail": "<script>window.hit = 1</script>"}', "ValueError"),
        ("no json", "InvalidRequestContentException"),
    ):
        page.get_by_label("Event, in JSON").fill(event)
        page.get_by_role("button", name="Send").click()
        expect(answer).to_contain_text(said)
    assert page.evaluate("window.hit") is None


def test_an_api(page: Page, console: str, account: Demonstration) -> None:
    for name, route, stage in (
        (deployed.HTTP_API, "POST /judge", "$default"), (deployed.REST_API, "POST /judge", "prod"),
    ):  # fmt: skip
        page.goto(f"{console}/apis")
        page.get_by_role("link", name=name).click()
        stages = page.get_by_role("region", name="Stages")
        expect(stages.get_by_role("rowheader", name=stage)).to_be_visible()
        expect(stages).to_contain_text("/_aws/execute-api/")
        row = page.get_by_role("row", name=route)
        row.get_by_role("link", name=re.compile(f":function:{deployed.FUNCTION}$")).click()
        expect(page.get_by_role("heading", name=deployed.FUNCTION)).to_be_visible()
