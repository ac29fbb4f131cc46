"""Whatever is sent to an operation of API Gateway, or to a stage, the answer is one of AWS's."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcloud.apis.httpapis.operations import OPERATIONS as HTTP_APIS
from labcloud.apis.restapis.operations import OPERATIONS as REST_APIS
from labcloud.sagemaker.protocol import service_model

from ..shapes import requests

NOBODY = "arn:aws:lambda:us-east-1:123456789012:function:nobody"
OPERATIONS = [("apigatewayv2", name) for name in sorted(HTTP_APIS)]
OPERATIONS += [("apigateway", name) for name in sorted(REST_APIS)]
SETTINGS = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def connection(cloud_environment: dict[str, str]) -> Iterator[http.client.HTTPConnection]:
    address = urlsplit(cloud_environment["AWS_ENDPOINT_URL"])
    found = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    yield found
    found.close()


@pytest.fixture(scope="module")
def there(client: Any) -> dict[str, str]:
    """What stands in the paths of requests, by the labels: an API of each kind, with its parts."""
    api = client("apigatewayv2").create_api(Name="of-requests", ProtocolType="HTTP", Target=NOBODY)
    at = {"ApiId": api["ApiId"]}
    (route,) = client("apigatewayv2").get_routes(**at)["Items"]
    (stage,) = client("apigatewayv2").get_stages(**at)["Items"]
    rest = client("apigateway").create_rest_api(name="of-requests")
    method = {"resourceId": rest["rootResourceId"], "httpMethod": "POST"}
    client("apigateway").put_method(restApiId=rest["id"], **method, authorizationType="NONE")
    return {
        "apiId": api["ApiId"],
        "routeId": route["RouteId"],
        "integrationId": route["Target"].removeprefix("integrations/"),
        "stageName": "$default",
        "deploymentId": stage["DeploymentId"],
        "restapi_id": rest["id"],
        "resource_id": rest["rootResourceId"],
        "parent_id": rest["rootResourceId"],
        "http_method": "POST",
        "resource-arn": f"arn:aws:apigateway:us-east-1::/apis/{api['ApiId']}",
        "resource_arn": f"arn:aws:apigateway:us-east-1::/restapis/{rest['id']}",
    }


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_made_and_damaged_requests(
    connection: http.client.HTTPConnection,
    cloud_environment: dict[str, str],
    there: dict[str, str],
    service: str,
    operation: str,
) -> None:
    model = service_model(service).operation_model(operation)
    shape = model.input_shape

    @SETTINGS
    @given(requests(shape))
    def check(request: Any) -> None:
        # One of two requests is about what is there.
        labels = {} if operation.startswith("Delete") or len(str(request)) % 2 else there
        status, body = _sent(connection, cloud_environment, model, request, labels)
        assert status < 500, (request, body)
        if status >= 300:
            assert json.loads(body)["Message"]

    check()


def _sent(
    connection: http.client.HTTPConnection,
    environment: dict[str, str],
    model: Any,
    request: Any,
    labels: dict[str, str],
) -> tuple[int, bytes]:
    """A signed request, whose members are in the path and the body as the model says."""
    path, body = model.http["requestUri"], {}
    for name, value in request.items() if isinstance(request, dict) else ():
        member = model.input_shape.members.get(name)
        where = member.serialization if member else {}
        if where.get("location") == "uri":
            said = labels.get(where["name"], str(value)) or "x"
            path = path.replace(f"{{{where['name']}}}", quote(said, safe=""))
        elif "location" not in where:
            body[where.get("name", name)] = value
    path = path.replace("{", "%7B").replace("}", "%7D")
    url = environment["AWS_ENDPOINT_URL"] + path
    signed = AWSRequest(method=model.http["method"], url=url, data=json.dumps(body).encode())
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(key, "apigateway", "us-east-1").add_auth(signed)
    connection.request(signed.method, path, signed.data, dict(signed.headers))
    response = connection.getresponse()
    return response.status, response.read()


def test_visits(connection: http.client.HTTPConnection, client: Any) -> None:
    """No function may be called: what comes to one is answered with 500, as on AWS."""
    apis = client("apigatewayv2")
    api = apis.create_api(Name="visited", ProtocolType="HTTP", Target=NOBODY)
    path = urlsplit(api["ApiEndpoint"]).path
    tokens = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)

    @SETTINGS
    @given(
        st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "TRACE", "DELETE", "PURGE"]),
        st.binary(max_size=30),
        tokens,
        st.binary(max_size=50),
    )
    def check(method: str, raw: bytes, header: str, body: bytes) -> None:
        target = f"{path}/{quote(raw, safe='/%?=&;')}"
        connection.request(method, target, body, {"X-Any": header, "Origin": header.strip()})
        response = connection.getresponse()
        found = response.read()
        assert response.status == 500, (method, raw, header)
        assert method == "HEAD" or json.loads(found) == {"message": "Internal Server Error"}

    check()
    apis.delete_api(ApiId=api["ApiId"])
