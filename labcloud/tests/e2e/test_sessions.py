"""Credentials that STS hands out for a while: they work with their token, and until they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from labcloud.gateway import sessions
from labcloud.state.credentials import Credentials
from labcloud_support.http import http
from labcloud_support.life import Life
from labcloud_support.resources import ROLE

Client = Callable[[str], Any]
As = Callable[..., Any]
ASSUMED = "arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-labcloud/some-one"
OWNER = "arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-labcloud/SageMaker"
# How each protocol words it: a token that is none, and one that has ended.
CALLS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "s3": (lambda s3: s3.list_buckets(), "InvalidToken", "ExpiredToken"),
    "sts": (lambda sts: sts.get_caller_identity(), "InvalidClientTokenId", "ExpiredToken"),
    "iam": (lambda iam: iam.list_roles(), "InvalidClientTokenId", "ExpiredToken"),
    "ecr": (
        lambda ecr: ecr.describe_repositories(),
        "UnrecognizedClientException",
        "ExpiredTokenException",
    ),
    "logs": (
        lambda logs: logs.describe_log_groups(),
        "UnrecognizedClientException",
        "ExpiredTokenException",
    ),
    "sagemaker": (
        lambda sagemaker: sagemaker.list_models(),
        "UnrecognizedClientException",
        "ExpiredTokenException",
    ),
}


@pytest.fixture
def as_(cloud_environment: dict[str, str]) -> As:
    """Makes a client of a service that uses other credentials, as STS gives them."""
    return lambda service, given, **config: boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=cloud_environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given.get("SessionToken"),
        config=Config(**config),
    )


@pytest.fixture
def owner(cloud_environment: dict[str, str]) -> Credentials:
    return Credentials(
        cloud_environment["AWS_ACCESS_KEY_ID"], cloud_environment["AWS_SECRET_ACCESS_KEY"]
    )


def assumed(sts: Any) -> dict[str, Any]:
    answer: dict[str, Any] = sts.assume_role(RoleArn=ROLE, RoleSessionName="some-one")
    return answer


def code(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize("service", CALLS)
def test_an_assumed_role_may_call(client: Client, as_: As, service: str) -> None:
    CALLS[service][0](as_(service, assumed(client("sts"))["Credentials"]))


def test_it_says_who_it_is(client: Client, as_: As) -> None:
    answer = assumed(client("sts"))
    identity = as_("sts", answer["Credentials"]).get_caller_identity()
    assert identity["Arn"] == answer["AssumedRoleUser"]["Arn"] == ASSUMED
    assert identity["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert identity["Account"] == "123456789012"
    assert client("sts").get_caller_identity()["Arn"] == OWNER


def test_two_sessions_are_two(client: Client, as_: As) -> None:
    first, second = (assumed(client("sts"))["Credentials"] for _ in range(2))
    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert first[name] != second[name]
    mixed = first | {"SessionToken": second["SessionToken"]}
    assert code(as_("sts", mixed).get_caller_identity) == "InvalidClientTokenId"


def test_a_session_token_is_for_whoever_asks(client: Client, as_: As) -> None:
    given = client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert 880 < given["Expiration"].timestamp() - time.time() <= 900
    assert as_("sts", given).get_caller_identity()["Arn"] == OWNER
    # A session of a session is still the same one's.
    inner = as_("sts", assumed(client("sts"))["Credentials"]).get_session_token()["Credentials"]
    assert as_("sts", inner).get_caller_identity()["Arn"] == ASSUMED


def test_a_federated_user_may_call(client: Client, as_: As) -> None:
    answer = client("sts").get_federation_token(Name="guest")
    identity = as_("sts", answer["Credentials"]).get_caller_identity()
    assert identity["Arn"] == answer["FederatedUser"]["Arn"]


def test_the_token_is_needed_and_the_secret_too(client: Client, as_: As) -> None:
    given = assumed(client("sts"))["Credentials"]
    bare = {name: given[name] for name in ("AccessKeyId", "SecretAccessKey")}
    assert code(as_("s3", bare).list_buckets) == "InvalidAccessKeyId"
    assert code(as_("sts", bare).get_caller_identity) == "InvalidClientTokenId"
    guessed = given | {"SecretAccessKey": "guessed"}
    assert code(as_("s3", guessed).list_buckets) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("token", ["x", "a.b", "é", "e30.AAAA", "x" * 10_000])
def test_a_token_that_is_none_is_refused(
    owner: Credentials, as_: As, service: str, token: str
) -> None:
    call, expected, _ = CALLS[service]
    given = {"AccessKeyId": owner.access_key, "SecretAccessKey": owner.secret_key}
    token = token.encode().decode("latin-1")
    assert code(lambda: call(as_(service, given | {"SessionToken": token}))) == expected


@pytest.mark.parametrize("service", CALLS)
def test_a_session_ends(owner: Credentials, as_: As, service: str) -> None:
    call, _, expected = CALLS[service]
    ended = sessions.issue(owner, int(time.time()) - 1, "id", "arn")
    assert code(lambda: call(as_(service, spelled(ended)))) == expected


def test_another_server_s_session_is_none(as_: As) -> None:
    other = sessions.issue(Credentials("LABCOTHER", "x"), int(time.time()) + 60, "id", "arn")
    assert code(as_("s3", spelled(other)).list_buckets) == "InvalidToken"


def spelled(session: sessions.Session) -> dict[str, str]:
    return {
        "AccessKeyId": session.credentials.access_key,
        "SecretAccessKey": session.credentials.secret_key,
        "SessionToken": session.token,
    }


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_links_and_forms_of_a_session(
    client: Client, as_: As, own_bucket: str, version: str
) -> None:
    s3 = as_("s3", assumed(client("sts"))["Credentials"], signature_version=version)
    place = {"Bucket": own_bucket, "Key": "k"}
    link = s3.generate_presigned_url("put_object", place)
    assert http.put(link, content=b"linked").status_code == 200
    assert http.get(s3.generate_presigned_url("get_object", place)).text == "linked"
    form = s3.generate_presigned_post(own_bucket, "form")
    answer = http.post(form["url"], data=form["fields"], files={"file": b"sent"})
    assert answer.status_code == 204, answer.text
    assert client("s3").get_object(Bucket=own_bucket, Key="form")["Body"].read() == b"sent"
    # A token cannot be left out of them, nor be another one.
    del form["fields"]["x-amz-security-token"]
    assert http.post(form["url"], data=form["fields"], files={"file": b"x"}).status_code == 403


def test_chunks_that_a_session_has_signed(client: Client, as_: As, own_bucket: str) -> None:
    s3 = as_("s3", assumed(client("sts"))["Credentials"])
    s3.put_object(Bucket=own_bucket, Key="k", Body=b"x" * 100_000, ChecksumAlgorithm="SHA256")
    assert client("s3").head_object(Bucket=own_bucket, Key="k")["ContentLength"] == 100_000


def test_a_session_outlives_the_server_s_restart(life: Life, as_: As) -> None:
    given = assumed(life.client("sts"))["Credentials"]
    life.end(clean=False)
    life.begin()
    sts = boto3.client(
        "sts", region_name="us-east-1", endpoint_url=life.running.url,
        aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )  # fmt: skip
    assert sts.get_caller_identity()["Arn"] == ASSUMED


@pytest.mark.parametrize(
    "role",
    ["arn:aws:iam::123456789012:role/none", "arn:aws:iam::210987654321:role/of-somebody-else"],
)
def test_a_role_that_is_not_there_cannot_be_assumed(client: Client, as_: As, role: str) -> None:
    for sts, who in (
        (client("sts"), OWNER),
        (as_("sts", assumed(client("sts"))["Credentials"]), ASSUMED),
    ):
        with pytest.raises(ClientError) as refused:
            sts.assume_role(RoleArn=role, RoleSessionName="xy")
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
        assert refused.value.response["Error"]["Message"] == (
            f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}"
        )
    # A role that is made can be.
    client("iam").create_role(RoleName="made-here", AssumeRolePolicyDocument="{}")
    made = client("iam").get_role(RoleName="made-here")["Role"]["Arn"]
    client("sts").assume_role(RoleArn=made, RoleSessionName="xy")
    client("iam").delete_role(RoleName="made-here")
