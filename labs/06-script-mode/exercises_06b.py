"""The exercises of lab 06b, with their checks, hints and solutions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_text, need

# Exercise 5: measures of flowers, in the order of the columns.
FLOWERS = ((5.1, 3.5, 1.4, 0.2), (6.7, 3.0, 5.2, 2.3))
# Exercise 6.
PROGRAM, DIRECTORY = "SAGEMAKER_PROGRAM", "SAGEMAKER_SUBMIT_DIRECTORY"
ENVIRONMENT = {PROGRAM: "serve.py", DIRECTORY: "/opt/ml/model/code"}
# What the SDK adds, and does no harm.
HARMLESS = {"SAGEMAKER_CONTAINER_LOG_LEVEL", "SAGEMAKER_REGION"}
# Exercise 7: the way of each, and what to say of another one.
WAYS = ("built-in", "script", "container")
PEOPLE = {
    "A": ("built-in", "A wants to write no code, and a built-in algorithm needs none."),
    "B": ("container", "AWS's images run Python scripts, and B's program is in R."),
    "C": ("script", "requirements.txt names what pip installs: C needs nothing more."),
    "D": ("container", "pip cannot install that tool: the image must have it."),
}


def named_columns(answer: Any, *, columns: Sequence[str]) -> str:
    """An input_fn for JSON objects by column name."""
    need(answer, Callable, "answer_5 is the function itself, without brackets")
    # Each flower has its names in another order.
    shuffled = [columns, columns[::-1]]
    objects = [
        {name: flower[list(columns).index(name)] for name in names}
        for flower, names in zip(FLOWERS, shuffled, strict=True)
    ]
    for count in (2, 1):
        _need_rows(answer, objects[-count:], FLOWERS[-count:])
    try:
        returned = answer("5.1,3.5,1.4,0.2\n", "text/csv")
    except json.JSONDecodeError:
        raise NotYet(
            "CSV is refused, but only because it is no JSON: the caller is told of a missing "
            "bracket. Look at content_type first."
        ) from None
    except ValueError:
        return (
            "the names decide, and no longer the order. A client that forgets a measure gets an "
            "error, where CSV would have made a wrong prediction of it."
        )
    except Exception as error:
        raise NotYet(f"for CSV it raises {type(error).__name__}, and not a ValueError.") from None
    raise NotYet(f"for CSV it returns {returned!r}: raise a ValueError.")


def _need_rows(
    answer: Callable[[str, str], Any],
    objects: Sequence[dict[str, float]],
    flowers: Sequence[Sequence[float]],
) -> None:
    body = json.dumps(objects)
    shown = f"for {len(objects)} flower{'s' if len(objects) > 1 else ''}"
    try:
        found = np.asarray(answer(body, "application/json"))
    except Exception as error:
        raise NotYet(f"{shown} it raises {type(error).__name__}: {error}.") from None
    expected = np.array(flowers)
    if found.shape != expected.shape:
        raise NotYet(f"{shown} the shape is {found.shape}, and should be {expected.shape}.")
    try:
        right = np.allclose(found.astype(float), expected)
    except (TypeError, ValueError):
        raise NotYet(f"{shown} it returns what are no numbers.") from None
    if not right:
        raise NotYet(
            f"{shown} the numbers are {found.tolist()}, and should be {expected.tolist()}: take "
            "them by the names, in the order of columns."
        )


def environment(answer: Any) -> str:
    """The environment of a model whose script is serve.py."""
    need(answer, dict, "an environment is a dict")
    for name in ENVIRONMENT:
        if name not in answer:
            raise NotYet(f"there are two variables, and one is missing: {_meaning(name)}.")
    program = as_text(answer[PROGRAM], "the name of a script is text")
    directory = as_text(answer[DIRECTORY], "the name of a folder is text")
    if program == "prepare.py":
        raise NotYet("prepare.py is there, too, but model_fn is in the other one.")
    if "/" in program:
        raise NotYet(f"{PROGRAM} is the name of the script in that folder, without a path.")
    if program != ENVIRONMENT[PROGRAM]:
        raise NotYet(f"{PROGRAM} is the file that has model_fn, with its ending.")
    if directory.rstrip("/") != ENVIRONMENT[DIRECTORY]:
        raise NotYet(
            "the artifact is unpacked to /opt/ml/model, and the script is in its folder code."
        )
    if more := set(answer) - set(ENVIRONMENT) - HARMLESS:
        raise NotYet(f"nobody reads {', '.join(sorted(map(str, more)))}.")
    return "serve.py may import prepare.py: the folder is on Python's path."


def _meaning(name: str) -> str:
    return "which script is imported" if name == PROGRAM else "in which folder the script is"


def ways(answer: Any) -> str:
    """The way for each of four people."""
    need(answer, (list, tuple, np.ndarray), "the answer is a list of four words")
    words = [as_text(each, "each is a word").strip().lower() for each in answer]
    if len(words) != len(PEOPLE):
        raise NotYet(f"one word for each of the four, and these are {len(words)}.")
    for word in words:
        if word not in WAYS:
            raise NotYet(f"{word!r} is none of {', '.join(WAYS)}.")
    for (person, (way, why)), word in zip(PEOPLE.items(), words, strict=True):
        if word != way:
            raise NotYet(f"{person}: {why}")
    return "D's image may begin with FROM and AWS's image: most of the work stays with AWS."


EXERCISES = (
    Exercise(
        check=named_columns,
        hints=(
            "json.loads(body) is a list of dicts. Of one of them, [each[name] for name in "
            "measures] are the values in the order of the columns.",
            "A list of lists, one list a flower, becomes a table with np.array, also if there is "
            "one flower only. Before all that: if content_type != 'application/json', raise.",
        ),
        solution="""\
def input_fn(body, content_type):
    if content_type != "application/json":
        raise ValueError(f"Send application/json, not {content_type}.")
    return np.array([[each[name] for name in measures] for each in json.loads(body)])


answer_5 = input_fn""",
        wrong=(
            "answer_5 = lambda body, content_type: json.loads(body)",
            "answer_5 = lambda body, content_type: "
            "np.array([list(each.values()) for each in json.loads(body)])",
            "answer_5 = lambda body, content_type: "
            "np.array([[each[name] for name in measures] for each in json.loads(body)]).squeeze()",
            "answer_5 = lambda body, content_type: "
            "np.array([[each[name] for name in measures] for each in json.loads(body)])",
            "answer_5 = lambda body: np.array(json.loads(body))",
            "answer_5 = np.zeros((2, 4))",
        ),
    ),
    Exercise(
        check=environment,
        hints=(
            "Step 3 has the two variables for train.py.",
            "The folder is the same for every archive that is packed like this.",
        ),
        solution="""\
answer_6 = {
    "SAGEMAKER_PROGRAM": "serve.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}""",
        wrong=(
            'answer_6 = {"SAGEMAKER_PROGRAM": "serve.py"}',
            'answer_6 = {"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}',
            'answer_6 = {"SAGEMAKER_PROGRAM": "code/serve.py", '
            '"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model"}',
            'answer_6 = {"SAGEMAKER_PROGRAM": "prepare.py", '
            '"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}',
            'answer_6 = {"SAGEMAKER_PROGRAM": "serve", '
            '"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}',
            'answer_6 = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "code"}',
            'answer_6 = "SAGEMAKER_PROGRAM=serve.py"',
        ),
    ),
    Exercise(
        check=ways,
        hints=(
            "Which of the four can be helped by pip alone?",
            "Go through the table of step 9, row by row.",
        ),
        solution='answer_7 = ["built-in", "container", "script", "container"]',
        wrong=(
            'answer_7 = ["script", "container", "script", "container"]',
            'answer_7 = ["built-in", "script", "script", "container"]',
            'answer_7 = ["built-in", "container", "container", "container"]',
            'answer_7 = ["built-in", "container", "script", "script"]',
            'answer_7 = ["built-in", "container", "script"]',
            'answer_7 = ["built in", "container", "script", "container"]',
            'answer_7 = "built-in"',
        ),
    ),
)
