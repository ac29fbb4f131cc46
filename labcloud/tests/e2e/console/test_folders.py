"""Folders of S3 in the console: all of their keys, and files as strangers send them."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from labcloud.state.home import Home
from labcloud_support.life import eventually

from .test_forms import proof_of


def test_a_folder_has_pages(
    web: httpx.Client, console: str, client: Callable[[str], Any], own_bucket: str
) -> None:
    """Of a hundred objects each, whatever they are called."""
    s3, root = client("s3"), console.removesuffix("/_console")
    keys = [f"rows/{number:03} +?&.csv" for number in range(203)]
    for key in [*keys, "control\x00/x", "\x1b[1m", "é/x"]:
        s3.put_object(Bucket=own_bucket, Key=key)
    # A folder that XML cannot name costs the others nothing.
    whole = web.get(f"{console}/s3/{own_bucket}")
    assert whole.status_code == 200
    assert all(each in whole.text for each in ("control#000/", "#033[1m", "é/", "rows/"))
    found, url = [], f"{console}/s3/{own_bucket}?prefix=rows/"
    for _ in range(3):
        text = unescape(web.get(url).text)
        found += [
            httpx.URL(each).params["key"]
            for each in re.findall(r'"([^"]*object\?key=[^"]*)"', text)
        ]
        url = root + text.partition(">Next<")[0].rpartition('href="')[2].partition('"')[0]
    assert found == keys
    assert ">Next<" not in text


def test_a_file_has_a_type_that_a_header_can_say(
    web: httpx.Client, console: str, client: Callable[[str], Any], own_bucket: str
) -> None:
    url = f"{console}/s3/{own_bucket}"
    proof = proof_of(web, url)
    for number, given in enumerate(("text/csv", "a\x01b", "é", "")):
        sent = web.post(
            f"{url}/upload", data={"proof": proof}, files={"file": (str(number), b"x", given)}
        )
        assert sent.status_code == 303
        head = client("s3").head_object(Bucket=own_bucket, Key=str(number))
        assert head["ContentType"] == ("application/octet-stream" if number else "text/csv")
    two = web.post(
        f"{url}/upload", data={"proof": proof},
        files=[("file", ("one", b"1")), ("file", ("two", b"2"))],
    )  # fmt: skip
    assert two.status_code == 400
    assert "one file at a time" in two.text
    assert client("s3").list_objects_v2(Bucket=own_bucket)["KeyCount"] == 4


def test_a_request_to_an_endpoint_has_no_control_character_in_a_header(
    web: httpx.Client, console: str
) -> None:
    proof = proof_of(web, f"{console}/s3")
    for field in ("type", "accept", "variant"):
        for value in ("text/csv\r\nX-Evil: 1", "a\x00", "\x01", "a\nb"):
            sent = {"proof": proof, "body": "1", "type": "text/csv", field: value}
            answer = web.post(f"{console}/endpoints/no-such/invoke", data=sent)
            assert answer.status_code == 200
            assert "A control character cannot be sent in a header." in answer.text


def test_a_form_that_a_page_does_not_have_is_refused(web: httpx.Client, console: str) -> None:
    for path in ("costs", "jobs"):
        answer = web.post(f"{console}/{path}", data={"proof": proof_of(web, f"{console}/s3")})
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
        assert "This address does not take POST." in answer.text
    assert web.post(f"{console}/nowhere").status_code == 404


def test_a_form_that_breaks_off_is_no_failure(
    web: httpx.Client, console: str, own_bucket: str, cloud_environment: dict[str, str]
) -> None:
    log = Home(Path(cloud_environment["LABCLOUD_HOME"])).log
    before = log.stat().st_size
    for path in (f"s3/{own_bucket}/upload", "models/x/delete"):
        head = [f"{name}: {value}" for name, value in web.headers.items() if name != "connection"]
        url = httpx.URL(f"{console}/{path}")
        cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
        head += [f"host: {url.netloc.decode()}", f"cookie: {cookie}", "content-length: 1000"]
        head += ["content-type: multipart/form-data; boundary=x", "expect: 100-continue"]
        with socket.create_connection(("127.0.0.1", url.port or 0)) as browser:
            browser.sendall("\r\n".join([f"POST {url.path} HTTP/1.1", *head, "", "--x"]).encode())
            # The form is being read now.
            assert b"100 Continue" in browser.recv(100)

    def told() -> str:
        text = log.read_bytes()[before:].decode()
        return text if text.count("a form has broken off") == 2 else ""

    assert "Traceback" not in eventually(told, "a form that breaks off is told")
