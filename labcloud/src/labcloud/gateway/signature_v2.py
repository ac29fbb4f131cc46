"""Signature Version 2, in the query of a link to S3.

boto3 makes links (`generate_presigned_url`) of this version in us-east-1 unless it is told
otherwise. AWS takes it for S3 alone; here it is taken in links alone.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import botocore.credentials
from botocore.auth import HmacV1Auth
from botocore.compat import HTTPHeaders

from labcloud.gateway.refusals import SignatureError
from labcloud.state.credentials import Credentials

_FIELDS = ("AWSAccessKeyId", "Signature", "Expires")


def fields_of(query: str) -> dict[str, str]:
    """The fields of such a signature in a query; empty where there is none."""
    fields = dict(parse_qsl(query, keep_blank_values=True))
    return fields if fields.keys() >= set(_FIELDS) else {}


def verify(
    credentials: Credentials, method: str, path: str, query: str, headers: Mapping[str, str]
) -> None:
    """Raises SignatureError unless the link was signed with our secret, and is not too old.

    `path` and `query` are as they stand in the request line, `headers` by lower-case name.
    """
    fields = fields_of(query)
    expires = fields["Expires"]
    if not (expires.isascii() and expires.isdigit()):
        raise SignatureError(
            "AccessDenied", f"Invalid date (should be seconds since epoch): {expires}"
        )
    if int(expires) < time.time():
        raise SignatureError("AccessDenied", "Request has expired")
    signer = _Verifier(
        botocore.credentials.Credentials(credentials.access_key, credentials.secret_key), expires
    )
    signed = HTTPHeaders()
    # boto3 puts these headers into the link, too.
    for name, value in {**fields, **headers}.items():
        if name.startswith("x-amz-") or name in headers:
            signed[name] = value
    found = signer.get_signature(method, urlsplit(f"http://host{path}?{query}"), signed, path)
    if not hmac.compare_digest(found.encode(), fields["Signature"].encode()):
        raise SignatureError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method.",
        )


class _Verifier(HmacV1Auth):  # type: ignore[misc]  # botocore has no types
    """Signs with the time until which a link is good, where other requests have their date."""

    def __init__(self, credentials: botocore.credentials.Credentials, expires: str) -> None:
        super().__init__(credentials)
        self._expires = expires

    def get_signature(
        self, method: str, split: object, headers: HTTPHeaders, auth_path: str
    ) -> str:
        text = self.canonical_string(method, split, headers, auth_path=auth_path)
        return str(self.sign_string(text))

    def _get_date(self) -> str:
        return self._expires
