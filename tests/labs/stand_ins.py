"""What stands in for AWS, and for what a notebook has made there, where answers need no cloud."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import io
import json
import runpy
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import numpy as np
import pandas as pd
from botocore.exceptions import ClientError
from mlxtend.data import boston_housing_data
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from labhelpers import Split, split
from labhelpers.errors import ImageError, JobFailed

PROGRAMS = Path(__file__).parents[2] / "container" / "decision_trees"
# As labcloud says it, and AWS. The account is that of AWS's examples.
NO_ENDPOINT = "Endpoint labs-00 of account 123456789012 not found."


def refusal(code: str, message: str, **more: Any) -> ClientError:
    """An error as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "InvokeEndpoint")


@dataclass(frozen=True)
class Endpoint:
    """The SDK's endpoint: `respond` makes the text of an answer, or raises ClientError."""

    respond: Callable[[str, str], str]

    def invoke(self, *, body: str, content_type: str, accept: str = "") -> Any:
        assert isinstance(body, str)
        return SimpleNamespace(body=io.BytesIO(self.respond(body, content_type).encode()))


def _no_endpoint(body: str, content_type: str) -> str:
    raise refusal("ValidationError", NO_ENDPOINT)


GONE = Endpoint(_no_endpoint)


def flower_of_lab_01(body: str, content_type: str) -> str:
    assert content_type == "text/csv" and len(body.split(",")) == 4
    return "0.01,0.22,0.77"


@functools.cache
def _predictor() -> ModuleType:
    """The program of lab 03's container, with a tree of its own."""
    spec = importlib.util.spec_from_file_location("predictor", PROGRAMS / "predictor.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    iris = load_iris()
    tree = DecisionTreeClassifier(random_state=0).fit(iris.data, iris.target_names[iris.target])
    module.__dict__["model"] = lambda: tree
    return module


def container_of_lab_03(body: str, content_type: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        said = (
            _predictor()
            .app.test_client()
            .post("/invocations", data=body, headers={"Content-Type": content_type})
        )
    if said.status_code != 200:
        raise refusal("ModelError", "", OriginalStatusCode=said.status_code,
                      OriginalMessage=said.text)  # fmt: skip
    text: str = said.text
    return text


@dataclass(frozen=True)
class LocalTest:
    """Runs the program `train` of lab 03's container in this process, in a folder `ml`."""

    ml: Path

    def train(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        with patch.dict("os.environ", {"SAGEMAKER_BASE_DIR": str(self.ml)}):
            try:
                runpy.run_path(str(PROGRAMS / "train"), run_name="__main__")
            except SystemExit as end:
                if end.code:
                    failure = (self.ml / "output" / "failure").read_text()
                    raise JobFailed(f"train ended with exit code 1: {failure}") from None
            finally:
                signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class NoImage(LocalTest):
    """A local test after the clean-up, with Docker."""

    def train(self) -> None:
        raise ImageError("There is no image sagemaker-labs-decision-trees on this machine. …")


def local_test(folder: Path) -> LocalTest:
    """A local test whose folder has the flowers."""
    ml = folder / "opt-ml"
    for name in ("input/config", "input/data/training", "model", "output"):
        (ml / name).mkdir(parents=True, exist_ok=True)
    for name in ("model", "output"):
        (ml.with_name("opt-ml-of-exercise-1") / name).mkdir(parents=True, exist_ok=True)
    (ml / "input/config/hyperparameters.json").write_text(json.dumps({"max_leaf_nodes": "5"}))
    flowers().to_csv(ml / "input/data/training/iris.csv", header=False, index=False)
    return LocalTest(ml)


@functools.cache
def flowers() -> pd.DataFrame:
    iris = load_iris(as_frame=True)
    table: pd.DataFrame = iris.data.copy()
    table.insert(0, "species", iris.target_names[iris.target])
    return table


@functools.cache
def houses(seed: int) -> Split:
    values, prices = boston_housing_data()
    # Column 11 is the one that the course leaves out.
    table = pd.DataFrame(np.delete(values, 11, axis=1))
    table["MEDV"] = prices
    return split(table, train=4 / 9, validation=2 / 9, test=1 / 3, seed=seed)


@functools.cache
def client() -> Any:
    """boto3's, which is asked for its service model only."""
    return boto3.Session().client("sagemaker", region_name="us-east-1")


def client_of(endpoint_exists: bool) -> Any:
    def describe_endpoint(EndpointName: str) -> dict[str, str]:
        if endpoint_exists:
            return {"EndpointStatus": "InService"}
        raise refusal("ValidationException", f'Could not find endpoint "{EndpointName}".')

    return SimpleNamespace(meta=client().meta, describe_endpoint=describe_endpoint)


def runtime_of(endpoint_exists: bool) -> Any:
    def invoke_endpoint(**request: str) -> None:
        if not endpoint_exists:
            raise refusal("ValidationError", NO_ENDPOINT)
        raise refusal("ModelError", "", OriginalStatusCode=400, OriginalMessage="…")

    return SimpleNamespace(invoke_endpoint=invoke_endpoint)


def learning_curve(metric: str, best: int, seed: int) -> pd.DataFrame:
    """A learning curve: training falls all the time, validation is lowest in the round `best`.

    In the first half of the way there it waits for some rounds.
    """
    rounds = np.arange(60)
    wiggle = np.random.default_rng(seed).normal(0, 0.05, 60)
    validation = 4.5 + 0.02 * abs(rounds - best) + abs(wiggle) * (rounds != best)
    validation[best // 2 : best // 2 + 6] += 1
    return pd.DataFrame(
        {f"train-{metric}": 5.0 * 0.9**rounds, f"validation-{metric}": validation}
    ).rename_axis("round")
