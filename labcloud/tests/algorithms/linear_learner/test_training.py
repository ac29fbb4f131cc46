"""The fit: what is known of the data comes out of the model, and hyperparameters take effect."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from labcloud.algorithms import recordio

EXACT = ["squared_loss", "absolute_loss", "quantile_loss"]
DESCENT = ["huber_loss", "eps_insensitive_absolute_loss", "eps_insensitive_squared_loss"]


@pytest.mark.parametrize(
    ("loss", "tolerance"), [*((loss, 1e-6) for loss in EXACT), *((loss, 0.05) for loss in DESCENT)]
)
def test_a_linear_function_is_found_again(
    train: Any, line: Any, settings: Any, loss: str, tolerance: float
) -> None:
    model = train({**settings["regressor"], "loss": loss}, train=line).model
    spread = line[:, 1:].std(axis=0)
    # By the part that each feature has in the label.
    expected = [1.5, -2.0, 0.25] * spread
    assert model.weights[:, 0] * spread == pytest.approx(expected, abs=40 * tolerance)
    error = model.scores(line[:, 1:]) - line[:, 0]
    assert np.abs(error).max() < tolerance * line[:, 0].std() * 2


def test_least_squares_are_those_of_numpy(train: Any, noisy: Any, settings: Any) -> None:
    columns = np.column_stack([noisy[:, 1:], np.ones(len(noisy))])
    expected = np.linalg.lstsq(columns, noisy[:, 0], rcond=None)[0]
    outcome = train(settings["regressor"], train=noisy)
    model = outcome.model
    assert [*model.weights[:, 0], model.bias[0]] == pytest.approx(expected, rel=1e-9)
    mse = float(np.mean((columns @ expected - noisy[:, 0]) ** 2))
    assert outcome.metrics["train:mse"] == pytest.approx(mse)
    assert outcome.metrics["train:objective_loss"] == pytest.approx(mse)


@pytest.mark.parametrize(("wd", "l1"), [(0.3, 0.0), (0.0, 0.3), (0.3, 0.2)])
def test_penalties_are_those_of_the_normalized_problem(
    train: Any, noisy: Any, settings: Any, wd: float, l1: float
) -> None:
    """No step away from the solution makes the penalized loss smaller."""
    model = train({**settings["regressor"], "wd": str(wd), "l1": str(l1)}, train=noisy).model
    features, labels = noisy[:, 1:], noisy[:, 0]
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    targets = (labels - labels.mean()) / labels.std()
    weights = model.weights[:, 0] * features.std(axis=0) / labels.std()

    def penalized(weights: Any) -> float:
        loss = np.mean((targets - scaled @ weights) ** 2)
        return float(loss + wd / 2 * weights @ weights + l1 * np.abs(weights).sum())

    least = penalized(weights)
    steps = [sign * size * axis for axis in np.eye(3) for sign in (1, -1) for size in (1e-2, 1e-3)]
    assert all(penalized(weights + step) > least for step in steps)


def test_a_quantile_has_its_share_of_labels_below(train: Any, noisy: Any, settings: Any) -> None:
    given = {**settings["regressor"], "loss": "quantile_loss", "quantile": "0.8"}
    model = train(given, train=noisy).model
    below = np.mean(noisy[:, 0] < model.scores(noisy[:, 1:]))
    assert below == pytest.approx(0.8, abs=0.03)


def test_the_absolute_loss_of_many_rows_is_fitted_too(train: Any, line: Any, settings: Any) -> None:
    many = np.tile(line, (30, 1))
    model = train({**settings["regressor"], "loss": "absolute_loss"}, train=many).model
    error = model.scores(line[:, 1:]) - line[:, 0]
    assert np.abs(error).mean() < 0.01 * line[:, 0].std()


def test_without_a_bias_the_function_goes_through_zero(
    train: Any, line: Any, settings: Any
) -> None:
    model = train({**settings["regressor"], "use_bias": "False"}, train=line).model
    assert model.bias[0] == 0
    expected = np.linalg.lstsq(line[:, 1:], line[:, 0], rcond=None)[0]
    assert model.weights[:, 0] == pytest.approx(expected, rel=1e-9)


def test_logistic_loss_is_scikit_learn_s(train: Any, virginica: Any, settings: Any) -> None:
    given = {**settings["binary"], "wd": "0.01", "normalize_data": "false"}
    model = train(given, train=virginica).model
    features, labels = virginica[:, 1:], virginica[:, 0]
    reference = LogisticRegression(C=1 / (len(labels) * 0.01), max_iter=5000, tol=1e-8)
    expected = reference.fit(features, labels).predict_proba(features)[:, 1]
    assert model.scores(features) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("loss", ["logistic", "hinge_loss"])
def test_a_binary_classifier_tells_most_iris_apart(
    train: Any, virginica: Any, settings: Any, loss: str
) -> None:
    given = {**settings["binary"], "loss": loss}
    outcome = train(given, train=virginica[:100], validation=virginica[100:])
    model = outcome.model
    predicted = model.labels(model.scores(virginica[100:, 1:]))
    accuracy = np.mean(predicted == virginica[100:, 0])
    assert accuracy >= 0.9
    assert outcome.metrics["validation:binary_classification_accuracy"] == pytest.approx(accuracy)


def test_a_multiclass_classifier_tells_most_iris_apart(
    train: Any, iris: Any, settings: Any
) -> None:
    outcome = train(settings["multiclass"], train=iris[:100], test=iris[100:])
    assert outcome.metrics["test:multiclass_accuracy"] >= 0.9
    scores = outcome.model.scores(iris[:, 1:])
    assert scores.sum(axis=1) == pytest.approx(np.ones(150))


def test_a_class_without_rows_has_no_probability(train: Any, iris: Any, settings: Any) -> None:
    given = {**settings["multiclass"], "num_classes": "4"}
    two = iris[iris[:, 0] != 1]
    scores = train(given, train=two).model.scores(two[:, 1:])
    assert (scores[:, [1, 3]] == 0).all()
    assert (scores.argmax(axis=1) == two[:, 0]).all()


def test_the_weight_of_positive_examples_moves_the_scores(
    train: Any, virginica: Any, settings: Any
) -> None:
    means = []
    for weight in ("0.1", "1", "10"):
        given = {**settings["binary"], "positive_example_weight_mult": weight}
        means.append(train(given, train=virginica).model.scores(virginica[:, 1:]).mean())
    assert means == sorted(means)
    assert means[0] < means[2] - 0.05


def test_the_same_job_gives_the_same_model(train: Any, virginica: Any, settings: Any) -> None:
    given = {**settings["binary"], "loss": "hinge_loss", "l1": "0.001"}
    first, second = (train(given, train=virginica).model for _ in range(2))
    assert (first.weights == second.weights).all() and first.threshold == second.threshold


def test_recordio_is_the_content_type_without_a_word(train: Any, line: Any, settings: Any) -> None:
    outcome = train(settings["regressor"], content_type=None, train=records(line))
    # Records hold single precision.
    assert outcome.model.weights[:, 0] == pytest.approx([1.5, -2.0, 0.25], rel=1e-4)


def records(table: Any) -> bytes:
    """Rows as RecordIO-protobuf: what `recordio.write` makes a label, moved to the features."""
    written = b""
    for label, *features in table.tolist():
        named = [({"values": features}, 1), ({"values": [label]}, 2)]
        message = b"".join(_message({"values": v["values"]}, field) for v, field in named)
        padding = bytes(-len(message) % 4)
        written += struct.pack("<II", 0xCED7230A, len(message)) + message + padding
    return written


def _message(values: dict[str, list[float]], field: int) -> bytes:
    frame = recordio.write([values])
    (size,) = struct.unpack_from("<I", frame, 4)
    message = bytearray(frame[8 : 8 + size])
    message[0] = field << 3 | 2
    return bytes(message)
