"""Which stream of a log the console shows."""

from __future__ import annotations

import asyncio
from typing import Any

from labcloud.console.calls import Refusal
from labcloud.console.logs import Tail, tail

GROUP = "/aws/lambda/judge"


class Streams:
    """CloudWatch Logs with these streams, as it answers: fifty at a time, by name or by time."""

    def __init__(self, streams: dict[str, tuple[int, int]]) -> None:
        """`streams` are the times of creation and of the last event, by name."""
        self._streams = streams

    async def __call__(self, service: str, operation: str, **asked: Any) -> dict[str, Any]:
        if operation == "GetLogEvents":
            if asked["logStreamName"] not in self._streams:
                raise Refusal("ResourceNotFoundException", "There is no such stream.", 400)
            return {"events": [{"message": f"of {asked['logStreamName']}\n"}]}
        prefix = asked.get("logStreamNamePrefix")
        names = sorted(name for name in self._streams if name.startswith(prefix or ""))
        if asked.get("orderBy") == "LastEventTime":
            assert not prefix, "AWS refuses both together"
            names.sort(key=lambda name: self._streams[name][1], reverse=asked["descending"])
        start = int(asked.get("nextToken", 0))
        end = start + asked["limit"]
        found = [{"logStreamName": n, "creationTime": self._streams[n][0]} for n in names]
        more = {"nextToken": str(end)} if end < len(names) else {}
        return {"logStreams": found[start:end], **more}


def shown(streams: dict[str, tuple[int, int]], prefix: str = "", stream: str = "") -> Tail:
    return asyncio.run(tail(Streams(streams), GROUP, prefix, stream))


def test_the_newest_of_many_streams_is_shown() -> None:
    # The last by its name, and by its time, of more than one answer has.
    many = {f"{number:03}": (number, number) for number in range(120)}
    found = shown(many)
    assert (found.stream, found.lines) == ("119", ["of 119"])
    assert shown(many, prefix="0").stream == "099"
    assert len(shown(many, prefix="0").streams) == 100


def test_a_stream_that_is_asked_for_is_shown_wherever_it_stands() -> None:
    many = {f"{number:03}": (number, number) for number in range(120)}
    assert shown(many, stream="003").lines == ["of 003"]
    assert shown(many, stream="003").stream == "003"
    # One that has been deleted, or is another job's.
    assert shown(many, stream="no-such").stream == "119"
    assert shown(many, prefix="0", stream="119").stream == "099"


def test_two_streams_that_are_written_to_in_turn_do_not_take_turns() -> None:
    first = {"old": (1, 10), "new": (2, 9)}
    then = {"old": (1, 10), "new": (2, 11)}
    assert shown(first).stream == shown(then).stream == "new"
    assert shown({}) == Tail(GROUP, [], "", [])
