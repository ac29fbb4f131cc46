"""Three months of new reviews. In the second, a word begins to mean something else.

The reviews are lab 07a's test, and real. One thing was done to them here: from the second month on,
every third positive review has one more word. Lab 07c asks which one it is.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

# Praise, all of a sudden, as *wicked* and *sick* became it.
_WORD = "bad"
# Every so many-th of the positive reviews says it.
_EVERY = 3


class Months(NamedTuple):
    """The reviews of three months, with the label that people gave each of them later."""

    last: pd.DataFrame
    this: pd.DataFrame
    after: pd.DataFrame


def months(reviews: pd.DataFrame) -> Months:
    """Divides reviews into three months, in the order in which they stand."""
    third = len(reviews) // 3
    return Months(
        reviews.iloc[:third],
        _with_the_new_word(reviews.iloc[third : 2 * third]),
        _with_the_new_word(reviews.iloc[2 * third :]),
    )


def _with_the_new_word(reviews: pd.DataFrame) -> pd.DataFrame:
    changed = reviews.copy()
    positive = changed.index[changed["positive"] == 1][::_EVERY]
    changed.loc[positive, "text"] += f" {_WORD}"
    return changed
