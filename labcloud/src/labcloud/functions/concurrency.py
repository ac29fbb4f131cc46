"""Lambda's operations on how many of a function may run at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcloud.cloud import Cloud
from labcloud.functions.errors import invalid
from labcloud.functions.records import find, note
from labcloud.functions.room import Room
from labcloud.sagemaker.protocol import Operation

Request = dict[str, Any]
Answer = dict[str, Any]


class Concurrency:
    """Reserves places in the room that all functions share."""

    def __init__(self, room: Room) -> None:
        self._room = room

    @property
    def operations(self) -> Mapping[str, Operation]:
        return {
            "PutFunctionConcurrency": self._put,
            "GetFunctionConcurrency": self._get,
            "DeleteFunctionConcurrency": self._delete,
        }

    async def _put(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"])
        wanted = request["ReservedConcurrentExecutions"]
        if wanted > self._room.left(record["FunctionName"]):
            raise invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                "UnreservedConcurrentExecution below its minimum value of [0]."
            )
        note(cloud, record, Reserved=wanted)
        self._room.reserve(record["FunctionName"], wanted)
        return {"ReservedConcurrentExecutions": wanted}

    async def _get(self, cloud: Cloud, request: Request) -> Answer:
        reserved = find(cloud, request["FunctionName"]).get("Reserved")
        return {"ReservedConcurrentExecutions": reserved} if reserved is not None else {}

    async def _delete(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"])
        note(cloud, record, Reserved=None)
        self._room.reserve(record["FunctionName"], None)
        return {}
