"""Images of earlier versions do what their public code does differently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labcloud.algorithms.algorithm import IMAGE_VARIABLE as IMAGE
from labcloud.algorithms.xgboost.serve import Service
from labcloud.algorithms.xgboost.versions import Version

HOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
PAYLOAD = b"5.9,3.0,5.1,1.8\n5.4,3.0,4.5,1.5"


def image(tag: str) -> str:
    return f"{HOST}/{'xgboost' if tag in ('1', 'latest') else 'sagemaker-xgboost'}:{tag}"


@pytest.mark.parametrize(
    ("tag", "number"),
    [
        ("1.7-1", (1, 7, 1)),
        ("0.90-2-cpu-py3", (0, 90, 2)),
        ("1.5-1-arm64", (1, 5, 1)),
        ("1", (0, 72, 0)),
        ("latest", (0, 72, 0)),
    ],
)
def test_a_version_is_read_off_the_tag(tag: str, number: tuple[int, int, int]) -> None:
    assert Version.of({IMAGE: image(tag)}).number == number


def test_where_nothing_is_said_it_is_the_newest() -> None:
    assert Version.of({}).number == (3, 0, 5)


@pytest.fixture
def as_image(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda tag: monkeypatch.setenv(IMAGE, image(tag))


@pytest.mark.parametrize(("tag", "code"), [("1.0-1", 0), ("latest", 0), ("1.2-1", 1), ("3.0-5", 1)])
def test_silent_was_a_hyperparameter(
    as_image: Any, train: Any, regression: dict[str, str], tag: str, code: int
) -> None:
    as_image(tag)
    outcome = train({"objective": "reg:linear", "num_round": "2", "silent": "0"}, regression)
    assert outcome.code == code
    if code:
        assert "Extraneous hyperparameter found: silent" in outcome.failure


@pytest.mark.parametrize("tag", ["latest", "0.90-2", "1.2-1", "1.7-1"])
def test_reg_linear_stops_early_in_images_that_could(
    as_image: Any, train: Any, regression: dict[str, str], tag: str
) -> None:
    as_image(tag)
    hyperparameters = {
        "objective": "reg:linear", "num_round": "200", "early_stopping_rounds": "2",
        "eval_metric": "rmse",
    }  # fmt: skip
    outcome = train(hyperparameters, regression)
    assert outcome.code == 0, outcome.log
    assert len(outcome.metrics) < 200
    assert f"labcloud runs the image {image(tag).partition('/')[2]} with xgboost 3." in outcome.log


def test_the_metrics_of_earlier_images_get_log_odds(
    as_image: Any, train: Any, binary: dict[str, str]
) -> None:
    as_image("1.7-1")
    metrics = {"eval_metric": "error,accuracy"}
    outcome = train({"objective": "binary:logistic", "num_round": "8", **metrics}, binary)
    last = outcome.metrics[-1]
    assert last["validation-accuracy"] == pytest.approx(1 - last["validation-error"], abs=1e-5)
    assert "takes for log-odds" not in outcome.log


@pytest.mark.parametrize(
    ("tag", "joined"), [("1", True), ("1.0-1", True), ("1.2-1", True), ("1.2-2", False)]
)
def test_answers_of_early_images_are_one_line(
    train: Any, recorded: dict[str, Any], tag: str, joined: bool
) -> None:
    case = recorded["cases"]["softmax"]
    channels = {name: recorded["files"][key] for name, key in case["channels"].items()}
    root: Path = train(case["hyperparameters"], channels).root
    status, kind, body = Service(root, {IMAGE: image(tag)}).answer(PAYLOAD, "text/csv", None)
    assert (status, kind) == (200, "text/csv; charset=utf-8")
    assert body == (b"2.0,1.0" if joined else b"2.0\n1.0\n")
    batch = {IMAGE: image(tag), "SAGEMAKER_BATCH": "true"}
    assert Service(root, batch).answer(PAYLOAD, "text/csv", None)[2] == b"2.0\n1.0\n"
