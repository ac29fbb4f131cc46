"""What a visitor gets: an answer made of what the function has returned, or one of API Gateway's.

What API Gateway itself says differs between HTTP APIs and REST APIs, in status and spelling.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from labcloud.apis.stage.visits import HOP_BY_HOP

Headers = list[tuple[str, str]]

# What is written by labcloud, or is about the connection.
_OWN = HOP_BY_HOP | {"content-length", "date"}
# What would be about every path or server of this host: the last one empties a browser's cookies.
_OF_THE_HOST = {"set-cookie", "service-worker-allowed", "alt-svc", "clear-site-data"}


@dataclass(frozen=True)
class Reply:
    """An answer to a visitor."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def sendable(self, *, to_browser: bool) -> Headers:
        """The headers as they go out.

        A browser is given no cookies: they would be those of every other server on this host, and
        none of them is handed on to a function.
        """
        dropped = _OWN | _OF_THE_HOST if to_browser else _OWN
        return [(name, value) for name, value in self.headers if name.lower() not in dropped]


class Failed(Exception):
    """A visit that ends with an answer of API Gateway's own.

    `kind` is the type of a REST API's error, which has it in a header.
    """

    def __init__(self, status: int, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind

    @property
    def reply(self) -> Reply:
        headers = [("Content-Type", "application/json")]
        if self.kind:
            headers.append(("x-amzn-ErrorType", self.kind))
        # Only this one has a space, as the Java that writes it.
        space = " " if self.message == _INTERNAL_OF_REST else ""
        body = f'{{"message":{space}{json.dumps(self.message)}}}'.encode()
        return Reply(self.status, headers, body)


_INTERNAL_OF_REST = "Internal server error"
_ERROR_OF_REST = "InternalServerErrorException"


@dataclass(frozen=True)
class Words:
    """What one kind of API answers by itself, by what has happened: status, message and type."""

    no_api: tuple[int, str, str]
    no_stage: tuple[int, str, str]
    no_route: tuple[int, str, str]
    too_large: tuple[int, str, str]
    too_many: tuple[int, str, str]
    # The function may not be called, or is not there.
    not_allowed: tuple[int, str, str]
    # Lambda is at its limit of concurrent executions.
    throttled: tuple[int, str, str]
    # The function has failed, or has returned what is no answer.
    malformed: tuple[int, str, str]
    timed_out: tuple[int, str, str]
    # labcloud is being stopped, as AWS never is: the words that HTTP APIs have for their 503.
    stopped: tuple[int, str, str]


_FORBIDDEN = (403, "Forbidden", "ForbiddenException")
HTTP_API = Words(
    no_api=_FORBIDDEN,
    no_stage=(404, "Not Found", ""),
    no_route=(404, "Not Found", ""),
    too_large=(413, "Request Entity Too Large", ""),
    too_many=(429, "Too Many Requests", ""),
    not_allowed=(500, "Internal Server Error", ""),
    throttled=(503, "Service Unavailable", ""),
    malformed=(500, "Internal Server Error", ""),
    timed_out=(503, "Service Unavailable", ""),
    stopped=(503, "Service Unavailable", ""),
)
REST_API = Words(
    no_api=_FORBIDDEN,
    no_stage=_FORBIDDEN,
    no_route=(403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    too_large=(413, "Request Too Long", "RequestTooLargeException"),
    too_many=(429, "Too Many Requests", "TooManyRequestsException"),
    not_allowed=(500, _INTERNAL_OF_REST, _ERROR_OF_REST),
    throttled=(500, _INTERNAL_OF_REST, _ERROR_OF_REST),
    malformed=(502, _INTERNAL_OF_REST, _ERROR_OF_REST),
    timed_out=(504, "Endpoint request timed out", _ERROR_OF_REST),
    stopped=(503, "Service Unavailable", "ServiceUnavailableException"),
)
