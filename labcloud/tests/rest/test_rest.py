"""REST-JSON by botocore's model: routes, members of requests, answers."""

from __future__ import annotations

import asyncio
import json
import threading
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import HeadersDict, prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from labcloud.functions.fields import FIELDS
from labcloud.rest.answers import answer
from labcloud.rest.requests import members
from labcloud.rest.routes import Route, Routes
from labcloud.rest.service import RestService
from labcloud.sagemaker.errors import SerializationError
from labcloud.sagemaker.protocol import service_model

SERVICES = ("lambda", "apigatewayv2", "apigateway")
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


def sent(service: str, operation: str, **given: Any) -> tuple[Route, dict[str, Any]]:
    """The route and the members of a request that botocore writes."""
    model = service_model(service)
    shapes = model.operation_model(operation)
    request = create_serializer("rest-json", include_validation=False).serialize_to_request(
        given, shapes
    )
    prepare_request_dict(request, endpoint_url="http://127.0.0.1")
    parts = urlsplit(request["url"])
    route = Routes(model).find(request["method"], parts.path, parts.query)
    assert route is not None
    assert route.operation.name == operation
    headers = {name.lower(): str(value) for name, value in request["headers"].items()}
    body = request["body"]
    body = body.encode() if isinstance(body, str) else bytes(body)
    return route, members(route, parts.query, headers, body, SerializationError)


@pytest.mark.parametrize(
    ("service", "operation", "given"),
    [
        ("lambda", "GetFunction", {"FunctionName": ARN, "Qualifier": "$LATEST"}),
        ("lambda", "ListFunctions", {"MaxItems": 7, "Marker": "a b&c"}),
        ("lambda", "Invoke", {"FunctionName": "f", "Payload": b"\x00", "LogType": "Tail"}),
        ("lambda", "UntagResource", {"Resource": ARN, "TagKeys": ["a", "b"]}),
        ("lambda", "TagResource", {"Resource": ARN, "Tags": {"a": "ü"}}),
        ("lambda", "CreateFunction",
         {"FunctionName": "f", "Role": "r", "Code": {"ZipFile": b"\xff\x00"}, "Timeout": 3,
          "Publish": False, "Environment": {"Variables": {"zip_file": "x"}}}),
        ("lambda", "RemovePermission",
         {"FunctionName": "f", "StatementId": "s", "RevisionId": "r"}),
        ("apigatewayv2", "CreateRoute",
         {"ApiId": "a", "RouteKey": "GET /", "ApiKeyRequired": True}),
        ("apigatewayv2", "CreateApi",
         {"Name": "n", "ProtocolType": "HTTP", "Tags": {"Name": "x"},
          "CorsConfiguration": {"AllowOrigins": ["*"], "MaxAge": 5}}),
        ("apigatewayv2", "TagResource", {"ResourceArn": "arn:aws:apigateway:r::/apis/a",
                                         "Tags": {"a": "b"}}),
        ("apigateway", "PutIntegrationResponse",
         {"restApiId": "a", "resourceId": "r", "httpMethod": "GET", "statusCode": "200"}),
    ],
)  # fmt: skip
def test_what_botocore_writes_is_read(service: str, operation: str, given: dict[str, Any]) -> None:
    _, found = sent(service, operation, **given)
    assert found == given


@pytest.mark.parametrize("service", SERVICES)
def test_each_operation_has_a_way_to_it(service: str) -> None:
    """None hides another one."""
    model = service_model(service)
    routes = Routes(model)
    for name in model.operation_names:
        shapes = model.operation_model(name)
        path, _, query = shapes.http["requestUri"].partition("?")
        given = path.replace("{", "x").replace("+}", "").replace("}", "")
        found = routes.find(shapes.http["method"], given, query)
        assert found is not None, name
        assert found.operation.name == name


def test_paths_that_lead_nowhere() -> None:
    routes = Routes(service_model("lambda"))
    for method, path in (
        ("GET", "/2015-03-31/nothing"), ("PUT", "/2015-03-31/functions"), ("GET", "/"),
        ("GET", "/2015-03-31/functions/a/b/c"),
    ):  # fmt: skip
        assert routes.find(method, path, "") is None


def read(operation: str, query: str = "", body: bytes = b"", **headers: str) -> dict[str, Any]:
    route = Route(service_model("lambda").operation_model(operation), {})
    return members(route, query, headers, body, SerializationError)


@pytest.mark.parametrize(
    ("operation", "query", "body"),
    [
        ("CreateFunction", "", b"{"),
        ("CreateFunction", "", b'{"Timeout": NaN}'),
        ("CreateFunction", "", b"[" * 100_000),
        ("CreateFunction", "", "{}".encode("utf-16")),
        ("CreateFunction", "", b"7"),
        ("CreateFunction", "", b'{"Code": {"ZipFile": "no base64!"}}'),
        ("CreateFunction", "", b'{"Code": {"ZipFile": 7}}'),
        ("ListFunctions", "MaxItems=many", b""),
    ],
)
def test_what_cannot_be_read(operation: str, query: str, body: bytes) -> None:
    with pytest.raises(SerializationError):
        read(operation, query, body)


def test_a_body_holds_nothing_that_belongs_into_the_path_and_keeps_what_nobody_knows() -> None:
    body = b'{"FunctionName": "another", "Colour": "red", "Timeout": 3}'
    assert read("UpdateFunctionConfiguration", body=body) == {"Colour": "red", "Timeout": 3}


@pytest.mark.parametrize(
    ("service", "operation", "result", "status"),
    [
        (
            "lambda",
            "Invoke",
            {"StatusCode": 202, "Payload": b"", "FunctionError": "Unhandled"},
            202,
        ),
        ("lambda", "GetFunction", {"Configuration": {"Timeout": 3, "FunctionName": "f"}}, 200),
        ("lambda", "ListTags", {"Tags": {"a": "b"}}, 200),
        ("lambda", "TagResource", {}, 204),
        ("apigatewayv2", "CreateApi", {"ApiId": "a", "CreatedDate": 1_700_000_000.5}, 201),
        ("apigateway", "GetRestApi", {"id": "a", "createdDate": 1_700_000_000}, 200),
    ],
)
def test_what_is_answered_botocore_reads(
    service: str, operation: str, result: dict[str, Any], status: int
) -> None:
    shapes = service_model(service).operation_model(operation)
    said = answer(shapes, {**result, "RequestId": "one"})
    assert said.status_code == status
    assert said.headers["x-amzn-requestid"] == "one"
    raw = {"status_code": status, "headers": HeadersDict(dict(said.headers)), "body": said.body}
    parsed = create_parser("rest-json").parse(raw, shapes.output_shape)
    for name, value in result.items():
        found = parsed[name]
        if hasattr(found, "timestamp"):
            found = int(found.timestamp())
        elif isinstance(value, bytes):
            # This parser takes every payload for a text.
            found = found.encode()
        assert found == (int(value) if isinstance(value, float) else value)


def test_the_model_is_read_at_the_first_request() -> None:
    """It takes megabytes, and most servers have no function."""
    cloud: Any = object()
    service = RestService(cloud, "lambda", "Lambda", {}, {})
    assert "_routes" not in vars(service)


class _Cloud:
    polling: ContextVar[bool] = ContextVar("polling")


@pytest.mark.parametrize(("size", "status"), [(10 * 2**20 - 200, 200), (10 * 2**20 + 1, 413)])
def test_a_body_has_a_limit_and_a_large_one_is_read_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, size: int, status: int
) -> None:
    threads = list[bool]()

    def noted(*given: Any) -> dict[str, Any]:
        threads.append(threading.current_thread() is threading.main_thread())
        return members(*given)

    monkeypatch.setattr("labcloud.rest.service.members", noted)

    async def operation(cloud: Any, request: dict[str, Any]) -> dict[str, Any]:
        return {"FunctionName": request["FunctionName"]}

    cloud: Any = _Cloud()
    service = RestService(
        cloud, "lambda", "Lambda", {"UpdateFunctionConfiguration": operation}, FIELDS
    )
    body = json.dumps({"Description": "x"}).encode()
    answers = list[Any]()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body + b" " * (size - len(body))}

    async def send(message: Any) -> None:
        answers.append(message)

    path = "/2015-03-31/functions/f/configuration"
    scope = {"type": "http", "method": "PUT", "path": path, "query_string": b"", "headers": []}
    asyncio.run(service(scope, receive, send))
    assert answers[0]["status"] == status
    assert threads == ([False] if status == 200 else [])


@pytest.mark.parametrize(
    "body",
    [
        r'{"name": "\ud800", "protocolType": "HTTP"}',
        r'{"name": "a", "tags": {"\udc00\ud800": "b"}}',
        r'{"name": "a", "corsConfiguration": {"allowOrigins": ["\ud800"]}}',
        '{"corsConfiguration": {"maxAge": 2147483648}}',
        '{"corsConfiguration": {"maxAge": 1' + "0" * 400 + "}}",
    ],
)
def test_what_could_not_be_answered_is_not_read(body: str) -> None:
    """It would be written down, and every later list of these would fail."""
    route = Routes(service_model("apigatewayv2")).find("POST", "/v2/apis", "")
    assert route is not None
    with pytest.raises(SerializationError):
        members(route, "", {}, body.encode(), SerializationError)


@pytest.mark.parametrize("rate", ["1e999", "-1e999", "1" + "0" * 400])
def test_a_number_without_an_end_is_not_read(rate: str) -> None:
    route = Routes(service_model("apigatewayv2")).find("PATCH", "/v2/apis/a/stages/s", "")
    assert route is not None
    body = f'{{"defaultRouteSettings": {{"throttlingRateLimit": {rate}}}}}'.encode()
    with pytest.raises(SerializationError):
        members(route, "", {}, body, SerializationError)


@pytest.mark.parametrize("said", ["1_0", "%D9%A1", "+5", "%205", "9" * 20, "1e3", ""])
def test_a_number_of_a_query_is_of_digits(said: str) -> None:
    route = Routes(service_model("lambda")).find("GET", "/2015-03-31/functions/", "")
    assert route is not None
    with pytest.raises(SerializationError):
        members(route, f"MaxItems={said}", {}, b"", SerializationError)
