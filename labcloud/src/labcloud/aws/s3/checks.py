"""What S3 refuses in a request and moto does not."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from moto.iam.access_control import IAMPolicy

from labcloud.aws.s3 import chunked
from labcloud.aws.s3.conditions import drop_unreadable
from labcloud.aws.s3.uris import LONGEST_KEY
from labcloud.gateway.refusals import Refused
from labcloud.json_text import loads

# S3's rules for names: "Bucket naming rules" in the S3 User Guide.
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# Of the user, in all: names and values (bytes).
_LARGEST_METADATA = 2048
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
# What POST can do to a key.
_POSTED = re.compile(r"\b(uploads|uploadId|select|restore)\b")
# What POST can do to a bucket.
_DELETES = re.compile(r"(^|&)delete(=|&|$)")
_FORM = "multipart/form-data"
_CANNED = (
    "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read",
    "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write",
)  # fmt: skip
# Numbers in a query, from and to.
_LARGEST_NUMBER = 2**31 - 1
_NUMBERS = {
    "max-keys": (0, _LARGEST_NUMBER),
    "max-parts": (0, _LARGEST_NUMBER),
    "max-uploads": (0, _LARGEST_NUMBER),
    "part-number-marker": (0, _LARGEST_NUMBER),
    "partNumber": (1, 10_000),
}
_RANGE = "Provided {} not an integer or within integer range"
_RANGES = {"partNumber": "Part number must be an integer between 1 and 10000, inclusive"}
_METADATA = "HTTP_X_AMZ_META_"
_LARGEST_POLICY = 20 * 1024


def check(environ: dict[str, Any], bucket: str, key: str) -> None:
    """Raises Refused for a request that can be refused without its body."""
    for name in ("RAW_URI", "QUERY_STRING"):
        try:
            unquote_to_bytes(environ.get(name, "")).decode()
        except UnicodeDecodeError as error:
            # moto would put one character in the place of all that it cannot read.
            raise Refused("InvalidURI", "Couldn't parse the specified URI.") from error
    method = environ["REQUEST_METHOD"]
    if method in ("PUT", "POST") and "CONTENT_LENGTH" not in environ:
        # What HTTP sends in chunks has no length, and moto would read nothing. SDKs send streams in
        # aws-chunked besides, which says the length of its content, and is unpacked.
        streamed = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith(chunked.STREAMING)
        if "HTTP_TRANSFER_ENCODING" in environ and not streamed:
            raise Refused(
                "MissingContentLength", "You must provide the Content-Length HTTP header.", 411
            )
        environ["CONTENT_LENGTH"] = "0"
    if method == "PUT" and not key and not _is_bucket_name(bucket):
        raise Refused("InvalidBucketName", "The specified bucket is not valid.")
    said = sum(
        len(name) - len(_METADATA) + len(value)
        for name, value in environ.items()
        if name.startswith(_METADATA)
    )
    if said > _LARGEST_METADATA:
        raise Refused(
            "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size"
        )
    if (acl := environ.get("HTTP_X_AMZ_ACL")) and acl not in _CANNED:
        raise Refused("InvalidArgument", f"Invalid canned ACL: {acl[:100]}")
    _check_query(environ)
    drop_unreadable(environ)
    query = environ.get("QUERY_STRING", "")
    if method not in _METHODS or (method == "POST" and key and not _POSTED.search(query)):
        raise Refused(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
        )
    kind = environ.get("CONTENT_TYPE", "")
    if method == "POST" and not key and not (_DELETES.search(query) or kind.startswith(_FORM)):
        raise Refused(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold: Bucket POST must be of "
            "the enclosure-type multipart/form-data",
            412,
        )
    if len(key.encode()) > LONGEST_KEY:
        raise Refused("KeyTooLongError", "Your key is too long")


def _is_bucket_name(name: str) -> bool:
    return bool(
        _BUCKET.fullmatch(name)
        and ".." not in name
        and not _ADDRESS.fullmatch(name)
        and not name.startswith(_RESERVED_STARTS)
        and not name.endswith(_RESERVED_ENDS)
    )


def _check_query(environ: dict[str, Any]) -> None:
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    for name, (least, most) in _NUMBERS.items():
        value = query.get(name, [str(least)])[0]
        if not (value.isascii() and value.isdigit() and least <= int(value[:12]) <= most):
            raise Refused("InvalidArgument", _RANGES.get(name, _RANGE.format(name)))
    if query.get("continuation-token") == [""]:
        raise Refused("InvalidArgument", "The continuation token provided is incorrect")


def is_policy(environ: dict[str, Any], key: str) -> bool:
    """Whether a request gives a bucket a policy."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return environ["REQUEST_METHOD"] == "PUT" and not key and "policy" in query


def check_policy(text: bytes, bucket: str) -> None:
    """Raises Refused for a bucket policy that S3 would not take, or moto could not evaluate.

    Every later request in the bucket is checked against it.
    """
    if len(text) > _LARGEST_POLICY:
        raise _malformed("Policy exceeds the maximum allowed document size.")
    try:
        policy = loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise _malformed("Policies must be valid JSON and the first byte must be '{'") from error
    if not isinstance(policy, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if policy.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        raise _malformed("The policy must contain a valid version string")
    if "Statement" not in policy:
        raise _malformed("Missing required field Statement")
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_statement(statement)
    try:
        for name in (f"{bucket}/key", bucket):
            IAMPolicy(text.decode()).is_action_permitted("s3:GetObject", f"arn:aws:s3:::{name}")
    except Exception as error:
        raise Refused(
            "NotImplemented", "labcloud cannot evaluate this policy, and so does not take it.", 501
        ) from error


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise _malformed("Invalid policy syntax.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        effect = statement.get("Effect")
        raise _malformed(
            f"Invalid effect: {effect}" if effect is not None else "Missing required field Effect"
        )
    for field in ("Principal", "Action", "Resource"):
        if field not in statement and f"Not{field}" not in statement:
            raise _malformed(f"Missing required field {field}")
    for field in ("Action", "NotAction", "Resource", "NotResource"):
        if field not in statement:
            continue
        values = statement[field]
        listed = values if isinstance(values, list) else [values]
        if not listed or not all(isinstance(value, str) for value in listed):
            raise _malformed(f"Policy has invalid {field.removeprefix('Not').lower()}")


def _malformed(message: str) -> Refused:
    return Refused("MalformedPolicy", message)
