"""REST APIs: POST on the root, proxied to a function and deployed to a stage."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.http import http as web

from . import behind

Client = Callable[[str], Any]
Made = dict[str, Any]

BAD = "BadRequestException"
MISSING = "NotFoundException"


def uri_of(function: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"


@pytest.fixture(scope="module")
def echo(client: Client) -> Iterator[str]:
    """The URI of a function that any API may call."""
    name = "echo-of-rest-apis"
    function = behind.make(client, name)
    behind.allow(client, name, "*")
    yield uri_of(function)
    behind.remove(client, name)


@pytest.fixture
def apis(client: Client) -> Any:
    return client("apigateway")


@pytest.fixture
def made(apis: Any) -> Iterator[Made]:
    """A REST API with nothing in it."""
    found = apis.create_rest_api(name="rest", binaryMediaTypes=["image/*"], tags={"a": "1"})
    yield found
    with contextlib.suppress(apis.exceptions.NotFoundException):
        apis.delete_rest_api(restApiId=found["id"])


def put(apis: Any, made: Made, uri: str, resource: str = "", method: str = "POST") -> None:
    at = {
        "restApiId": made["id"],
        "resourceId": resource or made["rootResourceId"],
        "httpMethod": method,
    }
    apis.put_method(**at, authorizationType="NONE")
    apis.put_integration(**at, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)


@pytest.fixture
def url(cloud_environment: dict[str, str], made: Made) -> str:
    """Where the stage `prod` answers."""
    return f"{cloud_environment['AWS_ENDPOINT_URL']}/_aws/execute-api/{made['id']}/prod"


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_function_answers_at_a_stage(
    client: Client, apis: Any, made: Made, url: str, name: str
) -> None:
    function = behind.make(client, name)
    try:
        at = {"restApiId": made["id"]}
        assert refused(apis.create_deployment, **at) == (
            BAD, "The REST API doesn't contain any methods",
        )  # fmt: skip
        method = {**at, "resourceId": made["rootResourceId"], "httpMethod": "POST"}
        apis.put_method(**method, authorizationType="NONE")
        assert refused(apis.create_deployment, **at) == (BAD, "No integration defined for method")
        integration = apis.put_integration(
            **method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri_of(function)
        )
        assert (integration["timeoutInMillis"], integration["httpMethod"]) == (29_000, "POST")
        apis.create_deployment(**at, stageName="prod", variables={"colour": "red"})
        answer = web.post(url, content="hi")
        assert (answer.status_code, answer.text) == (500, '{"message": "Internal server error"}')
        behind.allow(client, name, f"{made['id']}/prod/POST/")
        answer = web.post(f"{url}?a=1&a=2", content="hi", headers={"X-Mixed-Case": "kept"})
        assert answer.status_code == 200
        assert answer.headers["x-amzn-trace-id"].startswith("Root=1-")
        event = answer.json()
        assert event["requestContext"]["requestId"] == answer.headers["x-amzn-requestid"]
        assert event["requestContext"]["extendedRequestId"] == answer.headers["x-amz-apigw-id"]
        assert (event["resource"], event["path"], event["httpMethod"]) == ("/", "/", "POST")
        assert event["requestContext"]["path"] == "/prod"
        assert (event["body"], event["isBase64Encoded"]) == ("hi", False)
        assert event["headers"]["X-Mixed-Case"] == "kept"
        assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
        assert event["queryStringParameters"] == {"a": "2"}
        assert event["stageVariables"] == {"colour": "red"}
        for call in (web.get(url), web.post(f"{url}/x"), web.get(f"{url}/x")):
            assert (call.status_code, call.json()) == (
                403, {"message": "Missing Authentication Token"},
            )  # fmt: skip
            assert call.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
        assert web.post(url.replace("prod", "dev")).json() == {"message": "Forbidden"}
    finally:
        behind.remove(client, name)
    assert web.post(url).json() == {"message": "Internal server error"}


def test_what_a_function_returns_is_the_answer(apis: Any, made: Made, url: str, echo: str) -> None:
    proxy = apis.create_resource(
        restApiId=made["id"], parentId=made["rootResourceId"], pathPart="{proxy+}"
    )
    assert proxy["path"] == "/{proxy+}"
    put(apis, made, echo, proxy["id"], "ANY")
    apis.create_deployment(restApiId=made["id"], stageName="prod")
    found = web.patch(f"{url}/a%2Bb/c/").json()
    assert (found["path"], found["pathParameters"]) == ("/a%2Bb/c/", {"proxy": "a%2Bb/c"})

    def returns(value: Any, **headers: str) -> Any:
        return web.get(f"{url}/x", headers={"X-Return": json.dumps(value), **headers})

    answer = returns({})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/json"
    value = {"multiValueHeaders": {"X-Two": ["a", "b"]}, "headers": {"Date": "x", "X-One": True}}
    answer = returns(value)
    assert answer.headers.get_list("x-two") == ["a", "b"]
    assert (answer.headers["x-one"], answer.headers["x-amzn-remapped-date"]) == ("true", "x")
    image = {"body": "/wD/", "isBase64Encoded": True}
    assert returns(image, Accept="image/png").content == b"\xff\x00\xff"
    assert returns(image, Accept="text/plain").content == b"/wD/"
    sent = web.put(f"{url}/x", content=b"\xff", headers={"Content-Type": "image/png"}).json()
    assert (sent["body"], sent["isBase64Encoded"]) == ("/w==", True)
    for wrong in ("text", {"statusCode": 200, "other": 1}, {"errorMessage": "x"}):
        assert returns(wrong).status_code == 502
        assert returns(wrong).text == '{"message": "Internal server error"}'
    assert web.get(f"{url}/x", headers={"X-Do": "raise"}).status_code == 502
    assert web.post(f"{url}/x", content=b"x" * (10 * 1024**2 + 1)).json() == {
        "message": "Request Too Long"
    }


def test_a_stage_is_changed(apis: Any, made: Made, url: str, echo: str) -> None:
    at = {"restApiId": made["id"], "stageName": "prod"}
    put(apis, made, echo)
    first = apis.create_deployment(restApiId=made["id"], stageName="prod", description="first")
    stage = apis.get_stage(**at)
    assert (stage["deploymentId"], stage["methodSettings"]) == (first["id"], {})
    patches = [
        {"op": "replace", "path": "/~1/POST/throttling/burstLimit", "value": "0"},
        {"op": "replace", "path": "/description", "value": "closed"},
        {"op": "replace", "path": "/variables/colour", "value": "blue"},
    ]
    stage = apis.update_stage(**at, patchOperations=patches)
    assert (stage["description"], stage["variables"]) == ("closed", {"colour": "blue"})
    assert (web.post(url).status_code, web.post(url).json()) == (
        429, {"message": "Too Many Requests"},
    )  # fmt: skip
    apis.update_stage(**at, patchOperations=[{"op": "remove", "path": "/~1/POST"}])
    assert web.post(url).json()["stageVariables"] == {"colour": "blue"}
    # What is edited is served once it is deployed.
    apis.delete_method(restApiId=made["id"], resourceId=made["rootResourceId"], httpMethod="POST")
    assert web.post(url).status_code == 200
    assert refused(apis.delete_deployment, restApiId=made["id"], deploymentId=first["id"]) == (
        BAD, "Active stages pointing to this deployment must be moved or deleted",
    )  # fmt: skip
    apis.delete_stage(**at)
    apis.delete_deployment(restApiId=made["id"], deploymentId=first["id"])
    assert web.post(url).json() == {"message": "Forbidden"}


def test_an_api_is_shown_changed_and_tagged(apis: Any, made: Made) -> None:
    at = {"restApiId": made["id"]}
    shown = apis.get_rest_api(**at)
    assert shown["endpointConfiguration"] == {"types": ["EDGE"], "ipAddressType": "ipv4"}
    assert (shown["apiKeySource"], shown["tags"]) == ("HEADER", {"a": "1"})
    assert made["id"] in [each["id"] for each in apis.get_rest_apis(limit=500)["items"]]
    patch = [{"op": "replace", "path": "/name", "value": "other"}]
    assert apis.update_rest_api(**at, patchOperations=patch)["name"] == "other"
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{made['id']}"
    apis.tag_resource(resourceArn=arn, tags={"b": "2"})
    apis.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert apis.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    root = made["rootResourceId"]
    child = apis.create_resource(**at, parentId=root, pathPart="pets")["id"]
    below = apis.create_resource(**at, parentId=child, pathPart="{id}")["id"]
    apis.put_method(**at, resourceId=below, httpMethod="GET", authorizationType="NONE")
    found = apis.get_resources(**at, embed=["methods"])["items"]
    assert [each["path"] for each in found] == ["/", "/pets", "/pets/{id}"]
    assert found[2]["resourceMethods"]["GET"]["authorizationType"] == "NONE"
    apis.delete_resource(**at, resourceId=child)
    assert [each["path"] for each in apis.get_resources(**at)["items"]] == ["/"]
    apis.delete_rest_api(**at)
    assert refused(apis.get_rest_api, **at) == (
        MISSING, f"Invalid API identifier specified 123456789012:{made['id']}",
    )  # fmt: skip


ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
PROXY = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri_of(ARN)}
NONE = {"authorizationType": "NONE"}


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        ("create_rest_api", {"name": " "}, BAD, "Name cannot be empty"),
        ("create_rest_api", {"name": "a", "endpointConfiguration": {"types": ["PRIVATE"]}}, BAD,
         "labcloud does not have private APIs"),
        ("create_rest_api", {"name": "a", "policy": "{}"}, "ValidationException",
         "labcloud does not implement policy of CreateRestApi"),
        ("create_resource", {"pathPart": "{a+}/b"}, BAD, "Resource's path part only allow"),
        ("create_resource", {"pathPart": "there"}, "ConflictException",
         "Another resource with the same parent already has this name: there"),
        ("put_method", {"httpMethod": "FETCH", **NONE}, BAD, "Invalid HttpMethod specified."),
        ("put_method", {"httpMethod": "GET", "authorizationType": "AWS_IAM"}, BAD,
         "labcloud does not have the authorization AWS_IAM"),
        ("put_method", {"httpMethod": "GET", **NONE, "apiKeyRequired": True},
         "ValidationException", "labcloud does not implement apiKeyRequired of PutMethod"),
        ("put_method", {"httpMethod": "POST", **NONE}, "ConflictException",
         "Method already exists for this resource"),
        ("put_integration", {"httpMethod": "GET", **PROXY}, MISSING,
         "Invalid Method identifier specified"),
        ("put_integration", {"httpMethod": "POST", **PROXY, "type": "MOCK"}, BAD,
         "labcloud does not have integrations of type MOCK"),
        ("put_integration", {"httpMethod": "POST", **PROXY, "uri": "arn:x"}, BAD,
         "Invalid ARN specified in the request"),
        ("put_integration", {"httpMethod": "POST", **PROXY, "uri": ARN}, BAD,
         "AWS ARN for integration must contain path or action"),
        ("put_integration", {"httpMethod": "POST", **PROXY,
         "uri": "arn:aws:apigateway:us-east-1:firehose:action/Put"}, BAD,
         "Integrations of type 'AWS_PROXY' currently only supports Lambda function"),
        ("put_integration", {"httpMethod": "POST", **PROXY, "timeoutInMillis": 30_000}, BAD,
         "Timeout should be between 50 ms and 29000 ms"),
        ("put_integration", {"httpMethod": "POST", "type": "AWS_PROXY", "uri": uri_of(ARN)}, BAD,
         "Enumeration value for HttpMethod must be non-empty"),
        ("get_integration", {"httpMethod": "POST"}, MISSING,
         "Invalid Integration identifier specified"),
        ("create_stage", {"stageName": "a", "deploymentId": "none"}, MISSING,
         "Invalid Deployment identifier specified"),
        ("get_stage", {"stageName": "a"}, MISSING, "Invalid stage identifier specified"),
        ("create_authorizer", {"name": "a", "type": "TOKEN"}, "UnknownOperationException",
         "labcloud does not implement CreateAuthorizer"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    apis: Any, made: Made, operation: str, request_: Made, code: str, message: str
) -> None:
    at = {"restApiId": made["id"]}
    root = made["rootResourceId"]
    apis.put_method(**at, resourceId=root, httpMethod="POST", authorizationType="NONE")
    apis.create_resource(**at, parentId=root, pathPart="there")
    shape = apis.meta.service_model.operation_model(
        "".join(word.title() for word in operation.split("_"))
    ).input_shape
    common = {"restApiId": made["id"], "resourceId": root, "parentId": root}
    known = {name: value for name, value in common.items() if name in shape.members}
    found = refused(getattr(apis, operation), **{**known, **request_})
    assert (found[0], found[1][: len(message)]) == (code, message)
