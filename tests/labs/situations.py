"""What a notebook holds when its exercises are reached: recorded, so that answers need no cloud.

There are two of each, `a` and `b`, with other numbers: what is right in one is wrong in the other.
In a third one the clean-up has run.
"""

from __future__ import annotations

import copy
import functools
import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bag_of_words
import numpy as np
import pandas as pd
import project
from botocore.exceptions import ClientError
from sklearn.tree import DecisionTreeClassifier

from labhelpers import Split, split
from labhelpers.prices import hourly
from tests.labs.stand_ins import (
    GONE,
    Endpoint,
    NoImage,
    client,
    client_of,
    container_of_lab_03,
    flower_of_lab_01,
    flowers,
    houses,
    learning_curve,
    local_test,
    runtime_of,
)

Folder = Callable[[], Path]
MODEL = "labs-04-boston-deploy-low-20261125-034109-662"
LOG = """\
Channel training: 150 rows of 4 features, 3 different labels.
Fitted a tree with {leaves} leaves, 5 levels deep.
train:accuracy=1.0000
Saved the model as /opt/ml/model/model.joblib."""


def lab_01(number: int) -> dict[str, Any]:
    chance = np.random.default_rng(number)
    return {
        "curve": learning_curve("mlogloss", 15 + 4 * number, number),
        "probabilities": chance.dirichlet((0.2, 0.2, 0.2), size=23 + 2 * number),
        "endpoint": Endpoint(flower_of_lab_01),
    }


def lab_02(number: int) -> dict[str, Any]:
    measures = [f"measure {n}" for n in range(4)]
    columns = ["flower", "species", *measures, "predicted", "probability"]
    parts = houses(42 + number)
    return {
        "joined": pd.DataFrame([[0] * len(columns)], columns=columns),
        "price": hourly("ml.m5.large", 1 + number),
        "curve": learning_curve("rmse", 20 + 9 * number, 5 + number),
        "client": client(),
        "parts": parts,
        "train": parts.train,
        "test": parts.test,
        "math": math,
    }


@functools.cache
def tree_of_lab_03(number: int) -> tuple[Split, DecisionTreeClassifier]:
    parts = split(flowers(), train=0.5, validation=0.25, test=0.25, stratify="species",
                  seed=42 + number)  # fmt: skip
    measured = parts.train.drop(columns="species")
    tree = DecisionTreeClassifier(random_state=0)
    return parts, tree.fit(measured, parts.train["species"])


def lab_03(number: int, folder: Folder) -> dict[str, Any]:
    # An answer may change them.
    parts, tree = copy.deepcopy(tree_of_lab_03(number))
    measures = [name for name in flowers() if name != "species"]
    return {
        "test": local_test(folder()),
        "log": LOG.format(leaves=9 + 4 * number),
        "endpoint": Endpoint(container_of_lab_03),
        "parts": parts,
        "measures": measures,
        "tree": tree,
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
        "client": client_of(True),
        "runtime": runtime_of(True),
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
    order = list(flowers())[1:][:: 1 - 2 * number]
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


published_houses = functools.cache(project.published_houses)


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
        "published": published_houses().copy(),
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


def situation(lab: str, number: int, folder: Folder) -> dict[str, Any]:
    """The variables of a notebook of a lab (`01`), in one of two situations, 0 and 1.

    `folder` names a folder; it is asked if the lab needs one.
    """
    makers = {
        "01": lab_01, "02": lab_02, "04": lab_04, "05": lab_05, "06": lab_06, "07": lab_07,
        "08": lab_08, "09": lab_09,
    }  # fmt: skip
    return lab_03(number, folder) if lab == "03" else makers[lab](number)


def after_the_clean_up(lab: str, folder: Folder) -> dict[str, Any]:
    """The same, when the endpoint, the image and labcloud's logs are gone."""
    variables = situation(lab, 0, folder)
    gone: dict[str, Any] = {"endpoint": GONE, "log": "", "runtime": runtime_of(False)}
    if lab == "03":
        gone["test"] = NoImage(variables["test"].ml)
    if lab == "04":
        gone["client"] = client_of(False)
    return variables | {name: thing for name, thing in gone.items() if name in variables}
