"""Verifies Signature Version 4: a request was signed with our key, recently, and is unchanged.

botocore computes the signature; this module takes a received request apart, lets botocore compute
the signature again, and compares. See "Signing AWS API requests" in the IAM User Guide.
"""

from __future__ import annotations

import datetime
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import botocore.credentials
from starlette.types import Scope

from labcloud.gateway import sessions, signature_v2
from labcloud.gateway.refusals import SignatureError
from labcloud.gateway.signers import Received, S3Verifier, Verifier
from labcloud.state.credentials import Credentials

# AWS refuses a request whose time differs from AWS's own by more than this (seconds).
SKEW = {"s3": 15 * 60}
_DEFAULT_SKEW = 5 * 60
_LONGEST_PRESIGNED = 7 * 24 * 3600
_TIME = "%Y%m%dT%H%M%SZ"
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/,\s]+)"
    r"/(?P<service>[^/,\s]+)/aws4_request,\s*SignedHeaders=(?P<headers>[^,\s]+),\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
# The credential scope alone, in a header whose rest may be wrong.
_SCOPE = re.compile(r"\bCredential=[^/,\s]*/[^/,\s]*/[^/,\s]*/(?P<service>[^/,\s]+)/")
_INVALID = "The security token included in the request is invalid."
_UNSIGNED = "UNSIGNED-PAYLOAD"
_HASH = "x-amz-content-sha256"
# They do not change what a request does. SDKs put the hash into presigned uploads, too.
_HARMLESS = (_HASH, "x-amz-user-agent")
_TOKEN = "x-amz-security-token"
# Where the gateway leaves the verified claim, in the scope of ASGI.
CLAIM = "labcloud.claim"


@dataclass(frozen=True)
class Claim:
    """What a request says about its own signature: whose, and for which service and region."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    moment: str
    # How long a signature in the query is valid (seconds); None for one in the headers.
    expires: int | None = None
    version: int = 4
    # What goes with a key that STS has handed out.
    token: str | None = None

    @classmethod
    def of_s3(cls, access_key: str, region: str = "us-east-1", token: str | None = None) -> Claim:
        """The claim of what is not signed with Signature Version 4: a link, or a form."""
        return cls(access_key, "", region, "s3", (), "", "", 0, version=2, token=token)

    @property
    def authorization(self) -> str:
        """The claim as an Authorization header, wherever the signature was."""
        scope = f"{self.access_key}/{self.date}/{self.region}/{self.service}/aws4_request"
        headers = ";".join(self.signed_headers)
        return (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={headers}, "
            f"Signature={self.signature}"
        )


def claim_of(scope: Scope) -> Claim:
    """The claim of a request that the gateway has verified."""
    claim: Claim = scope[CLAIM]
    return claim


def named_service(headers: Mapping[str, str], query: str) -> str | None:
    """The service that a request's credential scope names, even where the rest is wrong.

    For refusals only: nothing is verified.
    """
    if authorization := headers.get("authorization"):
        found = _SCOPE.search(authorization)
        return found["service"] if found else None
    if signature_v2.fields_of(query):
        return "s3"
    parts = dict(parse_qsl(query)).get("X-Amz-Credential", "").split("/")
    return parts[3] if len(parts) == 5 else None


def read_claim(headers: dict[str, str], query: str) -> Claim:
    """Finds the signature of a request. Raises SignatureError where it is missing or malformed."""
    if authorization := headers.get("authorization"):
        found = _HEADER.fullmatch(authorization.strip())
        if not found:
            raise SignatureError(
                "IncompleteSignatureException",
                "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' "
                "parameters of AWS4-HMAC-SHA256.",
            )
        return Claim(
            found["key"], found["date"], found["region"], found["service"],
            tuple(found["headers"].split(";")), found["signature"], headers.get("x-amz-date", ""),
            token=headers.get(_TOKEN),
        )  # fmt: skip
    fields = dict(parse_qsl(query, keep_blank_values=True))
    if old := signature_v2.fields_of(query):
        # boto3 puts the token into the link; one in a header is signed, too.
        token = headers.get(_TOKEN, old.get(_TOKEN))
        return Claim.of_s3(old["AWSAccessKeyId"], token=token)
    if "X-Amz-Signature" in fields:
        try:
            key, date, region, service, _ = fields["X-Amz-Credential"].split("/")
            return Claim(
                key, date, region, service, tuple(fields["X-Amz-SignedHeaders"].split(";")),
                fields["X-Amz-Signature"], fields["X-Amz-Date"], int(fields["X-Amz-Expires"]),
                token=fields.get("X-Amz-Security-Token", headers.get(_TOKEN)),
            )  # fmt: skip
        except (KeyError, ValueError) as error:
            raise SignatureError(
                "AuthorizationQueryParametersError",
                "Query-string authentication requires the X-Amz-Algorithm, X-Amz-Credential, "
                "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
                400,
            ) from error
    raise SignatureError("MissingAuthenticationTokenException", "Missing Authentication Token")


def key_of(owner: Credentials, claim: Claim) -> Credentials:
    """The key that a claim must be signed with: the server's own, or a session's.

    Raises SignatureError where it is neither, or the session has ended.
    """
    in_s3 = claim.service == "s3"
    if claim.token is None:
        if hmac.compare_digest(claim.access_key.encode(), owner.access_key.encode()):
            return owner
        raise SignatureError("UnrecognizedClientException", _INVALID)
    session = sessions.read(owner, claim.token)
    if session is None or session.credentials.access_key != claim.access_key:
        if in_s3:
            raise SignatureError(
                "InvalidToken", "The provided token is malformed or otherwise invalid.", 400
            )
        raise SignatureError("UnrecognizedClientException", _INVALID)
    if session.expires <= time.time():
        if in_s3:
            raise SignatureError("ExpiredToken", "The provided token has expired.", 400)
        raise SignatureError(
            "ExpiredTokenException", "The security token included in the request is expired"
        )
    return session.credentials


def check(credentials: Credentials, claim: Claim, headers: Mapping[str, str]) -> None:
    """What the head of a request is enough for. Raises SignatureError."""
    if claim.version == 2:
        key_of(credentials, claim)
        return
    if claim.token is None:
        key_of(credentials, claim)
    _check_time(claim)
    if unsigned := _unsigned(claim, headers):
        # A link that somebody was given must not do more than it was made for.
        raise SignatureError(
            "AccessDenied",
            "There were headers present in the request which were not signed: "
            + ", ".join(unsigned),
        )
    if "host" not in claim.signed_headers:
        raise SignatureError(
            "InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization."
        )
    key_of(credentials, claim)


def verify(
    credentials: Credentials,
    claim: Claim,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    body_hash: str,
) -> None:
    """`check`, and then `verify_signature`. Raises SignatureError unless the claim holds."""
    check(credentials, claim, headers)
    verify_signature(credentials, claim, method, path, query, headers, body_hash)


def verify_signature(
    credentials: Credentials,
    claim: Claim,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    body_hash: str,
) -> None:
    """Raises SignatureError unless a claim that has been checked is signed with its key.

    `path` and `query` are as they stand in the request line, `headers` by lower-case name,
    `body_hash` is the SHA-256 of the body that was received.
    """
    key = key_of(credentials, claim)
    if claim.version == 2:
        signature_v2.verify(key, method, path, query, headers)
        return
    payload = _payload(claim, headers, body_hash)
    auth = Verifier if claim.service != "s3" else S3Verifier
    signer = auth(
        botocore.credentials.Credentials(key.access_key, key.secret_key),
        claim.service,
        claim.region,
    )
    request = Received(
        method, path, query, headers, claim.signed_headers, claim.moment, payload,
        in_query=claim.expires is not None,
    )  # fmt: skip
    text = signer.string_to_sign(request, signer.canonical_request(request))
    if not hmac.compare_digest(signer.signature(text, request), claim.signature):
        raise SignatureError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation "
            "for details.",
        )


def stated_hash(claim: Claim, headers: Mapping[str, str]) -> str | None:
    """What the head says about the body, where it is what is signed; None: the body is needed."""
    if claim.service != "s3":
        return None
    by_itself = _UNSIGNED if claim.version == 2 or claim.expires is not None else None
    return headers.get(_HASH, by_itself)


def check_body(claim: Claim, headers: dict[str, str], body_hash: str) -> None:
    """Raises SignatureError unless a body is the one that the head has stated."""
    if claim.version == 4:
        _payload(claim, headers, body_hash)


def _unsigned(claim: Claim, headers: Mapping[str, str]) -> list[str]:
    """The headers that say what a request does, and that its signature does not cover."""
    return sorted(
        name
        for name in headers.keys() - set(claim.signed_headers)
        if name.startswith("x-amz-") and name not in _HARMLESS
    )


def _payload(claim: Claim, headers: dict[str, str], body_hash: str) -> str:
    """The payload hash in the canonical request. The hash that is signed must be the body's."""
    stated = headers.get(_HASH)
    if stated is None:
        return _UNSIGNED if claim.expires is not None and claim.service == "s3" else body_hash
    if claim.service != "s3":
        # Other services hash the body themselves.
        return body_hash
    if stated != body_hash and not stated.startswith(("STREAMING-", _UNSIGNED)):
        raise SignatureError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            400,
        )
    return stated


def _check_time(claim: Claim) -> None:
    now = datetime.datetime.now(datetime.UTC)
    try:
        signed = datetime.datetime.strptime(claim.moment, _TIME).replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise SignatureError(
            "IncompleteSignatureException",
            f"Date must be in ISO-8601 'basic format'. Got '{claim.moment}'.",
        ) from error
    if claim.date != claim.moment[:8]:
        raise SignatureError(
            "InvalidSignatureException", "Credential should be scoped to a valid date."
        )
    age = (now - signed).total_seconds()
    if claim.expires is not None:
        if age < -SKEW["s3"]:
            raise SignatureError("AccessDenied", "Request is not valid yet")
        if not 0 < claim.expires <= _LONGEST_PRESIGNED or age > claim.expires:
            raise SignatureError("AccessDenied", "Request has expired")
        return
    allowed = SKEW.get(claim.service, _DEFAULT_SKEW)
    if abs(age) > allowed:
        limit = now - datetime.timedelta(seconds=allowed)
        word, state = ("expired", "earlier") if age > 0 else ("not yet current", "later")
        raise SignatureError(
            "RequestTimeTooSkewed" if claim.service == "s3" else "InvalidSignatureException",
            f"Signature {word}: {claim.moment} is now {state} than {limit.strftime(_TIME)} "
            f"({now.strftime(_TIME)} - {allowed // 60} min.)",
        )
