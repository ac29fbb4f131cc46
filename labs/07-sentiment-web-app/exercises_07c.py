"""The exercises of lab 07c, with their checks, hints and solutions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_number, as_text, need

# Exercise 7: the word's reviews this month, those of them that are positive, and the old share.
REVIEWS, POSITIVE, BEFORE = 64, 40, 0.36
# Exercise 8.
RIGHT, WITHIN = 0.69, 0.08
# Exercise 9: a word that one text has often, and one that is frequent in both.
OLD = ["The film is long.", "The actors, the music, the end.", "A film"]
NEW = ["Dull dull dull dull the", "The film is a gem.", "The gem!", "It is"]


def moved(answer: Any) -> str:
    """By how many standard errors a share has moved."""
    errors = as_number(answer, "standard errors are a number")
    share = POSITIVE / REVIEWS
    right = (share - BEFORE) / math.sqrt(BEFORE * (1 - BEFORE) / REVIEWS)
    if abs(errors - right) <= 0.006:
        return (
            "more than four: too much for chance in one word, and worth a look even among hundreds."
        )
    if abs(errors + right) <= 0.006:
        raise NotYet("it has moved up: the new share minus the old one.")
    if abs(errors - (share - BEFORE)) <= 0.006:
        raise NotYet("that is the move itself. Divide it by its standard error.")
    if abs(errors - (share - BEFORE) / math.sqrt(share * (1 - share) / REVIEWS)) <= 0.006:
        raise NotYet("that is the standard error of the new share. Step 4 takes the old one's.")
    if abs(errors - (share - BEFORE) / math.sqrt(BEFORE * (1 - BEFORE))) <= 0.006:
        raise NotYet("the standard error has the number of reviews below the root, too.")
    raise NotYet("the move is 40 / 64 - 0.36. Divide it by the root of 0.36 * 0.64 / 64.")


def enough(answer: Any) -> str:
    """The smallest number of reviews for an interval of 8 points up and down."""
    count = as_number(answer, "a number of reviews is a whole number", whole=True)
    exact = (1.96 / WITHIN) ** 2 * RIGHT * (1 - RIGHT)
    right = math.ceil(exact)
    if count == right:
        return "some twenty a day. A fall of ten points would be seen within a week."
    if count == math.floor(exact):
        raise NotYet("with one review less, it is a little more than 8 points: round up.")
    if count < right:
        raise NotYet(f"with {count} reviews, it is more than 8 percentage points.")
    raise NotYet("that is enough, and fewer reviews are, too.")


def alarm(answer: Any, *, words: Callable[[str], list[str]], old: list[str], new: list[str]) -> str:
    """A function that finds the word whose share of the texts has grown most."""
    need(answer, Callable, "answer_9 is the function itself, without brackets")
    for before, after in ((OLD, NEW), (old, new)):
        try:
            found = answer(list(before), list(after))
        except Exception as error:
            raise NotYet(f"it raises {type(error).__name__}: {error}.") from None
        if found is None:
            raise NotYet("it returns nothing: `return` is missing.")
        word = as_text(found, "it returns one word")
        growth = _growth(words, before, after)
        if growth.get(word, -1) == max(growth.values()):
            continue
        if (before, after) == (OLD, NEW) and word == "dull":
            raise NotYet("it counts a word several times in one text.")
        right = max(growth, key=lambda each: growth[each])
        raise NotYet(f"for one pair of lists it says {word!r}, and {right!r} has grown more.")
    return (
        f"it is {word!r}, and no label was needed. What the alarm cannot say is what the word "
        "means now: for that, somebody must read."
    )


def _growth(
    words: Callable[[str], list[str]], old: Sequence[str], new: Sequence[str]
) -> dict[str, float]:
    """By how much each word's share of the texts has grown."""
    before = Counter(word for text in old for word in set(words(text)))
    after = Counter(word for text in new for word in set(words(text)))
    return {word: after[word] / len(new) - before[word] / len(old) for word in after}


EXERCISES = (
    Exercise(
        check=moved,
        hints=(
            "The share now is 40 / 64, and it has moved by 40 / 64 - 0.36.",
            "The standard error of a share is the root of share * (1 - share) / reviews, here with "
            "the old share and the new reviews.",
        ),
        solution="answer_7 = (40 / 64 - 0.36) / (0.36 * 0.64 / 64) ** 0.5",
        wrong=(
            "answer_7 = 40 / 64 - 0.36",
            "answer_7 = (0.36 - 40 / 64) / (0.36 * 0.64 / 64) ** 0.5",
            "answer_7 = (40 / 64 - 0.36) / (0.36 * 0.64) ** 0.5",
            "answer_7 = (40 / 64 - 0.36) / (40 / 64 * 24 / 64 / 64) ** 0.5",
            "answer_7 = 40",
            'answer_7 = "far"',
        ),
    ),
    Exercise(
        check=enough,
        hints=(
            "1.96 standard errors of a share are 1.96 * (share * (1 - share) / reviews) ** 0.5.",
            "Solve that for the reviews: (1.96 / 0.08) ** 2 * 0.69 * 0.31, and round up.",
        ),
        solution="""\
import math

answer_8 = math.ceil((1.96 / 0.08) ** 2 * 0.69 * 0.31)""",
        wrong=(
            "answer_8 = 128",
            "answer_8 = 30",
            "answer_8 = 1000",
            "answer_8 = 0.08",
            'answer_8 = "all"',
        ),
    ),
    Exercise(
        check=alarm,
        hints=(
            "Counter(word for text in texts for word in set(words(text))) counts the texts that "
            "have each word.",
            "Divide by len(texts), once for old and once for new, and take the word with the "
            "largest difference: max(growth, key=growth.get).",
        ),
        solution="""\
from collections import Counter


def alarm(old, new):
    before = Counter(word for text in old for word in set(words(text)))
    after = Counter(word for text in new for word in set(words(text)))
    growth = {word: after[word] / len(new) - before[word] / len(old) for word in after}
    return max(growth, key=growth.get)


answer_9 = alarm""",
        wrong=(
            'answer_9 = lambda old, new: "film"',
            "answer_9 = lambda old, new: max(new, key=len)",
            "answer_9 = lambda old, new: None",
            "answer_9 = lambda old: old",
            "answer_9 = lambda old, new: 1",
            'answer_9 = "dull"',
        ),
    ),
)
