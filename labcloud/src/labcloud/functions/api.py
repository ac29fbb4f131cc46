"""Lambda's operations on functions: made, changed, shown, deleted; their tags and their policy."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from labcloud.cloud import Cloud
from labcloud.containers.threads import to_the_end
from labcloud.functions import policy
from labcloud.functions.asked import FunctionError
from labcloud.functions.checks import check_configuration, check_tags
from labcloud.functions.code import Code, unpacked
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
    described,
    find,
    modified,
    ready_to_change,
    revised,
)
from labcloud.functions.store import Store
from labcloud.sagemaker.protocol import Operation
from labcloud.state.records import AlreadyExists, Missing, Record

Request = dict[str, Any]
Answer = dict[str, Any]

# What a page holds at most, whatever is asked for.
_PAGE = 50
_STALE = (
    "The Revision Id provided does not match the latest Revision Id. Call the "
    "GetFunction/GetAlias API to retrieve the latest Revision Id"
)
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
            "GetFunction": self._get,
            "GetFunctionConfiguration": self._get_configuration,
            "UpdateFunctionCode": self._update_code,
            "UpdateFunctionConfiguration": self._update_configuration,
            "ListFunctions": self._list,
            "DeleteFunction": self._delete,
            "AddPermission": self._add_permission,
            "RemovePermission": self._remove_permission,
            "GetPolicy": self._get_policy,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTags": self._list_tags,
            "PutFunctionConcurrency": self._put_concurrency,
            "GetFunctionConcurrency": self._get_concurrency,
            "DeleteFunctionConcurrency": self._delete_concurrency,
        }

    # ---- made and changed -------------------------------------------------------------------

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
        _check_revision(record, request)
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

    # ---- shown ------------------------------------------------------------------------------

    async def _get(self, cloud: Cloud, request: Request) -> Answer:
        record = await self._shown(request)
        reserved = record.get("Reserved")
        return {
            "Configuration": described(record),
            "Code": {"RepositoryType": "S3"},
            **({"Tags": record["Tags"]} if record.get("Tags") else {}),
            **(
                {"Concurrency": {"ReservedConcurrentExecutions": reserved}}
                if reserved is not None
                else {}
            ),
        }

    async def _get_configuration(self, cloud: Cloud, request: Request) -> Answer:
        return described(await self._shown(request))

    async def _shown(self, request: Request) -> Record:
        """The function; botocore's waiters, which would sleep for seconds, wait for it here."""
        cloud = self._cloud
        record = find(cloud, request["FunctionName"], request.get("Qualifier"))
        if not cloud.polling.get():
            return record
        try:
            return await cloud.records.wait(
                KIND,
                record["FunctionName"],
                lambda now: now["LastUpdateStatus"] != IN_PROGRESS and now["State"] == ACTIVE,
                cloud.timings.describe_of_a_waiter,
            )
        except Missing:
            return find(cloud, request["FunctionName"])

    async def _list(self, cloud: Cloud, request: Request) -> Answer:
        after = _read_marker(request["Marker"]) if request.get("Marker") else None
        size = min(request.get("MaxItems", _PAGE), _PAGE)
        places = cloud.records.places.page(
            KIND,
            [],
            by="name",
            descending=False,
            after=(after, after) if after else None,
            size=size + 1,
        )
        shown = [described(cloud.records.get(KIND, place.name)) for place in places[:size]]
        for each in shown:
            # These are told of one function only.
            for member in [name for name in each if name.startswith(("State", "LastUpdate"))]:
                del each[member]
        more = {"NextMarker": _marker(places[size - 1].name)} if len(places) > size else {}
        return {"Functions": shown, **more}

    # ---- who may invoke it ------------------------------------------------------------------

    async def _add_permission(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"], request.get("Qualifier"))
        _check_revision(record, request)
        new = policy.statement(request, record["FunctionArn"])
        statements = policy.added(record.get("Policy", []), new)
        self._note(record, Policy=statements)
        return {"Statement": json.dumps(new, separators=(",", ":"))}

    async def _remove_permission(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"], request.get("Qualifier"))
        _check_revision(record, request)
        wanted, statements = request["StatementId"], record.get("Policy", [])
        left = [each for each in statements if each["Sid"] != wanted]
        if len(left) == len(statements):
            said = f"Statement {wanted} is not found in resource policy."
            raise FunctionError("ResourceNotFoundException", said, 404)
        self._note(record, Policy=left)
        return {}

    async def _get_policy(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"], request.get("Qualifier"))
        if not record.get("Policy"):
            said = "The resource you requested does not exist."
            raise FunctionError("ResourceNotFoundException", said, 404)
        return {"Policy": policy.document(record["Policy"]), "RevisionId": record["RevisionId"]}

    # ---- tags and concurrency ---------------------------------------------------------------

    async def _tag(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["Resource"])
        tags = {**record.get("Tags", {}), **request["Tags"]}
        check_tags(request["Tags"])
        check_tags(tags)
        self._note(record, Tags=tags)
        return {}

    async def _untag(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["Resource"])
        gone = set(request["TagKeys"])
        tags = {name: value for name, value in record.get("Tags", {}).items() if name not in gone}
        self._note(record, Tags=tags)
        return {}

    async def _list_tags(self, cloud: Cloud, request: Request) -> Answer:
        return {"Tags": find(cloud, request["Resource"]).get("Tags", {})}

    async def _put_concurrency(self, cloud: Cloud, request: Request) -> Answer:
        record, wanted = (
            find(cloud, request["FunctionName"]),
            request["ReservedConcurrentExecutions"],
        )
        if wanted > self._pool.room.left(record["FunctionName"]):
            raise invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                "UnreservedConcurrentExecution below its minimum value of [0]."
            )
        self._note(record, Reserved=wanted)
        self._pool.room.reserve(record["FunctionName"], wanted)
        return {"ReservedConcurrentExecutions": wanted}

    async def _get_concurrency(self, cloud: Cloud, request: Request) -> Answer:
        reserved = find(cloud, request["FunctionName"]).get("Reserved")
        return {"ReservedConcurrentExecutions": reserved} if reserved is not None else {}

    async def _delete_concurrency(self, cloud: Cloud, request: Request) -> Answer:
        record = find(cloud, request["FunctionName"])
        self._note(record, Reserved=None)
        self._pool.room.reserve(record["FunctionName"], None)
        return {}

    def _note(self, record: Record, **changes: Any) -> None:
        self._cloud.records.update(KIND, record["FunctionName"], **changes, **revised())


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


def _check_revision(record: Record, request: Request) -> None:
    wanted = request.get("RevisionId")
    if wanted and wanted != record["RevisionId"]:
        raise FunctionError("PreconditionFailedException", _STALE, 412)


def _marker(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read_marker(marker: str) -> str:
    try:
        return base64.urlsafe_b64decode(marker.encode()).decode()
    except (ValueError, binascii.Error) as error:
        raise invalid("The Marker is not one that ListFunctions has given.") from error
