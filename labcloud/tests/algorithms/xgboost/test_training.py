"""Training answers as AWS's container did when it was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

CASES = json.loads((Path(__file__).parents[2] / "golden" / "xgboost-training.json").read_text())[
    "cases"
]
# Folds drawn at random, and a linear updater whose threads race: AWS's own numbers differ from run
# to run, so that only their shape and neighbourhood can be compared.
NOT_REPRODUCIBLE = {"kfold", "gblinear"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_recorded_case(case: dict[str, Any], train: Callable[..., Any], recorded: Any) -> None:
    channels = {name: recorded["files"][key] for name, key in case["channels"].items()}
    # The folds are drawn from it: the same ones in every run of this test.
    np.random.seed(0)
    outcome = train(case["hyperparameters"], channels, case["content_type"])
    expected = case["expected"]

    assert outcome.code == expected["exit_code"], outcome.log
    assert outcome.models == expected["model_files"]
    if expected["failure_contains"]:
        assert expected["failure_contains"] in outcome.failure
    if case["id"] in NOT_REPRODUCIBLE:
        assert [list(line) for line in outcome.metrics] == [
            list(line) for line in expected["metrics"]
        ]
        for line, theirs in zip(outcome.metrics, expected["metrics"], strict=True):
            assert line == pytest.approx(theirs, rel=0.2)
        return
    assert outcome.metrics == expected["metrics"]
    if expected["probe_predictions"]:
        model = xgb.Booster(model_file=str(outcome.root / "model" / "xgboost-model"))
        rows = xgb.DMatrix(np.array(expected["probe_rows"]))
        predictions = model.predict(rows, validate_features=False)
        np.testing.assert_allclose(predictions, expected["probe_predictions"], rtol=1e-4)


@pytest.fixture
def few_rounds() -> dict[str, str]:
    return {"objective": "reg:squarederror", "num_round": "3", "max_depth": "3"}


def test_the_log_names_the_version_that_runs(
    train: Any, regression: dict[str, str], few_rounds: dict[str, str]
) -> None:
    log = train(few_rounds, regression).log
    assert xgb.__version__ in log.splitlines()[0]
    assert "Train matrix has 309 rows and 10 columns" in log
    assert "Validation matrix has 133 rows" in log
    assert "\n[0]\ttrain-rmse:" in log


def test_nothing_names_the_private_folder(train: Any, few_rounds: dict[str, str]) -> None:
    outcome = train(few_rounds, {"train": {"data.csv": "1,2\n3,4\n", ".hidden": "1,2"}})
    assert outcome.code == 1
    assert "Hidden file found in the data path" in outcome.failure

    outcome = train(few_rounds, {"train": "1,2\n3,4\n"})
    assert str(outcome.root) not in outcome.log


def test_a_missing_configuration_is_a_failure_too(train: Any, tmp_path: Path) -> None:
    outcome = train(root=tmp_path)
    assert outcome.code == 1
    assert "/opt/ml/input/config/hyperparameters.json" in outcome.failure
    assert str(tmp_path) not in outcome.failure


def test_a_user_s_mistake_and_xgboost_s_refusal_are_told_apart(
    train: Any, binary: dict[str, str]
) -> None:
    mistake = train(
        {"objective": "multi:softmax", "num_class": "2", "num_round": "1"}, {"train": "2,2\n1,4\n"}
    )
    assert "exceptions.UserError: " in mistake.failure
    assert "label must be in [0, num_class)" in mistake.failure

    refusal = train(
        {"objective": "binary:logistic", "num_round": "1", "tree_method": "gpu_hist"}, binary
    )
    assert "exceptions.AlgorithmError: XGB train call failed with exception:\n " in refusal.failure
    assert "Stack trace" not in refusal.failure


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ({"validation": "1,2\n"}, "Missing required channel: train"),
        ({"train": "1,2\n", "test": "1,2\n"}, "Extraneous channel found: test"),
        ({"train": "1,2\n", "validation": ""}, "No data in validation channel path /opt/ml/input/"),
        ({"train": "\n1,2\n"}, "Could not determine delimiter on line \n"),
        ({"train": {}}, "No data in training channel path /opt/ml/input/data/train"),
    ],
)
def test_channels_that_are_refused(
    train: Any, few_rounds: dict[str, str], channels: Any, message: str
) -> None:
    outcome = train(few_rounds, channels)
    assert outcome.code == 1
    assert message in outcome.failure


def test_pipe_mode_is_refused(train: Any, layout: Any, tmp_path: Path, few_rounds: Any) -> None:
    layout(tmp_path / "job", few_rounds, {"train": "1,2\n"})
    config = tmp_path / "job" / "input" / "config" / "inputdataconfig.json"
    config.write_text(config.read_text().replace('"File"', '"Pipe"'))
    assert "Pipe mode is no longer supported" in train(root=tmp_path / "job").failure


def test_more_than_one_instance_is_refused(
    train: Any, layout: Any, tmp_path: Path, few_rounds: Any
) -> None:
    layout(tmp_path / "job", few_rounds, {"train": "1,2\n"})
    config = tmp_path / "job" / "input" / "config" / "resourceconfig.json"
    config.write_text('{"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}')
    assert "Set InstanceCount to 1" in train(root=tmp_path / "job").failure


def test_files_of_a_channel_are_read_in_order_of_their_names(
    train: Any, regression: dict[str, str], few_rounds: dict[str, str]
) -> None:
    lines = regression["train"].splitlines(keepends=True)
    parts = {
        "a;b.csv": "".join(lines[:100]),
        "more/part-1?x=#y.csv": "".join(lines[100:150]),
        "more/deep/z.csv": "".join(lines[150:]),
        "too/deep/to/be.csv": lines[0],
    }
    whole, split = train(few_rounds, regression), train(few_rounds, regression | {"train": parts})
    assert "309 rows" in split.log
    assert "exceed the limit 3" in split.log
    # Within a channel, more/deep/z.csv comes before more/part-1.
    assert split.metrics[-1]["train-rmse"] == pytest.approx(
        whole.metrics[-1]["train-rmse"], rel=1e-3
    )


def test_the_same_file_in_both_channels_is_pointed_out(
    train: Any, regression: dict[str, str], few_rounds: dict[str, str]
) -> None:
    same = {"train": regression["train"], "validation": regression["train"]}
    assert "Suspected identical files found" in train(few_rounds, same).log


def test_csv_weights_are_the_second_column(train: Any, few_rounds: dict[str, str]) -> None:
    weighted = "1,1,0\n5,0,0\n1,1,1\n5,0,1\n"
    outcome = train(few_rounds | {"csv_weights": "1", "eta": "1"}, {"train": weighted})
    assert "4 rows and 1 columns" in outcome.log
    assert outcome.metrics[-1]["train-rmse"] == 0.0


@pytest.mark.parametrize("delimiter", ["\t", ";", ":"])
def test_other_delimiters(
    train: Any, regression: dict[str, str], few_rounds: dict[str, str], delimiter: str
) -> None:
    separated = {name: text.replace(",", delimiter) for name, text in regression.items()}
    assert train(few_rounds, separated).metrics == train(few_rounds, regression).metrics


def test_early_stopping_keeps_the_best_round(train: Any, regression: dict[str, str]) -> None:
    outcome = train(
        {"objective": "reg:squarederror", "num_round": "200", "eta": "0.5", "max_depth": "4",
         "eval_metric": "rmse", "early_stopping_rounds": "5"}, regression,
    )  # fmt: skip
    history = [line["validation-rmse"] for line in outcome.metrics]
    best = history.index(min(history))
    assert len(history) == best + 6 < 200
    model = xgb.Booster(model_file=str(outcome.root / "model" / "xgboost-model"))
    assert model.num_boosted_rounds() == best + 1


def test_the_tuner_s_objective_is_evaluated_too(train: Any, regression: dict[str, str]) -> None:
    hyperparameters = {
        "objective": "reg:squarederror", "num_round": "2", "eval_metric": "mae",
        "_tuning_objective_metric": "validation:r2",
    }  # fmt: skip
    assert list(train(hyperparameters, regression).metrics[0]) == [
        "round", "train-rmse", "train-mae", "train-r2",
        "validation-rmse", "validation-mae", "validation-r2",
    ]  # fmt: skip


@pytest.mark.parametrize("objective", ["binary:logitraw", "binary:hinge"])
def test_classification_metrics_of_the_container(
    train: Any, binary: dict[str, str], objective: str
) -> None:
    outcome = train(
        {"objective": objective, "num_round": "8", "eval_metric": "accuracy,f1,recall,precision"},
        binary,
    )
    last = outcome.metrics[-1]
    assert last["validation-accuracy"] > 0.9
    assert last["validation-f1"] > 0.88
    assert 0.9 < last["validation-recall"] < 1
    assert "takes for log-odds" not in outcome.log


def test_the_container_takes_probabilities_for_log_odds_and_the_log_says_so(
    train: Any, binary: dict[str, str]
) -> None:
    metrics = {"eval_metric": "error,accuracy,recall,mae"}
    outcome = train({"objective": "binary:logistic", "num_round": "8", **metrics}, binary)
    last = outcome.metrics[-1]
    assert last["validation-recall"] == 1
    assert last["validation-accuracy"] < 1 - last["validation-error"]
    assert (
        "The container computes accuracy, recall of predictions that it takes for log-odds. With "
        "binary:logistic every row counts as class 1." in outcome.log
    )


def test_classification_metrics_of_several_classes(train: Any, recorded: dict[str, Any]) -> None:
    keys = recorded["cases"]["softmax"]["channels"]
    channels = {name: recorded["files"][key] for name, key in keys.items()}
    hyperparameters = {
        "num_class": "3", "num_round": "8", "max_depth": "3",
        "eval_metric": "merror,accuracy,balanced_accuracy",
    }  # fmt: skip
    right = train(hyperparameters | {"objective": "multi:softprob"}, channels)
    assert right.metrics[-1]["validation-accuracy"] == pytest.approx(
        1 - right.metrics[-1]["validation-merror"], abs=1e-5
    )
    wrong = train(hyperparameters | {"objective": "multi:softmax"}, channels)
    assert wrong.metrics[-1]["validation-accuracy"] < right.metrics[-1]["validation-accuracy"]
    assert "every class above 0 counts as class 1" in wrong.log
    assert "takes for log-odds" not in right.log


def test_kfold_writes_what_each_fold_predicted(train: Any, binary: dict[str, str]) -> None:
    hyperparameters = {
        "objective": "binary:logistic", "num_round": "2", "_kfold": "2", "_num_cv_round": "2",
    }  # fmt: skip
    outcome = train(hyperparameters, binary)
    assert outcome.models == [f"xgboost-model-{number}" for number in range(4)]
    # Two rounds a fold, a summary after each repetition, and one of all.
    assert [line["round"] for line in outcome.metrics] == [0, 1, 0, 1, 2, 0, 1, 0, 1, 2, 2]
    written = np.loadtxt(outcome.root / "output" / "data" / "predictions.csv", delimiter=",")
    assert written.shape == (398 + 171, 3)
    assert np.mean(written[:, 0] == written[:, 2]) > 0.9
