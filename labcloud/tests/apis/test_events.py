"""The events of a visit, member by member as AWS documents them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labcloud.apis.stage import bodies, events
from labcloud.apis.stage.events import Stop
from labcloud.apis.stage.visits import Visit

VISIT = Visit(
    method="POST",
    path="/prod/a%20b/%E2%82%AC",
    query="x=1&x=2&y=a+b%26&z",
    headers=(
        ("Host", "127.0.0.1:8462"),
        ("User-Agent", "tests/1"),
        ("X-Twice", "1"),
        ("x-twice", "2"),
        ("Content-Type", "text/plain"),
        ("Content-Length", "5"),
        ("Connection", "keep-alive"),
        ("Cookie", "a=1; b=2"),
        ("X-Forwarded-For", "10.0.0.1"),
    ),
    body=b"h\xc3\xa9llo",
    client="127.0.0.1",
    moment=1_600_000_000.25,
    request_id="a-uuid",
    extended_id="an-id=",
    trace="Root=1-2-3",
)
STOP = Stop(
    account="123456789012",
    api="abc",
    stage="prod",
    key="POST /{first}/{rest+}",
    variables={"first": "a b", "rest": "€"},
    stage_variables={"v": "1"},
)
ADDED = {
    "x-amzn-trace-id": "Root=1-2-3",
    "x-forwarded-for": "10.0.0.1, 127.0.0.1",
    "x-forwarded-port": "8462",
    "x-forwarded-proto": "http",
}


def test_format_2() -> None:
    assert events.version_2(VISIT, STOP) == {
        "version": "2.0",
        "routeKey": "POST /{first}/{rest+}",
        "rawPath": "/prod/a b/€",
        "rawQueryString": "x=1&x=2&y=a+b%26&z",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": "127.0.0.1:8462",
            "user-agent": "tests/1",
            "x-twice": "1,2",
            "content-type": "text/plain",
            "content-length": "5",
            **ADDED,
        },
        "queryStringParameters": {"x": "1,2", "y": "a b&", "z": ""},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "127.0.0.1:8462",
            "domainPrefix": "abc",
            "http": {
                "method": "POST",
                "path": "/prod/a b/€",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "tests/1",
            },
            "requestId": "an-id=",
            "routeKey": "POST /{first}/{rest+}",
            "stage": "prod",
            "time": "13/Sep/2020:12:26:40 +0000",
            "timeEpoch": 1_600_000_000_250,
        },
        "pathParameters": {"first": "a b", "rest": "€"},
        "stageVariables": {"v": "1"},
        "body": "héllo",
        "isBase64Encoded": False,
    }


def test_what_there_is_none_of_is_left_out_of_format_2_and_null_in_1() -> None:
    bare = replace(VISIT, method="GET", path="/", query="", headers=(), body=b"")
    stop = replace(STOP, stage="$default", key="$default", variables={}, stage_variables={})
    assert set(events.version_2(bare, stop)) == {
        "version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext",
        "isBase64Encoded",
    }  # fmt: skip
    old = events.version_1(bare, stop)
    assert {name for name, value in old.items() if value is None} == {
        "queryStringParameters", "multiValueQueryStringParameters", "pathParameters",
        "stageVariables", "body",
    }  # fmt: skip
    assert old["resource"] == "$default"


def test_format_1() -> None:
    event = events.version_1(VISIT, STOP)
    assert event["version"] == "1.0"
    assert event["resource"] == "/{first}/{rest+}"
    assert event["path"] == "/prod/a b/€"
    assert event["headers"]["x-twice"] == "2"
    assert event["multiValueHeaders"]["x-twice"] == ["1", "2"]
    assert event["headers"]["cookie"] == "a=1; b=2"
    assert event["queryStringParameters"] == {"x": "2", "y": "a b&", "z": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": ["a b&"], "z": [""]}
    context = event["requestContext"]
    assert context["authorizer"] == {"claims": None, "scopes": None}
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userArn"] is None
    assert (context["requestId"], context["resourceId"]) == ("an-id=", None)


def test_a_rest_apis_event_has_names_and_path_as_they_were_sent() -> None:
    stop = replace(STOP, key="/{first}/{rest+}", resource="r1", deployment="d1")
    event = events.of_rest_api(VISIT, stop, "/a%20b/%E2%82%AC", [])
    assert "version" not in event
    assert event["path"] == "/a%20b/%E2%82%AC"
    assert {"X-Twice", "x-twice", "Content-Type", "X-Forwarded-For"} <= set(event["headers"])
    assert not {"Content-Length", "Connection"} & set(event["headers"])
    context = event["requestContext"]
    assert (context["path"], context["resourcePath"]) == (VISIT.path, "/{first}/{rest+}")
    assert (context["resourceId"], context["deploymentId"]) == ("r1", "d1")
    assert (context["requestId"], context["extendedRequestId"]) == ("a-uuid", "an-id=")


@pytest.mark.parametrize(
    "header",
    [
        ("User-Agent", "Mozilla/5.0 (X11)"),
        ("Origin", "http://127.0.0.1:8888"),
        ("Sec-Fetch-Site", "none"),
    ],
)
def test_cookies_of_a_browser_are_not_handed_on(header: tuple[str, str]) -> None:
    """They are those of everything that runs on this host."""
    headers = (*(each for each in VISIT.headers if each[0] != header[0]), header)
    for made in (
        events.version_2(replace(VISIT, headers=headers), STOP),
        events.version_1(replace(VISIT, headers=headers), STOP),
        events.of_rest_api(replace(VISIT, headers=headers), STOP, "/", []),
    ):
        assert "cookies" not in made
        assert "cookie" not in {name.lower() for name in made["headers"]}
        assert "a=1" not in str(made)


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("text/csv", b"a,b", ("a,b", False)),
        ("application/json; charset=utf-8", b"{}", ("{}", False)),
        ("Application/XML", b"<a/>", ("<a/>", False)),
        ("application/vnd.api+json", b"{}", ("{}", False)),
        ("application/x-www-form-urlencoded", b"a=b", ("YT1i", True)),
        ("image/png", b"\x89", ("iQ==", True)),
        (None, b"a", ("YQ==", True)),
        # What says that it is text, and is none.
        ("text/plain", b"\xff", ("/w==", True)),
    ],
)
def test_bodies_of_http_apis(kind: str | None, body: bytes, said: tuple[str, bool]) -> None:
    assert bodies.of_http_api(body, kind) == said


@pytest.mark.parametrize(
    ("kind", "binary", "said"),
    [
        ("image/png", [], ("\ufffd", False)),
        ("image/png", ["image/png"], ("iQ==", True)),
        ("image/png; a=b", ["image/*"], ("iQ==", True)),
        ("text/plain", ["image/*"], ("\ufffd", False)),
        (None, ["*/*"], ("iQ==", True)),
    ],
)
def test_bodies_of_rest_apis(kind: str | None, binary: list[str], said: Any) -> None:
    assert bodies.of_rest_api(b"\x89", kind, binary) == said
