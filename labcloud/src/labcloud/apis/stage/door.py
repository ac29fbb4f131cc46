"""The one place of labcloud that answers without a signature: the stages of APIs.

A page of any origin may call it, as on AWS, and CORS says what the page sees of the answer. Nothing
but an API's routes is reached through it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any

from starlette.types import Receive, Scope, Send

from labcloud.apis import cors, store
from labcloud.apis.stage import aims, replies
from labcloud.apis.stage.aims import Aim
from labcloud.apis.stage.replies import Failed, Reply, Words
from labcloud.apis.stage.results import Malformed
from labcloud.apis.stage.served import Served
from labcloud.apis.stage.throttles import Throttles
from labcloud.apis.stage.visits import Visit
from labcloud.cloud import Cloud
from labcloud.functions.asked import Answered, FunctionError, Functions
from labcloud.gateway.body import Body, Unverified
from labcloud.gateway.refusals import Refused, is_given_up
from labcloud.state.records import Record

logger = logging.getLogger(__name__)

PRINCIPAL = "apigateway.amazonaws.com"
# API Gateway's limit of a request's body (bytes).
LARGEST = 10 * 1024**2
# The bodies of all visitors together (bytes). It is their own room: requests that are signed have
# another one, which nobody can fill without a key's id.
MOST_OF_BODIES = 256 * 1024**2
# Lambda's limit of an event (bytes), which API Gateway passes on.
LARGEST_EVENT = 6 * 1024**2
# Functions that may run for visitors at once; an account's default on AWS.
MOST_VISITORS = 1000

# Lambda's reason where the account's limit is reached, and not the function's own.
_NO_ROOM = "ConcurrentInvocationLimitExceeded"
# Lambda itself waits some time for room, before it says that there is none (seconds).
_PAUSE = 0.05
_WITHOUT_BODY = (204, 304)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


class Door:
    """An ASGI application below `store.DOOR`, which checks no signature."""

    def __init__(self, cloud: Cloud, patience: float = 60.0) -> None:
        """`patience` is how long the next part of a body may take (seconds)."""
        self._cloud = cloud
        self._apis = Served(cloud)
        self._unverified = Unverified(MOST_OF_BODIES)
        self._patience = patience
        self._throttles = Throttles()
        self._running: set[asyncio.Task[Answered]] = set()

    async def close(self) -> None:
        """Ends what runs for visitors, also for those who have gone."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body(self._unverified, self._patience)
        api, visit = _arrived(scope)
        try:
            try:
                reply, own = await self._served(api, visit, body, receive)
            except Exception:
                logger.exception("a visit failed", extra={"event": "internal-failure"})
                reply, own = Failed(*replies.HTTP_API.not_allowed).reply, []
            if not is_given_up():
                # Where the answer is known before the body was read.
                await body.drain(receive, _stated(visit))
        finally:
            body.close()
        await _send(reply, own, visit, send)

    async def _served(
        self, api: str, visit: Visit, body: Body, receive: Receive
    ) -> tuple[Reply, replies.Headers]:
        """The answer, and the headers that API Gateway itself adds."""
        record = self._apis.api(store.HTTP_API, api)
        if record is not None:
            reply = await self._of_http_api(record, visit, body, receive)
            return reply, [("apigw-requestid", visit.extended_id)]
        own = [("x-amzn-RequestId", visit.request_id), ("x-amz-apigw-id", visit.extended_id)]
        words = replies.REST_API
        try:
            record = self._apis.api(store.REST_API, api)
            if record is None:
                raise Failed(*words.no_api)
            aim = aims.rest_aim(self._cloud.arns, self._apis, record, visit)
            reply = await self._answered(aim, visit, body, receive, words)
            return reply, [*own, ("X-Amzn-Trace-Id", visit.trace)]
        except Failed as failed:
            return failed.reply, own

    async def _of_http_api(
        self, record: Record, visit: Visit, body: Body, receive: Receive
    ) -> Reply:
        words = replies.HTTP_API
        try:
            stage = aims.http_stage(self._apis, record, visit)
        except Failed as failed:
            return failed.reply
        asked = cors.preflight(stage.deployed.cors, visit)
        if asked is not None:
            return asked
        try:
            aim = aims.http_aim(self._cloud.arns, record, stage, visit)
            reply = await self._answered(aim, visit, body, receive, words)
        except Failed as failed:
            reply = failed.reply
        return cors.added(stage.deployed.cors, visit, reply)

    async def _answered(
        self, aim: Aim, visit: Visit, body: Body, receive: Receive, words: Words
    ) -> Reply:
        """What the function answers. Raises Failed."""
        stop = aim.stop
        if not self._throttles.take((stop.api, stop.stage, stop.key), aim.rate, aim.burst):
            raise Failed(*words.too_many)
        try:
            whole = replace(visit, body=await _read(visit, body, receive, words))
            event = _encode(aim.event(whole)).encode()
            if len(event) > LARGEST_EVENT:
                raise Failed(*words.too_large)
            payload = await self._invoked(aim, event, words)
        except asyncio.CancelledError as error:
            _log(aim, "the server is being stopped")
            raise Failed(*words.stopped) from error
        try:
            return aim.read(whole, payload)
        except Malformed as error:
            _log(aim, "the function's answer is malformed: %s", error)
            raise Failed(*words.malformed) from error

    async def _invoked(self, aim: Aim, event: bytes, words: Words) -> bytes:
        """What the function returns. Raises Failed."""
        functions = self._cloud.functions
        if functions is None or not functions.allows(aim.function, PRINCIPAL, aim.source):
            _log(aim, "no permission in the policy of %s for %s", aim.function, aim.source)
            raise Failed(*words.not_allowed)
        if len(self._running) >= MOST_VISITORS:
            raise Failed(*words.too_many)
        # It goes on when its visitor has gone, or has waited long enough.
        task = asyncio.get_running_loop().create_task(_when_there_is_room(functions, aim, event))
        self._running.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=aim.seconds)
        if not done:
            _log(aim, "the function has not answered within %s seconds", aim.seconds)
            raise Failed(*words.timed_out)
        try:
            answered = task.result()
        except FunctionError as error:
            _log(aim, "the function was not invoked: %s", error.message)
            raise Failed(*_refused(error, words)) from error
        except Exception as error:
            # It is in the log: `_ended` writes it.
            raise Failed(*words.not_allowed) from error
        if answered.error is not None:
            _log(aim, "the function has failed: %s", answered.error)
            raise Failed(*words.malformed)
        return answered.payload

    def _ended(self, task: asyncio.Task[Answered]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        # A refusal is told to the visitor, or comes when nobody waits any more.
        if error is not None and not isinstance(error, FunctionError):
            logger.error("an invocation failed: %r", error, exc_info=error)


async def _when_there_is_room(functions: Functions, aim: Aim, event: bytes) -> Answered:
    """Invokes a function. Raises FunctionError.

    This machine runs far fewer functions at once than AWS does. Where it runs as many as it can,
    visitors wait for their turn as long as the integration may take; how many do is limited. What
    a user has reserved for a function is a limit as on AWS.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + aim.seconds
    while True:
        try:
            return await functions.invoke(aim.function, event)
        except FunctionError as error:
            if error.fields.get("Reason") != _NO_ROOM or loop.time() >= until:
                raise
        await asyncio.sleep(_PAUSE)


def _refused(error: FunctionError, words: Words) -> tuple[int, str, str]:
    if error.status == 429:
        return words.throttled
    return words.too_large if error.status == 413 else words.not_allowed


def _log(aim: Aim, message: str, *values: Any) -> None:
    logger.warning(
        f"API %s, stage %s: {message}", aim.stop.api, aim.stop.stage, *values,
        extra={"event": "visit-failed"},
    )  # fmt: skip


async def _read(visit: Visit, body: Body, receive: Receive, words: Words) -> bytes:
    """The body of a visit. Raises Failed."""
    if (_stated(visit) or 0) > LARGEST:
        raise Failed(*words.too_large)
    try:
        await body.read(receive, enough=LARGEST + 1)
    except Refused as refused:
        timed_out = refused.code == "RequestTimeout"
        said = (408, "Request Timeout") if timed_out else (503, "Service Unavailable")
        raise Failed(*said) from refused
    except OSError as error:
        # A large body is kept in a file.
        logger.error("could not write: %s", error, extra={"event": "write-failed"})
        raise Failed(*words.not_allowed) from error
    if body.size > LARGEST:
        raise Failed(*words.too_large)
    return b"".join(body.chunks())


def _arrived(scope: Scope) -> tuple[str, Visit]:
    """The API that a request names, and the request as a visit."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    behind = raw.decode("latin-1").removeprefix(f"{store.DOOR}/")
    api, _, path = behind.partition("/")
    # The server's connections keep the names as they were sent.
    kept = scope.get("extensions", {}).get("names", {}).get("sent")
    sent = kept or [name for name, _ in scope["headers"]]
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, (_, value) in zip(sent, scope["headers"], strict=True)
    ]
    client = scope.get("client") or ("127.0.0.1", 0)
    return api, Visit(
        method=scope["method"],
        path=f"/{path}",
        query=scope["query_string"].decode("latin-1"),
        headers=tuple(headers),
        body=b"",
        client=client[0],
        protocol=f"HTTP/{scope['http_version']}",
    )


def _stated(visit: Visit) -> int | None:
    stated = visit.header("content-length") or ""
    return int(stated) if stated.isdigit() else None


async def _send(reply: Reply, own: replies.Headers, visit: Visit, send: Send) -> None:
    body = b"" if reply.status in _WITHOUT_BODY else reply.body
    ours = {name.lower() for name, _ in own}
    kept = reply.sendable(to_browser=visit.from_browser)
    headers = [*own, *(each for each in kept if each[0].lower() not in ours)]
    if reply.status not in _WITHOUT_BODY:
        headers.append(("content-length", str(len(body))))
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }
    )
    await send({"type": "http.response.body", "body": body})
