"""Requests that a server which is told to end cannot wait for: each is refused in its own words."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError

from labcloud.client import launch
from labcloud_support.http import http as web
from labcloud_support.lambdas import Lambdas
from labcloud_support.life import Life, eventually
from labcloud_support.pictures import address

from . import behind

WAITS = """
import time
def handler(event, context):
    print("works")
    time.sleep(600)
"""


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path / "home", "--timing", "last_requests=0.1")
    yield life
    launch.stop(life.home)


def test_what_still_runs_is_refused(life: Life) -> None:
    lambdas = Lambdas(life)
    lambdas.make("waits", WAITS, Timeout=900)
    behind.allow(life.client, "waits", "*")
    function = lambdas.client.get_function(FunctionName="waits")["Configuration"]["FunctionArn"]
    made = life.client("apigatewayv2").create_api(
        Name="waits",
        ProtocolType="HTTP",
        Target=function,
        CorsConfiguration={"AllowOrigins": ["*"]},
    )
    asked: dict[str, Callable[[], tuple[int, str]]] = {
        "an invocation": lambda: _invoked(lambdas),
        "a visit": lambda: _visited(made["ApiEndpoint"]),
        "two visits": lambda: _visited_twice(made["ApiEndpoint"]),
        "a form": lambda: _sent(life),
    }
    answers: dict[str, tuple[int, str]] = {}
    threads = [
        threading.Thread(target=lambda what=what, ask=ask: answers.update({what: ask()}))
        for what, ask in asked.items()
    ]
    for thread in threads:
        thread.start()
    eventually(lambda: _running(lambdas) == len(asked), "all of them run")
    assert launch.stop(life.home)
    for thread in threads:
        thread.join(60)

    assert answers["an invocation"] == (503, "ServiceUnavailable: labcloud is being stopped.")
    status, said = answers["a visit"]
    assert (status, json.loads(said)) == (503, {"message": "Service Unavailable"})
    # The second one is not begun.
    assert answers["two visits"] == (1, "HTTP/1.1 503 Service Unavailable")
    status, said = answers["a form"]
    assert status == 503
    assert "labcloud is being stopped." in said
    assert "Traceback" not in life.home.log.read_text()


def _running(lambdas: Lambdas) -> int:
    return lambdas.log("waits").count("works\n")


def _invoked(lambdas: Lambdas) -> tuple[int, str]:
    with pytest.raises(ClientError) as refused:
        lambdas.client.invoke(FunctionName="waits")
    answer = refused.value.response
    error = answer["Error"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], f"{error['Code']}: {error['Message']}"


def _visited(url: str) -> tuple[int, str]:
    """A visit from a page, which may read the refusal."""
    answer = web.get(url, headers={"origin": "http://127.0.0.1:1"}, timeout=60)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["apigw-requestid"]
    return _said(answer)


def _visited_twice(url: str) -> tuple[int, str]:
    """Two visits, one sent right behind the other: the number of answers, and the first's status.

    The connection is closed then.
    """
    place = urlsplit(url)
    head = f"GET {place.path}/ HTTP/1.1\r\nhost: {place.netloc}\r\n\r\n".encode()
    with socket.create_connection((str(place.hostname), place.port or 0), 60) as connection:
        connection.sendall(head * 2)
        parts = list(iter(lambda: connection.recv(65536), b""))
    answers = b"".join(parts).decode().split("HTTP/1.1 ")
    return len(answers) - 1, f"HTTP/1.1 {answers[1].partition(chr(13))[0]}"


def _sent(life: Life) -> tuple[int, str]:
    """The form of the console that invokes the function."""
    with httpx.Client(trust_env=False, timeout=60) as signed_in:
        signed_in.get(address(life.home, life.running)).raise_for_status()
        page = f"{life.running.url}/_console/functions/waits"
        proof = re.search('name="proof" value="([^"]+)"', signed_in.get(page).text)
        assert proof
        given = {"proof": proof[1], "event": "{}"}
        here = {"origin": life.running.url, "sec-fetch-site": "same-origin"}
        return _said(signed_in.post(f"{page}/invoke", data=given, headers=here))


def _said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text
