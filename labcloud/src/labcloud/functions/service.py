"""AWS Lambda, put together: its API, its processes, and what other services ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from labcloud.cloud import Cloud
from labcloud.containers.threads import to_the_end
from labcloud.functions import policy
from labcloud.functions.api import FunctionsApi, settle
from labcloud.functions.asked import Answered, FunctionError
from labcloud.functions.errors import too_large, unread
from labcloud.functions.fields import FIELDS
from labcloud.functions.invoke import Invocations
from labcloud.functions.pool import Pool
from labcloud.functions.records import (
    ACTIVE,
    EVENT,
    IN_PROGRESS,
    KIND,
    NEEDED,
    NEEDED_OF_EVENT,
    find,
)
from labcloud.functions.store import Store
from labcloud.rest.service import RestService
from labcloud.state import trees

# What a request may have (bytes). An archive of 50 MB is in it as base64.
_WITH_CODE = 70_167_211
_EVENT = 6 * 1024**2
_LIMITS = {
    "CreateFunction": (_WITH_CODE, too_large(_WITH_CODE, "CreateFunction")),
    "UpdateFunctionCode": (_WITH_CODE, too_large(_WITH_CODE, "UpdateFunctionCode")),
    "Invoke": (_EVENT, too_large(_EVENT, "InvokeFunction")),
}


class Lambda:
    """Satisfies `asked.Functions`. `state` is the server's; `variables` makes the environment by
    which a function finds AWS, of its name and its role."""

    def __init__(
        self, cloud: Cloud, state: Path, variables: Callable[[str, str], dict[str, str]]
    ) -> None:
        self._cloud = cloud
        self._invoked: set[asyncio.Future[Answered]] = set()
        self._running = state / "functions-running"
        self._store = Store(state / "functions")
        self._pool = Pool(self._running, state, cloud.logs, cloud.timings, variables)
        self._invocations = Invocations(cloud, self._pool)
        api = FunctionsApi(cloud, self._store, self._pool)
        self.service = RestService(
            cloud,
            "lambda",
            "Lambda",
            {**api.operations, "Invoke": self._invocations.operation},
            FIELDS,
            limits=_LIMITS,
            unread=unread,
            always={"Type": "User"},
        )
        cloud.records.open(KIND, NEEDED, "State")
        cloud.records.open(EVENT, NEEDED_OF_EVENT)

    async def start(self) -> None:
        """Goes on where the last server has ended."""
        records = self._cloud.records.all(KIND)
        damaged = self._cloud.records.texts_set_aside(KIND)
        used = {record["CodeFolder"] for record in records}
        await to_the_end(trees.remove, self._running)
        await to_the_end(self._store.keep, used, damaged)
        for record in records:
            self._pool.room.reserve(record["FunctionName"], record.get("Reserved"))
            if record["State"] != ACTIVE or record["LastUpdateStatus"] == IN_PROGRESS:
                settle(self._cloud, record)
        self._invocations.recover()

    async def close(self) -> None:
        """Ends all processes."""
        self._store.close()
        await self._pool.close()
        await asyncio.gather(*self._invoked, return_exceptions=True)

    def states(self) -> dict[str, str]:
        """The state of each function, by name."""
        return {each["FunctionName"]: each["State"] for each in self._cloud.records.all(KIND)}

    def files(self, code: str) -> list[tuple[str, int]]:
        """The names and sizes (bytes) of a folder of code. Blocking."""
        return self._store.files(code)

    def allows(self, function: str, principal: str, source_arn: str) -> bool:
        try:
            record = find(self._cloud, function)
        except FunctionError:
            return False
        return policy.allows(record.get("Policy", []), principal, source_arn)

    async def invoke(self, function: str, payload: bytes) -> Answered:
        # It goes on where its caller does not.
        work = asyncio.ensure_future(self._invocations.invoke(function, payload))
        self._invoked.add(work)
        work.add_done_callback(self._invoked.discard)
        return await asyncio.shield(work)
