"""Whether a body is text or base64 for a function, by its content type.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

# An HTTP API gives these as text, and everything else in base64, a form of a page too.
_TEXTS = ("application/json", "application/javascript", "application/xml")
_TEXT_SUFFIXES = ("+json", "+xml")


def media_type(content_type: str | None) -> str:
    """The type alone, in lower case, without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def of_http_api(body: bytes, content_type: str | None) -> tuple[str, bool]:
    """The body as a string, and whether that is base64."""
    kind = media_type(content_type)
    if kind.startswith("text/") or kind in _TEXTS or kind.endswith(_TEXT_SUFFIXES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def of_rest_api(body: bytes, content_type: str | None, binary: Iterable[str]) -> tuple[str, bool]:
    """As `of_http_api`: base64 where the API lists the type as binary.

    Other bytes are text, and what is no UTF-8 in it is lost, as on AWS.
    """
    if is_binary(content_type, binary):
        return base64.b64encode(body).decode(), True
    return body.decode("utf-8", "replace"), False


def is_binary(content_type: str | None, binary: Iterable[str]) -> bool:
    """Whether a type is one of `binary`, in which `*/*` and `image/*` stand for many."""
    kinds = [media_type(each) for each in (content_type or "").split(",")]
    for listed in binary:
        wanted = listed.lower()
        for kind in kinds:
            if wanted in ("*/*", kind) or (
                wanted.endswith("/*") and kind.startswith(wanted.removesuffix("*"))
            ):
                return True
    return False
