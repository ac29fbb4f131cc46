"""Signatures: what botocore signs is let in, and nothing else is."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key
from hypothesis import given
from hypothesis import strategies as st

from labcloud.gateway.refusals import SignatureError
from labcloud.gateway.signature import read_claim, verify
from labcloud.state.credentials import Credentials

OURS = Credentials("LABCEXAMPLE", "a secret")
BODY = b'{"a": 1}'


def signed(
    signer: Callable[..., Any] = SigV4Auth,
    service: str = "sagemaker",
    url: str = "http://127.0.0.1:8462/",
    method: str = "POST",
    body: bytes = BODY,
    ours: Credentials = OURS,
    ago: float = 0,
    **options: Any,
) -> AWSRequest:
    moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=ago)
    request = AWSRequest(method=method, url=url, data=body, headers={"X-Amz-Target": "A.B"})
    key = Key(ours.access_key, ours.secret_key)
    # The only thing that is set for the test is what time it is.
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda: moment):
        signer(key, service, "us-east-1", **options).add_auth(request)
    return request


def check(request: AWSRequest, body: bytes = BODY, **changes: str) -> None:
    url = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers |= {"host": url.netloc} | {n.replace("_", "-"): v for n, v in changes.items()}
    verify(
        OURS,
        read_claim(headers, url.query),
        request.method,
        url.path or "/",
        url.query,
        headers,
        hashlib.sha256(body).hexdigest(),
    )


def refused(request: AWSRequest, body: bytes = BODY, **changes: str) -> str:
    with pytest.raises(SignatureError) as error:
        check(request, body, **changes)
    return error.value.code


def test_a_signed_request_is_let_in() -> None:
    check(signed())
    check(signed(url="http://127.0.0.1:8462/endpoints/a%20b/invocations?x=1&y=%2F"))


@pytest.mark.parametrize("path", ["/bucket/a b", "/bucket/a%20b", "/bucket/../x", "/bucket//x//"])
def test_an_s3_path_is_signed_as_it_is(path: str) -> None:
    url = f"http://127.0.0.1{path}".replace(" ", "%20")
    check(signed(S3SigV4Auth, "s3", url, "PUT"))


@given(st.text(alphabet="abcXYZ019-_.~", min_size=1), st.binary(max_size=100))
def test_any_path_and_body(name: str, body: bytes) -> None:
    url = f"http://127.0.0.1:8462/endpoints/{name}/invocations"
    if "/." not in url:
        check(signed(url=url, body=body), body)


def test_a_changed_request_is_refused() -> None:
    request = signed()
    assert refused(request, b"{}") == "InvalidSignatureException"
    assert refused(request, x_amz_target="A.C") == "InvalidSignatureException"
    assert refused(request, host="127.0.0.1:9999") == "InvalidSignatureException"
    request.method = "PUT"
    assert refused(request) == "InvalidSignatureException"
    request = signed()
    request.url += "other"
    assert refused(request) == "InvalidSignatureException"


def test_another_key_is_refused() -> None:
    assert refused(signed(ours=Credentials("LABCOTHER", "a secret"))) == (
        "UnrecognizedClientException"
    )
    assert refused(signed(ours=Credentials("LABCEXAMPLE", "guessed"))) == (
        "InvalidSignatureException"
    )


def test_an_unsigned_or_garbled_request_is_refused() -> None:
    plain = AWSRequest(method="POST", url="http://127.0.0.1/", data=BODY)
    assert refused(plain) == "MissingAuthenticationTokenException"
    assert refused(plain, authorization="Bearer x") == "IncompleteSignatureException"
    assert refused(signed(), x_amz_date="yesterday") == "IncompleteSignatureException"


@pytest.mark.parametrize("ago", [301, -301])
def test_five_minutes_of_skew_are_allowed_and_no_more(ago: float) -> None:
    check(signed(ago=290))
    assert refused(signed(ago=ago)) == "InvalidSignatureException"
    # S3 allows fifteen, and has a code of its own.
    check(signed(S3SigV4Auth, "s3", method="PUT", ago=ago))
    assert refused(signed(S3SigV4Auth, "s3", method="PUT", ago=3 * ago)) == "RequestTimeTooSkewed"


@pytest.mark.parametrize(
    "name", ["x-amz-copy-source", "x-amz-acl", "x-amz-tagging", "x-amz-security-token"]
)
def test_a_header_that_is_not_signed_does_not_count(name: str) -> None:
    """With a link for an upload, anybody could have copied any object to where they read it."""
    url = "http://127.0.0.1:8462/bucket/key"
    for request in (
        signed(S3SigV4QueryAuth, "s3", url, "PUT", b"", expires=600),
        signed(S3SigV4Auth, "s3", url, "PUT", b""),
    ):
        request.headers[name] = "/bucket/secret"
        assert refused(request, b"") == "AccessDenied"


def test_only_s3_takes_a_body_that_is_not_signed() -> None:
    request = signed(S3SigV4Auth, "s3", method="PUT")
    assert refused(request, x_amz_content_sha256="UNSIGNED-PAYLOAD") == "InvalidSignatureException"

    class Unsigned(SigV4Auth):  # type: ignore[misc]  # botocore has no types
        def payload(self, _: AWSRequest) -> str:
            return "UNSIGNED-PAYLOAD"

    request = signed(Unsigned)
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    assert refused(request) == "InvalidSignatureException"


def test_what_was_hashed_must_be_what_came() -> None:
    request = signed(S3SigV4Auth, "s3", method="PUT")
    check(request)
    assert refused(request, b"something else") == "XAmzContentSHA256Mismatch"


def test_a_presigned_url_is_good_until_it_expires() -> None:
    url = "http://127.0.0.1:8462/bucket/key?versionId=1"

    def presigned(ago: float) -> AWSRequest:
        return signed(S3SigV4QueryAuth, "s3", url, "GET", b"", ago=ago, expires=600)

    check(presigned(0), b"")
    check(presigned(590), b"")
    # The clock of who made it may be fast, as with all requests to S3.
    check(presigned(-800), b"")
    assert refused(presigned(-1000), b"") == "AccessDenied"
    assert refused(presigned(610), b"") == "AccessDenied"
    request = presigned(0)
    request.url = request.url.replace("/key", "/other")
    assert refused(request, b"") == "InvalidSignatureException"
    request.url = request.url.replace("X-Amz-Date", "X-Date")
    assert refused(request, b"") == "AuthorizationQueryParametersError"


def test_a_secret_is_not_in_the_repr() -> None:
    assert "a secret" not in repr(OURS)
