"""The shortcut around csv.Sniffer says what the sniffer says."""

from __future__ import annotations

import csv

from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.algorithms.xgboost import delimiters

LINE = st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=60)
NUMBERS = st.lists(st.floats().map(str) | st.just("") | st.integers().map(str), max_size=8)
SEPARATED = st.tuples(st.sampled_from([",", "\t", ";", " ", ":", "|", ", "]), NUMBERS).map(
    lambda drawn: drawn[0].join(drawn[1])
)


@given(LINE | SEPARATED | LINE.map(lambda line: line + "\n"))
@settings(deadline=None)
def test_sniffing_one_line(line: str) -> None:
    try:
        expected = csv.Sniffer().sniff(line).delimiter
    except csv.Error:
        expected = None
    try:
        found = delimiters.sniff(line)
    except csv.Error:
        found = None
    assert found == expected
