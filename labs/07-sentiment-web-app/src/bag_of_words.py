"""Turns a review into numbers: which of the known words are in it, and how often.

The notebooks use it for thousands of reviews and the web app for one, so that both count alike.
Needs the standard library only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

SIZE = 5000
# Where two words meet without a space, and what is left out of a word.
_BETWEEN = re.compile(r"<br\s*/?>|[-/]")
_LEFT_OUT = re.compile(r"[.;:!'?,\"()\[\]]")
# The column that is 1 in every row.
ALWAYS = 0


def words(review: str) -> list[str]:
    """The words of a review in small letters, without punctuation."""
    return _LEFT_OUT.sub("", _BETWEEN.sub(" ", review.lower())).split()


def vocabulary(reviews: Iterable[str], size: int = SIZE) -> dict[str, int]:
    """The most frequent words, each with its column: 1 for the most frequent one."""
    counted = Counter(word for review in reviews for word in words(review))
    # Of words that are equally frequent, the first in the alphabet.
    ranked = sorted(counted, key=lambda word: (-counted[word], word))
    return {word: column for column, word in enumerate(ranked[:size], start=1)}


def bag(review: str, known: Mapping[str, int]) -> dict[int, int]:
    """The columns of a review that are not zero, and what is in them.

    Column 0 is 1 in every row, so that no row is empty; the others say how often each word occurs.
    """
    counted = Counter(known[word] for word in words(review) if word in known)
    return {ALWAYS: 1, **dict(sorted(counted.items()))}


def libsvm(row: Mapping[int, int], label: int | None = None) -> str:
    """A row as LIBSVM: the label, if there is one, and `column:value` for what is not zero."""
    cells = [f"{column}:{value}" for column, value in row.items()]
    return " ".join(cells if label is None else [str(label), *cells])


def csv(row: Mapping[int, int], columns: int, label: int | None = None) -> str:
    """A row as CSV: the label, if there is one, and the values of all columns."""
    cells = ["0"] * columns
    for column, value in row.items():
        cells[column] = str(value)
    return ",".join(cells if label is None else [str(label), *cells])
