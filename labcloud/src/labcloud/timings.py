"""How long labcloud waits for what. A test shortens what it would otherwise sit out.

Each value is in seconds. `labcloud start --timing NAME=SECONDS` changes one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Timings:
    """The waiting times of one labcloud; where AWS documents one, it is AWS's."""

    # A training container gets this long between SIGTERM and SIGKILL; a serving one, less.
    training_grace: float = 120.0
    serving_grace: float = 30.0
    # How long a model server may take to answer its first ping with 200.
    ping_deadline: float = 240.0
    # A model server that answers its pings with another status than 200 is given up after this
    # long: at the deadline, as on AWS, unless somebody has less patience.
    ping_refusals: float = math.inf
    # A model server that dies is started again after the first pause; the pause doubles at each
    # death in a row, up to the second.
    restart_pause: float = 0.5
    longest_restart_pause: float = 30.0
    # A container has this long to answer an invocation, and to end a streamed answer.
    invocation: float = 60.0
    streamed_invocation: float = 480.0
    # A request of a batch transform that failed is sent again after this long.
    transform_retry: float = 0.5
    # How long a Describe of something unfinished waits for its status to change: once a client has
    # seen the status, and for botocore's waiters, which sleep up to two minutes between calls and
    # would turn a one-second job into a two-minute one. Clients give up reading after 60 s.
    describe: float = 5.0
    describe_of_a_waiter: float = 30.0
    # A client that asks again at once gets an answer about what is unfinished this often: the
    # progress of a tuning job would keep both sides busy, on the cores that its jobs need.
    progress: float = 0.25
    # A client has this long to send the head of a request, and between two parts of its body.
    request_head: float = 30.0
    request_body: float = 60.0
    # A connection that is asked nothing for this long is closed. A client that sends its next
    # request at that moment loses it: so it is more than a Describe waits, while the client's
    # connections to other services are idle, and more than clients that look at the time keep one
    # (Java's SDK 60 s, Go's 90 s).
    idle_connection: float = 120.0
    # A server that is told to end waits this long for the requests that it has begun; then they are
    # answered with 503. `labcloud stop` kills a server that has not ended after 40 s.
    last_requests: float = 5.0
    # A function's handler is loaded within this time, or once more within the time of its call.
    function_init: float = 10.0
    # A process of a function that has had no event for this long ends.
    idle_function: float = 300.0
    # How long an invocation waits for a place when as many run as may.
    function_room: float = 1.0
    # A function that is made or changed is Pending or InProgress for this long: whoever does not
    # wait for it is refused, as on AWS.
    function_change: float = 0.2
    # An event that a function has failed at is tried again after the first time, and after the
    # second; when there is no room for it, after the third.
    function_retry: float = 60.0
    function_second_retry: float = 120.0
    function_throttled: float = 1.0
    # How often a record that could not be written is written again.
    write_retry: float = 1.0


class UnknownTiming(ValueError):
    """There is no such waiting time, or its value is not a number of seconds."""


def timings(changes: Iterable[str]) -> Timings:
    """The default waiting times with `NAME=SECONDS` changes. Raises UnknownTiming."""
    known = {each.name for each in fields(Timings)}
    found: dict[str, float] = {}
    for change in changes:
        name, _, seconds = change.partition("=")
        if name not in known:
            raise UnknownTiming(
                f"There is no waiting time {name!r}. There are: {', '.join(sorted(known))}."
            )
        try:
            found[name] = float(seconds)
        except ValueError:
            found[name] = -1.0
        if not 0 <= found[name] < float("inf"):
            raise UnknownTiming(f"{change!r}: give a number of seconds, for example {name}=0.5")
    return replace(Timings(), **found)
