"""The last lines of a log, read as every client of CloudWatch Logs reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labcloud.console.calls import Call, Refusal

# What a page shows of a stream.
LINES = 200
# The most that one DescribeLogStreams lists.
_STREAMS = 50


@dataclass(frozen=True)
class Tail:
    """The last lines of one stream, and the streams that there are."""

    group: str
    streams: list[str] = field(default_factory=list)
    stream: str = ""
    lines: list[str] = field(default_factory=list)


async def tail(call: Call, group: str, prefix: str = "", stream: str = "") -> Tail:
    """The end of `stream`, or of the newest one whose name begins with `prefix`."""
    try:
        listed = await _streams(call, group, prefix)
        listed.sort(key=lambda each: -each.get("creationTime", 0))
        streams = [each["logStreamName"] for each in listed]
        if stream.startswith(prefix) and stream and stream not in streams:
            # One of a group with more streams than are listed.
            try:
                return Tail(group, streams, stream, await _last(call, group, stream))
            except Refusal:
                stream = ""
        chosen = stream if stream in streams else next(iter(streams), "")
        lines = await _last(call, group, chosen) if chosen else []
    except Refusal:
        # A group is there from its first stream on, and may be deleted any time.
        return Tail(group)
    return Tail(group, streams, chosen, lines)


async def _streams(call: Call, group: str, prefix: str) -> list[dict[str, Any]]:
    """All streams of a prefix. Without one, the streams that were written to last: a group may
    have any number of them, and CloudWatch sorts by time only where no prefix is asked for.
    """
    given: dict[str, Any] = {"logGroupName": group, "limit": _STREAMS}
    if not prefix:
        found = await call(
            "logs", "DescribeLogStreams", orderBy="LastEventTime", descending=True, **given
        )
        return list(found["logStreams"])
    streams: list[dict[str, Any]] = []
    while True:
        found = await call("logs", "DescribeLogStreams", logStreamNamePrefix=prefix, **given)
        streams += found["logStreams"]
        if not found.get("nextToken"):
            return streams
        given["nextToken"] = found["nextToken"]


async def _last(call: Call, group: str, stream: str) -> list[str]:
    events = await call(
        "logs", "GetLogEvents", logGroupName=group, logStreamName=stream, limit=LINES,
        startFromHead=False,
    )  # fmt: skip
    return [each["message"].rstrip("\n") for each in events["events"]]
