"""S3's requests, spelled as no SDK does: what was acknowledged is what a restart shows."""

from __future__ import annotations

import json

import pytest

from labcloud.aws.s3.checks import check_policy
from labcloud.client.environment import pointed_at
from labcloud.gateway.refusals import Refused
from labcloud_support.life import Life

from .wire import Wire

NAMES = ["a", "b", "d2", "e", "f", "kept", "ä"]
DELETES = {
    "?delete": "<Delete><Object><Key><![CDATA[a]]></Key></Object></Delete>",
    "?x-id=DeleteObjects&delete=": "<Delete><Object><Key >b</Key ></Object></Delete>",
    "?delete=": "<Delete><Object><Key>&#100;2</Key></Object></Delete>",
    "?delete&x-id=DeleteObjects": (
        '<?xml version="1.0"?><x:Delete xmlns:x="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<x:Object><x:Key>e</x:Key></x:Object></x:Delete>"
    ),
}
FORM = (
    '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nposted\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
    "Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
)


def names(life: Life) -> list[str]:
    listed = life.client("s3").list_objects_v2(Bucket="spelled")
    return sorted(item["Key"] for item in listed.get("Contents", []))


def test_what_was_acknowledged_is_what_a_restart_shows(life: Life) -> None:
    s3, wire = life.client("s3"), Wire(pointed_at(life.home, life.running, {}))
    s3.create_bucket(Bucket="spelled")
    for name in NAMES:
        s3.put_object(Bucket="spelled", Key=name, Body=b"old")
    said = []
    for query, body in DELETES.items():
        said.append(wire.ask("s3", "POST", "/spelled" + query, body.encode()).status)
    utf16 = "<Delete><Object><Key>f</Key></Object></Delete>".encode("utf-16")
    said.append(wire.ask("s3", "POST", "/spelled?delete", utf16).status)
    kind = "multipart/form-data; boundary=x"
    said.append(wire.ask("s3", "POST", "/spelled", FORM.encode(), content_type=kind).status)
    said.append(wire.ask("s3", "PUT", "//spelled/k", b"slashes").status)
    said.append(wire.ask("s3", "PUT", "/spelled//k2", b"slashes").status)
    said.append(wire.ask("s3", "PUT", "/spelled/%6B3", b"escaped").status)
    acknowledged = names(life)
    assert "kept" in acknowledged
    assert sum(200 <= status < 300 for status in said) >= 6
    life.kill()
    life.begin()
    assert names(life) == acknowledged


@pytest.mark.parametrize("path", ["/spelled/%fe", "/spelled/a%ff?tagging", "/spelled?prefix=%fe"])
def test_what_is_no_utf_8_is_refused(wire: Wire, path: str) -> None:
    answer = wire.ask("s3", "PUT", path, b"x")
    assert (answer.status, answer.read("s3", "PutObject")["Error"]["Code"]) == (400, "InvalidURI")


STATEMENT = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
}


def without(field: str) -> str:
    return json.dumps({"Statement": [{n: v for n, v in STATEMENT.items() if n != field}]})


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("x", "Policies must be valid JSON and the first byte must be '{'"),
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "Policies must be valid"),
        ('{"Statement": NaN}', "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
        ('{"Version": "2020-01-01", "Statement": []}', "must contain a valid version string"),
        ('{"Statement": ["x"]}', "Invalid policy syntax."),
        ('{"Statement": 5}', "Invalid policy syntax."),
        (without("Effect"), "Missing required field Effect"),
        (without("Principal"), "Missing required field Principal"),
        (without("Action"), "Missing required field Action"),
        (without("Resource"), "Missing required field Resource"),
        (json.dumps({"Statement": [{**STATEMENT, "Action": 5}]}), "Policy has invalid action"),
        (json.dumps({"Statement": [{**STATEMENT, "Effect": "Maybe"}]}), "Invalid effect: Maybe"),
        ("[" * 100_000, "Policy exceeds the maximum allowed document size."),
    ],
)
def test_what_is_no_policy_is_refused(policy: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        check_policy(policy.encode("latin-1"), "b")
    assert refused.value.code == "MalformedPolicy"
    assert message in refused.value.message


@pytest.mark.parametrize("statement", [STATEMENT, [STATEMENT], [STATEMENT, STATEMENT]])
def test_a_policy_is_taken(statement: object) -> None:
    check_policy(json.dumps({"Version": "2012-10-17", "Statement": statement}).encode(), "b")


def test_a_bad_policy_leaves_the_bucket_as_it_was(wire: Wire, own_bucket: str) -> None:
    answer = wire.ask("s3", "PUT", f"/{own_bucket}?policy", b"x")
    assert answer.read("s3", "PutBucketPolicy")["Error"]["Code"] == "MalformedPolicy"
    assert wire.ask("s3", "PUT", f"/{own_bucket}/k", b"x").status == 200


@pytest.mark.parametrize("headers", [{}, {"x_amz_decoded_content_length": "3"}])
def test_a_body_without_a_length_is_refused(
    wire: Wire, own_bucket: str, headers: dict[str, str]
) -> None:
    """The length of what aws-chunked holds is none for a body that is not in aws-chunked."""
    assert wire.ask("s3", "PUT", f"/{own_bucket}/k", b"old").status == 200
    answer = wire.in_chunks("s3", "PUT", f"/{own_bucket}/k", b"new", **headers)
    code = answer.read("s3", "PutObject")["Error"]["Code"]
    assert (answer.status, code) == (411, "MissingContentLength")
    assert wire.ask("s3", "GET", f"/{own_bucket}/k").body == b"old"
