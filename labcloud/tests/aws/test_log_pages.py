"""Pages of logs, whatever their size, hold every event once and in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.utils import unix_time_millis, utcnow
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogsBackend

from labcloud.aws import log_events, log_pages

GROUP = "/aws/sagemaker/TrainingJobs"
# Times within the range that CloudWatch Logs accepts (milliseconds since the epoch).
NOW = int(unix_time_millis(utcnow())) - 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before = log_events.Events.folder
    log_pages.apply()
    found = tmp_path_factory.mktemp("logs") / "logs"
    log_events.keep_in(found)
    yield found
    log_events.Events.folder = before


def backend(streams: dict[str, list[int]]) -> Any:
    """One with a group; the events of a stream have these times after NOW, in turn."""
    made: Any = LogsBackend("us-east-1", "123456789012")
    made.create_log_group(GROUP, {})
    for name, times in streams.items():
        made.create_log_stream(GROUP, name)
        for number, time in enumerate(times):
            # One call each: within one call, the times must ascend.
            event = {"timestamp": NOW + time, "message": f"{name} {number}"}
            made.put_log_events(GROUP, name, [event])
    return made


def read(logs: Any, limit: int, *, head: bool = True, **times: int | None) -> list[str]:
    """All messages of the stream `a`, by following the tokens from one end."""
    found: list[str] = []
    token: str | None = None
    while True:
        page, backward, forward = logs.get_log_events(
            GROUP, None, "a", times.get("start"), times.get("end"), limit, token, head
        )
        assert len(page) <= limit
        messages = [event["message"] for event in page]
        found = found + messages if head else messages + found
        following = forward if head else backward
        if following == token:
            assert page == []
            return found
        token = following


@settings(max_examples=30)
@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 9), st.booleans())
def test_all_pages_of_a_stream_are_its_events_by_time(
    folder: Path, times: list[int], limit: int, head: bool
) -> None:
    logs = backend({"a": times})
    numbers = sorted(range(len(times)), key=lambda number: times[number])
    assert read(logs, limit, head=head) == [f"a {number}" for number in numbers]
    # The end is not in the range, the start is.
    within = [f"a {number}" for number in numbers if 5 <= times[number] < 15]
    assert read(logs, limit, head=head, start=NOW + 5, end=NOW + 15) == within
    logs.delete_log_group(GROUP)


@settings(max_examples=30)
@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 9), max_size=12)),
    st.integers(1, 7),
)
def test_all_pages_of_a_group_are_its_events_by_time(
    folder: Path, streams: dict[str, list[int]], limit: int
) -> None:
    logs = backend(streams)
    found: list[str] = []
    token: str | None = None
    while True:
        page, token, searched = logs.filter_log_events(
            GROUP, [], NOW + 2, NOW + 8, limit, token, "", False
        )
        assert {each["logStreamName"] for each in searched} == set(streams)
        found += [event["message"] for event in page]
        if token is None:
            break
        assert len(page) == limit
    expected = sorted(
        (time, name, number)
        for name, times in streams.items()
        for number, time in enumerate(times)
        if 2 <= time <= 8
    )
    assert found == [f"{name} {number}" for _, name, number in expected]
    logs.delete_log_group(GROUP)


def test_a_search_without_a_hit_goes_on_by_its_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pages, "_SEARCHED", 10)
    logs = backend({"a": list(range(25))})
    pages = []
    token: str | None = None
    while True:
        page, token, _ = logs.filter_log_events(GROUP, ["a"], None, None, 5, token, '"24"', False)
        pages.append([event["message"] for event in page])
        if token is None:
            break
    assert pages == [[], [], ["a 24"]]
    logs.delete_log_group(GROUP)


def test_a_page_has_a_size(folder: Path) -> None:
    logs = backend({"a": []})
    event = {"timestamp": NOW, "message": "x" * 200_000}
    logs.put_log_events(GROUP, "a", [event] * 12)
    page, _, _ = logs.get_log_events(GROUP, None, "a", None, None, None, None, True)
    assert len(page) == 5
    assert len(read(logs, 100)) == 12
    logs.delete_log_group(GROUP)


def test_what_is_deleted_leaves_no_file(folder: Path) -> None:
    logs = backend({"a": [1], "b": [2], "c": []})
    assert len(list(folder.iterdir())) == 2
    logs.delete_log_stream(GROUP, "a")
    assert len(list(folder.iterdir())) == 1
    with pytest.raises(ResourceNotFoundException):
        logs.delete_log_stream(GROUP, "a")
    logs.delete_log_group(GROUP)
    assert list(folder.iterdir()) == []
    with pytest.raises(ResourceNotFoundException):
        logs.delete_log_group(GROUP)


def test_a_stream_that_grows_without_end_is_cut(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_events, "LARGEST_STREAM", 1000)
    logs = backend({"a": []})
    for _ in range(50):
        logs.put_log_events(GROUP, "a", [{"timestamp": NOW, "message": "x" * 99}])
    found = read(logs, 100)
    assert found[:-1] == ["x" * 99] * 10
    assert "MiB of a log stream" in found[-1]
    logs.delete_log_group(GROUP)


@pytest.mark.parametrize("token", ["f/1", "x", "", "f/" + "9" * 56 + "/s", "é", "W10="])
def test_a_foreign_token_is_refused(folder: Path, token: str) -> None:
    logs = backend({"a": [1]})
    if token:
        with pytest.raises(InvalidParameterException):
            logs.get_log_events(GROUP, None, "a", None, None, None, token, True)
        with pytest.raises(InvalidParameterException):
            logs.filter_log_events(GROUP, ["a"], None, None, None, token, "", True)
    logs.delete_log_group(GROUP)


def test_a_disk_that_is_full_costs_the_lines_alone(folder: Path, tmp_path: Path) -> None:
    logs = backend({"a": []})
    (folder / "x").touch()
    log_events.Events.folder = folder / "x"
    logs.put_log_events(GROUP, "a", [{"timestamp": NOW, "message": "lost"}])
    log_events.Events.folder = folder
    logs.delete_log_stream(GROUP, "a")
    (folder / "x").unlink()
    logs.delete_log_group(GROUP)
