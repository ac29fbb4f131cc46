"""Folders of code: which of them a start keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcloud.functions.records import NEEDED, NEEDED_OF_EVENT
from labcloud.functions.store import Store
from labcloud.state.records import Records

ONE, OTHER, STRAY = "1" * 32, "2" * 32, "3" * 32


@pytest.mark.parametrize(
    ("damaged", "left"),
    [
        ([], {ONE}),
        ([f'{{"CodeFolder": "{OTHER}"}}'], {ONE, OTHER}),
        # Nobody can say whose folder it is.
        (['{"CodeFol'], {ONE, OTHER, STRAY}),
    ],
)
def test_a_damaged_record_keeps_its_code(
    tmp_path: Path, damaged: list[str], left: set[str]
) -> None:
    records = Records(tmp_path / "records")
    for number, text in enumerate(damaged):
        records._database.execute(
            "INSERT INTO records VALUES ('function', ?, ?)", (str(number), text)
        )
    records._check()
    records.open("function", ["FunctionName"])
    for name in (ONE, OTHER, STRAY):
        (tmp_path / "code" / name).mkdir(parents=True)
    Store(tmp_path / "code").keep({ONE}, records.texts_set_aside("function"))
    assert {each.name for each in (tmp_path / "code").iterdir()} == left
    records.close()


@pytest.mark.parametrize(
    ("needed", "member"),
    [
        # The next start and every list read it.
        (NEEDED, "LastUpdateStatus"),
        # Whoever works on it reads these.
        (NEEDED_OF_EVENT, "Context"),
        (NEEDED_OF_EVENT, "CreationTime"),
    ],
)
def test_a_record_without_what_is_read_of_it_is_set_aside(
    tmp_path: Path, needed: tuple[str, ...], member: str
) -> None:
    whole = dict.fromkeys(needed, "0")
    records = Records(tmp_path / "records")
    records.insert("function", "whole", whole)
    damaged = {name: value for name, value in whole.items() if name != member}
    records.insert("function", "damaged", damaged)
    records.close()
    again = Records(tmp_path / "records")
    again.open("function", needed)
    assert again.all("function") == [whole]
    assert [json.loads(text) for text in again.texts_set_aside("function")] == [damaged]
    again.close()
