"""The exercises of lab 03, with their checks, hints and solutions."""

from __future__ import annotations

import contextlib
import io
import json
import math
import numbers
import re
import shutil
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError
from sklearn.tree import DecisionTreeClassifier

from labhelpers import Exercise, Exercises, LabError, NotYet
from labhelpers.checks import need

LEAVES = 3
_FITTED = re.compile(r"Fitted a tree with (\d+) leaves")


def hyperparameters(answer: Any, *, test: Any) -> str:
    """The file that SageMaker would write for a tree of three leaves; `train` reads it."""
    need(answer, str, "a file holds text")
    try:
        found = json.loads(answer)
    except ValueError as error:
        raise NotYet(f"the file must be JSON, and this is not: {error}.") from None
    if not isinstance(found, dict):
        raise NotYet("the file holds one JSON object, from name to value.")
    if not all(isinstance(value, str) for value in found.values()):
        raise NotYet(
            "that would work here, because train is patient. But SageMaker writes every value as "
            "a string."
        )
    # A copy: what a wrong answer leaves behind is in nobody's way.
    copy = replace(test, ml=test.ml.with_name("opt-ml-of-exercise-1"))
    shutil.copytree(test.ml / "input", copy.ml / "input", dirs_exist_ok=True)
    (copy.ml / "input" / "config" / "hyperparameters.json").write_text(answer)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            copy.train()
    except LabError as error:
        raise NotYet(str(error)) from None
    leaves = int(_FITTED.findall(printed.getvalue())[0])
    if leaves != LEAVES:
        raise NotYet(f"train has read it, and the tree has {leaves} leaves.")
    return (
        f"the tree has {leaves} leaves, one a species, and no way to learn single flowers by "
        "heart. You have played SageMaker with a file; nobody had to start a job for it."
    )


def metric(answer: Any, *, log: str) -> str:
    """A regular expression that makes a metric of the number of leaves."""
    need(answer, str, "a regular expression is text")
    try:
        pattern = re.compile(answer)
    except re.error as error:
        raise NotYet(f"it cannot be read: {error}.") from None
    if pattern.groups != 1:
        raise NotYet(
            f"it has {pattern.groups} groups. SageMaker takes as the value what one pair of "
            "parentheses matches."
        )
    found = pattern.findall(log)
    if not found:
        raise NotYet("it matches nothing in the log.")
    expected = _FITTED.findall(log)
    if found != expected:
        raise NotYet(f"it finds {', '.join(map(repr, found))} in the log.")
    return (
        f"SageMaker would report {float(found[-1]):g} for this log. A program needs no library to "
        "have metrics: it prints them."
    )


def json_request(answer: Any, *, endpoint: Any) -> str:
    """A JSON body for two flowers; it is sent to the endpoint."""
    if not isinstance(answer, str):
        raise NotYet(
            f"the body of a request is text, and this is a {type(answer).__name__}. json.dumps "
            "makes text of a list."
        )
    try:
        response = endpoint.invoke(
            body=answer, content_type="application/json", accept="application/json"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ModelError":
            message = error.response["Error"]["Message"]
            raise NotYet(f"no container has seen it. {message} Run step 13 again.") from None
        said = error.response["OriginalMessage"].strip()
        raise NotYet(f"the container says: {said}") from None
    predictions = json.loads(response.body.read())["predictions"]
    if len(predictions) != 2:
        raise NotYet(f"the container has predicted {len(predictions)} flowers, and there are two.")
    if predictions != ["setosa", "virginica"]:
        raise NotYet(f"it takes them for {' and '.join(predictions)}: are the numbers right?")
    return (
        f"the container takes them for {' and '.join(predictions)}. A list of rows is all it wants."
    )


def nonsense_on_test(answer: Any, *, parts: Any) -> str:
    """How often a tree that has learned shuffled species is right about flowers kept away."""
    need(answer, numbers.Real, "a share is a number")
    shuffled = parts.train["species"].sample(frac=1, random_state=1).to_numpy()
    train, test = (part.drop(columns="species") for part in (parts.train, parts.test))
    tree = DecisionTreeClassifier(random_state=0).fit(train, shuffled)
    expected = tree.score(test, parts.test["species"])
    if math.isclose(answer, tree.score(train, shuffled)):
        raise NotYet("those are the flowers that it has learned. Ask for those of parts.test.")
    honest = DecisionTreeClassifier(random_state=0).fit(train, parts.train["species"])
    if math.isclose(answer, honest.score(test, parts.test["species"])):
        raise NotYet("that tree has learned the true species. Shuffle those of parts.train first.")
    if math.isclose(answer, expected * len(test)) and answer > 1:
        raise NotYet("that is how many flowers; divide by how many there are.")
    if not math.isclose(answer, expected):
        raise NotYet(
            "fit on the measures of parts.train and their species, shuffled with random_state=1; "
            "score on the measures of parts.test and their true species."
        )
    return (
        f"{expected:.0%}, where guessing among three species has 33 %. The same nonsense was right "
        "about 29 of 29 flowers in step 13: only flowers kept away can tell the difference."
    )


exercises = Exercises(
    Exercise(
        check=hyperparameters,
        hints=(
            "Step 6 writes such a file, for five leaves.",
            "JSON has double quotes, and SageMaker puts every value in them, numbers too. In "
            "Python, single quotes around all of it save you from escaping them.",
        ),
        solution='answer = \'{"max_leaf_nodes": "3"}\'',
        wrong=(
            "answer = '{\"max_leaf_nodes\": 3}'",
            'answer = \'{"max_leaf_nodes": "5"}\'',
            'answer = \'{"max_leaves": "3"}\'',
            "answer = \"{'max_leaf_nodes': '3'}\"",
            'answer = "max_leaf_nodes=3"',
            'answer = {"max_leaf_nodes": "3"}',
            'answer = \'["max_leaf_nodes", "3"]\'',
        ),
    ),
    Exercise(
        check=metric,
        hints=(
            "Copy the words around the number, and put parentheses where the number is.",
            "([0-9]+) matches a whole number. The 4 in '4 levels' is one, too: the words must tell "
            "them apart.",
        ),
        solution='answer = "with ([0-9]+) leaves"',
        wrong=(
            'answer = "with [0-9]+ leaves"',
            'answer = "([0-9]+)"',
            'answer = "([0-9]+) levels"',
            'answer = "leaves=([0-9]+)"',
            'answer = "(with ([0-9]+) leaves)"',
            'answer = "with ([0-9]+ leaves"',
            "answer = 6",
        ),
    ),
    Exercise(
        check=json_request,
        hints=(
            "Step 7 sends one flower as JSON: a list of rows, and each row is a list of numbers.",
            'As text: "[[first flower], [second flower]]", with the four numbers in each.',
        ),
        solution='answer = "[[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]"',
        wrong=(
            "answer = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]",
            'answer = "[5.1, 3.5, 1.4, 0.2]"',
            'answer = "[[5.1, 3.5, 1.4, 0.2]]"',
            'answer = "[[6.7, 3.0, 5.2, 2.3], [5.1, 3.5, 1.4, 0.2]]"',
            'answer = "5.1,3.5,1.4,0.2"',
            "answer = '{\"rows\": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}'",
        ),
    ),
    Exercise(
        check=nonsense_on_test,
        hints=(
            "The cell with `nonsense` in step 13 is the pattern. Take parts.train where it takes "
            "flowers.",
            'tree.score(parts.test[measures], parts.test["species"]) is the share that is right.',
        ),
        solution="""\
shuffled = parts.train["species"].sample(frac=1, random_state=1).to_numpy()
tree = DecisionTreeClassifier(random_state=0).fit(parts.train[measures], shuffled)
answer = tree.score(parts.test[measures], parts.test["species"])""",
        wrong=(
            """\
shuffled = parts.train["species"].sample(frac=1, random_state=1).to_numpy()
tree = DecisionTreeClassifier(random_state=0).fit(parts.train[measures], shuffled)
answer = tree.score(parts.train[measures], shuffled)""",
            """\
tree = DecisionTreeClassifier(random_state=0).fit(parts.train[measures], parts.train["species"])
answer = tree.score(parts.test[measures], parts.test["species"])""",
            'answer = tree.score(parts.test[measures], parts.test["species"])',
            "answer = 1.0",
            'answer = "a third"',
        ),
    ),
)
