"""HTTP APIs, made by boto3 and called as browsers and programs call them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from labcloud.client import report
from labcloud_support.http import http as web
from labcloud_support.life import Life

from ..test_refusals import refusal
from . import behind

Client = Callable[[str], Any]
PAGE = "http://127.0.0.1:8888"
CORS = {
    "AllowOrigins": [PAGE],
    "AllowMethods": ["POST"],
    "AllowHeaders": ["Content-Type"],
    "ExposeHeaders": ["X-Kept"],
    "MaxAge": 60,
}


@pytest.fixture(scope="module")
def echo(client: Client) -> Iterator[str]:
    """The ARN of a function that any API may call."""
    found = behind.make(client, "echo-of-http-apis")
    behind.allow(client, "echo-of-http-apis", "*")
    yield found
    behind.remove(client, "echo-of-http-apis")


@pytest.fixture
def apis(client: Client) -> Any:
    return client("apigatewayv2")


def test_an_api_is_made_quickly_and_answers_pages(
    client: Client, apis: Any, api: Callable[..., dict[str, Any]], name: str
) -> None:
    function = behind.make(client, name)
    made = api(Target=function, CorsConfiguration=CORS, Tags={"of": "tests"}, Version="1")
    try:
        url, found = made["ApiEndpoint"], made["ApiId"]
        assert urlsplit(url).path == f"/_aws/execute-api/{found}"
        # The function's policy says who may invoke it.
        assert web.get(url).json() == {"message": "Internal Server Error"}
        behind.allow(client, name, "other/*", "other")
        assert web.get(url).status_code == 500
        behind.allow(client, name, f"{found}/*")
        answer = web.post(
            f"{url}/a%20b?x=1&x=2",
            content="hi",
            headers={
                "Content-Type": "text/plain",
                "Origin": PAGE,
                "Sec-Fetch-Site": "same-site",
                "X-Forwarded-For": "192.0.2.1",
                "X-Forwarded-Proto": "https",
            },
        )
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["access-control-expose-headers"] == "x-kept"
        event = answer.json()
        assert event["requestContext"]["requestId"] == answer.headers["apigw-requestid"]
        assert (event["rawPath"], event["rawQueryString"]) == ("/a b", "x=1&x=2")
        assert event["queryStringParameters"] == {"x": "1,2"}
        assert (event["body"], event["isBase64Encoded"]) == ("hi", False)
        # A visitor does not choose from where it comes.
        assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
        assert event["headers"]["x-forwarded-for"] == "192.0.2.1, 127.0.0.1"
        asked = web.options(url, headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"})
        assert (asked.status_code, asked.content) == (204, b"")
        assert asked.headers["access-control-allow-methods"] == "POST"
        assert asked.headers["access-control-allow-headers"] == "content-type"
        assert asked.headers["access-control-max-age"] == "60"
        other = web.get(url, headers={"Origin": "http://127.0.0.1:9999"})
        assert "access-control-allow-origin" not in other.headers
    finally:
        behind.remove(client, name)
    # What the page can still read when the function is gone.
    gone = web.get(url, headers={"Origin": PAGE})
    assert (gone.status_code, gone.json()) == (500, {"message": "Internal Server Error"})
    assert gone.headers["access-control-allow-origin"] == PAGE
    apis.delete_api(ApiId=found)
    assert (web.get(url).status_code, web.get(url).json()) == (403, {"message": "Forbidden"})
    code, message = refusal(apis.get_api, ApiId=found)
    assert (code, message) == (
        "NotFoundException",
        f"Invalid API identifier specified 123456789012:{found}",
    )


def test_an_api_is_made_step_by_step(
    apis: Any, api: Callable[..., dict[str, Any]], echo: str
) -> None:
    made = api(Description="by hand")
    at = {"ApiId": made["ApiId"]}
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{echo}/invocations"
    integrations = [
        apis.create_integration(
            **at, IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion=version
        )["IntegrationId"]
        for version in ("1.0", "2.0")
    ]
    old, new = (f"integrations/{each}" for each in integrations)
    assert refusal(apis.create_deployment, **at) == (
        "BadRequestException", "Unable to deploy API because no routes exist in this API",
    )  # fmt: skip
    for key, target in (
        ("GET /pets/{id}", new), ("GET /pets/dog", old), ("ANY /{proxy+}", new), ("POST /", new),
    ):  # fmt: skip
        apis.create_route(**at, RouteKey=key, Target=target)
    stage = apis.create_stage(
        **at, StageName="v1", StageVariables={"colour": "red"}, AutoDeploy=True
    )
    assert stage["AutoDeploy"]
    url = f"{made['ApiEndpoint']}/v1"
    found = web.get(f"{url}/pets/a%2Bb").json()
    assert found["routeKey"] == "GET /pets/{id}"
    assert found["rawPath"] == "/v1/pets/a+b"
    assert found["pathParameters"] == {"id": "a+b"}
    assert found["stageVariables"] == {"colour": "red"}
    assert found["requestContext"]["stage"] == "v1"
    found = web.get(f"{url}/pets/dog?a=1&a=2", headers=[("X-A", "1"), ("x-a", "2")]).json()
    assert (found["version"], found["resource"], found["path"]) == (
        "1.0",
        "/pets/dog",
        "/v1/pets/dog",
    )
    assert found["multiValueHeaders"]["x-a"] == ["1", "2"]
    assert found["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert web.post(url).json()["routeKey"] == "POST /"
    assert web.delete(f"{url}/pets/1").json()["routeKey"] == "ANY /{proxy+}"
    for missing in (f"{made['ApiEndpoint']}/pets/1", f"{url}", f"{made['ApiEndpoint']}/v2/x"):
        assert web.get(missing).json() == {"message": "Not Found"}
    # Deployed automatically; one deployment is left of all those.
    (deployment,) = apis.get_deployments(**at)["Items"]
    assert deployment["AutoDeployed"]
    message = apis.get_stage(**at, StageName="v1")["LastDeploymentStatusMessage"]
    assert message == (
        f"Successfully deployed stage with deployment ID '{deployment['DeploymentId']}'"
    )
    first = apis.get_routes(**at, MaxResults="3")
    rest = apis.get_routes(**at, MaxResults="3", NextToken=first["NextToken"])
    assert len({r["RouteKey"] for r in first["Items"] + rest["Items"]}) == 4
    for route in apis.get_routes(**at)["Items"]:
        apis.delete_route(**at, RouteId=route["RouteId"])
    for each in integrations:
        apis.delete_integration(**at, IntegrationId=each)


def test_what_a_function_returns_is_the_answer(
    api: Callable[..., dict[str, Any]], echo: str
) -> None:
    url = api(Target=echo)["ApiEndpoint"]

    def returns(value: Any) -> Any:
        return web.get(url, headers={"X-Return": json.dumps(value)})

    assert (returns("hello").text, returns("x").headers["content-type"]) == (
        "hello", "application/json",
    )  # fmt: skip
    answer = returns({"statusCode": 404, "cookies": ["a=1", "b=2"], "headers": {"X-A": "b"}})
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (404, "", "b")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-type"] == "text/plain;charset=UTF-8"
    binary = returns({"statusCode": 200, "body": "/wD/", "isBase64Encoded": True})
    assert binary.content == b"\xff\x00\xff"
    for wrong in ({"statusCode": "no"}, {"statusCode": 200, "body": {}}):
        assert (returns(wrong).status_code, returns(wrong).json()) == (
            500, {"message": "Internal Server Error"},
        )  # fmt: skip
    assert web.get(url, headers={"X-Do": "raise"}).status_code == 500
    sent = web.post(url, content=b"\xff\x00\xff").json()
    assert (sent["body"], sent["isBase64Encoded"]) == ("/wD/", True)
    assert web.post(url, content=b"x" * (10 * 1024**2 + 1)).status_code == 413
    # Lambda takes less than API Gateway.
    assert web.post(url, content=b"x" * (6 * 1024**2)).status_code == 413


def test_an_api_is_changed_and_tagged(
    apis: Any, api: Callable[..., dict[str, Any]], echo: str
) -> None:
    made = api(Target=echo, Tags={"a": "1"})
    at = {"ApiId": made["ApiId"]}
    changed = apis.update_api(**at, Name="other", CorsConfiguration={"AllowOrigins": ["*"]})
    assert (changed["Name"], changed["ApiEndpoint"]) == ("other", made["ApiEndpoint"])
    answer = web.get(made["ApiEndpoint"], headers={"Origin": "null"})
    assert answer.headers["access-control-allow-origin"] == "*"
    apis.delete_cors_configuration(**at)
    assert "CorsConfiguration" not in apis.get_api(**at)
    answer = web.get(made["ApiEndpoint"], headers={"Origin": "null"})
    assert "access-control-allow-origin" not in answer.headers
    arn = f"arn:aws:apigateway:us-east-1::/apis/{made['ApiId']}"
    apis.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    apis.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert apis.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    stage = f"{arn}/stages/$default"
    apis.tag_resource(ResourceArn=stage, Tags={"c": "3"})
    assert apis.get_stage(**at, StageName="$default")["Tags"] == {"c": "3"}
    apis.update_api(**at, DisableExecuteApiEndpoint=True)
    assert web.get(made["ApiEndpoint"]).json() == {"message": "Not Found"}


def ask(url: str, path: str, **headers: str) -> tuple[int, str]:
    """A plain request, whose path is sent as it is."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    found = response.status, response.read().decode()
    connection.close()
    return found


def test_nothing_else_is_open(api: Callable[..., dict[str, Any]], echo: str) -> None:
    made = api(Target=echo)
    url = made["ApiEndpoint"]
    path = urlsplit(url).path
    assert ask(url, f"{path}/../../../status")[0] == 200
    assert json.loads(ask(url, f"{path}/../../../status")[1])["rawPath"] == "/../../../status"
    for host in ("example.com", "127.0.0.1.example.com", ""):
        status, body = ask(url, path, Host=host)
        assert (status, "is not this server" in body) == (403, True)
    for other in (
        "/status",
        "/_aws",
        "/_aws/",
        "/_aws/execute-api",
        "/_AWS/execute-api/x",
        "//_aws/execute-api/x",
    ):
        status, body = ask(url, other)
        assert (status, "AccessDenied" in body) == (403, True), other
        assert "from web pages" in ask(url, other, Origin="http://127.0.0.1:8888")[1]


def test_apis_are_there_again_after_a_kill(life: Life) -> None:
    client = life.client
    function = behind.make(client, "f")
    behind.allow(client, "f", "*")
    made = client("apigatewayv2").create_api(Name="kept", ProtocolType="HTTP", Target=function)
    path = urlsplit(made["ApiEndpoint"]).path
    assert web.get(f"{life.running.url}{path}/x").json()["rawPath"] == "/x"
    life.kill()
    life.begin()
    assert web.get(f"{life.running.url}{path}/x").json()["rawPath"] == "/x"
    (found,) = client("apigatewayv2").get_apis()["Items"]
    assert (found["Name"], found["ApiEndpoint"]) == ("kept", f"{life.running.url}{path}")
    said = list(report.lines(life.home, life.running))
    assert ["APIs", "kept", f"({made['ApiId']})", path] in [line.split() for line in said]
