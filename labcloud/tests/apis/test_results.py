"""What a function returns, read as an answer in each of the formats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labcloud.apis.stage import results
from labcloud.apis.stage.replies import Reply
from labcloud.apis.stage.results import Malformed

JSON = ("Content-Type", "application/json")
TEXT = ("Content-Type", "text/plain;charset=UTF-8")


def returned(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ("Hello from Lambda!", b"Hello from Lambda!"),
        ({"message": "hi"}, b'{"message":"hi"}'),
        ([1, 2], b"[1,2]"),
        (None, b"null"),
        (5, b"5"),
        ({"errorMessage": "x"}, b'{"errorMessage":"x"}'),
    ],
)
def test_format_2_infers_an_answer(value: Any, body: bytes) -> None:
    assert results.version_2(returned(value)) == Reply(200, [JSON], body)


def test_format_2_takes_an_answer_as_it_is() -> None:
    value = {
        "statusCode": 201,
        "headers": {"X-One": "1", "X-Two": 2, "X-Three": True, "X-Four": None},
        "cookies": ["a=1; Secure", "b=2"],
        "body": "aGk=",
        "isBase64Encoded": True,
    }
    assert results.version_2(returned(value)) == Reply(
        201,
        [
            TEXT, ("X-One", "1"), ("X-Two", "2"), ("X-Three", "true"),
            ("Set-Cookie", "a=1; Secure"), ("Set-Cookie", "b=2"),
        ],
        b"hi",
    )  # fmt: skip
    assert results.version_2(returned({"statusCode": "204"})).status == 204


MALFORMED: list[Any] = [
    {"statusCode": "abc"},
    {"statusCode": 99},
    {"statusCode": 600},
    {"statusCode": True},
    {"statusCode": None},
    {"statusCode": 200.5},
    {"statusCode": 200, "body": {"a": 1}},
    {"statusCode": 200, "body": 5},
    {"statusCode": 200, "body": "?", "isBase64Encoded": True},
    {"statusCode": 200, "headers": ["a"]},
    {"statusCode": 200, "headers": {"a": ["b"]}},
    {"statusCode": 200, "headers": {"a": "b\r\nSet-Cookie: c=d"}},
    # The server would not send it, and the visitor would have no answer.
    {"statusCode": 200, "headers": {"a": "b\x01"}},
    {"statusCode": 200, "headers": {"a": "b\x7f"}},
    {"statusCode": 200, "headers": {"a b": "c"}},
    {"statusCode": 200, "isBase64Encoded": "true"},
]


@pytest.mark.parametrize("value", MALFORMED)
def test_format_2_refuses_what_is_no_answer(value: Any) -> None:
    with pytest.raises(Malformed):
        results.version_2(returned(value))


@pytest.mark.parametrize("payload", [b"", b"{", b"NaN", b'"\\ud800"', b"[" * 100_000])
def test_no_format_takes_what_is_no_json(payload: bytes) -> None:
    for read in (results.version_2, results.version_1):
        with pytest.raises(Malformed):
            read(payload)
    with pytest.raises(Malformed):
        results.of_rest_api(payload, decode=True)


@pytest.mark.parametrize("value", ["text", None, [], {}, {"body": "x"}, *MALFORMED])
def test_format_1_takes_nothing_for_granted(value: Any) -> None:
    with pytest.raises(Malformed):
        results.version_1(returned(value))


def test_format_1_joins_the_two_kinds_of_headers() -> None:
    value = {
        "statusCode": 200,
        "headers": {"x-solo": "a", "X-Multi": "c"},
        "multiValueHeaders": {"tesT-Multi": ["1"], "x-multi": ["a", "b"]},
        "body": "hi",
    }
    assert results.version_1(returned(value)) == Reply(
        200,
        [
            TEXT, ("tesT-Multi", "1"), ("x-multi", "a"), ("x-multi", "b"), ("x-solo", "a"),
            ("x-multi", "c"),
        ],
        b"hi",
    )  # fmt: skip


def test_a_rest_api_needs_no_member_and_takes_no_other() -> None:
    """As LocalStack has recorded it of AWS."""
    assert results.of_rest_api(returned({}), decode=False) == Reply(200, [JSON], b"")
    for value in ({"statusCode": 200, "other": 1}, "text", None, {"errorMessage": "x"}):
        with pytest.raises(Malformed):
            results.of_rest_api(returned(value), decode=False)


def test_a_rest_api_decodes_for_visitors_who_accept_binaries() -> None:
    value = returned({"body": "aGk=", "isBase64Encoded": True})
    assert results.of_rest_api(value, decode=True).body == b"hi"
    assert results.of_rest_api(value, decode=False).body == b"aGk="


def test_a_rest_api_gives_its_servers_headers_other_names() -> None:
    value = returned({"headers": {"Date": "today", "WWW-Authenticate": "Basic"}})
    assert results.of_rest_api(value, decode=False).headers[1:] == [
        ("x-amzn-Remapped-Date", "today"),
        ("x-amzn-Remapped-WWW-Authenticate", "Basic"),
    ]
