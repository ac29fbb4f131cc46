"""The exercises of lab 06a, with their checks, hints and solutions."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_text, need
from labhelpers.shapes import need_shape

# Exercise 1: the job of step 5, and what of it train.py has an argument for.
SENT, ARRIVED = ("target", "n_estimators", "min_leaf_nodes"), ("target",)
# Exercise 2: what an argument may be, and what it means; and what is none of these.
FLAGS = {"true": True, "True": True, "false": False, "False": False}
NO_FLAGS = ("yes", "1", "")
# Exercise 3.
REASONS = ("There is no column 'species'.", "The channel train has no rows: 0 of 10.")
# AWS's own words for the newest first.
NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}


def lost(answer: Any) -> str:
    """The names of the hyperparameters that train.py has no argument for."""
    if isinstance(answer, (str, bytes)):
        raise NotYet("a list of names, and this is one text: put it in square brackets.")
    need(answer, (list, tuple, set, np.ndarray), "the answer is a list of names")
    names = {as_text(each, "a name is text") for each in answer}
    if unknown := names - set(SENT):
        raise NotYet(
            f"the job of step 5 had no hyperparameter {', '.join(map(repr, sorted(unknown)))}: "
            "its names are spelled as in that cell."
        )
    if ARRIVED[0] in names:
        raise NotYet(
            "target has arrived: the script has an argument --target, spelled in the same way."
        )
    missing = set(SENT) - set(ARRIVED) - names
    if len(missing) == 2:
        raise NotYet("the forest has 10 trees, and somebody had asked for 50.")
    if "n_estimators" in missing:
        raise NotYet(
            "that one, and one more. The forest has 10 trees, and somebody had asked for 50: look "
            "at the line between n and estimators."
        )
    if missing:
        raise NotYet(
            "that one, and one more. min_samples_leaf of the forest is 3: was that asked for?"
        )
    return (
        "--n_estimators is another argument than --n-estimators, and --min_leaf_nodes is none at "
        "all. parse_known_args puts both aside, the defaults are taken, and the job is Completed. "
        "parse_args would have stopped it."
    )


def flag(answer: Any) -> str:
    """A function that reads true and false, in both spellings, and refuses anything else."""
    _need_function(answer, 2)
    for text, expected in FLAGS.items():
        try:
            found = _quietly(answer, text)
        except Exception as error:
            raise NotYet(f"for {text!r} it raises {type(error).__name__}: {error}.") from None
        if not isinstance(found, bool):
            raise NotYet(f"for {text!r} it returns {found!r}, which is not True or False.")
        if found is not expected:
            more = " Any text that is not empty is true." if answer is bool else ""
            raise NotYet(f"for {text!r} it returns {found}.{more}")
    for text in NO_FLAGS:
        try:
            found = _quietly(answer, text)
        except (ValueError, ArgumentTypeError):
            continue
        except Exception as error:
            raise NotYet(
                f"for {text!r} it raises {type(error).__name__}: {error}. Raise a ValueError, of "
                "which argparse makes a message."
            ) from None
        raise NotYet(
            f"for {text!r} it returns {found!r}. That may be a typing error: raise a ValueError."
        )
    return (
        "argparse makes a message of the ValueError, and the job fails in its first second instead "
        "of training the wrong thing."
    )


def own_words(answer: Any) -> str:
    """A function that writes a reason to the file of SM_OUTPUT_FAILURE, and exits with 1."""
    _need_function(answer, 3)
    for reason in REASONS:
        with tempfile.TemporaryDirectory() as folder:
            _try_to_fail(answer, reason, Path(folder) / "failure")
    return (
        "FailureReason would begin: AlgorithmError: There is no column 'species'. The driver finds "
        "the file and writes none of its own. Whoever started the job need not open the log."
    )


def _try_to_fail(answer: Any, reason: str, failure: Path) -> None:
    with patch.dict(os.environ, {"SM_OUTPUT_FAILURE": str(failure)}):
        try:
            _quietly(answer, reason)
        except SystemExit as end:
            code = end.code
        except Exception as error:
            raise NotYet(f"it raises {type(error).__name__}: {error}.") from None
        else:
            raise NotYet("it comes back. The program must end: sys.exit(1).")
    if not failure.exists():
        raise NotYet(
            "there is no such file afterwards. Its path is in the environment variable "
            "SM_OUTPUT_FAILURE."
        )
    written = failure.read_text(encoding="utf-8", errors="replace")
    if written.strip() != reason:
        raise NotYet(f"the file should hold {reason!r}, and holds {written!r}.")
    if code != 1:
        raise NotYet(
            f"it ends with {code!r}. The job has failed only if its program ends with another "
            "number than 0; take 1."
        )


def _quietly(answer: Any, text: str) -> Any:
    """What a learner's function returns; what it prints is not shown."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        return answer(text)


def _need_function(answer: Any, number: int) -> None:
    need(answer, Callable, f"answer_{number} is the function itself, without brackets")


def newest_completed(answer: Any, *, lab: Any, client: Any) -> str:
    """The arguments of list_training_jobs for one's own newest job that has completed."""
    need(answer, dict, "the arguments are a dict")
    need_shape(answer, client, "ListTrainingJobsRequest")
    if answer.get("NameContains") != lab.prefix:
        raise NotYet(
            "it finds jobs of other people, too. NameContains takes a part of the name: lab.prefix."
        )
    if answer.get("StatusEquals") != "Completed":
        raise NotYet("it finds jobs that have no model: only those with one status do.")
    # AWS sorts by the creation time if nothing is said, and so from the newest to the oldest.
    if answer.get("SortBy", "CreationTime") != "CreationTime":
        raise NotYet("the newest is asked for: sort by the time when a job was created.")
    if answer.get("SortOrder") != "Descending":
        raise NotYet("say in which order: the newest first is Descending.")
    others = {"NameContains", "StatusEquals", "MaxResults", *NEWEST_FIRST}
    if more := sorted(set(answer) - others):
        raise NotYet(f"{', '.join(more)} may leave out the job that is asked for.")
    return (
        "the first job of that list is yours, and the newest that has completed. A program should "
        "still be ready for an empty list, and for a job whose script has saved no model."
    )


EXERCISES = (
    Exercise(
        check=lost,
        hints=(
            "parse_known_args takes the arguments that the parser knows, and puts the others aside "
            "without a word. In train.py, they go into _.",
            "Compare letter by letter: the names of step 3, after the --, and those in the command "
            "that the driver has executed. A - is not a _.",
        ),
        solution='answer_1 = ["n_estimators", "min_leaf_nodes"]',
        wrong=(
            'answer_1 = ["min_leaf_nodes"]',
            'answer_1 = ["n_estimators"]',
            'answer_1 = ["target"]',
            'answer_1 = ["n_estimators", "min_leaf_nodes", "target"]',
            'answer_1 = ["n-estimators", "min-samples-leaf"]',
            'answer_1 = "min_leaf_nodes"',
            "answer_1 = []",
            "answer_1 = 2",
        ),
    ),
    Exercise(
        check=flag,
        hints=(
            "text.lower() makes both spellings one.",
            "Three cases: it is 'true', it is 'false', or raise ValueError(text).",
        ),
        solution="""\
def flag(text):
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


answer_2 = flag""",
        wrong=(
            "answer_2 = bool",
            'answer_2 = lambda text: text == "true"',
            'answer_2 = lambda text: text.lower() == "true"',
            "answer_2 = lambda text: text.lower()",
            'answer_2 = lambda text: {"true": True, "false": False}[text.lower()]',
            "answer_2 = lambda: True",
            'answer_2 = "true"',
            "answer_2 = True",
        ),
    ),
    Exercise(
        check=own_words,
        hints=(
            "os.environ holds the environment variables; step 8 names the one that has the path.",
            'with open(path, "w") as file: file.write(reason), and then sys.exit(1).',
        ),
        solution="""\
def fail(reason):
    with open(os.environ["SM_OUTPUT_FAILURE"], "w") as file:
        file.write(reason)
    sys.exit(1)


answer_3 = fail""",
        wrong=(
            "answer_3 = lambda reason: sys.exit(1)",
            "answer_3 = lambda reason: sys.exit(reason)",
            "answer_3 = lambda reason: print(reason)",
            'answer_3 = lambda reason: Path(os.environ["SM_OUTPUT_FAILURE"]).write_text(reason)',
            """\
def fail(reason):
    Path(os.environ["SM_OUTPUT_FAILURE"]).write_text(reason)
    sys.exit(0)


answer_3 = fail""",
            """\
def fail(reason):
    Path(os.environ["SM_OUTPUT_FAILURE"]).write_text("It has failed.")
    sys.exit(1)


answer_3 = fail""",
            'answer_3 = lambda reason: Path(os.environ["SM_FAILURE"]).write_text(reason)',
            'answer_3 = "SM_OUTPUT_FAILURE"',
        ),
    ),
    Exercise(
        check=newest_completed,
        hints=(
            "Step 8 finds the newest job that has failed.",
            "Only a job with the status Completed can have a model.",
        ),
        solution="""\
answer_4 = {
    "NameContains": lab.prefix,
    "StatusEquals": "Completed",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
}""",
        wrong=(
            "answer_4 = {}",
            'answer_4 = {"NameContains": lab.prefix}',
            'answer_4 = {"NameContains": lab.prefix, "StatusEquals": "Completed"}',
            'answer_4 = {"StatusEquals": "Completed", "SortBy": "CreationTime", '
            '"SortOrder": "Descending"}',
            'answer_4 = {"NameContains": lab.prefix, "StatusEquals": "Completed", '
            '"SortBy": "CreationTime", "SortOrder": "Ascending"}',
            'answer_4 = {"NameContains": lab.prefix, "StatusEquals": "Completed", '
            '"SortBy": "Name", "SortOrder": "Descending"}',
            'answer_4 = {"NameContains": lab.prefix, "StatusEquals": "completed"}',
            'answer_4 = {"NameContains": "labs-", "StatusEquals": "Completed", '
            '"SortOrder": "Descending"}',
            'answer_4 = {"NameContains": lab.prefix, "Status": "Completed"}',
            'answer_4 = "NameContains=" + lab.prefix',
        ),
    ),
)
