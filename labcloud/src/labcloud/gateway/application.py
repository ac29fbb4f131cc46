"""The gateway: checks who sends a request, then hands it on to the service that it is for.

Every request is signed (SigV4). Before the signature, two headers are checked: the Host must be
this server, so that a web page whose name was re-bound to this machine reaches nothing, and no page
may send requests, whatever its origin. A door, which has a path of its own, is open to every page
and every sender: only the Host is checked.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection, Mapping
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labcloud.gateway import post_policy
from labcloud.gateway.body import Body, Unverified, given_again
from labcloud.gateway.documents import apart
from labcloud.gateway.refusals import (
    STOPPED,
    Refused,
    is_given_up,
    protocol_of,
    refusal,
    unwritten,
)
from labcloud.gateway.signature import (
    CLAIM,
    Claim,
    check,
    check_body,
    named_service,
    read_claim,
    stated_hash,
    verify_signature,
)
from labcloud.state.credentials import Credentials
from labcloud.version import DOCUMENTATION

logger = logging.getLogger(__name__)

_INTERNAL = "The request processing has failed because of an unknown error, exception or failure."
_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(\[[^\]]*\]|[^:,\s]+)(?::[0-9]*)?")


class Gateway:
    """An ASGI application in front of the services, which it knows by their signing names.

    A service finds the verified claim of the request in its scope (`signature.claim_of`): which
    service, region and key a request is for is decided here and nowhere else.
    """

    def __init__(
        self,
        credentials: Credentials,
        services: Mapping[str, ASGIApp],
        names: Collection[str] = (),
        patience: float = 60.0,
        regions: Mapping[str, str] | None = None,
    ) -> None:
        """`names` are the Hosts that are allowed besides those of loopback. Some may come later.

        `patience` is how long the next part of a body may take (seconds), `regions` has the only
        region of a service that has one.
        """
        self.regions = regions or {}
        self.patience = patience
        self._unverified = Unverified()
        self.credentials = credentials
        self.services = services
        self.names = names
        self._doors: dict[str, ASGIApp] = {}

    def open_door(self, path: str, application: ASGIApp) -> None:
        """What is asked for below a path goes to an application without a signature.

        The application reads the bodies by itself, with limits of its own.
        """
        self._doors[f"{path}/"] = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = _Answer(apart(_parts(scope)[0], send))
        try:
            await self._handed_on(scope, receive, answer)
        except asyncio.CancelledError:
            # The server is being stopped, and has waited as long as it does.
            if not answer.begun:
                await _refuse(STOPPED, scope, receive, answer)

    async def _handed_on(self, scope: Scope, receive: Receive, send: _Answer) -> None:
        body = Body(self._unverified, self.patience)
        try:
            door = self._door(scope)
            if door is not None:
                await _answered(door, scope, receive, send)
                return
            try:
                claim = await self._verified(scope, receive, body)
                body.trust()
                application = self._application(claim)
            except (Refused, OSError) as error:
                await body.drain(receive, _stated_size(scope))
                await _refuse(error, scope, receive, send)
                return
            replay = given_again(body.chunks(), receive)
            await _answered(application, {**scope, CLAIM: claim}, replay, send)
        finally:
            body.close()

    def _door(self, scope: Scope) -> ASGIApp | None:
        """The door that a request is for, if its Host is a name of loopback's.

        Another Host is refused as everywhere.
        """
        headers, path, _ = _parts(scope)
        if _host_name(headers) not in _HOSTS:
            return None
        return next((door for below, door in self._doors.items() if path.startswith(below)), None)

    async def _verified(self, scope: Scope, receive: Receive, body: Body) -> Claim:
        """The request's claim. Raises Refused, and OSError where a large body cannot be kept."""
        headers, path, query = _parts(scope)
        _check_origin(headers, self.names)
        boundary = post_policy.boundary_of(scope["method"], path, headers)
        if boundary:
            return await self._verified_form(receive, body, path, boundary)
        claim = read_claim(headers, query)
        # What the head says is enough for most refusals: nobody without a key sends a body.
        check(self.credentials, claim, headers)
        stated = stated_hash(claim, headers)
        if stated is not None:
            verify_signature(self.credentials, claim, scope["method"], path, query, headers, stated)
            body.trust()
            await body.read(receive)
            check_body(claim, headers, body.digest())
            return claim
        await body.read(receive)
        verify_signature(
            self.credentials, claim, scope["method"], path, query, headers, body.digest()
        )
        return claim

    async def _verified_form(self, receive: Receive, body: Body, path: str, boundary: str) -> Claim:
        """The claim of an upload by form, whose fields say who allows it."""
        await body.read(receive, enough=post_policy.ENOUGH)
        fields, position = post_policy.read(body.start(), boundary)
        claim = post_policy.verify_signature(self.credentials, fields)
        body.trust()
        await body.read(receive)
        size = post_policy.size_of_file(position, body.end(), body.size, boundary)
        post_policy.verify(fields, size, unquote(path.strip("/")))
        return claim

    def _application(self, claim: Claim) -> ASGIApp:
        found = self.services.get(claim.service)
        if found is None:
            raise Refused(
                "UnknownOperationException",
                f"labcloud does not have the service {claim.service}. This page lists what it has: "
                f"{DOCUMENTATION}/operations.md",
            )
        region = self.regions.get(claim.service, claim.region)
        if claim.region != region:
            raise Refused(
                "ValidationException",
                f"This labcloud's region is {region}, and the request is for {claim.region}. Ask "
                f"for {region}, or start labcloud with --region {claim.region}.",
            )
        return found


class _Answer:
    """Sends an answer, and knows whether something of it has been sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        if message["type"] == "http.response.start" and is_given_up():
            # No request that is on its way behind this one is begun.
            given = message.get("headers", [])
            message = {**message, "headers": [*given, (b"connection", b"close")]}
        await self._send(message)


async def _answered(application: ASGIApp, scope: Scope, receive: Receive, send: _Answer) -> None:
    """An application's answer; where it fails, an error that the client's SDK can read."""
    try:
        await application(scope, receive, send)
    except Exception:
        if send.begun:
            # What has been sent cannot be taken back: the connection is closed.
            raise
        logger.exception("a service failed", extra={"event": "internal-failure"})
        await _refuse(Refused("InternalFailure", _INTERNAL, 500), scope, receive, send)


async def _refuse(error: Refused | OSError, scope: Scope, receive: Receive, send: Send) -> None:
    headers, path, query = _parts(scope)
    if isinstance(error, OSError):
        # A large body is kept in a file.
        logger.error("could not write: %s", error, extra={"event": "write-failed"})
        error = Refused("InternalError", unwritten(error), 500)
    else:
        logger.warning(
            "refused: %s", error.message,
            extra={"event": "refused", "code": error.code, "path": path},
        )  # fmt: skip
    protocol = protocol_of(named_service(headers, query), path, query, headers)
    answer = refusal(protocol, error.code, error.message, error.status)
    await answer(scope, receive, send)


def _stated_size(scope: Scope) -> int | None:
    """What a request says its body has (bytes); None if it does not say."""
    stated = dict(scope["headers"]).get(b"content-length", b"")
    return int(stated) if stated.isdigit() else None


def _parts(scope: Scope) -> tuple[dict[str, str], str, str]:
    """Headers by lower-case name, path and query, both as they stand in the request line."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        # A header that is repeated is one with several values, as in what is signed.
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return headers, path.decode("latin-1"), scope["query_string"].decode("latin-1")


def _host_name(headers: dict[str, str]) -> str:
    """The Host without its port; nothing where it is none, or there are several."""
    found = _HOST.fullmatch(headers.get("host", ""))
    return found[1] if found else ""


def _check_origin(headers: dict[str, str], names: Collection[str]) -> None:
    name = _host_name(headers)
    if name not in _HOSTS and name not in names:
        said = headers.get("host", "")
        raise Refused("AccessDenied", f"The Host {said!r} is not this server.", 403)
    # Pages of this port, too: those that a stage shows are their functions'.
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        raise Refused("AccessDenied", "Requests from web pages are not accepted.", 403)
