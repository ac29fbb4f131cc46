"""Records are on disk when the call returns, and wake whoever waits for them."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from labcloud.state.records import AlreadyExists, Missing, Records


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "records.sqlite")


def test_a_record_is_there_for_the_next_life(tmp_path: Path, records: Records) -> None:
    records.insert("model", "m", {"ModelName": "m", "Tags": []})
    records.update("model", "m", Tags=[{"Key": "a", "Value": "ä"}], Extra=1.5)
    # Not closed first: a process that is killed does not close either.
    again = Records(tmp_path / "records.sqlite")
    assert again.get("model", "m") == {
        "ModelName": "m",
        "Tags": [{"Key": "a", "Value": "ä"}],
        "Extra": 1.5,
    }
    again.close()
    records.close()


def test_a_name_is_taken_once_per_kind(records: Records) -> None:
    records.insert("model", "m", {})
    records.insert("endpoint", "m", {})
    with pytest.raises(AlreadyExists):
        records.insert("model", "m", {})
    records.delete("model", "m")
    with pytest.raises(Missing):
        records.get("model", "m")
    with pytest.raises(Missing):
        records.delete("model", "m")
    with pytest.raises(Missing):
        records.update("model", "m", A=1)
    assert len(records.all("endpoint")) == 1
    records.close()


def test_none_removes_a_field(records: Records) -> None:
    records.insert("model", "m", {"A": 1, "B": 2})
    assert records.update("model", "m", A=None) == {"B": 2}
    records.close()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_not_written(
    tmp_path: Path, records: Records, value: float
) -> None:
    """With one of them, the next start would take the whole record for damaged."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        records.insert("job", "j", {"Value": value})
    records.insert("job", "j", {"Value": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        records.update("job", "j", Value=[{"Value": value}])
    records.close()
    again = Records(tmp_path / "records.sqlite")
    assert again.all("job") == [{"Value": 1}]
    again.close()


def test_a_waiter_is_woken_by_the_change_that_it_waits_for(records: Records) -> None:
    async def scene() -> None:
        records.insert("job", "j", {"Status": "InProgress"})
        waiting = asyncio.create_task(
            records.wait("job", "j", lambda job: job["Status"] == "Completed", seconds=60)
        )
        await asyncio.sleep(0)
        records.update("job", "j", Progress=1)
        await asyncio.sleep(0)
        assert not waiting.done()
        records.update("job", "j", Status="Completed")
        assert (await waiting)["Status"] == "Completed"

    asyncio.run(scene())
    records.close()


def test_a_waiter_gets_the_record_as_it_is_when_time_is_up(records: Records) -> None:
    records.insert("job", "j", {"Status": "InProgress"})
    found = asyncio.run(records.wait("job", "j", lambda _: False, seconds=0.01))
    assert found == {"Status": "InProgress"}
    records.close()


def test_a_waiter_learns_that_its_record_is_gone(records: Records) -> None:
    async def scene() -> None:
        records.insert("job", "j", {})
        waiting = asyncio.create_task(records.wait("job", "j", lambda _: False, seconds=60))
        await asyncio.sleep(0)
        records.delete("job", "j")
        with pytest.raises(Missing):
            await waiting

    asyncio.run(scene())
    records.close()


def test_values_of_all_records_of_a_kind(records: Records) -> None:
    records.insert("job", "a", {"Name": "a", "Config": {"Count": 2}, "CreationTime": 1})
    records.insert("job", "b", {"Name": "b", "CreationTime": 2.5})
    records.insert("model", "c", {"Name": "c", "CreationTime": 3})
    found = records.extracts("job", ["Config.Count", "CreationTime", "Name"])
    assert sorted(found, key=str) == [[2, 1, "a"], [None, 2.5, "b"]]
