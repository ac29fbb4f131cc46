"""`train` makes a model of CSV files, or leaves a sentence that says why not."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import joblib
import pytest

from .programs import PROGRAM, SECONDS, environment, train, train_process

Write = Callable[..., None]


def fails(ml: Path, reason: str) -> None:
    """`train` exits with 1, and this is all that output/failure holds."""
    done = train(ml)
    assert done.returncode == 1
    assert (ml / "output" / "failure").read_text() == reason
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert not (ml / "model" / "model.joblib").exists()


def channel(ml: Path, name: str, **files: str) -> None:
    folder = ml / "input" / "data" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file, content in files.items():
        (folder / f"{file}.csv").write_text(content)


def test_a_model_comes_out(ml: Path) -> None:
    done = train_process(ml)
    assert done.returncode == 0, done.stderr
    tree = joblib.load(ml / "model" / "model.joblib")
    assert tree.get_n_leaves() == 5
    assert tree.predict([[5.0, 3.6, 1.4, 0.2]]).tolist() == ["setosa"]
    assert not (ml / "output" / "failure").exists()


def test_a_metric_definition_finds_the_accuracy(ml: Path) -> None:
    channel(ml, "validation", few="setosa,5,3.6,1.4,0.2\nvirginica,5,3.6,1.4,0.2\n")
    printed = train(ml).stdout
    assert re.findall(r"train:accuracy=([0-9.]+)", printed) == ["0.9833"]
    assert re.findall(r"validation:accuracy=([0-9.]+)", printed) == ["0.5000"]


def test_the_same_data_make_the_same_model(ml: Path) -> None:
    models = []
    for _ in range(2):
        train(ml)
        models.append((ml / "model" / "model.joblib").read_bytes())
    assert models[0] == models[1]


def test_all_hyperparameters_count(ml: Path, hyperparameters: Write) -> None:
    values = {
        "max_depth": "3",
        "max_leaf_nodes": "4",
        "min_samples_leaf": "2",
        "random_state": "7",
    }
    # The service and its SDK add these.
    hyperparameters(**values, sagemaker_program="train", _tuning_objective_metric="accuracy")
    train(ml)
    parameters = joblib.load(ml / "model" / "model.joblib").get_params()
    assert {name: str(parameters[name]) for name in values} == values


@pytest.mark.parametrize("value", ["1", "0", "-3", "2.5", "many", "", "99999999999999999999"])
def test_max_leaf_nodes_is_checked(ml: Path, hyperparameters: Write, value: str) -> None:
    hyperparameters(max_leaf_nodes=value)
    fails(
        ml,
        f"The hyperparameter max_leaf_nodes is {value!r}. "
        "It must be a whole number from 2 to 2147483647.",
    )


def test_a_failed_job_exits_with_1(ml: Path, hyperparameters: Write) -> None:
    hyperparameters(max_leaf_nodes="1")
    done = train_process(ml)
    assert done.returncode == 1
    assert done.stderr == f"Training failed. {(ml / 'output' / 'failure').read_text()}\n"


def test_an_unknown_hyperparameter_is_refused(ml: Path, hyperparameters: Write) -> None:
    hyperparameters(max_leafs="5")
    fails(
        ml,
        "There is no hyperparameter max_leafs. "
        "There are max_depth, max_leaf_nodes, min_samples_leaf, random_state.",
    )


def test_no_hyperparameters_are_fine(ml: Path) -> None:
    shutil.rmtree(ml / "input" / "config")
    assert train(ml).returncode == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "hyperparameters.json is not JSON: "),
        ("[1]", "hyperparameters.json must hold a JSON object."),
    ],
)
def test_broken_hyperparameters_are_refused(ml: Path, content: str, reason: str) -> None:
    (ml / "input" / "config" / "hyperparameters.json").write_text(content)
    assert train(ml).returncode == 1
    assert (ml / "output" / "failure").read_text().startswith(reason)


def test_the_channel_may_be_called_train(ml: Path) -> None:
    (ml / "input" / "data" / "training").rename(ml / "input" / "data" / "train")
    assert train(ml).returncode == 0


def test_all_files_of_the_channel_are_read(ml: Path) -> None:
    channel(ml, "training", a="0,1\n0,2\n", b="\n1,8\r\n1,9\r\n")
    deeper = ml / "input" / "data" / "training" / "deeper"
    deeper.mkdir()
    (deeper / "no-suffix").write_text('\ufeff2,"20"\n')
    (deeper / ".DS_Store").write_bytes(b"\0\xff")
    done = train(ml)
    assert "5 rows of 1 features, 3 different labels" in done.stdout, done.stderr
    # Whole numbers stay numbers.
    assert joblib.load(ml / "model" / "model.joblib").classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "species,petal\nsetosa,1\n",
            "Line 1 of a.csv has 'petal' where a number is expected. "
            "The files must be CSV, the label first, without a header.",
        ),
        ("0,1,2\n0,1\n", "Line 2 of a.csv has 1 features, the rows before it have 2."),
        (
            "0\n",
            "Line 1 of a.csv needs a label and, after a comma, at least one feature.",
        ),
        (
            ",5\n",
            "Line 1 of a.csv needs a label and, after a comma, at least one feature.",
        ),
        ("0,nan\n", "Line 1 of a.csv has 'nan', which is no number that a tree can use."),
        ("0,1e39\n", "Line 1 of a.csv has '1e39', which is no number that a tree can use."),
        ("\n", "The channel training holds no rows in 1 files."),
    ],
)
def test_bad_data_are_refused(ml: Path, content: str, reason: str) -> None:
    channel(ml, "training", a=content)
    fails(ml, reason)


def test_what_is_no_text_is_refused(ml: Path) -> None:
    channel(ml, "training")
    (ml / "input" / "data" / "training" / "data.parquet").write_bytes(b"PAR1\xff\xfe")
    assert train(ml).returncode == 1
    failure = (ml / "output" / "failure").read_text()
    assert failure.startswith("data.parquet is not CSV in UTF-8: ")


def test_a_missing_channel_is_named(ml: Path) -> None:
    (ml / "input" / "data" / "training").rename(ml / "input" / "data" / "trainig")
    fails(ml, "The job has no channel training. It has trainig.")


def test_a_validation_channel_of_other_data_is_refused(ml: Path) -> None:
    channel(ml, "validation", a="setosa,1,2\n")
    fails(ml, "The channel validation has 2 features a row, the training data have 4.")


def test_a_second_instance_is_refused(ml: Path) -> None:
    resources = {"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}
    (ml / "input" / "config" / "resourceconfig.json").write_text(json.dumps(resources))
    fails(
        ml,
        "This algorithm trains on one instance, the job has 2. Set InstanceCount to 1.",
    )


def test_a_fault_of_its_own_is_a_failure_too(ml: Path) -> None:
    """Not foreseen, so the log has the traceback; output/failure still has a line."""
    (ml / "model").write_text("a file where the folder should be")
    done = train(ml)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    failure = (ml / "output" / "failure").read_text()
    assert failure.startswith("FileExistsError: ")


def test_sigterm_stops_it(ml: Path) -> None:
    """StopTrainingJob. It waits for its hyperparameters here, so that it surely runs."""
    pipe = ml / "input" / "config" / "hyperparameters.json"
    pipe.unlink()
    os.mkfifo(pipe)
    with (
        subprocess.Popen([PROGRAM / "train"], env=environment(ml)) as process,
        # The pipe opens when `train` has opened its end of it.
        pipe.open("w"),
    ):
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 128 + signal.SIGTERM
    assert not (ml / "model").exists()
