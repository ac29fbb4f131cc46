"""Lambda's operations on functions. Here they are made, changed and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from labcloud.cloud import Cloud
from labcloud.containers.threads import to_the_end
from labcloud.functions import permissions, shown, tags
from labcloud.functions.checks import check_configuration, check_tags
from labcloud.functions.code import Code, unpacked
from labcloud.functions.concurrency import Concurrency
from labcloud.functions.errors import conflict, invalid
from labcloud.functions.log import group_of
from labcloud.functions.names import name_of
from labcloud.functions.pool import Pool
from labcloud.functions.records import (
    ACTIVE,
    IN_PROGRESS,
    KIND,
    PENDING,
    SUCCESSFUL,
    check_revision,
    described,
    find,
    modified,
    ready_to_change,
)
from labcloud.functions.store import Store
from labcloud.sagemaker.protocol import Operation
from labcloud.state.records import AlreadyExists, Missing, Record

Request = dict[str, Any]
Answer = dict[str, Any]

_SOURCE = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion")


class FunctionsApi:
    """The control plane."""

    def __init__(self, cloud: Cloud, store: Store, pool: Pool) -> None:
        self._cloud = cloud
        self._store = store
        self._pool = pool

    @property
    def operations(self) -> Mapping[str, Operation]:
        return {
            "CreateFunction": self._create,
            "UpdateFunctionCode": self._update_code,
            "UpdateFunctionConfiguration": self._update_configuration,
            "DeleteFunction": self._delete,
            **shown.OPERATIONS,
            **permissions.OPERATIONS,
            **tags.OPERATIONS,
            **Concurrency(self._pool.room).operations,
        }

    async def _create(self, cloud: Cloud, request: Request) -> Answer:
        name = name_of(request["FunctionName"], cloud.arns)
        if request.get("PackageType", "Zip") != "Zip":
            raise invalid("labcloud does not implement PackageType Image of CreateFunction")
        if not request.get("Runtime") or not request.get("Handler"):
            raise invalid(
                "Runtime and Handler are mandatory parameters for functions created with "
                "deployment packages."
            )
        check_configuration(request)
        check_tags(request.get("Tags", {}))
        taken = conflict(f"Function already exist: {name}")
        if self._exists(name):
            raise taken
        code = await self._unpacked(request["Code"])
        body = {
            "FunctionName": name,
            "FunctionArn": cloud.arns.function(name),
            "Description": "",
            "Timeout": 3,
            "MemorySize": 128,
            "Storage": 512,
            "LogGroup": group_of(name),
            "Architectures": ["x86_64"],
            **_configured(request),
            **_of_code(code),
            **modified(),
            "Tags": request.get("Tags", {}),
            "Policy": [],
            "State": PENDING,
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
            "LastUpdateStatus": SUCCESSFUL,
        }
        if architectures := request.get("Architectures"):
            body["Architectures"] = architectures
        body["CreationTime"] = body["LastModifiedTime"]
        try:
            cloud.records.insert(KIND, name, body)
        except AlreadyExists:
            await self._store.remove(code.folder)
            raise taken from None
        except BaseException:
            await self._store.remove(code.folder)
            raise
        self._settle(name, body["Generation"])
        return described(body)

    def _exists(self, name: str) -> bool:
        try:
            self._cloud.records.get(KIND, name)
        except Missing:
            return False
        return True

    async def _unpacked(self, source: Request) -> Code:
        cloud = self._cloud
        return await to_the_end(
            unpacked, self._store.folder, cloud.objects, cloud.arns.region, source
        )

    def _settle(self, name: str, generation: str) -> None:
        """Ends Pending or InProgress after a while."""
        self._cloud.run(KIND, name, self._settled(name, generation))

    async def _settled(self, name: str, generation: str) -> None:
        await asyncio.sleep(self._cloud.timings.function_change)

        def change() -> None:
            record = self._cloud.records.get(KIND, name)
            if record["Generation"] == generation:
                settle(self._cloud, record)

        try:
            await self._cloud.write_when_possible(change)
        except Missing:
            return

    async def _update_code(self, cloud: Cloud, request: Request) -> Answer:
        record = self._to_change(request)
        source = {member: request[member] for member in _SOURCE if member in request}
        code = await self._unpacked(source)
        try:
            # Meanwhile, others may have changed it.
            record = self._to_change(request)
            name, changes = record["FunctionName"], _of_code(code)
            if architectures := request.get("Architectures"):
                changes["Architectures"] = architectures
            if request.get("DryRun"):
                await self._store.remove(code.folder)
                return described({**record, **changes})
            changed = self._changed(name, changes)
        except BaseException:
            await self._store.remove(code.folder)
            raise
        self._store.remove_later(record["CodeFolder"], self._pool)
        return described(changed)

    async def _update_configuration(self, cloud: Cloud, request: Request) -> Answer:
        check_configuration(request)
        record = self._to_change(request)
        return described(self._changed(record["FunctionName"], _configured(request)))

    def _to_change(self, request: Request) -> Record:
        record = find(self._cloud, request["FunctionName"], request.get("Qualifier"))
        check_revision(record, request)
        ready_to_change(record)
        return record

    def _changed(self, name: str, changes: Record) -> Record:
        changes = {**changes, **modified(), "LastUpdateStatus": IN_PROGRESS}
        changes["LastUpdateStatusReason"] = "The function is being updated."
        record = self._cloud.records.update(KIND, name, **changes)
        self._pool.retire(name)
        self._settle(name, record["Generation"])
        return record

    async def _delete(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"], request.get("Qualifier"))
        if request.get("Qualifier"):
            raise invalid("$LATEST version cannot be deleted without deleting the function.")
        cloud.records.delete(KIND, record["FunctionName"])
        self._pool.room.reserve(record["FunctionName"], None)
        self._pool.retire(record["FunctionName"])
        self._store.remove_later(record["CodeFolder"], self._pool)
        return {"StatusCode": 204}


def settle(cloud: Cloud, record: Record) -> None:
    """What was Pending or InProgress is done. Raises Missing, OSError."""
    gone = ("StateReason", "StateReasonCode", "LastUpdateStatusReason")
    changes: Record = {"State": ACTIVE, "LastUpdateStatus": SUCCESSFUL, **dict.fromkeys(gone)}
    cloud.records.update(KIND, record["FunctionName"], **changes)


def _configured(request: Request) -> Record:
    """The fields of the record that a request sets."""
    same = ("Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize")
    found: Record = {member: request[member] for member in same if member in request}
    if "Environment" in request:
        found["Variables"] = request["Environment"].get("Variables", {})
    if size := request.get("EphemeralStorage", {}).get("Size"):
        found["Storage"] = size
    if group := request.get("LoggingConfig", {}).get("LogGroup"):
        found["LogGroup"] = group
    if mode := request.get("TracingConfig", {}).get("Mode"):
        found["Tracing"] = mode
    return found


def _of_code(code: Code) -> Record:
    return {"CodeFolder": code.folder, "CodeSize": code.size, "CodeSha256": code.sha256}
