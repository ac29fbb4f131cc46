"""What a function has returned, read as an answer: payload formats 2.0 and 1.0, and REST APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from labcloud.apis.stage.replies import Headers, Reply
from labcloud.json_text import refuse

# All that a REST API accepts in an answer.
_MEMBERS_OF_REST = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A REST API gives these other names, because its own server sets or reads them.
_REMAPPED = {
    "authorization", "content-md5", "date", "host", "max-forwards", "server", "user-agent",
    "www-authenticate",
}  # fmt: skip


class Malformed(Exception):
    """What was returned is no answer."""


def version_2(payload: bytes) -> Reply:
    """An answer in format 2.0; what has no statusCode is the body. Raises Malformed."""
    found = _decoded(payload)
    if not isinstance(found, dict) or "statusCode" not in found:
        body = found if isinstance(found, str) else json.dumps(found, separators=(",", ":"))
        return Reply(200, [("Content-Type", "application/json")], body.encode())
    headers = _single(found.get("headers"))
    cookies = found.get("cookies") or []
    if not isinstance(cookies, list) or not all(isinstance(each, str) for each in cookies):
        raise Malformed("cookies")
    headers += [("Set-Cookie", _value(each)) for each in cookies]
    return _reply(_status(found["statusCode"]), headers, found)


def version_1(payload: bytes) -> Reply:
    """An answer in format 1.0 of an HTTP API, which takes nothing for granted. Raises Malformed."""
    found = _decoded(payload)
    if not isinstance(found, dict) or "statusCode" not in found:
        raise Malformed("statusCode")
    return _reply(_status(found["statusCode"]), _all_headers(found), found)


def of_rest_api(payload: bytes, *, decode: bool) -> Reply:
    """An answer for a REST API; `decode`: the visitor accepts a binary type. Raises Malformed.

    No member must be there, and no other may be.
    """
    found = _decoded(payload)
    if not isinstance(found, dict) or not found.keys() <= _MEMBERS_OF_REST:
        raise Malformed("members")
    status = found.get("statusCode")
    body = {**found, "isBase64Encoded": found.get("isBase64Encoded") if decode else False}
    headers = [
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value)
        for name, value in _all_headers(found)
    ]
    return _reply(200 if status is None else _status(status), headers, body, "application/json")


def _decoded(payload: bytes) -> Any:
    try:
        found = json.loads(payload, parse_constant=refuse)
        # A half of a surrogate pair is no character, and could not be sent.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed("json") from error
    return found


def _status(value: Any) -> int:
    """A status is a number, or a text of one; a final one of HTTP."""
    if isinstance(value, str) and re.fullmatch("[0-9]{3}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise Malformed("statusCode")
    return value


def _all_headers(found: dict[str, Any]) -> Headers:
    """Those with several values first: they decide about the spelling of a name."""
    several = found.get("multiValueHeaders") or {}
    if not isinstance(several, dict) or not all(
        isinstance(each, list) for each in several.values()
    ):
        raise Malformed("multiValueHeaders")
    headers = [(_named(name), _value(each)) for name in several for each in several[name]]
    spelled = {name.lower(): name for name, _ in headers}
    return headers + [
        (spelled.get(name.lower(), name), value) for name, value in _single(found.get("headers"))
    ]


def _single(headers: Any) -> Headers:
    if not isinstance(headers or {}, dict):
        raise Malformed("headers")
    return [
        (_named(name), _value(value))
        for name, value in (headers or {}).items()
        if value is not None
    ]


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Malformed("headers")
    return name


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise Malformed("headers")
    text = str(value)
    # An end of a line in a value would begin another header.
    if any(character in text for character in "\r\n\0"):
        raise Malformed("headers")
    return text


def _reply(
    status: int, headers: Headers, found: dict[str, Any], kind: str = "text/plain;charset=UTF-8"
) -> Reply:
    body = found.get("body")
    if not isinstance(body, str | None):
        raise Malformed("body")
    content = (body or "").encode()
    encoded = found.get("isBase64Encoded")
    if not isinstance(encoded, bool | None):
        raise Malformed("isBase64Encoded")
    if encoded:
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise Malformed("body") from error
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = [("Content-Type", kind), *headers]
    return Reply(status, headers, content)
