"""Calls of AWS's operations within the server: the same applications that answer HTTP requests.

A call is serialized and parsed by botocore, as a client's is, and goes to the application of its
service. So the console can do what a client can, is refused what a client is refused, and knows
nothing that the API does not say. What is left out is the signature.
"""

from __future__ import annotations

import functools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from botocore.awsrequest import HeadersDict
from botocore.exceptions import ParamValidationError
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labcloud.gateway.signature import CLAIM, Claim
from labcloud.sagemaker.protocol import service_model

_Body = bytes | AsyncIterator[bytes]
_PROTOCOLS = ("json", "rest-json", "rest-xml", "query")
# What no value of a header has: HTTP would refuse it, and what keeps it could not say it again.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_IN_A_HEADER = "A control character cannot be sent in a header."
# What is kept of an answer (bytes): a model may send any number of them.
LARGEST_ANSWER = 64 * 1024**2
_TOO_MUCH = (
    f"The answer has more than {LARGEST_ANSWER // 1024**2} MB. The console shows none of it."
)


class Refusal(Exception):
    """An operation that was refused, in the words of its service."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class _TooLarge(Exception):
    """An answer that is not kept in memory."""


@dataclass
class _Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False

    async def take(self, message: Message) -> None:
        """The `send` of ASGI: collects the response. Raises _TooLarge."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = _text(message.get("headers", ()))
            return
        self.body += message.get("body", b"")
        self.whole = not message.get("more_body")
        if len(self.body) > LARGEST_ANSWER:
            raise _TooLarge

    async def of(self, application: ASGIApp, scope: Scope, body: _Body) -> None:
        """What an application answers. Raises Refusal."""
        try:
            await application(scope, _received(body), self.take)
        except _TooLarge as error:
            raise Refusal("AnswerTooLarge", _TOO_MUCH, 502) from error
        if not self.whole:
            # A model server that has died has sent its status by then.
            raise Refusal("AnswerBrokeOff", "The answer has broken off.", 502)


class Calls:
    """The services of one server, for callers in its process."""

    def __init__(
        self, services: Mapping[str, ASGIApp], access_key: str, region: str, port: int
    ) -> None:
        self._services = services
        self._access_key = access_key
        self._region = region
        self._port = port

    async def __call__(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        """An operation's answer, in the shape of botocore's model. Raises Refusal.

        `service` is botocore's name for it.
        """
        model = _model(service, operation)
        application, scope, body = self._prepared(model, request)
        answer = _Answer()
        await answer.of(application, scope, body)
        return _parsed(model, answer)

    async def upload(self, size: int, content: AsyncIterator[bytes], **given: Any) -> None:
        """PutObject with a content that need not fit into memory. Raises Refusal.

        `given` are the other members of its request.
        """
        model = _model("s3", "PutObject")
        request = given | {"Body": b""}
        application, scope, _ = self._prepared(model, request)
        scope["headers"] = [each for each in scope["headers"] if each[0] != b"content-length"]
        scope["headers"].append((b"content-length", str(size).encode()))
        answer = _Answer()
        await answer.of(application, scope, content)
        _parsed(model, answer)

    def passed_on(self, service: str, operation: str, **request: Any) -> PassedOn:
        """An answer that goes to the browser as it comes, such as an object's content.

        Raises Refusal.
        """
        application, scope, body = self._prepared(_model(service, operation), request)
        return PassedOn(application, scope, body)

    def _prepared(
        self, model: OperationModel, request: dict[str, Any]
    ) -> tuple[ASGIApp, Scope, bytes]:
        """The application, the scope of ASGI, and the body. Raises Refusal."""
        service = model.service_model
        # The rest of an answer's protocol is the same for all versions of it.
        try:
            sent = create_serializer(_protocol(model)).serialize_to_request(request, model)
        except ParamValidationError as error:
            # What no SDK of AWS would send.
            raise Refusal("ValidationException", str(error), 400) from error
        claim = Claim(
            self._access_key, "20000101", self._region, service.signing_name, ("host",), "0" * 64,
            "20000101T000000Z",
        )  # fmt: skip
        body = sent["body"] or b""
        content = body if isinstance(body, bytes) else urlencode(body, doseq=True).encode()
        headers = {
            "host": f"127.0.0.1:{self._port}",
            "authorization": claim.authorization,
            "content-length": str(len(content)),
            **{name.lower(): str(value) for name, value in sent["headers"].items()},
        }
        if any(map(_CONTROL.search, headers.values())):
            raise Refusal("ValidationException", _IN_A_HEADER, 400)
        if not isinstance(body, bytes):
            headers.setdefault("content-type", "application/x-www-form-urlencoded")
        # Some operations have a part of their query in the path of botocore's model.
        path, _, query = str(sent["url_path"]).partition("?")
        given = urlencode(sent["query_string"], doseq=True)
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
            "method": sent["method"], "path": unquote(path), "raw_path": path.encode(),
            "root_path": "", "query_string": "&".join(filter(None, (query, given))).encode(),
            "headers": [(n.encode(), v.encode("utf-8")) for n, v in headers.items()],
            "client": ("127.0.0.1", 0), "server": ("127.0.0.1", self._port), CLAIM: claim,
        }  # fmt: skip
        return self._services[service.signing_name], scope, content


class PassedOn:
    """A response of ASGI: a service's body with headers of the console's own."""

    def __init__(self, application: ASGIApp, scope: Scope, body: bytes) -> None:
        self._application, self._scope, self._body = application, scope, body
        self.headers: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def renamed(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = _text(message.get("headers", ()))
                kept = {n: there[n] for n in ("content-length", "content-range") if n in there}
                # An error's text is shown as text, whatever the service calls it.
                headers: dict[str, str] = {"content-type": "text/plain; charset=utf-8"}
                headers |= kept | self.headers
                shown = [(n.encode(), v.encode()) for n, v in headers.items()]
                message["headers"] = shown
            await send(message)

        await self._application(self._scope, _received(self._body), renamed)


@functools.cache
def _model(service: str, operation: str) -> OperationModel:
    return service_model(service).operation_model(operation)


def _protocol(model: OperationModel) -> str:
    service = model.service_model
    # Models of services with one protocol name that one only.
    known = service.metadata.get("protocols") or [service.protocol]
    return next(each for each in _PROTOCOLS if each in known)


def _received(body: _Body) -> Receive:
    """What an application receives: a body, and nothing after it."""
    parts = _one(body) if isinstance(body, bytes) else body

    async def receive() -> Message:
        try:
            return {"type": "http.request", "body": await anext(parts), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _text(headers: Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _parsed(model: OperationModel, answer: _Answer) -> dict[str, Any]:
    """Raises Refusal."""
    # A content is left as it is, which botocore would read as text if it were `bytes`.
    content = model.has_streaming_output and answer.status < 300
    response = {
        "status_code": answer.status,
        "headers": HeadersDict(answer.headers),
        "body": answer.body if content else bytes(answer.body),
    }
    parser = create_parser(_protocol(model))
    found: dict[str, Any] = parser.parse(response, model.output_shape)
    if answer.status >= 300:
        error = found.get("Error", {})
        code = str(error.get("Code", "")) or "Error"
        raise Refusal(code, str(error.get("Message") or code), answer.status)
    return found


Call = Callable[..., Awaitable[dict[str, Any]]]
