"""Uploads by an HTML form: the policy in the form says what may be sent, and is signed.

The form's fields come before its file. See "POST object" in the S3 API reference.
"""

from __future__ import annotations

import base64
import datetime
import email.policy
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from email.parser import BytesParser
from typing import Any

import botocore.credentials
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from labcloud.gateway.refusals import Refused, SignatureError
from labcloud.gateway.signature import Claim, key_of
from labcloud.state.credentials import Credentials

# What comes before the file (bytes): S3's limit, and some room for the headers of each field.
_LARGEST = 32 * 1024
# How much of a body `read` needs (bytes).
ENOUGH = 2 * _LARGEST
_KIND = re.compile(r'multipart/form-data\s*;.*?\bboundary="?([^";,]+)"?', re.IGNORECASE)
# Fields that no condition has to name.
_FREE = ("x-amz-signature", "signature", "awsaccesskeyid", "policy", "file")
_FAILED = "Invalid according to Policy: Policy Condition failed: "


def boundary_of(method: str, path: str, headers: Mapping[str, str]) -> str | None:
    """What stands between the parts of an upload by form; None for any other request."""
    found = _KIND.match(headers.get("content-type", ""))
    is_form = method == "POST" and found and path.strip("/") and "/" not in path.strip("/")
    return found[1] if is_form and found and "authorization" not in headers else None


def read(start: bytes, boundary: str) -> tuple[dict[str, str], int]:
    """The fields before the file (by lower-case name), and where the file begins in the body.

    `start` are the first bytes of the body, up to ENOUGH. Raises Refused.
    """
    mark = b"--" + boundary.encode("latin-1")
    fields: dict[str, str] = {}
    position = start.find(mark)
    while position >= 0:
        begin = start.find(b"\r\n\r\n", position)
        if begin < 0 or begin > _LARGEST:
            break
        name = _name(start[position + len(mark) : begin])
        begin += 4
        if name == "file":
            return fields, begin
        position = start.find(b"\r\n" + mark, begin)
        if position >= 0:
            fields[name] = start[begin:position].decode(errors="replace")
            position += 2
    if len(start) > _LARGEST:
        raise Refused(
            "MaxPostPreDataLengthExceeded",
            "Your POST request fields preceding the upload file were too large.",
        )
    raise _no_file()


def size_of_file(begin: int, end: bytes, size: int, boundary: str) -> int:
    """The size of the file in a body of `size` bytes that ends like this. Raises Refused."""
    closing = end.rfind(b"\r\n--" + boundary.encode("latin-1"))
    found = size - len(end) + closing - begin
    if closing < 0 or found < 0:
        raise _no_file()
    return found


def verify(fields: Mapping[str, str], size: int, bucket: str) -> None:
    """Raises Refused unless the form's policy allows the file and all fields."""
    try:
        policy = json.loads(base64.b64decode(fields["policy"], validate=True))
        expires = datetime.datetime.fromisoformat(policy["expiration"])
        conditions = [each for given in policy["conditions"] for each in _conditions(given)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(
            "InvalidPolicyDocument",
            "The content of the form does not meet the conditions specified in the policy "
            "document.",
        ) from error
    if expires.tzinfo is None or expires < datetime.datetime.now(datetime.UTC):
        raise Refused("AccessDenied", "Invalid according to Policy: Policy expired.", 403)
    known = {**fields, "bucket": bucket}
    for condition in conditions:
        _check(condition, known, size)
    named = {condition[1] for condition in conditions}
    for name in fields:
        if name not in (*named, *_FREE) and not name.startswith("x-ignore-"):
            raise Refused(
                "AccessDenied", f"Invalid according to Policy: Extra input fields: {name}", 403
            )


def _no_file() -> Refused:
    return Refused("InvalidArgument", "POST requires exactly one file upload per request.")


def _name(head: bytes) -> str:
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head.lstrip(b"\r\n"))
    disposition = message["content-disposition"]
    return str(disposition.params.get("name", "")).lower() if disposition else ""


def verify_signature(credentials: Credentials, fields: Mapping[str, str]) -> Claim:
    """The form's claim. Raises SignatureError unless its policy is signed with a key of ours."""
    if "policy" not in fields:
        raise SignatureError("MissingAuthenticationTokenException", "Missing Authentication Token")
    policy = fields["policy"]
    if "x-amz-signature" in fields:
        scope = fields.get("x-amz-credential", "").split("/")
        if len(scope) != 5 or fields.get("x-amz-algorithm") != "AWS4-HMAC-SHA256":
            raise SignatureError(
                "AuthorizationQueryParametersError",
                "The form needs the fields x-amz-algorithm, x-amz-credential and x-amz-date.",
                400,
            )
        access_key, region, given = scope[0], scope[2], fields["x-amz-signature"]
    else:
        access_key, region = fields.get("awsaccesskeyid", ""), "us-east-1"
        scope, given = [], fields.get("signature", "")
    claim = Claim.of_s3(access_key, region, fields.get("x-amz-security-token"))
    key = key_of(credentials, claim)
    if scope:
        request = AWSRequest()
        request.context["timestamp"] = scope[1]
        signer = SigV4Auth(
            botocore.credentials.Credentials(key.access_key, key.secret_key), scope[3], region
        )
        expected = signer.signature(policy, request)
    else:
        digest = hmac.digest(key.secret_key.encode(), policy.encode(), hashlib.sha1)
        expected = base64.b64encode(digest).decode()
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise SignatureError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method.",
        )
    return claim


def _conditions(given: Any) -> list[tuple[str, str, Any]]:
    """A condition as operator, field and value. Raises ValueError."""
    if isinstance(given, dict):
        return [("eq", name.lower(), str(value)) for name, value in given.items()]
    operator, first, second = given
    if operator == "content-length-range":
        return [(operator, "", (int(first), int(second)))]
    if operator not in ("eq", "starts-with") or not first.startswith("$"):
        raise ValueError(given)
    return [(operator, first[1:].lower(), str(second))]


def _check(condition: tuple[str, str, Any], fields: Mapping[str, str], size: int) -> None:
    operator, name, value = condition
    if operator == "content-length-range":
        least, most = value
        if size > most:
            raise Refused("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        if size < least:
            raise Refused(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"
            )
        return
    found = fields.get(name, "")
    if not (found == value if operator == "eq" else found.startswith(value)):
        said = json.dumps([operator, f"${name}", value])
        raise Refused("AccessDenied", _FAILED + said, 403)
