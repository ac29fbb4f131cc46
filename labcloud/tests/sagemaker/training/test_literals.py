"""What is asked for first is in everything that an expression matches."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.sagemaker.training.literals import literal


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (
            r".*\[[0-9]+\].*#011validation-rmse:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*",
            "#011validation-rmse:",
        ),
        ("(?:abc)?d", "d"),
        ("(?=abc)d", ""),
        ("loss=(.*)", "loss="),
        (r"val_loss: (\S+);", "val_loss: "),
        (r"m (\d+)", "m "),
        ("abc*d", "ab"),
        ("abc?de", "ab"),
        ("abc+de", "abc"),
        ("abc{0,3}d", "ab"),
        ("(abc)?d", "d"),
        (r"\d{3}ab", "ab"),
        ("[]abc]x", "x"),
        ("[^]abc]x", "x"),
        (r"[\]abc]x", "x"),
        ("abc|d", ""),
        ("(?i)abc", ""),
        (r"\x41bc", ""),
        (r"(.)\1abc", ""),
        (r"(\d+)", ""),
        ("", ""),
    ],
)
def test_the_longest_piece_that_must_be_there(expression: str, text: str) -> None:
    assert literal(expression) == text


PIECES = st.sampled_from(
    ["a", "b", "1", ":", "=", " ", ".", "*", "+", "?", "{2}", "{0,1}", "(", "(?:", "(?!", ")",
     "[ab]", "[^a]", "[]a]", r"\d", r"\.", r"\[", r"\w", "^", "$", "|", r"\x61", r"\1"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join), st.text("ab1:=.[ ", max_size=8))
def test_what_matches_contains_it(expression: str, line: str) -> None:
    try:
        pattern = regex.compile(expression)
    except regex.error:
        return
    if pattern.search(line):
        assert literal(expression) in line
