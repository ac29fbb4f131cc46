"""What strangers name, print and store is text on every page of the console, and never markup."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from labcloud_support import demonstration as shown
from labcloud_support import deployed
from labcloud_support.demonstration import Demonstration, archive
from labcloud_support.lambdas import archive as zip_of
from labcloud_support.resources import ROLE

from .conftest import Seen

pytestmark = pytest.mark.slow

BUCKET = "strangers"
ATTACKS = (
    "<script>window.hit = 1</script>",
    '"><img src=x onerror="window.hit = 1">',
    "'-alert(1)-'</pre></title></textarea><svg onload=window.hit=1>",
    "{{ 7 * 191 }}${7*191}<%= 7*191 %>",
    "\x1b]0;owned\x07\x9b31m\u202egnp",
)
_NAMES = ("rows.csv", "deep.json", "notes.txt", "picture.png", "page.html")
_PROGRAM = """\
import base64, sys
print(base64.b64decode("{said}").decode(), flush=True)
open("/opt/ml/output/message", "w").write(base64.b64decode("{said}").decode())
sys.exit(1)
"""


@pytest.fixture(scope="module")
def hostile(account: Demonstration) -> list[str]:
    """A bucket of strangers: the keys in it. And a job that has said what it likes."""
    s3 = account.s3
    s3.create_bucket(Bucket=BUCKET)
    keys = []
    everything = "\n".join(ATTACKS)
    for attack in ATTACKS:
        # Keys with control characters are no XML, which lists them: S3 refuses to say them.
        clean = "".join(each for each in attack if each.isprintable())
        for name in _NAMES:
            key = f"{clean}/{name}"
            body = everything if name != "rows.csv" else f"{attack},b\n{attack},{attack}\n"
            s3.put_object(
                Bucket=BUCKET, Key=key, Body=body.encode(), ContentType="text/html",
                Metadata={"said": "<b>x</b>"},
            )  # fmt: skip
            keys.append(key)
    names = [each.replace("/", ":").replace("\x07", "") for each in ATTACKS]
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=archive(names))
    said = base64.b64encode(everything.encode()).decode()
    account.process("strangers", _PROGRAM.format(said=said))
    account._wait("processing_job_completed_or_stopped", ProcessingJobName="strangers")
    request = account._definition("bad/")
    request["OutputDataConfig"] = {"S3OutputPath": f"s3://{BUCKET}/{ATTACKS[0]}/"}
    request["Environment"] = {"SAID": ATTACKS[1]}
    account.sagemaker.create_training_job(
        TrainingJobName="strangers", HyperParameters={"num_round": "1", "x": ATTACKS[0]}, **request
    )
    account._wait("training_job_completed_or_stopped", TrainingJobName="strangers")
    account.sagemaker.create_model(
        ModelName="strangers", ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": account.sagemaker.describe_model(ModelName=shown.MODEL)[
                "PrimaryContainer"]["Image"],
            "Environment": {"SAID": ATTACKS[1]},
        },
    )  # fmt: skip
    _deploy(account, everything)
    return keys


def _deploy(account: Demonstration, everything: str) -> None:
    """A pipeline, a version, a function and an API that say what they like."""
    plain = "".join(each for each in everything if each.isprintable())[:200]
    client, sagemaker = account._client, account.sagemaker
    fail = {"Name": "strangers", "Type": "Fail", "DisplayName": ATTACKS[0],
            "Description": ATTACKS[1], "Arguments": {"ErrorMessage": everything}}  # fmt: skip
    parameter = {"Name": "said", "Type": "String", "DefaultValue": everything}
    sagemaker.create_pipeline(
        PipelineName="strangers", RoleArn=ROLE, PipelineDescription=plain,
        PipelineDefinition=json.dumps({
            "Version": "2020-12-01", "Metadata": {}, "Parameters": [parameter], "Steps": [fail]}),
    )  # fmt: skip
    sagemaker.start_pipeline_execution(PipelineName="strangers", PipelineExecutionDescription=plain)
    sagemaker.create_model_package_group(
        ModelPackageGroupName="strangers", ModelPackageGroupDescription=plain
    )
    account.s3.put_object(Bucket=BUCKET, Key="metrics.json", Body=json.dumps({ATTACKS[0]: 1}))
    sagemaker.create_model_package(
        ModelPackageGroupName="strangers", ModelPackageDescription=plain,
        ModelMetrics={"ModelQuality": {"Statistics": {
            "ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/metrics.json"}}},
    )  # fmt: skip
    functions = client("lambda")
    role = functions.get_function_configuration(FunctionName=deployed.FUNCTION)["Role"]
    program = (
        f"def handler(event, context):\n    print({everything!r})\n    return {everything!r}\n"
    )
    functions.create_function(
        FunctionName="strangers", Runtime="python3.12", Role=role, Handler="main.handler",
        Code={"ZipFile": zip_of(**{"main": program, "<b>x<": ""})}, Description=plain,
        Environment={"Variables": {"SAID": everything.replace("\x1b", "").replace("\x07", "")}},
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName="strangers")
    functions.invoke(FunctionName="strangers", Payload=b"{}")
    client("apigatewayv2").create_api(Name=ATTACKS[0], ProtocolType="HTTP", Description=ATTACKS[1])


def check(page: Page) -> None:
    """That nothing of the attacks has become part of the page."""
    assert page.evaluate("window.hit") is None
    main = page.locator("main")
    expect(main.locator("script, iframe, object, base, img[onerror], svg[onload]")).to_have_count(0)
    html = page.content()
    assert "1337" not in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page.inner_text("body"))


def test_pages_of_strangers(page: Page, console: str, hostile: list[str]) -> None:
    for path, text in (
        ("jobs/processing-jobs/strangers", ATTACKS[0]),
        ("jobs/training-jobs/strangers", ATTACKS[0]),
        ("models/strangers", ""),
        ("pipelines/strangers", ATTACKS[0]),
        ("registry/strangers", ATTACKS[0]),
        ("registry/strangers/1", ATTACKS[0]),
        ("functions/strangers", ATTACKS[0]),
        ("apis", ATTACKS[0]),
        (f"s3/{BUCKET}", ""),
        (f"s3/{BUCKET}/object?key=model.tar.gz", ATTACKS[0].replace("/", ":")),
    ):
        page.goto(f"{console}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for details in page.locator("summary").all():
            details.click()
        expect(page.locator("main")).to_contain_text(text)
        check(page)


def test_an_execution_of_strangers(page: Page, console: str, hostile: list[str]) -> None:
    """By the links of the page: of its table, its graph, and its step."""
    page.goto(f"{console}/pipelines/strangers")
    page.locator("#executions ~ .scroll tbody th a").click()
    expect(page.locator("section.reason")).to_contain_text(ATTACKS[0])
    check(page)
    page.locator("svg a").click()
    expect(page.locator("section.reason")).to_contain_text(ATTACKS[0])
    page.locator("summary").click()
    check(page)
    page.goto(f"{console}/functions/strangers")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("window.hit")
    check(page)


def test_folders_and_files_of_strangers(page: Page, console: str, hostile: list[str]) -> None:
    """By the links of the page, which must lead to the keys that they name."""
    for number, attack in enumerate(ATTACKS[:3]):
        page.goto(f"{console}/s3/{BUCKET}")
        first = attack.split("/")[0]
        page.get_by_role("link", name=f"{first}/", exact=True).click()
        check(page)
        while page.get_by_role("link", name=_NAMES[number], exact=True).count() == 0:
            page.locator("tbody th a").first.click()
            check(page)
        page.get_by_role("link", name=_NAMES[number], exact=True).click()
        expect(page.locator(".facts")).to_contain_text(f"s3://{BUCKET}/{attack}/")
        expect(page.get_by_role("heading", name="Content")).to_be_visible()
        check(page)


def test_addresses_of_strangers_in_a_browser(
    seen: Seen, page: Page, console: str, account: Demonstration
) -> None:
    for attack in ATTACKS:
        page.goto(f"{console}/jobs/training-jobs?search={quote(attack)}")
        check(page)
        page.goto(f"{console}/{quote(attack, safe='')}")
        check(page)
    # The browser's own word about pages that are missing.
    assert all("status of 404" in said for said in seen.complaints)
    seen.complaints.clear()


def test_what_is_downloaded_runs_nothing(
    web: httpx.Client, console: str, hostile: list[str]
) -> None:
    for key in hostile:
        answer = web.get(f"{console}/s3/{BUCKET}/download", params={"key": key})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert "sandbox" in answer.headers["content-security-policy"]
        # What is called a picture and is none is not given as one.
        assert web.get(f"{console}/s3/{BUCKET}/picture", params={"key": key}).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404), ("/jobs/nowhere", 404), ("/jobs/training-jobs/%00", 400),
        ("/jobs/training-jobs/..%2F..%2Fetc", 404), ("/jobs/training-jobs/no-such-job", 400),
        ("/jobs/training-jobs?after=x", 400), ("/jobs/training-jobs?after=WyIiLCAiIl0=", 400),
        ("/jobs/training-jobs?status=%00&search=%00%ff", 200), ("/endpoints/no-such", 400),
        ("/models/no-such", 400), ("/pipelines/no-such", 400), ("/registry/no-such", 400),
        ("/pipelines/houses-weekly/executions/no-such", 400), ("/registry/houses/77", 400),
        ("/pipelines/houses-weekly/executions/no-such/steps/x", 400),
        ("/jobs/pipeline-executions/x", 404), ("/functions/no-such", 404), ("/apis/x/y", 404),
        ("/apis/http-apis/no-such", 404), ("/apis/rest-apis/no-such", 404),
        ("/functions/%00", 400), ("/endpoint-configs/no-such", 400), ("/s3/no-such-bucket", 404),
        ("/s3/house-prices/object?key=nothing", 404), ("/s3/house-prices/object", 404),
        ("/s3/house-prices/download?key=nothing", 404),
        ("/s3-uri?uri=http://169.254.169.254/", 404), ("/s3-uri?uri=s3://", 404),
        ("/static/..%2Fdoor.py", 404), ("/static/door.py", 404),
        ("/jobs/tuning-jobs/no-such/importance", 400), ("/jobs/transform-jobs/x/delete", 404),
    ],
)  # fmt: skip
def test_addresses_of_strangers(
    web: httpx.Client, console: str, account: Demonstration, path: str, status: int
) -> None:
    answer = web.get(f"{console}{path}")
    assert answer.status_code == status, answer.text[-500:]
    assert "Traceback" not in answer.text


def test_forms_of_strangers(web: httpx.Client, console: str, account: Demonstration) -> None:
    """Cut, too large, without their fields: each is refused in a sentence."""
    url = f"{console}/s3/{shown.BUCKET}/upload"
    page = web.get(f"{console}/s3/{shown.BUCKET}").text
    proof = page.partition('name="proof" value="')[2].partition('"')[0]
    kind = {"content-type": "multipart/form-data; boundary=x"}
    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhello\r\n--x--'
    field = b'--x\r\nContent-Disposition: form-data; name="proof"\r\n\r\n%s\r\n'
    for content, status in (
        (b"", 400), (b"nonsense", 400), (file, 403), (field % b"0" + file, 403),
        (field % proof.encode(), 400), (field % (b"0" * 100_000) + file, 400),
        (field % proof.encode() + file[: len(file) - 10], 400),
    ):  # fmt: skip
        answer = web.post(url, content=content, headers=kind)
        assert answer.status_code == status, (content[:200], answer.text[-300:])
    assert web.post(url, data={"proof": proof}).status_code == 400
    assert "f" not in [
        each["Key"] for each in account.s3.list_objects_v2(Bucket=shown.BUCKET)["Contents"]
    ]
    # Less than any SDK would send, and what AWS has no operation for.
    for path, status in (
        ("pipelines/x/executions/x/steps/x/answer", 400), ("jobs/transform-jobs/x/delete", 404),
    ):  # fmt: skip
        for given in ({}, {"token": "x"}, {"answer": "failure", "reason": "x"}):
            answer = web.post(f"{console}/{path}", data={"proof": proof, **given})
            assert answer.status_code == status, path
    large = web.post(f"{console}/models/{shown.MODEL}/delete", data={"proof": "0" * 100_000})
    assert large.status_code == 400
    stop: Any = web.post(
        f"{console}/jobs/training-jobs/{shown.TRAINED}/stop", data={"proof": proof}
    )
    # In the words of the API.
    assert stop.status_code == 400
    assert "The request was rejected because the training job is in status Completed" in stop.text
