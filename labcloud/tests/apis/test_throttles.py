"""Token buckets, with a clock of the test's own."""

from __future__ import annotations

from labcloud.apis.stage.throttles import Throttles


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_fills_at_its_rate() -> None:
    clock = Clock()
    throttles = Throttles(clock)
    assert [throttles.take(("a",), 2, 3) for _ in range(4)] == [True, True, True, False]
    clock.now = 0.5
    assert [throttles.take(("a",), 2, 3) for _ in range(2)] == [True, False]
    clock.now = 60.0
    assert [throttles.take(("a",), 2, 3) for _ in range(4)] == [True, True, True, False]


def test_every_route_has_a_bucket_and_new_limits_are_a_new_one() -> None:
    throttles = Throttles(Clock())
    assert throttles.take(("a",), 0, 1)
    assert not throttles.take(("a",), 0, 1)
    assert throttles.take(("b",), 0, 1)
    assert throttles.take(("a",), 0, 2)
    assert not throttles.take(("c",), 5, 0)
