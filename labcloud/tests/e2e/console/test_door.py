"""Who gets into the console, and that its cookie opens nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from labcloud.console.door import Door, Shut, check_sender
from labcloud_support.http import http

Address = Callable[[], str]
# Every kind of page, and forms.
PATHS = (
    "/", "/jobs/training-jobs", "/jobs/training-jobs/x", "/endpoints", "/models", "/images", "/s3",
    "/s3/b/download?key=k", "/costs", "/nowhere", "/pipelines", "/registry", "/functions", "/apis",
)  # fmt: skip


def test_without_a_session_nothing_is_shown(console: str) -> None:
    for path in PATHS:
        answer = http.get(f"{console}{path}")
        assert answer.status_code == 401, path
        assert "labcloud console" in answer.text
        # Neither the region nor the account.
        assert "us-east-1" not in answer.text
    form = http.post(f"{console}/models/x/delete", headers={"origin": console[: -len("/_console")]})
    assert form.status_code == 401


@pytest.fixture
def stranger() -> Iterator[httpx.Client]:
    """Somebody whose cookies are those that a test sends."""
    with httpx.Client(trust_env=False) as client:
        yield client


def test_a_token_opens_once(console: str, address: Address, stranger: httpx.Client) -> None:
    url = address()
    assert stranger.head(url).status_code == 401
    opened = stranger.get(url)
    stranger.cookies.clear()
    cookie = opened.headers["set-cookie"]
    assert opened.status_code == 200
    assert f"url={'/_console/'}" in opened.text
    assert all(each in cookie for each in ("HttpOnly", "SameSite=strict", "Path=/_console"))
    assert stranger.get(url).status_code == 401
    assert stranger.get(f"{console}/?token=").status_code == 401
    value = cookie.partition(";")[0]
    assert stranger.get(f"{console}/", headers={"cookie": value}).status_code == 200
    # A second click on the same link, in the browser that is signed in.
    again = stranger.get(url, headers={"cookie": value})
    assert (again.status_code, again.headers["location"]) == (303, "/_console/")
    name, _, session = value.partition("=")
    head, _, proof = session.rpartition(".")
    later = head.partition(".")[0] + f".{int(time.time()) + 10**9}"
    for forged in (f"{later}.{proof}", f"{head}.{'0' * 64}", head, "", "é", f"{head}.é"):
        headers = {b"cookie": f"{name}={forged}".encode()}
        assert stranger.get(f"{console}/", headers=headers).status_code == 401, forged


def test_its_headers(console: str, web: httpx.Client) -> None:
    headers = web.get(f"{console}/").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"script-src {console}/static/;" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_the_cookie_opens_nothing_of_aws(console: str, web: httpx.Client) -> None:
    root = console.removesuffix("/_console")
    # httpx sends the cookie below /_console only; whoever wants can send it anywhere.
    headers = {"cookie": "; ".join(f"{n}={v}" for n, v in web.cookies.items())}
    for path in ("/", "/bucket", "/status", "/_consoles", "/endpoints/x/invocations"):
        assert http.get(f"{root}{path}", headers=headers).status_code == 403, path
    target = {"x-amz-target": "SageMaker.ListModels"}
    assert http.post(f"{root}/", headers=headers | target).status_code == 403
    assert http.post(f"{root}/console", headers=headers).status_code == 403
    # What comes from a page is refused there as ever.
    from_page = http.get(f"{root}/", headers=headers | {"origin": root})
    assert "Requests from web pages are not accepted." in from_page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8462"},
        {"host": ""},
        {"host": "127.0.0.1:1; script-src *"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        # Another port of this machine is the same site, and sends the same cookies.
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_pages_of_others_get_nothing(
    console: str, web: httpx.Client, headers: dict[str, str]
) -> None:
    assert web.get(f"{console}/", headers=headers).status_code == 403


def test_a_link_on_another_page_may_lead_here(console: str, web: httpx.Client) -> None:
    del web.headers["origin"]
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert web.get(f"{console}/", headers=followed).status_code == 200


def test_a_form_needs_its_proof_and_its_page(
    console: str, web: httpx.Client, sagemaker: Any, model: str
) -> None:
    url = f"{console}/models/{model}/delete"
    page = web.get(url).text
    proof = page.partition('name="proof" value="')[2].partition('"')[0]
    assert len(proof) == 64
    for data in ({}, {"proof": "0" * 64}, {"proof": "é"}):
        assert web.post(url, data=data).status_code == 403, data
    for changes in ({"origin": "http://127.0.0.1:1"}, {"sec-fetch-site": "cross-site"}):
        answer = web.post(url, data={"proof": proof}, headers=changes)
        assert answer.status_code == 403, changes
    del web.headers["origin"]
    assert web.post(url, data={"proof": proof}).status_code == 403
    assert sagemaker.describe_model(ModelName=model)["ModelName"] == model


def test_another_machine_gets_nothing() -> None:
    headers = {"host": "127.0.0.1:8462"}
    scope = {"type": "http", "method": "GET", "client": ("127.0.0.1", 5)}
    check_sender(scope, headers)
    for client in (("10.0.0.1", 5), ("172.17.0.1", 5), ("::ffff:10.0.0.1", 5), None):
        with pytest.raises(Shut, match="this machine"):
            check_sender(scope | {"client": client}, headers)


def test_a_session_and_a_token_end() -> None:
    door, other = Door("secret", 8462), Door("other", 8462)
    cookie = door.enter(door.new_token())
    assert cookie is not None
    headers = {"cookie": f"{door.cookie}={cookie}"}
    assert door.session(headers) is not None
    assert Door("secret", 8462).session(headers) is not None
    assert other.session(headers) is None
    first = door.new_token()
    for _ in range(50):
        door.new_token()
    assert door.enter(first) is None
