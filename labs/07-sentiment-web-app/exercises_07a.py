"""The exercises of lab 07a, with their checks, hints and solutions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bag_of_words import bag, csv, words

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_number, need

# Exercise 2: the reviews, and what a request may hold (bytes).
REVIEWS, LIMIT = 25_000, 6_291_456
# Exercise 3: its second review has no word that anybody knows.
TEXTS = ("A dull film. A dull, dull film!", "Zzyzx qwyjibo", "Not bad - not bad/at all")


def unknown(answer: Any, *, texts: Sequence[str], vocabulary: Mapping[str, int]) -> str:
    """The share of the words of the test that the vocabulary does not have."""
    share = as_number(answer, "a share is a number between 0 and 1")
    every = [word for text in texts for word in words(text)]
    missing = [word for word in every if word not in vocabulary]
    right = len(missing) / len(every)
    if _near(share, right):
        return (
            f"about one word in {round(1 / right)}. Most of them are names and rare words; the "
            "model answers without them, as it will for your users."
        )
    if _near(share, 100 * right):
        raise NotYet("that is the percentage; a share lies between 0 and 1.")
    if _near(share, 1 - right):
        raise NotYet("that is the share of the words that it knows.")
    if _near(share, len(set(missing)) / len(set(every))):
        raise NotYet("that counts every word once. Count repeats, too.")
    if not 0 <= share <= 1:
        raise NotYet("a share lies between 0 and 1.")
    raise NotYet(
        "divide the number of words that are not in the vocabulary by the number of all words."
    )


def _near(one: float, other: float) -> bool:
    return abs(one - other) < 5e-4


def requests(answer: Any, *, average: int) -> str:
    """The smallest number of requests for 25,000 reviews."""
    count = as_number(answer, "a number of requests is a whole number", whole=True)
    rows = LIMIT // average
    right = math.ceil(REVIEWS / rows)
    if count == right:
        return (
            f"{rows:,} rows fit into one request. Smaller chunks are the safer choice: a request "
            "has 60 seconds, too, and a failed one is sent again whole."
        )
    if count == math.ceil(REVIEWS / 512):
        raise NotYet("that is with 512 rows at a time. How many fit into a request?")
    if count == REVIEWS // rows:
        raise NotYet("that leaves some reviews over: round up.")
    raise NotYet("how many rows of that size fit into one request? Then divide, and round up.")


def body(answer: Any, *, vocabulary: Mapping[str, int]) -> str:
    """A function that makes one line of CSV of a review."""
    need(answer, Callable, "answer_3 is the function itself, without brackets")
    columns = len(vocabulary) + 1
    for text in TEXTS:
        try:
            line = answer(text)
        except Exception as error:
            raise NotYet(f"it raises {type(error).__name__}: {error}.") from None
        if isinstance(line, bytes):
            line = line.decode(errors="replace")
        if not isinstance(line, str):
            raise NotYet("it returns something else than text: `return` the line.")
        if ":" in line:
            raise NotYet("that is LIBSVM, which linear-learner does not read.")
        given = line.strip().split(",")
        if len(given) != columns:
            raise NotYet(f"a row has {columns} columns, and this line has {len(given)}.")
        if given != csv(bag(text, vocabulary), columns).split(","):
            raise NotYet(f"the numbers for {text!r} are not those of bag_of_words.bag.")
    return "the body of one review is as long as that of every other: about two bytes a column."


EXERCISES = (
    Exercise(
        check=unknown,
        hints=(
            "Make one list of all words: "
            "[word for text in texts for word in bag_of_words.words(text)].",
            "Count those for which `word not in vocabulary`, and divide by the length of the list.",
        ),
        solution="""\
every = [word for text in texts for word in bag_of_words.words(text)]
answer_1 = sum(word not in vocabulary for word in every) / len(every)""",
        wrong=(
            "answer_1 = sum(w in vocabulary for t in texts for w in bag_of_words.words(t))"
            " / sum(len(bag_of_words.words(t)) for t in texts)",
            "answer_1 = 0",
            "answer_1 = 1.5",
            'answer_1 = "many"',
            "answer_1 = texts",
        ),
    ),
    Exercise(
        check=requests,
        hints=(
            "6291456 // average rows fit into a request.",
            "math.ceil(25000 / rows) rounds up.",
        ),
        solution="""\
import math

answer_2 = math.ceil(25_000 / (6_291_456 // average))""",
        wrong=(
            "answer_2 = 49",
            "answer_2 = 0",
            "answer_2 = 25_000",
            "answer_2 = 25_000 // (6_291_456 // average)",
            "answer_2 = 0.5",
            'answer_2 = "one"',
        ),
    ),
    Exercise(
        check=body,
        hints=(
            "bag_of_words.bag(text, vocabulary) has the numbers, bag_of_words.csv writes a row.",
            "csv(row, columns) needs the number of columns: that of the vocabulary, and column 0.",
        ),
        solution="""\
def line(text):
    return bag_of_words.csv(bag_of_words.bag(text, vocabulary), len(vocabulary) + 1)


answer_3 = line""",
        wrong=(
            "answer_3 = lambda text: bag_of_words.libsvm(bag_of_words.bag(text, vocabulary))",
            "answer_3 = lambda text: bag_of_words.csv("
            "bag_of_words.bag(text, vocabulary), len(vocabulary))",
            "answer_3 = lambda text: bag_of_words.csv("
            "bag_of_words.bag(text, vocabulary), len(vocabulary) + 1, 1)",
            "answer_3 = lambda text: text",
            "answer_3 = lambda text: None",
            "answer_3 = lambda: 1",
            'answer_3 = "0,0,0"',
        ),
    ),
)
