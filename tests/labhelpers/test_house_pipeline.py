"""Lab 09: its scripts run by hand, its pipeline is one definition, and its graph shows that."""

from __future__ import annotations

import ast
import gc
import json
import shutil
import subprocess
import sys
import tarfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import graph
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from mlxtend.data import boston_housing_data
from project import COLUMNS

from labhelpers import Lab
from labhelpers.connect import connect

FOLDER = Path(__file__).parents[2] / "labs" / "09-pipelines"
SOURCE = FOLDER / "src"
# Of the image sagemaker-scikit-learn:1.2-1.
PYTHON = (3, 9)
STEPS = ["Prepare", "Train", "Evaluate", "GoodEnough", "Register", "TooBad"]


@pytest.fixture(scope="module")
def definition(cloud_environment: dict[str, str]) -> str:
    """The definition as the SDK writes it, without a warning."""
    from labcloud.client.local import entered

    with (
        entered(cloud_environment),
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        patch.chdir(FOLDER)
        # A module of the SDK warns of another one when it is imported first.
        warnings.simplefilter("ignore")
        from house_pipeline import house_pipeline

        warnings.simplefilter("error", UserWarning)
        lab: Lab = replace(connect("09a-pipeline"), learner="abcdefgh")
        made: str = house_pipeline(lab, lab.resource_name("houses"), "labs-g").definition()
        # A ModelTrainer of a pipeline never closes its own folder: it goes here, and Python's
        # warning with it, instead of in whatever test the garbage is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
        return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a processing job has it, with the houses in raw/."""
    made = tmp_path_factory.mktemp("processing")
    values, prices = boston_housing_data()
    (made / "raw").mkdir()
    pd.DataFrame(values, columns=COLUMNS).assign(MEDV=prices).to_csv(
        made / "raw" / "houses.csv", index=False
    )
    return made


def run(script: str, *arguments: object) -> str:
    command = [sys.executable, str(SOURCE / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda path: path.name)
def test_the_python_of_aws_s_image_reads_a_script(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=PYTHON)


def test_the_scripts_split_train_and_judge(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("prepare.py", "--folder", folder) == "337 districts to train on, 169 to judge by\n"
    train, test = (pd.read_csv(folder / name / f"{name}.csv") for name in ("train", "test"))
    assert "B" not in train and list(train) == list(test)
    artifact = folder / "artifact"
    artifact.mkdir()
    run("train.py", "--trees", 5, "--train-dir", folder / "train", "--model-dir", artifact)
    (folder / "model").mkdir()
    with tarfile.open(folder / "model" / "model.tar.gz", "w:gz") as archive:
        archive.add(artifact / "model.joblib", "model.joblib")
    printed = json.loads(run("evaluate.py", "--folder", folder))
    assert printed == json.loads((folder / "evaluation" / "evaluation.json").read_text())

    # What is served is what was judged, with the script that lies in the artifact.
    monkeypatch.syspath_prepend(str(artifact / "code"))
    import serve  # type: ignore[import-not-found, unused-ignore]

    monkeypatch.delitem(sys.modules, "serve")
    features = test.drop(columns="MEDV")
    rows = serve.input_fn(features.to_csv(header=False, index=False), "text/csv")
    errors = serve.model_fn(str(artifact)).predict(rows) - test["MEDV"]
    assert printed["regression_metrics"]["rmse"]["value"] == pytest.approx(
        np.sqrt((errors**2).mean()), abs=1e-4
    )
    assert serve.input_fn("1,2\n", "text/csv").shape == (1, 2)
    with pytest.raises(ValueError, match="Send text/csv, not text/plain"):
        serve.input_fn("1,2\n", "text/plain")
    shutil.rmtree(artifact / "code" / "__pycache__", ignore_errors=True)


def test_the_definition_has_its_steps_and_writes_where_the_learner_may(definition: str) -> None:
    found = json.loads(definition)
    assert [step["Name"] for step in found["Steps"]] == STEPS[:4]
    assert [each["Name"] for each in found["Parameters"]] == ["RawData", "Trees", "MaxError"]
    assert found["PipelineExperimentConfig"] is None
    addresses = [text for text in texts(found) if text.startswith("s3://")]
    assert addresses
    assert all("/sagemaker-labs/" in address for address in addresses)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def test_an_arrow_is_a_reference_or_a_branch(definition: str) -> None:
    assert set(graph.edges(definition)) == {
        ("Prepare", "Train", ""), ("Prepare", "Evaluate", ""), ("Train", "Evaluate", ""),
        ("Evaluate", "GoodEnough", ""), ("Train", "Register", ""), ("Evaluate", "Register", ""),
        ("GoodEnough", "Register", "if true"), ("GoodEnough", "TooBad", "if false"),
    }  # fmt: skip
    assert graph.columns(definition) == dict(zip(STEPS, (0, 1, 2, 3, 4, 4), strict=True))


def test_what_a_step_waits_for_without_a_reference_is_an_arrow_too() -> None:
    steps = [
        {"Name": "Late", "Type": "Fail", "Arguments": {}, "DependsOn": ["Early"]},
        {"Name": "Early", "Type": "Fail", "Arguments": {}},
    ]
    text = json.dumps({"Steps": steps})
    assert graph.edges(text) == [("Early", "Late", "")]
    assert graph.columns(text) == {"Late": 1, "Early": 0}


def test_a_graph_says_what_has_run(definition: str, axes: Axes) -> None:
    graph.draw(definition, axes=axes)
    assert axes.get_title() == "6 steps, each after those whose results it needs"
    cached = {"StepStatus": "Succeeded", "CacheHitResult": {}}
    ended = [{"StepName": name, **cached} for name in STEPS[:3]]
    ended += [
        {"StepName": "GoodEnough", "StepStatus": "Succeeded"},
        {"StepName": "TooBad", "StepStatus": "Failed"},
    ]
    figure, other = plt.subplots()
    graph.draw(definition, ended, other)
    assert other.get_title() == "Of 6 steps: 1 Succeeded, 3 from the cache, 1 Failed, 1 not run"
    said = [text.get_text() for text in other.texts if text.get_text()]
    assert said.count("from the cache") == 3 and said.count("not run") == 1
    assert "Register not run, TooBad Failed. Arrows: Train after Prepare" in str(other.get_label())
    plt.close(figure)
