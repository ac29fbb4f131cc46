"""Who gets into the console, and that its cookie opens nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from labcloud.client.owners import may_be_ours
from labcloud.console.door import Door, Shut, check_sender
from labcloud.containers.relay import FROM_CONTAINERS, relay
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


def test_a_browser_that_has_the_server_s_address_alone_is_led_to_the_console(console: str) -> None:
    root, visit = f"{console[: -len('/_console')]}/", {"sec-fetch-mode": "navigate"}
    led = http.get(root, headers=visit, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (307, "/_console/")
    # To all others it is S3's list of buckets, or of a bucket's objects.
    for url, headers in (
        (root, {}),
        (f"{root}?list-type=2", visit),
        (root, {**visit, "host": "bucket.s3.amazonaws.com"}),
        (root, {**visit, "authorization": "AWS4-HMAC-SHA256"}),
    ):
        answer = http.get(url, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/xml")


@pytest.fixture
def stranger() -> Iterator[httpx.Client]:
    """Somebody whose cookies are those that a test sends."""
    with httpx.Client(timeout=60, trust_env=False) as client:
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


def test_cookies_of_other_programs_do_no_harm(
    console: str, web: httpx.Client, stranger: httpx.Client
) -> None:
    """A browser sends those of every port of 127.0.0.1, and two headers where it likes."""
    ((name, value),) = web.cookies.items()
    ours = f"{name}={value}"
    for others in (
        "foo", "x=\"", 'x={"a": 1}', "a[b]=1", "=x", "caf\xe9=1", "domain=a", "path=/", "a=1,b=2",
        f"{name}=junk", f"{name}={value}x", f"{name}", "x=" + "y" * 10_000,
    ):  # fmt: skip
        for cookie in (f"{others}; {ours}", f"{ours}; {others}"):
            headers = {b"cookie": cookie.encode("latin-1")}
            assert stranger.get(f"{console}/s3", headers=headers).status_code == 200, cookie[:200]
    two = [("cookie", "a=b"), ("cookie", ours)]
    assert stranger.get(f"{console}/s3", headers=two).status_code == 200


def test_two_hosts_are_none(console: str, web: httpx.Client) -> None:
    host = console.partition("//")[2].partition("/")[0]
    cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
    for hosts in ((host, "evil.example"), ("evil.example", host), (host, host), (host,)):
        connection = HTTPConnection(host)
        connection.putrequest("GET", "/_console/s3", skip_host=True)
        for name, value in (("cookie", cookie), *(("host", each) for each in hosts)):
            connection.putheader(name, value)
        connection.endheaders()
        with contextlib.closing(connection):
            status = connection.getresponse().status
        assert status == (200 if len(hosts) == 1 else 403), hosts


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


def test_another_machine_and_containers_get_nothing() -> None:
    headers = {"host": "127.0.0.1:8462"}
    scope = {"type": "http", "method": "GET", "client": ("127.0.0.1", 5)}
    check_sender(scope, headers)
    for client in (
        ("10.0.0.1", 5), ("172.17.0.1", 5), ("::ffff:10.0.0.1", 5), (FROM_CONTAINERS, 5), None,
    ):  # fmt: skip
        with pytest.raises(Shut, match="this machine"):
            check_sender(scope | {"client": client}, headers)


def test_a_container_reaches_aws_and_not_the_console(
    console: str, web: httpx.Client, client: Callable[[str], Any]
) -> None:
    """By the way that containers have, with whatever Host they say."""
    port = int(console.partition("127.0.0.1:")[2].partition("/")[0])
    headers = {**web.headers, "host": f"127.0.0.1:{port}"}
    cookies = dict(web.cookies)
    signed = client("s3").generate_presigned_url("list_buckets")

    async def asked() -> tuple[httpx.Response, httpx.Response]:
        way = functools.partial(relay, host="127.0.0.1", port=port, source=FROM_CONTAINERS)
        server = await asyncio.start_server(way, "127.0.0.1", 0)
        there = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, httpx.AsyncClient(timeout=60, trust_env=False) as container:
            head = "; ".join(f"{name}={value}" for name, value in cookies.items())
            page = await container.get(f"{there}/_console/", headers=headers | {"cookie": head})
            path = signed.partition(f":{port}")[2]
            return page, await container.get(there + path, headers={"host": headers["host"]})

    page, buckets = asyncio.run(asked())
    assert (page.status_code, buckets.status_code) == (403, 200)
    assert "no containers" in page.text


def test_another_user_of_this_machine_gets_nothing(console: str, tmp_path: Path) -> None:
    tables = tmp_path / "tcp", tmp_path / "tcp6"
    ours, others = os.getuid(), os.getuid() + 1
    end = int.from_bytes(bytes((127, 0, 0, 1)), sys.byteorder)
    row = "  0: {}{:08X}:{:04X} {}{:08X}:20FE 01 0:0 00:0 0 {} 0 {} 1 0 100"
    wide = "0000000000000000FFFF0000"
    rows = [
        ("", 1001, ours, 5), ("", 1002, others, 5), ("", 1003, 0, 5), ("", 1004, 0, 0),
        ("", 1005, ours, 0), (wide, 1006, ours, 5), (wide, 1007, others, 5),
    ]  # fmt: skip
    for table, width in zip(tables, ("", wide), strict=True):
        lines = [
            row.format(width, end, port, width, end, uid, inode)
            for wanted, port, uid, inode in rows
            if wanted == width
        ]
        table.write_text("\n".join(["  sl  local_address rem_address", *lines, ""]))
    server = ("127.0.0.1", 0x20FE)
    found = [may_be_ours(("127.0.0.1", 1000 + each), server, tables) for each in range(1, 9)]
    # Root may do everything; a socket that was closed, and one that is not there, are nobody's.
    assert found == [True, False, True, False, False, True, False, False]
    assert may_be_ours(("127.0.0.1", 1), server, (tmp_path / "none",))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start programs of another user")
def test_a_stolen_address_is_of_no_use_to_another_user(console: str, address: Address) -> None:
    url = address()
    program = """
import sys, urllib.error, urllib.request
try:
    print(urllib.request.build_opener().open(sys.argv[1]).status)
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode())
"""
    command = ["/usr/bin/env", "python3", "-c", program, url]
    done = subprocess.run(command, user=65534, env={}, capture_output=True, text=True, timeout=60)
    assert done.stdout == "403 The console answers programs of its own user only.\n", done.stderr
    # It was not used up.
    assert http.get(url).status_code == 200


def test_signing_out_ends_the_session(console: str, web: httpx.Client) -> None:
    proof = web.get(f"{console}/").text.partition('name="proof" value="')[2].partition('"')[0]
    head = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
    assert web.post(f"{console}/sign-out", data={"proof": "0" * 64}).status_code == 403
    assert web.get(f"{console}/").status_code == 200
    left = web.post(f"{console}/sign-out", data={"proof": proof})
    assert left.status_code == 200
    assert "You have signed out." in left.text
    assert dict(web.cookies) == {}
    # Whoever has kept the cookie.
    assert web.get(f"{console}/", headers={"cookie": head}).status_code == 401


def test_a_session_and_a_token_end(tmp_path: Path) -> None:
    ended = tmp_path / "ended.json"
    door, other = Door("secret", 8462, ended), Door("other", 8462, ended)
    cookie = door.enter(door.new_token())
    assert cookie is not None
    headers = {"cookie": f"{door.cookie}={cookie}"}
    session = door.session(headers)
    assert session is not None
    assert Door("secret", 8462, ended).session(headers) == session
    assert other.session(headers) is None
    door.sign_out(session)
    assert door.session(headers) is None
    # After a restart, too.
    assert Door("secret", 8462, ended).session(headers) is None
    assert ended.stat().st_mode & 0o777 == 0o600
    again = door.enter(door.new_token())
    assert door.session({"cookie": f"{door.cookie}={again}"}) is not None
    ended.write_text("[nonsense")
    assert Door("secret", 8462, ended).session(headers) == session
    first = door.new_token()
    assert door.waits(first)
    for _ in range(50):
        door.new_token()
    assert door.enter(first) is None
    assert not door.waits(first)
    assert door.enter(door.new_token(-1.0)) is None
