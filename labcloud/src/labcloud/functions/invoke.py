"""Invoke: at once with the answer, or as an event that is worked on later, with AWS's two retries.

An event is written down before it is acknowledged, and worked on after the next start if the server
dies meanwhile.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import sqlite3
import time
import uuid
from collections import defaultdict
from typing import Any

from labcloud.cloud import Cloud
from labcloud.functions.asked import Answered, FunctionError
from labcloud.functions.errors import unread
from labcloud.functions.names import LATEST
from labcloud.functions.pool import CONCURRENCY, Done, Pool
from labcloud.functions.records import EVENT, find, ready_to_run
from labcloud.json_text import loads, refuse
from labcloud.state.records import Missing, Record

# What an event may have (bytes): AWS raised it from 256 KB in 2025. A request has its limit in the
# table of the service.
LARGEST_EVENT = 1024**2
_LARGEST_CONTEXT = 3583
_ATTEMPTS = 3
# An event that no room was found for is kept this long (seconds).
_LONGEST = 6 * 3600

logger = logging.getLogger(__name__)


class Invocations:
    """What the data plane does with functions."""

    def __init__(self, cloud: Cloud, pool: Pool) -> None:
        self._cloud = cloud
        self._pool = pool
        # Events of one function that are tried at a time: the others wait here, in their order.
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(CONCURRENCY)
        )

    async def operation(self, cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
        """Invoke."""
        given, qualifier = request["FunctionName"], request.get("Qualifier")
        record = find(cloud, given, qualifier)
        payload = _checked(request.get("Payload", b""))
        context = _context(request.get("ClientContext", ""))
        kind = request.get("InvocationType", "RequestResponse")
        ready_to_run(record)
        request_id = str(uuid.uuid4())
        if kind == "DryRun":
            return {"StatusCode": 204, "RequestId": request_id}
        if kind == "Event":
            self._take(record["FunctionName"], request_id, payload, context)
            return {"StatusCode": 202, "RequestId": request_id}
        done = await self._run(record["FunctionName"], request_id, payload, context)
        answer = {
            "StatusCode": 200,
            "Payload": done.result.payload,
            "ExecutedVersion": LATEST,
            "RequestId": request_id,
        }
        if done.result.failed:
            answer["FunctionError"] = "Unhandled"
        if request.get("LogType") == "Tail":
            answer["LogResult"] = base64.b64encode(done.tail).decode()
        return answer

    async def invoke(self, function: str, payload: bytes) -> Answered:
        """For other services. Raises FunctionError."""
        name = find(self._cloud, function)["FunctionName"]
        done = await self._run(name, str(uuid.uuid4()), _checked(payload), "")
        return Answered(done.result.payload, "Unhandled" if done.result.failed else None)

    async def _run(self, name: str, request_id: str, payload: bytes, context: str) -> Done:
        def found() -> Record:
            record = find(self._cloud, name)
            ready_to_run(record)
            return record

        return await self._pool.invoke(found, request_id, payload, context)

    # ---- events -----------------------------------------------------------------------------

    def _take(self, name: str, request_id: str, payload: bytes, context: str) -> None:
        if len(payload) > LARGEST_EVENT:
            raise FunctionError(
                "RequestEntityTooLargeException",
                f"{len(payload)} byte payload is too large for the Event invocation type "
                f"(limit {LARGEST_EVENT} bytes)",
                413,
            )
        event = {
            "FunctionName": name,
            "Payload": payload.decode(),
            "Context": context,
            "Attempts": 0,
            "CreationTime": time.time(),
        }
        self._cloud.records.insert(EVENT, request_id, event)
        self._begin(request_id)

    def recover(self) -> None:
        """Goes on with what the last server had acknowledged."""
        for name in self._cloud.records.places.names(EVENT, status_not_in=()):
            self._begin(name)

    def _begin(self, request_id: str) -> None:
        self._cloud.run(EVENT, request_id, self._work(request_id))

    async def _work(self, request_id: str) -> None:
        records, timings = self._cloud.records, self._cloud.timings
        pauses = {1: timings.function_retry, 2: timings.function_second_retry}
        while True:
            event = records.get(EVENT, request_id)
            attempts = event["Attempts"]
            name = event["FunctionName"]
            try:
                async with self._turns[name]:
                    done = await self._run(
                        name, request_id, event["Payload"].encode(), event["Context"]
                    )
            except (OSError, sqlite3.Error) as error:
                # The machine has no room for a process, or for its files.
                logger.error("an event waits: %s", error, extra={"event": "write-failed"})
                await asyncio.sleep(timings.write_retry)
                continue
            except FunctionError as error:
                # Too many at once, or not made yet. A function that has gone does not come back.
                late = time.time() - event["CreationTime"] > _LONGEST
                if error.status == 404 or late:
                    logger.warning("an event was dropped: %s", error.message)
                    break
                await asyncio.sleep(timings.function_throttled)
                continue
            if not done.result.failed or attempts + 1 >= _ATTEMPTS:
                break
            attempts += 1
            await self._cloud.write_when_possible(
                lambda n=attempts: records.update(EVENT, request_id, Attempts=n)  # type: ignore[misc]
            )
            await asyncio.sleep(pauses[attempts])
        try:
            await self._cloud.write_when_possible(lambda: records.delete(EVENT, request_id))
        except Missing:
            return


def _checked(payload: bytes) -> bytes:
    """The event as JSON; nothing is an empty object. Raises FunctionError."""
    if not payload.strip():
        return b"{}"
    try:
        json.loads(payload.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise unread(f"Could not parse payload into json: {error}") from error
    return payload


def _context(given: str) -> str:
    """The client's context, as JSON. Raises FunctionError."""
    if not given:
        return ""
    try:
        found = base64.b64decode(given, validate=True)
        context = loads(found.decode())
        if len(given) > _LARGEST_CONTEXT or not isinstance(context, dict):
            raise ValueError
        # One line, as it goes into a head.
        return json.dumps(context)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise FunctionError(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
            400,
        ) from error
