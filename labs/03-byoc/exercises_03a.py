"""The exercises of lab 03a, with their checks, hints and solutions."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_text
from labhelpers.errors import JobFailed
from labhelpers.gone import Gone, still_there

NAME, LEAVES = "max_leaf_nodes", "3"
# Exercise 2 is tried on the log of step 9 (on this one if that is gone), and on that of a larger
# tree: a pattern that fits one number is no metric.
THE_LOG = """\
Channel training: 150 rows of 4 features, 3 different labels.
Fitted a tree with 9 leaves, 5 levels deep.
train:accuracy=1.0000"""
OTHER_LOG = """\
Channel training: 1500 rows of 4 features, 6 different labels.
Fitted a tree with 12 leaves, 7 levels deep.
train:accuracy=0.9800"""
FLOWERS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
_FITTED = re.compile(r"Fitted a tree with (\d+) leaves")


def hyperparameters(answer: Any, *, test: Any) -> str:
    """The file that SageMaker would write for a tree of three leaves; `train` reads it."""
    text = as_text(answer, "a file holds text")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotYet(f"the file must be JSON, and this is not: {error}.") from None
    if not isinstance(found, dict):
        raise NotYet("the file holds one JSON object, from name to value.")
    if not all(isinstance(value, str) for value in found.values()):
        raise NotYet(
            "that would work here, because train is patient. But SageMaker writes every value as "
            "a string."
        )
    right = found == {NAME: LEAVES}
    try:
        with still_there("image", "step 5"):
            leaves = _leaves(text, test)
    except JobFailed as error:
        raise NotYet(str(error)) from None
    except Gone as gone:
        if not right:
            raise
        # The answer can be judged without it.
        return f"that is what SageMaker writes. Nobody can train with it now: {gone}"
    if leaves != int(LEAVES):
        raise NotYet(f"train has read it, and the tree has {leaves} leaves.")
    if not right:
        raise NotYet(
            f"the tree has {leaves} leaves, too, but the job has one hyperparameter, {NAME}, and "
            f"its value is written as {LEAVES!r}."
        )
    return (
        f"the tree has {leaves} leaves, one a species, and no way to learn single flowers by "
        "heart. You have played SageMaker with a file; nobody had to start a job for it."
    )


def _leaves(text: str, test: Any) -> int:
    """The leaves of the tree that `train` fits with this file. Raises JobFailed."""
    # A copy: what a wrong answer leaves behind is in nobody's way.
    copy = replace(test, ml=test.ml.with_name("opt-ml-of-exercise-1"))
    shutil.copytree(test.ml / "input", copy.ml / "input", dirs_exist_ok=True)
    (copy.ml / "input" / "config" / "hyperparameters.json").write_text(text)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        copy.train()
    return int(_FITTED.findall(printed.getvalue())[0])


def metric(answer: Any, *, log: str) -> str:
    """A regular expression that makes a metric of the number of leaves."""
    text = as_text(answer, "a regular expression is text")
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise NotYet(f"it cannot be read: {error}.") from None
    if pattern.groups != 1:
        raise NotYet(
            f"it has {pattern.groups} groups. SageMaker takes as the value what one pair of "
            "parentheses matches."
        )
    if not _FITTED.search(log):
        # The logs of labcloud do not survive its restart.
        log = THE_LOG
    for place, lines in (("your job", log), ("a larger tree", OTHER_LOG)):
        found, expected = pattern.findall(lines), _FITTED.findall(lines)
        if not found:
            raise NotYet(f"it matches nothing in the log of {place}: {_line(lines)}")
        if found != expected:
            raise NotYet(f"it finds {', '.join(map(repr, found))} in the log of {place}: "
                         f"{_line(lines)}")  # fmt: skip
    return (
        f"SageMaker would report {_FITTED.findall(log)[-1]} for this log, and 12 for that of a "
        "larger tree. A program needs no library to have metrics: it prints them."
    )


def _line(log: str) -> str:
    """The line of a log that has the number of leaves."""
    return next(line.strip() for line in log.splitlines() if _FITTED.search(line))


def json_request(answer: Any, *, endpoint: Any) -> str:
    """A JSON body for two flowers; it is sent to the endpoint."""
    body = as_text(answer, "the body of a request is text (json.dumps makes it of a list)")
    right = _rows(body) == FLOWERS
    try:
        with still_there("endpoint", "steps 5 and 8 to 10"):
            response = endpoint.invoke(
                body=body, content_type="application/json", accept="application/json"
            )
    except Gone as gone:
        if not right:
            raise NotYet(
                "the body is a list of two rows in JSON, each a list of four numbers, which are "
                "those of the two flowers in their order."
            ) from None
        # The answer can be judged without it.
        return f"two rows of four numbers. What the container thinks cannot be asked now: {gone}"
    except ClientError as error:
        if error.response["Error"]["Code"] != "ModelError":
            raise
        said = error.response["OriginalMessage"].strip()
        raise NotYet(f"the container says: {said}") from None
    predictions = json.loads(response.body.read())["predictions"]
    taken = f"the container takes them for {' and '.join(predictions)}"
    if len(predictions) != len(FLOWERS):
        raise NotYet(f"the container has predicted {len(predictions)} flowers, and there are two.")
    if not right:
        raise NotYet(f"{taken}: are the numbers right, and in their order?")
    return f"{taken}. A list of rows is all it wants."


def _rows(body: str) -> Any:
    """The rows in a JSON body, as the container reads it; None if it is not JSON."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found.get("instances") if isinstance(found, dict) else found


EXERCISES = (
    Exercise(
        check=hyperparameters,
        hints=(
            "Step 6 writes such a file, for five leaves.",
            "JSON has double quotes, and SageMaker puts every value in them, numbers too. In "
            "Python, single quotes around all of it save you from escaping them.",
        ),
        solution='answer_1 = \'{"max_leaf_nodes": "3"}\'',
        wrong=(
            "answer_1 = '{\"max_leaf_nodes\": 3}'",
            'answer_1 = \'{"max_leaf_nodes": "5"}\'',
            'answer_1 = \'{"max_leaves": "3"}\'',
            'answer_1 = \'{"max_depth": "2"}\'',
            'answer_1 = \'{"max_leaf_nodes": "3", "max_depth": "9"}\'',
            "answer_1 = \"{'max_leaf_nodes': '3'}\"",
            'answer_1 = "max_leaf_nodes=3"',
            'answer_1 = {"max_leaf_nodes": "3"}',
            'answer_1 = \'["max_leaf_nodes", "3"]\'',
        ),
    ),
    Exercise(
        check=metric,
        hints=(
            "Copy the words around the number, and put parentheses where the number is.",
            "([0-9]+) matches a whole number. The 4 in '4 levels' is one, too: the words must tell "
            "them apart.",
        ),
        solution='answer_2 = "with ([0-9]+) leaves"',
        wrong=(
            'answer_2 = "with [0-9]+ leaves"',
            'answer_2 = "([0-9]+)"',
            'answer_2 = "with ([0-9]) leaves"',
            'answer_2 = "(9) leaves"',
            'answer_2 = "([0-9]+) levels"',
            'answer_2 = "leaves=([0-9]+)"',
            'answer_2 = "(with ([0-9]+) leaves)"',
            'answer_2 = "with ([0-9]+ leaves"',
            "answer_2 = 6",
        ),
    ),
    Exercise(
        check=json_request,
        hints=(
            "Step 7 sends one flower as JSON: a list of rows, and each row is a list of numbers.",
            'As text: "[[first flower], [second flower]]", with the four numbers in each.',
        ),
        solution='answer_3 = "[[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]"',
        wrong=(
            "answer_3 = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]",
            'answer_3 = "[5.1, 3.5, 1.4, 0.2]"',
            'answer_3 = "[[1, 1, 1, 0.1], [9, 3, 6, 2.5]]"',
            'answer_3 = "[[5.1, 3.5, 1.4, 0.2]]"',
            'answer_3 = "[[6.7, 3.0, 5.2, 2.3], [5.1, 3.5, 1.4, 0.2]]"',
            'answer_3 = "5.1,3.5,1.4,0.2"',
            "answer_3 = '{\"rows\": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}'",
        ),
    ),
)
