"""What all List operations share: filters by name, time and status, sorting, pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labcloud.sagemaker.errors import ValidationError

# AWS documents 10 for several of them, and answers so for all.
_DEFAULT_PAGE = 10


@dataclass(frozen=True)
class ListStyle:
    """Where one List operation differs from most.

    With `status_of_page`, MaxResults counts the records of any status, and those of another status
    are then left out of the page: AWS documents it so for training jobs.
    """

    sort_by: str = "CreationTime"
    order: str = "Descending"
    status_of_page: bool = False


_STATUS_FILTER = "StatusEquals"
_OBJECTIVE = "FinalObjectiveMetricValue"
# The fields by which a list can be sorted and that hold numbers.
_NUMBERS = ("CreationTime", _OBJECTIVE)


def listing(
    records: Iterable[dict[str, Any]],
    request: dict[str, Any],
    *,
    name: str,
    status: str | None = None,
    style: ListStyle | None = None,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """One page of `records`, and `{"NextToken": …}` where more follow.

    `name` and `status` are the records' fields; the request's NameContains, CreationTimeBefore/
    After, LastModifiedTimeBefore/After, StatusEquals, SortBy, SortOrder, MaxResults and NextToken
    are those of AWS. Raises ValidationError for a token that is not ours.
    """
    style = style or ListStyle()
    late = style.status_of_page and "MaxResults" in request and _STATUS_FILTER in request
    early = None if late else status
    fields = {"Name": name, "Status": status or name, _OBJECTIVE: _OBJECTIVE}
    field = fields.get(request.get("SortBy", style.sort_by), "CreationTime")
    descending = request.get("SortOrder", style.order) == "Descending"

    def place(record: dict[str, Any]) -> list[Any]:
        # The name settles ties, so that pages neither repeat nor skip.
        return [record[field], record[name]]

    kept = [record for record in records if _passes(record, request, name, early)]
    kept.sort(key=place, reverse=descending)
    if "NextToken" in request:
        last = _read(request["NextToken"], number=field in _NUMBERS)
        kept = [r for r in kept if (place(r) < last if descending else place(r) > last)]
    size = request.get("MaxResults", _DEFAULT_PAGE)
    page = kept[:size]
    token = {"NextToken": _token(place(page[-1]))} if len(kept) > size else {}
    if late and status:
        page = [record for record in page if record[status] == request[_STATUS_FILTER]]
    return page, token


def _passes(record: dict[str, Any], request: dict[str, Any], name: str, status: str | None) -> bool:
    modified = record.get("LastModifiedTime", record["CreationTime"])
    return (
        request.get("NameContains", "").lower() in record[name].lower()
        and record["CreationTime"] <= request.get("CreationTimeBefore", float("inf"))
        and record["CreationTime"] >= request.get("CreationTimeAfter", 0)
        and modified <= request.get("LastModifiedTimeBefore", float("inf"))
        and modified >= request.get("LastModifiedTimeAfter", 0)
        and (status is None or request.get(_STATUS_FILTER, record[status]) == record[status])
    )


def _token(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read(token: str, *, number: bool) -> list[Any]:
    """The place that a token stands for. Raises ValidationError for one of another list."""
    try:
        place = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValidationError("Invalid pagination token.") from error
    kinds = ((int, float) if number else (str,), (str,))
    if (
        not isinstance(place, list)
        or len(place) != len(kinds)
        or not all(isinstance(value, kind) for value, kind in zip(place, kinds, strict=True))
    ):
        raise ValidationError("Invalid pagination token.")
    return place
