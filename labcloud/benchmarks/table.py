"""What the measurements share: the rows of the table, and calls that take turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-labcloud"
BUCKET = "benchmarks"
TURNS = 7


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    reference: str
    ratio: str
    budget: str
    held: bool


class Table:
    """The table: each line is printed as soon as it is measured, for all of them take minutes."""

    def __init__(self) -> None:
        self.held = True
        print("| what | measured | reference beside it | ratio | budget | held |")
        print("|---|---|---|---|---|---|", flush=True)

    def append(self, row: Row) -> None:
        self.held = self.held and row.held
        held = "yes" if row.held else "NO"
        print(
            f"| {row.what} | {row.measured} | {row.reference} | {row.ratio} | {row.budget} "
            f"| {held} |",
            flush=True,
        )


def turns(number: int = TURNS, **calls: Callable[[], object]) -> dict[str, float]:
    """The median time of each call (seconds), the calls taking turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(number):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in times.items()}
