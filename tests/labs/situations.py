"""What a notebook holds when its exercises are reached: recorded, so that answers need no cloud.

There are two of each, `a` and `b`, with other numbers: what is right in one is wrong in the other.
In a third one the clean-up has run.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import io
import json
import math
import os
import runpy
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import bag_of_words
import boto3
import numpy as np
import pandas as pd
import project
from botocore.exceptions import ClientError
from mlxtend.data import boston_housing_data
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from labhelpers import Split, split
from labhelpers.errors import ImageError, JobFailed
from labhelpers.prices import hourly

PROGRAMS = Path(__file__).parents[2] / "container" / "decision_trees"
MODEL = "labs-04-boston-deploy-low-20261125-034109-662"
# As labcloud says it, and AWS. The account is that of AWS's examples.
NO_ENDPOINT = "Endpoint labs-00 of account 123456789012 not found."
LOG = """\
Channel training: 150 rows of 4 features, 3 different labels.
Fitted a tree with {leaves} leaves, 5 levels deep.
train:accuracy=1.0000
Saved the model as /opt/ml/model/model.joblib."""


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


def _flower_of_lab_01(body: str, content_type: str) -> str:
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


def _container_of_lab_03(body: str, content_type: str) -> str:
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


def local_test(folder: Path, kind: type[LocalTest]) -> LocalTest:
    """A local test whose folder has the flowers."""
    ml = folder / "opt-ml"
    for name in ("input/config", "input/data/training", "model", "output"):
        (ml / name).mkdir(parents=True, exist_ok=True)
    for name in ("model", "output"):
        (ml.with_name("opt-ml-of-exercise-1") / name).mkdir(parents=True, exist_ok=True)
    (ml / "input/config/hyperparameters.json").write_text(json.dumps({"max_leaf_nodes": "5"}))
    flowers().to_csv(ml / "input/data/training/iris.csv", header=False, index=False)
    return kind(ml)


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


def _client(endpoint_exists: bool) -> Any:
    def describe_endpoint(EndpointName: str) -> dict[str, str]:
        if endpoint_exists:
            return {"EndpointStatus": "InService"}
        raise refusal("ValidationException", f'Could not find endpoint "{EndpointName}".')

    return SimpleNamespace(meta=client().meta, describe_endpoint=describe_endpoint)


def _runtime(endpoint_exists: bool) -> Any:
    def invoke_endpoint(**request: str) -> None:
        if not endpoint_exists:
            raise refusal("ValidationError", NO_ENDPOINT)
        raise refusal("ModelError", "", OriginalStatusCode=400, OriginalMessage="…")

    return SimpleNamespace(invoke_endpoint=invoke_endpoint)


def _curve(metric: str, best: int, seed: int) -> pd.DataFrame:
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


def lab_01(number: int) -> dict[str, Any]:
    chance = np.random.default_rng(number)
    return {
        "curve": _curve("mlogloss", 15 + 4 * number, number),
        "probabilities": chance.dirichlet((0.2, 0.2, 0.2), size=23 + 2 * number),
        "endpoint": Endpoint(_flower_of_lab_01),
    }


def lab_02(number: int) -> dict[str, Any]:
    measures = [f"measure {n}" for n in range(4)]
    columns = ["flower", "species", *measures, "predicted", "probability"]
    parts = houses(42 + number)
    return {
        "joined": pd.DataFrame([[0] * len(columns)], columns=columns),
        "price": hourly("ml.m5.large", 1 + number),
        "curve": _curve("rmse", 20 + 9 * number, 5 + number),
        "client": client(),
        "parts": parts,
        "train": parts.train,
        "test": parts.test,
        "math": math,
    }


def lab_03(number: int, folder: Path) -> dict[str, Any]:
    parts = split(flowers(), train=0.5, validation=0.25, test=0.25, stratify="species",
                  seed=42 + number)  # fmt: skip
    tree = DecisionTreeClassifier(random_state=0)
    measures = [name for name in flowers() if name != "species"]
    return {
        "test": local_test(folder, LocalTest),
        "log": LOG.format(leaves=9 + 4 * number),
        "endpoint": Endpoint(_container_of_lab_03),
        "parts": parts,
        "measures": measures,
        "tree": tree.fit(parts.train[measures], parts.train["species"]),
        "DecisionTreeClassifier": DecisionTreeClassifier,
        "lab": None,
        "job": "labs-03a-20261125031143",
        "arn": f"arn:aws:ecr:us-east-1:123456789012:repository/sagemaker-labs-{number}-trees",
    }


def lab_04(number: int) -> dict[str, Any]:
    chance = np.random.default_rng(number)
    true = chance.normal(22, 8, size=170)
    return {
        "true": true,
        "predicted": true + chance.normal(0.2, 3, size=170),
        "difference": chance.normal(10, 40, size=170),
        "model_name": f"{MODEL}{number}",
        "endpoint_name": "labs-00",
        "client": _client(True),
        "runtime": _runtime(True),
        "parts": houses(42),
        "ClientError": ClientError,
        "chunks": lambda lines, size: [lines[n : n + size] for n in range(0, len(lines), size)],
    }


def lab_05(number: int) -> dict[str, Any]:
    from sagemaker.core.parameter import (
        CategoricalParameter,
        ContinuousParameter,
        IntegerParameter,
    )
    from sagemaker.train.tuner import WarmStartTypes

    values = np.random.default_rng(3 + number).uniform(3.6, 4.9, size=20)
    return {
        "table": pd.DataFrame({"FinalObjectiveValue": values}, index=range(1, 21)),
        "client": client(),
        "hourly": hourly,
        "CategoricalParameter": CategoricalParameter,
        "ContinuousParameter": ContinuousParameter,
        "IntegerParameter": IntegerParameter,
        "WarmStartTypes": WarmStartTypes,
    }


def lab_06(number: int) -> dict[str, Any]:
    # The columns stand in another order.
    order = list(load_iris().feature_names)[:: 1 - 2 * number]
    return {
        "lab": SimpleNamespace(prefix=f"labs-ana{number}-06a-"),
        "client": client(),
        "measures": pd.DataFrame(columns=order),
        "os": os,
        "sys": sys,
        "Path": Path,
        "json": json,
        "np": np,
    }


def lab_07(number: int) -> dict[str, Any]:
    texts = ["A wonderful film, moving and funny.", "A dull mess.", "Zzyzx and a xylophone"]
    old = ["The film is long.", "A film, and a bad one.", "Bad!", "The end"]
    return {
        "bag_of_words": bag_of_words,
        "vocabulary": bag_of_words.vocabulary(texts[: 1 + number]),
        "texts": texts,
        "average": 86 * (1 + 9 * number),
        "lab": SimpleNamespace(
            uri=lambda *parts: "/".join([f"s3://sagemaker-us-east-1-12345678901{number}", *parts])
        ),
        "words": bag_of_words.words,
        "parts": SimpleNamespace(train=pd.DataFrame({"text": old})),
        "month": SimpleNamespace(
            this=pd.DataFrame({"text": ["What a film. So bad", "Bad", "Bad", "The bad end"]})
        ),
    }


def lab_08(number: int) -> dict[str, Any]:
    folder = f"s3://sagemaker-us-east-1-12345678901{number}/sagemaker-labs/ana"
    features = (
        houses(42)
        .test.drop(columns="MEDV")
        .set_axis([column for column in project.COLUMNS if column != "B"], axis=1)
    )
    return {
        "lab": SimpleNamespace(
            name="08a-laptop-and-cloud",
            bucket=folder.split("/")[2],
            uri=lambda *parts: "/".join([folder, *parts]),
        ),
        "project": f"labs-ana-08a-20261128-20010{number}-000",
        "published": project.published_houses(),
        "house": features.iloc[number].to_dict() | {"district": "Chelsea"},
    }


def lab_09(number: int) -> dict[str, Any]:
    from sagemaker.core.workflow.conditions import (
        ConditionGreaterThan,
        ConditionLessThan,
        ConditionLessThanOrEqualTo,
    )
    from sagemaker.core.workflow.functions import JsonGet
    from sagemaker.core.workflow.parameters import ParameterFloat

    group = f"labs-ana-09b-prices-20261129-06000{number}-000"
    arn = f"arn:aws:sagemaker:us-east-1:12345678901{number}:model-package/{group}/1"
    return {
        "raw": f"s3://sagemaker-us-east-1-12345678901{number}/sagemaker-labs/ana/09a-pipeline/raw",
        "client": client(),
        "group": group,
        "first": {"ModelPackageArn": arn, "ModelPackageVersion": 1},
        "event": {
            "source": "aws.sagemaker",
            "detail-type": "SageMaker Model Package State Change",
            "region": "us-east-1",
            "detail": {
                "ModelPackageGroupName": group,
                "ModelPackageVersion": 1,
                "ModelApprovalStatus": "Approved",
            },
        },
        "ConditionGreaterThan": ConditionGreaterThan,
        "ConditionLessThan": ConditionLessThan,
        "ConditionLessThanOrEqualTo": ConditionLessThanOrEqualTo,
        "JsonGet": JsonGet,
        "ParameterFloat": ParameterFloat,
    }


def situation(lab: str, number: int, folder: Path) -> dict[str, Any]:
    """The variables of a notebook of a lab (`01`), in one of two situations, 0 and 1."""
    makers = {
        "01": lab_01, "02": lab_02, "04": lab_04, "05": lab_05, "06": lab_06, "07": lab_07,
        "08": lab_08, "09": lab_09,
    }  # fmt: skip
    return lab_03(number, folder) if lab == "03" else makers[lab](number)


def after_the_clean_up(lab: str, folder: Path) -> dict[str, Any]:
    """The same, when the endpoint, the image and labcloud's logs are gone."""
    variables = situation(lab, 0, folder)
    gone = {
        "endpoint": GONE,
        "log": "",
        "test": NoImage(local_test(folder, NoImage).ml),
        "runtime": _runtime(False),
    }
    if lab == "04":
        gone["client"] = _client(False)
    return variables | {name: thing for name, thing in gone.items() if name in variables}
