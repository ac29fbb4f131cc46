"""CORS of HTTP APIs: what may be configured, and what a browser is told."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.apis import cors
from labcloud.apis.errors import BadRequest
from labcloud.apis.stage.replies import Reply
from labcloud.apis.stage.visits import Visit

PAGE = "http://127.0.0.1:8888"
CORS = {
    "AllowOrigins": [PAGE, "https://*"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["content-type", "x-one"],
    "ExposeHeaders": ["x-two"],
    "MaxAge": 300,
    "AllowCredentials": True,
}


def visit(method: str = "GET", **headers: str) -> Visit:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Visit(method, "/", "", sent, b"", "127.0.0.1")


def asks(origin: str) -> Visit:
    return visit("OPTIONS", Origin=origin, Access_Control_Request_Method="POST")


@pytest.mark.parametrize("origin", [PAGE, "https://example.com"])
def test_a_page_that_may_ask_is_told_what_it_may_do(origin: str) -> None:
    assert cors.preflight(CORS, asks(origin)) == Reply(
        204,
        [
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "GET,POST"),
            ("access-control-allow-headers", "content-type,x-one"),
            ("access-control-max-age", "300"),
        ],
    )


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8889", "http://example.com", "null"])
def test_another_page_is_told_nothing(origin: str) -> None:
    assert cors.preflight(CORS, asks(origin)) == Reply(204, [])
    reply = Reply(200, [("Access-Control-Allow-Origin", "*")], b"x")
    assert cors.added(CORS, visit(Origin=origin), reply) == Reply(200, [], b"x")


def test_what_is_no_question_goes_to_the_routes() -> None:
    assert cors.preflight(CORS, visit("OPTIONS")) is None
    assert cors.preflight(CORS, visit("OPTIONS", Origin=PAGE)) is None
    assert cors.preflight({}, asks(PAGE)) is None


def test_the_configuration_replaces_what_the_function_says() -> None:
    reply = Reply(200, [("ACCESS-CONTROL-ALLOW-ORIGIN", "*"), ("X-Two", "2")], b"x")
    assert cors.added(CORS, visit(Origin=PAGE), reply).headers == [
        ("X-Two", "2"),
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-two"),
    ]
    assert cors.added({}, visit(Origin=PAGE), reply) == reply
    star = cors.added({"AllowOrigins": ["*"]}, visit(Origin="null"), reply)
    assert star.headers[1:] == [("access-control-allow-origin", "*")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"AllowCredentials": True, "AllowOrigins": ["*"]},
        {"AllowOrigins": ["example.com"]},
        {"AllowOrigins": ["https://example.com/"]},
        {"AllowOrigins": ["https://*.example.com"]},
        {"AllowOrigins": ["https://a b"]},
        {"AllowOrigins": [""]},
        {"AllowMethods": ["FETCH"]},
        {"AllowMethods": ["get"]},
        {"AllowHeaders": ["a b"]},
        {"ExposeHeaders": ["a\r\nb"]},
    ],
)
def test_a_configuration_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        cors.check(wrong)


def test_a_configuration_is_kept_as_aws_keeps_it() -> None:
    given = {"AllowHeaders": ["Content-Type"], "AllowOrigins": [], "MaxAge": 0}
    assert cors.check(given) == {"AllowHeaders": ["content-type"], "MaxAge": 0}
