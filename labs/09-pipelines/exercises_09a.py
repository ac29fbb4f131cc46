"""The exercises of lab 09a, with their checks, hints and solutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_number, as_text, need

# Exercise 1: the jobs of the pipeline, and its other steps, which are no jobs.
JOBS, OTHERS = ("Prepare", "Train", "Evaluate"), ("GoodEnough", "Register", "TooBad")
ANEW = {"Train", "Evaluate"}
# Exercise 2: the parameters, and the default that the new address stands beside.
PARAMETERS, NEW = ("RawData", "Trees", "MaxError"), "raw-2027"
# Exercise 3: what the condition reads, and to what it compares it.
REPORT = {"Get": "Steps.Evaluate.PropertyFiles.Report"}
PATH, LIMIT = "regression_metrics.mae.value", 2.5


def run_anew(answer: Any) -> str:
    """The jobs that run again when the number of trees changes."""
    if isinstance(answer, (str, bytes)):
        raise NotYet("a list of names, and this is one text: put it in square brackets.")
    need(answer, (list, tuple, set, np.ndarray), "the answer is a list of names")
    names = {as_text(each, "the name of a step is text") for each in answer}
    if others := sorted(names & set(OTHERS)):
        raise NotYet(f"{', '.join(others)}: that is no job. Three of the steps are jobs.")
    if unknown := sorted(names - set(JOBS)):
        raise NotYet(
            f"the pipeline has no step {', '.join(map(repr, unknown))}: names are spelled as in "
            "step 5."
        )
    if "Prepare" in names:
        raise NotYet("Prepare has the same script, the same rows, and no use for trees.")
    if "Train" not in names:
        raise NotYet("trees is a hyperparameter of one of them, and hyperparameters are compared.")
    if "Evaluate" not in names:
        raise NotYet(
            "that one, and one more. A new training leaves its artifact at a new address: whose "
            "input is that?"
        )
    return (
        "a step that runs again has new results at a new address, and whoever reads them runs "
        "again, too. What stands before it comes from the cache."
    )


def new_rows(answer: Any, *, raw: str) -> str:
    """The parameters that let the pipeline read from another folder."""
    need(answer, dict, "the parameters are a dict")
    if unknown := sorted(str(name) for name in set(answer) - set(PARAMETERS)):
        raise NotYet(
            f"the pipeline has no parameter {', '.join(map(repr, unknown))}. It has "
            f"{', '.join(PARAMETERS)}."
        )
    if "RawData" not in answer:
        raise NotYet("one parameter says where the rows are. Look at the first lines of step 4.")
    address = as_text(answer["RawData"], "an address in S3 is text").rstrip("/")
    if more := sorted(set(answer) - {"RawData"}):
        raise NotYet(f"leave {', '.join(more)} out: only the rows should be others.")
    if address == raw:
        raise NotYet(
            "that is the address of the old rows. It is the same text, and so Prepare comes from "
            "the cache."
        )
    wanted = f"{raw.rpartition('/')[0]}/{NEW}"
    if not address.startswith("s3://"):
        raise NotYet("SageMaker needs the whole address. It begins with s3://.")
    if address == f"{wanted}/houses.csv":
        raise NotYet(
            "the folder, please: the default of this parameter is one, and then the name of the "
            "file does not matter for the address."
        )
    if address != wanted:
        raise NotYet(f"the folder stands beside {raw}, and its name is {NEW}.")
    return (
        "another address is another text: Prepare runs, and with it all that follows. The old rows "
        "stay where they are, and every model can be traced to its own."
    )


def mean_error_below(answer: Any) -> str:
    """A condition on the mean absolute error, as the SDK's object or as the definition has it."""
    if isinstance(answer, type):
        raise NotYet("that is the class. Call it, with left and right.")
    if isinstance(answer, (list, tuple)):
        raise NotYet("one condition, without a list around it.")
    condition = answer.to_request() if hasattr(answer, "to_request") else answer
    need(condition, dict, "the answer is a condition of the SDK")
    if missing := sorted({"Type", "LeftValue", "RightValue"} - set(condition)):
        raise NotYet(f"a condition has {', '.join(missing)}, too.")
    left, right, kind = (_plain(condition[n]) for n in ("LeftValue", "RightValue", "Type"))
    if not isinstance(left, dict) and isinstance(right, dict):
        # 2.5 is greater than the error: the same, said the other way round.
        left, right = right, left
        kind = {"GreaterThan": "LessThan", "GreaterThanOrEqualTo": "LessThanOrEqualTo"}.get(
            kind, f"{kind}, seen from the error,"
        )
    found = left.get("Std:JsonGet") if isinstance(left, dict) else None
    if not isinstance(found, dict):
        raise NotYet("the error stands in a property file: JsonGet reads it, as in step 4.")
    if found.get("PropertyFile") != REPORT:
        raise NotYet(
            "the property file is the one of the step Evaluate, and its name is Report: "
            'step_name="Evaluate", property_file="Report".'
        )
    if found.get("Path") != PATH:
        raise NotYet(
            f"evaluate.py writes no number at {found.get('Path')!r} that could be meant here. The "
            "path of the RMSE is regression_metrics.rmse.value."
        )
    if isinstance(right, dict):
        raise NotYet("this condition needs no parameter: compare with the number itself.")
    if as_number(right, "the limit is a number") != LIMIT:
        raise NotYet(f"the limit is {LIMIT}: like the RMSE, it is in thousands of dollars.")
    if kind == "LessThanOrEqualTo":
        raise NotYet(f"*below* {LIMIT}: with {LIMIT} itself, this condition is true.")
    if kind != "LessThan":
        raise NotYet(f"{kind} is true for a large error, too. The error must be less.")
    return (
        "in the list `conditions` of a ConditionStep it stands beside the first one, and both must "
        "be true."
    )


def _plain(value: Any) -> Any:
    """A value with the SDK's expressions written out."""
    value = getattr(value, "expr", value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value


_JSON_GET = (
    'JsonGet(step_name="Evaluate", property_file="Report", '
    'json_path="regression_metrics.mae.value")'
)

EXERCISES = (
    Exercise(
        check=run_anew,
        hints=(
            "A job comes from the cache if all that is compared is the same: script, inputs, "
            "hyperparameters.",
            "Follow the arrows of the graph from the step that has the trees. What is compared "
            "there, the address of an input, changes too.",
        ),
        solution='answer_1 = ["Train", "Evaluate"]',
        wrong=(
            'answer_1 = ["Train"]',
            'answer_1 = ["Evaluate"]',
            'answer_1 = ["Prepare", "Train", "Evaluate"]',
            'answer_1 = ["Train", "Evaluate", "GoodEnough", "Register"]',
            'answer_1 = ["train", "evaluate"]',
            'answer_1 = "Train"',
            "answer_1 = []",
            "answer_1 = 2",
        ),
    ),
    Exercise(
        check=new_rows,
        hints=(
            "pipeline.start takes names of parameters and their values, as in step 9.",
            "raw is an address that ends with /raw. Of which parameter is it the default?",
        ),
        solution='answer_2 = {"RawData": raw + "-2027"}',
        wrong=(
            'answer_2 = {"RawData": raw}',
            'answer_2 = {"RawData": "raw-2027"}',
            'answer_2 = {"RawData": raw + "/raw-2027"}',
            'answer_2 = {"RawData": raw + "-2027/houses.csv"}',
            'answer_2 = {"raw": raw + "-2027"}',
            'answer_2 = {"RawData": raw + "-2027", "Trees": 100}',
            'answer_2 = {"Trees": 100}',
            "answer_2 = {}",
            'answer_2 = raw + "-2027"',
        ),
    ),
    Exercise(
        check=mean_error_below,
        hints=(
            "Step 4 has ConditionLessThanOrEqualTo(left=JsonGet(…), right=…). Below is "
            "ConditionLessThan.",
            'In JsonGet: step_name="Evaluate", property_file="Report", and the json_path of step 4 '
            "with mae in the place of rmse.",
        ),
        solution="""\
answer_3 = ConditionLessThan(
    left=JsonGet(
        step_name="Evaluate",
        property_file="Report",
        json_path="regression_metrics.mae.value",
    ),
    right=2.5,
)""",
        wrong=(
            f"answer_3 = ConditionLessThanOrEqualTo(left={_JSON_GET}, right=2.5)",
            f"answer_3 = ConditionLessThan(left={_JSON_GET.replace('mae', 'rmse')}, right=2.5)",
            f"answer_3 = ConditionLessThan(left={_JSON_GET}, right=2500)",
            f"answer_3 = ConditionLessThan(left=2.5, right={_JSON_GET})",
            f"answer_3 = ConditionLessThan(left={_JSON_GET.replace('Evalu', 'Gener')}, right=2.5)",
            f"answer_3 = [ConditionLessThan(left={_JSON_GET}, right=2.5)]",
            'answer_3 = ConditionLessThan(left="mae", right=2.5)',
            "answer_3 = ConditionLessThan",
            f"answer_3 = {_JSON_GET}",
            "answer_3 = 2.5",
        ),
    ),
)
