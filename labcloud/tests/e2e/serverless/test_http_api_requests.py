"""What cannot be asked for of an HTTP API is refused, in AWS's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..test_refusals import refusal

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
INTEGRATION = {
    "IntegrationType": "AWS_PROXY", "IntegrationUri": ARN, "PayloadFormatVersion": "2.0",
}  # fmt: skip
BAD = "BadRequestException"


@pytest.fixture
def apis(client: Callable[[str], Any]) -> Any:
    return client("apigatewayv2")


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        ("create_api", {"Name": "a" * 129, "ProtocolType": "HTTP"}, BAD, "Name must have between"),
        ("create_api", {"Name": "a", "ProtocolType": "WEBSOCKET"}, BAD, "labcloud does not have"),
        ("create_api", {"Name": "a", "ProtocolType": "HTTP", "Target": "https://a.example"}, BAD,
         "labcloud does not have integrations of type HTTP_PROXY"),
        ("create_api", {"Name": "a", "ProtocolType": "HTTP", "CorsConfiguration":
         {"AllowOrigins": ["*"], "AllowCredentials": True}}, BAD,
         "allow-credentials is not supported if 'allow-origin' is *"),
        ("create_api", {"Name": "a", "ProtocolType": "HTTP", "CredentialsArn": "arn"},
         "ValidationException", "labcloud does not implement CredentialsArn of CreateApi"),
        ("create_integration", {**INTEGRATION, "IntegrationType": "HTTP_PROXY"}, BAD,
         "labcloud does not have integrations of type HTTP_PROXY"),
        ("create_integration", {**INTEGRATION, "ConnectionType": "VPC_LINK"}, BAD,
         "labcloud does not have VPC links"),
        ("create_integration", {**INTEGRATION, "PayloadFormatVersion": "3.0"}, BAD,
         "Unsupported PayloadFormatVersion: 3.0"),
        ("create_integration", {"IntegrationType": "AWS_PROXY", "IntegrationUri": ARN}, BAD,
         "PayloadFormatVersion is a required parameter"),
        ("create_integration", {**INTEGRATION, "IntegrationUri": "arn:aws:s3:::b"}, BAD,
         "IntegrationUri of an integration of type AWS_PROXY must be the ARN of a Lambda"),
        ("create_route", {"RouteKey": "GET/a"}, BAD, "The provided route key is not formatted"),
        ("create_route", {"RouteKey": "GET /{a+}/b"}, BAD, "A greedy path variable must be"),
        ("create_route", {"RouteKey": "GET /{a}/{a}"}, BAD, "Two path variables have the name a"),
        ("create_route", {"RouteKey": "GET /a", "ApiKeyRequired": True}, BAD,
         "ApiKeyRequired is not currently supported for HTTP APIs."),
        ("create_route", {"RouteKey": "GET /a", "AuthorizationType": "AWS_IAM"}, BAD,
         "labcloud does not have the authorization AWS_IAM"),
        ("create_route", {"RouteKey": "GET /a", "AuthorizerId": "x"}, "ValidationException",
         "labcloud does not implement AuthorizerId of CreateRoute"),
        ("create_route", {"RouteKey": "GET /a", "Target": "x"}, BAD, "Unexpected or malformed"),
        ("create_route", {"RouteKey": "GET /a", "Target": "integrations/x"}, "NotFoundException",
         "Invalid Integration identifier specified x"),
        ("create_stage", {"StageName": "a-b"}, BAD, "Stage name only allows a-zA-Z0-9_"),
        ("create_stage", {"StageName": "a", "StageVariables": {"a b": "c"}}, BAD,
         "Invalid stage variable name: a b."),
        ("create_stage", {"StageName": "a", "StageVariables": {"v" * 65: "c"}}, BAD,
         "Stage variable names must have 64 characters or fewer"),
        ("create_stage", {"StageName": "a", "StageVariables": {"v": "c" * 513}}, BAD,
         "Stage variable values must have 512 characters or fewer"),
        ("create_stage", {"StageName": "a", "RouteSettings": {"GET /a": {}}}, "NotFoundException",
         "Unable to find Route by key GET /a within the provided RouteSettings"),
        ("create_stage", {"StageName": "a", "DeploymentId": "x"}, "NotFoundException",
         "Invalid Deployment identifier specified"),
        ("create_stage", {"StageName": "a", "DefaultRouteSettings": {"ThrottlingRateLimit": -1}},
         BAD, "ThrottlingRateLimit must not be less than 0"),
        ("create_stage", {"StageName": "a", "DefaultRouteSettings":
         {"ThrottlingRateLimit": float("nan")}}, "SerializationException", ""),
        ("create_stage", {"StageName": "a", "AccessLogSettings": {"Format": "x"}},
         "ValidationException", "labcloud does not implement AccessLogSettings of CreateStage"),
        ("create_authorizer", {"Name": "a", "AuthorizerType": "JWT", "IdentitySource": ["x"]},
         "UnknownOperationException", "labcloud does not implement CreateAuthorizer"),
        ("get_apis", {"MaxResults": "many"}, BAD, "Invalid value for MaxResults"),
        ("get_tags", {"ResourceArn": "arn"}, BAD, "Invalid ARN. ARN is not well formed arn"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    apis: Any,
    api: Callable[..., dict[str, Any]],
    operation: str,
    request_: dict[str, Any],
    code: str,
    message: str,
) -> None:
    shape = apis.meta.service_model.operation_model(
        "".join(word.title() for word in operation.split("_"))
    ).input_shape
    request = {"ApiId": api()["ApiId"], **request_} if "ApiId" in shape.members else request_
    found = refusal(getattr(apis, operation), **request)
    assert (found[0], found[1][: len(message)]) == (code, message)
