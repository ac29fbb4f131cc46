"""A verdict is in colour in a notebook, and plain text beside it and everywhere else."""

from __future__ import annotations

import re

import pytest

from labhelpers.verdicts import _COLOURS, _GREY, Verdict


def luminance(colour: str) -> float:
    """Of a colour #rrggbb, as WCAG 2 computes it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("background", "ink"), [*_COLOURS.values(), _GREY])
def test_a_word_can_be_read_on_its_colour(background: str, ink: str) -> None:
    light, dark = sorted((luminance(background), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 4.5


def test_outside_of_a_notebook_it_is_a_line_of_text(capsys: pytest.CaptureFixture[str]) -> None:
    Verdict(2, "correct", "twice 3 is 6.").show()
    assert capsys.readouterr().out == "Exercise 2: correct: twice 3 is 6.\n"


@pytest.mark.parametrize("word", ["correct", "not yet", "not attempted", "hint 1 of 2"])
def test_the_html_has_the_same_text_and_the_word_in_its_colour(word: str) -> None:
    verdict = Verdict(2, word, 'a < b & "c".')
    shown = verdict._repr_html_()
    text = re.sub(r"<[^>]*>", "", shown).replace("&lt;", "<").replace("&amp;", "&")
    assert text == repr(verdict)
    background, _ = _COLOURS.get(word, _GREY)
    assert f"background-color: {background};" in shown
    assert f">{word}</strong>" in shown


def test_an_answer_cannot_put_html_into_the_page() -> None:
    shown = Verdict(1, "not yet", "it finds <script>alert(1)</script>.")._repr_html_()
    assert "<script>" not in shown
