"""The exercises of lab 08a, with their checks, hints and solutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from ml2p.cli_commands.utils import validate_name
from ml2p.errors import NamingError

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_text, need

# Exercise 1: what is named, by ml2p's word and by ours, and how.
NAMES = {
    "dataset": ("a dataset", "rent-20261115"),
    "training-job": ("a training job", "rent-2-3"),
    "model": ("a model", "rent-2-3-1"),
    "endpoint": ("an endpoint", "rent-2-3-1-live"),
}
# Exercise 3: the price that stands for all higher ones.
CAPPED = 50


def names(answer: Any) -> str:
    """The names of a dataset, a training job, a model and an endpoint."""
    if isinstance(answer, (str, bytes)):
        raise NotYet("a list of four names, and this is one text: put them in square brackets.")
    need(answer, (list, tuple, np.ndarray), "the answer is a list of four names")
    given = [as_text(each, "a name is text") for each in answer]
    if len(given) != len(NAMES):
        raise NotYet(f"there are four names, and these are {len(given)}.")
    for (kind, (what, right)), name in zip(NAMES.items(), given, strict=True):
        if name == right:
            continue
        try:
            validate_name(name, kind)
        except NamingError:
            raise NotYet(f"ml2p refuses {name!r} as the name of {what}: see step 3.") from None
        raise NotYet(f"ml2p takes {name!r} as the name of {what}, but it says something else.")
    return (
        "with them, neither `model create` nor `endpoint create` must be told what to take: the "
        "training job and the model follow from the name."
    )


def artifact(answer: Any, *, lab: Any, project: str) -> str:
    """The S3 URI of the artifact of training job boston-1-0."""
    uri = as_text(answer, "a URI is text").strip()
    if not uri.startswith("s3://"):
        raise NotYet("a URI of S3 begins with s3://.")
    if not uri.startswith(f"s3://{lab.bucket}/"):
        raise NotYet(f"it is not in your bucket: {lab.bucket}.")
    folder = lab.uri(lab.name, project)
    if not uri.startswith(f"{folder}/"):
        raise NotYet("everything of the project lies below s3folder of ml2p.yml.")
    if not uri.startswith(f"{folder}/models/"):
        raise NotYet("models/ holds what training jobs leave.")
    if uri.startswith(f"{folder}/models/boston-1-0"):
        raise NotYet("SageMaker knows the job by its whole name, which begins with the project's.")
    if uri != f"{folder}/models/{project}-boston-1-0/output/model.tar.gz":
        raise NotYet(
            "SageMaker adds to the output path the name of the job, output/, and model.tar.gz."
        )
    return "`ml2p model create` computes this address from the name, and asks nobody."


def cleaned(answer: Any, *, published: pd.DataFrame) -> str:
    """A function that leaves out the column B and the districts with the highest price."""
    need(answer, Callable, "answer_3 is the function itself, without brackets")
    # The real table, and one whose rows have other numbers.
    other = published.iloc[::7].set_axis(range(1000, 1000 + len(published.iloc[::7])))
    for table in (published, other):
        given = table.copy()
        try:
            found = answer(given)
        except Exception as error:
            raise NotYet(f"it raises {type(error).__name__}: {error}.") from None
        _need_clean(found, table)
        if not given.equals(table):
            raise NotYet("it changes the table that it got. Whoever called it may need that again.")
    left = int((published["MEDV"] == CAPPED).sum())
    return (
        f"{left} districts less. The model learns nothing about the dearest houses now, and must "
        "not be asked about them: write it down beside the dataset."
    )


def _need_clean(found: Any, table: pd.DataFrame) -> None:
    if found is None:
        raise NotYet("it returns nothing: `return` is missing.")
    need(found, pd.DataFrame, "it returns a table of pandas")
    if "B" in found:
        raise NotYet("the column B is still there.")
    columns = [column for column in table if column != "B"]
    if list(found.columns) != columns:
        raise NotYet(f"the other columns stay as they are: {', '.join(columns)}.")
    if (found["MEDV"] == CAPPED).any():
        raise NotYet("there are still districts at the price 50.")
    expected = table.loc[table["MEDV"] != CAPPED, columns]
    if len(found) != len(expected):
        capped = len(table) - len(expected)
        raise NotYet(
            f"{len(found)} of {len(table)} rows are left, and the price 50 stands in {capped}."
        )
    if not np.array_equal(found.to_numpy(), expected.to_numpy()):
        raise NotYet("the rows that stay should stay as they are, and in their order.")


EXERCISES = (
    Exercise(
        check=names,
        hints=(
            "The table of step 3 has the four forms.",
            "The date is written without dashes: year, month, day. Each of the other names is the "
            "one before it, and something more.",
        ),
        solution='answer_1 = ["rent-20261115", "rent-2-3", "rent-2-3-1", "rent-2-3-1-live"]',
        wrong=(
            'answer_1 = ["rent-15112026", "rent-2-3", "rent-2-3-1", "rent-2-3-1-live"]',
            'answer_1 = ["rent-2026-11-15", "rent-2-3", "rent-2-3-1", "rent-2-3-1-live"]',
            'answer_1 = ["rent-20261115", "rent-2.3", "rent-2-3-1", "rent-2-3-1-live"]',
            'answer_1 = ["rent-20261115", "rent-2-3", "rent-2-3-1", "rent-2-3-1-production"]',
            'answer_1 = ["rent-20261115", "rent-2-3", "rent-2-3-1", "rent-2-3-1"]',
            'answer_1 = ["rent-20261115", "rent-2-3-1", "rent-2-3-1", "rent-2-3-1-live"]',
            'answer_1 = ["rent-20261115", "rent-2-3", "rent-2-3-1"]',
            'answer_1 = "rent-20261115"',
            "answer_1 = 4",
        ),
    ),
    Exercise(
        check=artifact,
        hints=(
            "lab.uri(lab.name, project) is s3folder of ml2p.yml. Step 7 lists what is in it.",
            "SageMaker stores the artifact as OUTPUT PATH/JOB/output/model.tar.gz, and JOB is the "
            'whole name: f"{project}-boston-1-0".',
        ),
        solution="answer_2 = lab.uri(lab.name, project) + "
        'f"/models/{project}-boston-1-0/output/model.tar.gz"',
        wrong=(
            'answer_2 = lab.uri(lab.name, project) + "/models/boston-1-0/output/model.tar.gz"',
            'answer_2 = lab.uri(lab.name, project) + f"/models/{project}-boston-1-0/model.tar.gz"',
            'answer_2 = lab.uri(lab.name, project) + "/datasets/boston-20261102"',
            'answer_2 = f"s3://{lab.bucket}/models/{project}-boston-1-0/output/model.tar.gz"',
            'answer_2 = "s3://your-s3-bucket/models/boston-1-0/output/model.tar.gz"',
            'answer_2 = "model.tar.gz"',
            "answer_2 = 1",
        ),
    ),
    Exercise(
        check=cleaned,
        hints=(
            'houses.drop(columns="B") returns a table without the column.',
            'houses[houses["MEDV"] != 50] returns the rows for which that is true.',
        ),
        solution="""\
def clean(houses):
    return houses[houses["MEDV"] != 50].drop(columns="B")


answer_3 = clean""",
        wrong=(
            'answer_3 = lambda houses: houses.drop(columns="B")',
            'answer_3 = lambda houses: houses[houses["MEDV"] != 50]',
            'answer_3 = lambda houses: houses[houses["MEDV"] < 40].drop(columns="B")',
            'answer_3 = lambda houses: houses[houses["MEDV"] != 50].drop(columns=["B", "MEDV"])',
            'answer_3 = lambda houses: houses[houses["MEDV"] != 50].drop(columns="B")'
            '.sort_values("MEDV")',
            'answer_3 = lambda houses: houses.drop(columns="B", inplace=True)',
            "answer_3 = lambda: 1",
            "answer_3 = 490",
        ),
    ),
)
