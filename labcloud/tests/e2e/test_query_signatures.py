"""Requests that are signed in their query, and refusals: each in the words of the service asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from labcloud_support.resources import ROLE

from .wire import Answer, Wire, send

SESSION = "arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-labcloud/SageMaker"
JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded"

Client = Callable[[str], Any]


def targeted(wire: Wire, service: str, prefix: str, operation: str, **fields: Any) -> Answer:
    """A request of a JSON protocol that is signed in its query."""
    return wire.ask(
        service, body=json.dumps(fields).encode(), in_query=True,
        x_amz_target=f"{prefix}.{operation}", content_type=JSON,
    )  # fmt: skip


ECR = "AmazonEC2ContainerRegistry_V20150921"


def test_ecr_is_answered_by_ecr(wire: Wire) -> None:
    made = targeted(wire, "ecr", ECR, "CreateRepository", repositoryName="sagemaker-in-query")
    uri = made.read("ecr", "CreateRepository")["repository"]["repositoryUri"]
    assert uri == "123456789012.dkr.ecr.us-east-1.amazonaws.com/sagemaker-in-query"
    listed = targeted(wire, "ecr", ECR, "DescribeRepositories").read("ecr", "DescribeRepositories")
    names = [repository["repositoryName"] for repository in listed["repositories"]]
    assert "sagemaker-in-query" in names
    gone = targeted(wire, "ecr", ECR, "DeleteRepository", repositoryName="sagemaker-in-query")
    assert gone.status == 200
    again = targeted(wire, "ecr", ECR, "DeleteRepository", repositoryName="sagemaker-in-query")
    error = again.read("ecr", "DeleteRepository")["Error"]
    assert (again.status, error["Code"]) == (400, "RepositoryNotFoundException")


def test_a_region_that_was_signed_in_the_query_is_the_request_s_region(
    cloud_environment: dict[str, str],
) -> None:
    elsewhere = Wire({**cloud_environment, "AWS_REGION": "eu-west-1"})
    made = targeted(elsewhere, "ecr", ECR, "CreateRepository", repositoryName="sagemaker-eu")
    arn = made.read("ecr", "CreateRepository")["repository"]["repositoryArn"]
    assert arn == "arn:aws:ecr:eu-west-1:123456789012:repository/sagemaker-eu"
    gone = targeted(elsewhere, "ecr", ECR, "DeleteRepository", repositoryName="sagemaker-eu")
    assert gone.status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_presigned_caller_identity_says_who_we_are(client: Client, method: str) -> None:
    url = client("sts").generate_presigned_url("get_caller_identity", HttpMethod=method)
    answer = send(method, url)
    assert answer.status == 200, answer.body
    assert answer.read("sts", "GetCallerIdentity")["Arn"] == SESSION


def test_a_token_as_the_tools_for_eks_make_it(client: Client, session: boto3.Session) -> None:
    """A presigned GetCallerIdentity with the cluster's name in a signed header."""
    sts = client("sts")
    request = {
        "method": "GET",
        "url": f"{sts.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": "cluster"},
        "context": {},
    }
    url = sts._request_signer.generate_presigned_url(
        request, region_name="us-east-1", expires_in=60, operation_name=""
    )
    answer = send("GET", url, {"x-k8s-aws-id": "cluster"})
    assert answer.read("sts", "GetCallerIdentity")["Arn"] == SESSION
    # The header is part of what was signed.
    other = send("GET", url, {"x-k8s-aws-id": "another"})
    assert other.status == 403
    assert other.read("sts", "GetCallerIdentity")["Error"]["Code"] == "SignatureDoesNotMatch"


def test_a_form_that_is_signed_in_the_query(wire: Wire) -> None:
    form = urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"}).encode()
    answer = wire.ask("sts", body=form, in_query=True, content_type=FORM)
    assert answer.read("sts", "GetCallerIdentity")["Arn"] == SESSION


def test_iam_is_answered_by_iam(client: Client) -> None:
    iam = client("iam")
    name = ROLE.rsplit("/", 1)[-1]
    answer = send("POST", iam.generate_presigned_url("get_role", {"RoleName": name}))
    assert answer.read("iam", "GetRole")["Role"]["Arn"] == ROLE
    # labcloud's own operation, whose fields are in the query then.
    asked = {"PolicySourceArn": ROLE, "ActionNames": ["s3:PutObject", "iam:DeleteRole"]}
    for method in ("GET", "POST"):
        url = iam.generate_presigned_url("simulate_principal_policy", asked, HttpMethod=method)
        found = send(method, url).read("iam", "SimulatePrincipalPolicy")["EvaluationResults"]
        assert [each["EvalDecision"] for each in found] == ["allowed", "implicitDeny"]


def test_logs_are_answered_by_logs(wire: Wire) -> None:
    name = "/in-query"
    made = targeted(wire, "logs", "Logs_20140328", "CreateLogGroup", logGroupName=name)
    assert made.status == 200, made.body
    found = targeted(wire, "logs", "Logs_20140328", "DescribeLogGroups", logGroupNamePrefix=name)
    (group,) = found.read("logs", "DescribeLogGroups")["logGroups"]
    assert group["arn"] == "arn:aws:logs:us-east-1:123456789012:log-group:/in-query:*"


def test_cloudwatch_is_answered_by_cloudwatch(wire: Wire) -> None:
    form = urlencode({"Action": "ListMetrics", "Version": "2010-08-01"}).encode()
    answer = wire.ask("monitoring", body=form, in_query=True, content_type=FORM)
    assert answer.status == 200, answer.body
    assert b"<ListMetricsResponse" in answer.body


def test_sagemaker_and_its_runtime_are_answered_by_themselves(wire: Wire) -> None:
    answer = targeted(wire, "sagemaker", "SageMaker", "ListModels", NameContains="no-such-model")
    assert answer.read("sagemaker", "ListModels")["Models"] == []
    invoked = wire.ask("sagemaker", target="/endpoints/nothing/invocations", in_query=True)
    error = invoked.read("sagemaker-runtime", "InvokeEndpoint")["Error"]
    assert (invoked.status, error["Code"]) == (400, "ValidationError")
    assert "Endpoint nothing" in error["Message"]


# Signing name, botocore's service, an operation of it, and a request for it.
ASKED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("s3", "s3", "GetObject", {"method": "GET", "target": "/bucket/key"}),
    ("ecr", "ecr", "DescribeRepositories",
     {"x_amz_target": f"{ECR}.DescribeRepositories", "content_type": JSON, "body": b"{}"}),
    ("logs", "logs", "DescribeLogGroups",
     {"x_amz_target": "Logs_20140328.DescribeLogGroups", "content_type": JSON, "body": b"{}"}),
    ("sagemaker", "sagemaker", "ListModels",
     {"x_amz_target": "SageMaker.ListModels", "content_type": JSON, "body": b"{}"}),
    ("sagemaker", "sagemaker-runtime", "InvokeEndpoint",
     {"target": "/endpoints/e/invocations", "body": b"1,2"}),
    ("sts", "sts", "GetCallerIdentity",
     {"body": b"Action=GetCallerIdentity&Version=2011-06-15", "content_type": FORM}),
    ("iam", "iam", "ListRoles",
     {"body": b"Action=ListRoles&Version=2010-05-08", "content_type": FORM}),
    ("monitoring", "cloudwatch", "ListMetrics",
     {"target": "/service/GraniteServiceVersion20100801/operation/ListMetrics", "body": b"\xa0",
      "smithy_protocol": "rpc-v2-cbor", "content_type": "application/cbor"}),
    ("dynamodb", "dynamodb", "ListTables",
     {"x_amz_target": "DynamoDB_20120810.ListTables", "content_type": JSON, "body": b"{}"}),
    ("rds", "rds", "DescribeDBInstances",
     {"body": b"Action=DescribeDBInstances&Version=2014-10-31", "content_type": FORM}),
    ("ec2", "ec2", "DescribeVpcs",
     {"body": b"Action=DescribeVpcs&Version=2016-11-15", "content_type": FORM}),
    ("elasticfilesystem", "efs", "DescribeFileSystems",
     {"method": "GET", "target": "/2015-02-01/file-systems"}),
    ("route53", "route53", "ListHostedZones",
     {"method": "GET", "target": "/2013-04-01/hostedzone"}),
]  # fmt: skip
NAMES = [service for _, service, _, _ in ASKED]
XML = ("s3", "sts", "iam", "rds", "route53")
WRONG_SECRET = {True: "SignatureDoesNotMatch", False: "InvalidSignatureException"}


@pytest.mark.parametrize("in_query", [False, True], ids=["in-header", "in-query"])
@pytest.mark.parametrize(("signing", "service", "operation", "request_"), ASKED, ids=NAMES)
def test_a_wrong_signature_is_refused_in_the_words_of_the_service_that_it_names(
    cloud_environment: dict[str, str], signing: str, service: str, operation: str,
    request_: dict[str, Any], in_query: bool,
) -> None:  # fmt: skip
    answer = Wire(cloud_environment, "guessed").ask(signing, in_query=in_query, **request_)
    assert answer.status == 403
    error = answer.read(service, operation)["Error"]
    assert error["Code"] == WRONG_SECRET[service in (*XML, "ec2")], answer.body
    assert error["Message"].startswith("The request signature we calculated does not match")


@pytest.mark.parametrize("in_query", [False, True], ids=["in-header", "in-query"])
@pytest.mark.parametrize(
    ("signing", "service", "operation", "request_"), ASKED[8:], ids=NAMES[8:]
)  # fmt: skip
def test_a_service_that_is_not_here_is_refused_by_name(
    wire: Wire, signing: str, service: str, operation: str, request_: dict[str, Any],
    in_query: bool,
) -> None:  # fmt: skip
    answer = wire.ask(signing, in_query=in_query, **request_)
    assert answer.status == 400
    error = answer.read(service, operation)["Error"]
    assert error["Code"] == "UnknownOperationException", answer.body
    assert error["Message"].startswith(f"labcloud does not have the service {signing}.")


@pytest.mark.parametrize(
    ("service", "operation", "text"),
    [("sts", "GetCallerIdentity", "SignatureDoesNotMatch"), ("ecr", "ListImages", "Signature")],
)
def test_a_signature_that_cannot_be_read_is_refused_for_the_service_in_its_scope(
    cloud_environment: dict[str, str], service: str, operation: str, text: str
) -> None:
    url = cloud_environment["AWS_ENDPOINT_URL"]
    scope = f"LABC/20260101/us-east-1/{service}/aws4_request"
    in_header = send("POST", url, {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, x=y"})
    in_query = send("POST", f"{url}/?{urlencode({'X-Amz-Credential': scope})}&X-Amz-Signature=x")
    for answer in (in_header, in_query):
        assert answer.status >= 400
        assert "Incomplete" in (code := answer.read(service, operation)["Error"]["Code"]) or (
            code == "AuthorizationQueryParametersError"
        ), answer.body


def test_a_stated_hash_must_be_that_of_the_body_in_the_query_s_signature_too(wire: Wire) -> None:
    """A presigned request whose body somebody has replaced."""
    signed = wire.ask("sts", in_query=True, body=b"Action=GetCallerIdentity&Version=2011-06-15",
                      content_type=FORM)  # fmt: skip
    assert signed.status == 200


def test_buckets_may_have_the_names_of_moto_s_own_pages(client: Client) -> None:
    """moto would answer these paths itself: whose they are is the signature's to say."""
    s3 = client("s3")
    for bucket, key in (("moto-api", "data.json"), ("latest", "meta-data/x"), ("latest", "api/x")):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=key, Body=b"ours")
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"ours"
