"""What all List operations share: filters by name, time and status, sorting, pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from labcloud.json_text import loads
from labcloud.sagemaker.errors import ValidationError
from labcloud.state.places import Place, Places

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
# The conditions by the member of a request that sets them.
_CONDITIONS = {
    "CreationTimeBefore": "created <= ?",
    "CreationTimeAfter": "created >= ?",
    "LastModifiedTimeBefore": "modified <= ?",
    "LastModifiedTimeAfter": "modified >= ?",
    _STATUS_FILTER: "status = ?",
}
_COLUMNS = {"Name": "name", "Status": "status", "FinalObjectiveMetricValue": "objective"}
# The columns that hold numbers.
_NUMBERS = ("created", "objective")


def listing(
    places: Places,
    kind: str,
    request: dict[str, Any],
    *,
    has_status: bool,
    style: ListStyle | None = None,
    more: Iterable[tuple[str, Any]] = (),
) -> tuple[list[str], dict[str, str]]:
    """The names on one page of a kind, and `{"NextToken": …}` where more follow.

    The request's NameContains, CreationTimeBefore/After, LastModifiedTimeBefore/After,
    StatusEquals, SortBy, SortOrder, MaxResults and NextToken are those of AWS; `more` are further
    conditions, as `Places.page` has them. Raises ValidationError for a token that is not ours.
    """
    style = style or ListStyle()
    late = style.status_of_page and "MaxResults" in request and _STATUS_FILTER in request
    sort_by = request.get("SortBy", style.sort_by)
    by = "name" if sort_by == "Status" and not has_status else _COLUMNS.get(sort_by, "created")
    after = _read(request["NextToken"], number=by in _NUMBERS) if "NextToken" in request else None
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = places.page(
        kind,
        [*_conditions(request, with_status=has_status and not late), *more],
        by=by,
        descending=request.get("SortOrder", style.order) == "Descending",
        after=after,
        # One more, to know whether more follow.
        size=size + 1,
    )
    page = found[:size]
    token = {"NextToken": _token(page[-1], by)} if len(found) > size else {}
    if late and has_status:
        page = [place for place in page if place.status == request[_STATUS_FILTER]]
    return [place.name for place in page], token


def _conditions(request: dict[str, Any], *, with_status: bool) -> Iterator[tuple[str, Any]]:
    if part := request.get("NameContains"):
        yield "instr(lower(name), ?) > 0", part.lower()
    for member, condition in _CONDITIONS.items():
        if member in request and (with_status or member != _STATUS_FILTER):
            yield condition, request[member]


def _token(place: Place, by: str) -> str:
    # The name settles ties, so that pages neither repeat nor skip.
    last = [getattr(place, by), place.name]
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode()


def _read(token: str, *, number: bool) -> tuple[Any, str]:
    """The place that a token stands for. Raises ValidationError for one of another list."""
    try:
        place = loads(base64.urlsafe_b64decode(token))
        match place:
            case [float() | int() as value, str(name)] if number:
                # Half a character, and a number without end, cannot be looked up.
                return float(value), name.encode().decode()
            case [str(value), str(name)] if not number:
                return value.encode().decode(), name.encode().decode()
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValidationError("Invalid pagination token.") from error
    raise ValidationError("Invalid pagination token.")
