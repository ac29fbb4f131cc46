"""One signed HTTP request, sent exactly as a test builds it: no SDK changes it on its way."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key
from botocore.parsers import create_parser

from labcloud.sagemaker.protocol import service_model


@dataclass(frozen=True)
class Answer:
    """What came back, and as botocore reads it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def read(self, service: str, operation: str) -> dict[str, Any]:
        """The answer as the SDK's parser of this service reads it."""
        model = service_model(service)
        parser = create_parser(model.metadata["protocol"])
        answer = {"status_code": self.status, "headers": self.headers, "body": self.body}
        parsed: dict[str, Any] = parser.parse(answer, model.operation_model(operation).output_shape)
        return parsed


class _InQuery(SigV4QueryAuth):  # type: ignore[misc]  # botocore has no types
    """A signature in the query; the body stays the body, which botocore would move to the query."""

    def __init__(self, key: Key, service: str, region: str, body: bytes) -> None:
        super().__init__(key, service, region, expires=60)
        self._body = body

    def payload(self, request: AWSRequest) -> str:
        return hashlib.sha256(self._body).hexdigest()


@dataclass(frozen=True)
class Wire:
    """Signs with the keys of one environment, and sends to its labcloud."""

    environment: dict[str, str]
    secret: str = ""

    def ask(
        self, service: str, method: str = "POST", target: str = "/", body: bytes = b"",
        *, in_query: bool = False, **headers: str,
    ) -> Answer:  # fmt: skip
        """A request for `service` (its signing name); `_` stands for `-` in headers' names."""
        environment = self.environment
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, environment["AWS_ENDPOINT_URL"] + target, named)
        key = Key(
            environment["AWS_ACCESS_KEY_ID"], self.secret or environment["AWS_SECRET_ACCESS_KEY"]
        )
        if in_query:
            _InQuery(key, service, environment["AWS_REGION"], body).add_auth(request)
        else:
            request.data = body
            signer = S3SigV4Auth if service == "s3" else SigV4Auth
            signer(key, service, environment["AWS_REGION"]).add_auth(request)
        return send(method, request.url, dict(request.headers), body)

    def in_chunks(
        self, service: str, method: str, target: str, body: bytes, **headers: str
    ) -> Answer:
        """The same with Transfer-Encoding instead of a length."""
        url = self.environment["AWS_ENDPOINT_URL"] + target
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, url, named, data=body)
        key = Key(self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])
        S3SigV4Auth(key, service, self.environment["AWS_REGION"]).add_auth(request)
        return send(method, request.url, dict(request.headers), iter([body[:1], body[1:]]))


def send(
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    body: bytes | Iterator[bytes] = b"",
) -> Answer:
    """A request as it is given; a body of several parts is sent in chunks."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    try:
        target = address.path + (f"?{address.query}" if address.query else "")
        connection.request(method, target or "/", body, headers or {})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()
