"""The last lines of a log, read as every client of CloudWatch Logs reads them."""

from __future__ import annotations

from dataclasses import dataclass, field

from labcloud.console.calls import Call, Refusal

# What a page shows of a stream.
LINES = 200


@dataclass(frozen=True)
class Tail:
    """The last lines of one stream, and the streams that there are."""

    group: str
    streams: list[str] = field(default_factory=list)
    stream: str = ""
    lines: list[str] = field(default_factory=list)


async def tail(call: Call, group: str, prefix: str = "", stream: str = "") -> Tail:
    """The end of `stream`, or of the newest one whose name begins with `prefix`."""
    given = {"logStreamNamePrefix": prefix} if prefix else {}
    try:
        found = await call("logs", "DescribeLogStreams", logGroupName=group, limit=50, **given)
        listed = sorted(found["logStreams"], key=lambda each: -each.get("creationTime", 0))
        streams = [each["logStreamName"] for each in listed]
        chosen = stream if stream in streams else next(iter(streams), "")
        if not chosen:
            return Tail(group)
        events = await call(
            "logs", "GetLogEvents", logGroupName=group, logStreamName=chosen, limit=LINES,
            startFromHead=False,
        )  # fmt: skip
    except Refusal:
        # A group is there from its first stream on, and may be deleted any time.
        return Tail(group)
    return Tail(group, streams, chosen, [each["message"].rstrip("\n") for each in events["events"]])
