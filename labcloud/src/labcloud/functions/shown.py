"""Lambda's operations that show functions."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from labcloud.cloud import Cloud
from labcloud.functions.errors import invalid
from labcloud.functions.records import ACTIVE, IN_PROGRESS, KIND, described, find
from labcloud.state.records import Missing, Record

Request = dict[str, Any]
Answer = dict[str, Any]

# What a page holds at most, whatever is asked for.
_PAGE = 50


async def get_function(cloud: Cloud, request: Request) -> Answer:
    record = await _shown(cloud, request)
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


async def get_configuration(cloud: Cloud, request: Request) -> Answer:
    return described(await _shown(cloud, request))


async def _shown(cloud: Cloud, request: Request) -> Record:
    """The function; botocore's waiters, which would sleep for seconds, wait for it here."""
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


async def list_functions(cloud: Cloud, request: Request) -> Answer:
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


def _marker(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read_marker(marker: str) -> str:
    try:
        return base64.urlsafe_b64decode(marker.encode()).decode()
    except (ValueError, binascii.Error) as error:
        raise invalid("The Marker is not one that ListFunctions has given.") from error


OPERATIONS = {
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_configuration,
    "ListFunctions": list_functions,
}
