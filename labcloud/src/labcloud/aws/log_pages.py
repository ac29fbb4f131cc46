"""CloudWatch Logs' pages: GetLogEvents of one stream, FilterLogEvents of a group.

These stand in moto's place, which sorts all that it has for each page.
"""

from __future__ import annotations

import base64
import heapq
import json
import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Any

import moto.logs.models
import moto.logs.responses
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.utils import EventMessageFilter

from labcloud.aws.log_events import LAST, Event, Events

# The limits of one page: events, and bytes of text with what AWS adds for each event.
_MOST = 10_000
_LARGEST = 1024**2
_OVERHEAD = 26
# FilterLogEvents looks at no more for one page, and then says how to go on.
_SEARCHED = 100_000
_TOKEN = re.compile(r"([fb])/(\d{20})(\d{36})/s")


def apply() -> None:
    """Changes moto, in this process."""
    models: Any = moto.logs.models
    if models.LogStream.get_log_events is get_log_events:
        return
    make = models.LogStream.__init__

    def make_with_events(stream: Any, *arguments: Any, **named: Any) -> None:
        make(stream, *arguments, **named)
        stream.events = Events()

    models.LogStream.__init__ = make_with_events
    models.LogStream._update = _update
    models.LogStream.get_log_events = get_log_events
    models.LogGroup.filter_log_events = filter_log_events
    models.LogGroup.delete_log_stream = _delete_log_stream
    models.LogsBackend.delete_log_group = _delete_log_group
    responses: Any = moto.logs.responses
    responses.LogsResponse.filter_log_events = _filter_by_prefix


def _update(stream: Any) -> None:
    stream.first_event_timestamp = stream.events.first_timestamp
    stream.last_event_timestamp = stream.events.last_timestamp


def _delete_log_stream(group: Any, log_stream_name: str) -> None:
    stream = group.streams.pop(log_stream_name, None)
    if stream is None:
        raise ResourceNotFoundException()
    stream.events.delete()


def _delete_log_group(backend: Any, log_group_name: str) -> None:
    group = backend.groups.pop(log_group_name, None)
    if group is None:
        raise ResourceNotFoundException()
    for stream in group.streams.values():
        stream.events.delete()


# The logStreamNamePrefix of the request at hand, which moto does not hand on.
_prefix: ContextVar[str] = ContextVar("prefix", default="")


def _filter_by_prefix(
    response: Any, _asked: Any = moto.logs.responses.LogsResponse.filter_log_events
) -> str:
    prefix = response._get_param("logStreamNamePrefix") or ""
    if prefix and response._get_param("logStreamNames"):
        raise InvalidParameterException(
            "The parameters logStreamNames and logStreamNamePrefix must not be given both."
        )
    token = _prefix.set(prefix)
    try:
        answered: str = _asked(response)
    finally:
        _prefix.reset(token)
    return answered


def get_log_events(
    stream: Any,
    start_time: int | None,
    end_time: int | None,
    limit: int | None,
    next_token: str | None,
    start_from_head: bool,
) -> tuple[list[dict[str, Any]], str, str]:
    """moto's LogStream.get_log_events: events, and the tokens backward and forward.

    `end_time` is not in the range. At either end, the token is the one that was given.
    """
    since, until = start_time or 0, LAST if end_time is None else end_time - 1
    direction, place = _read(next_token) if next_token else (None, None)
    events: Events = stream.events
    if direction == "f" or (direction is None and start_from_head):
        begin = (since, -1)
        found = events.ascending(max(place, begin) if place else begin, until)
        page = list(_page(found, limit))
    else:
        end = (until, LAST)
        page = list(_page(events.descending(min(place, end) if place else end, since), limit))
        page.reverse()
    first = (page[0] if page else place or (0, 0))[:2]
    last = (page[-1] if page else place or (0, 0))[:2]
    return [each.to_response_dict() for each in page], _token("b", first), _token("f", last)


def _page(events: Iterable[Event], limit: int | None) -> Iterator[Event]:
    size = 0
    for event in islice(events, limit or _MOST):
        # The first one comes whatever its size, or nobody would ever get behind it.
        begun = size > 0
        size += len(event.message.encode()) + _OVERHEAD
        if begun and size > _LARGEST:
            return
        yield event


def _token(direction: str, place: tuple[int, int]) -> str:
    return f"{direction}/{place[0]:020d}{place[1]:036d}/s"


def _read(token: str) -> tuple[str, tuple[int, int]]:
    found = _TOKEN.fullmatch(token)
    if not found or int(found[2]) > LAST or int(found[3]) > LAST:
        raise InvalidParameterException("The specified nextToken is invalid.")
    return found[1], (int(found[2]), int(found[3]))


def filter_log_events(
    group: Any,
    log_group_name: str,
    log_stream_names: list[str],
    start_time: int | None,
    end_time: int | None,
    limit: int | None,
    next_token: str | None,
    filter_pattern: str,
    interleaved: bool,
) -> tuple[list[dict[str, Any]], str | None, list[dict[str, Any]]]:
    """moto's LogGroup.filter_log_events: events, the next token, and what was searched.

    The events of all streams are in one order, as AWS has it whatever `interleaved` says.
    """
    prefix = _prefix.get()
    wanted = log_stream_names or [name for name in group.streams if name.startswith(prefix)]
    streams = {name: group.streams[name].events for name in wanted if name in group.streams}
    after = _read_filter_token(next_token) if next_token else None
    matches = EventMessageFilter(filter_pattern).matches
    found = heapq.merge(
        *(_of_stream(name, streams[name], start_time, end_time, after) for name in sorted(streams))
    )
    page: list[dict[str, Any]] = []
    token, size = None, 0
    place: tuple[int, str, int] | None = None
    for searched, (timestamp, name, number, event) in enumerate(found):
        size += len(event.message.encode()) + _OVERHEAD if (hit := matches(event.message)) else 0
        if len(page) == (limit or _MOST) or searched == _SEARCHED or (page and size > _LARGEST):
            token = _filter_token(place)
            break
        place = (timestamp, name, number)
        if hit:
            page.append(event.to_filter_dict() | {"logStreamName": name})
    searched_streams = [{"logStreamName": name, "searchedCompletely": True} for name in streams]
    return page, token, searched_streams


def _of_stream(
    name: str,
    events: Events,
    start_time: int | None,
    end_time: int | None,
    after: tuple[int, str, int] | None,
) -> Iterator[tuple[int, str, int, Event]]:
    """The events of one stream, sorted as those of all are: by time, stream and number."""
    begin = (start_time or 0, -1)
    if after:
        timestamp, last_name, number = after
        behind = number if name == last_name else LAST if name < last_name else -1
        begin = max(begin, (timestamp, behind))
    for event in events.ascending(begin, end_time):
        yield event.timestamp, name, event.number, event


def _filter_token(place: tuple[int, str, int] | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_filter_token(token: str) -> tuple[int, str, int]:
    try:
        match json.loads(base64.urlsafe_b64decode(token)):
            case [int(timestamp), str(name), int(number)] if max(timestamp, number) <= LAST:
                return timestamp, name, number
    except (ValueError, RecursionError):
        pass
    raise InvalidParameterException("The specified nextToken is invalid.")
