"""The pictures show what is in the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from labhelpers.plots import confusion, learning_curve, true_against_predicted


@pytest.fixture
def curve() -> pd.DataFrame:
    table = {"train-mlogloss": [0.7, 0.5, 0.3], "validation-mlogloss": [0.8, 0.6, 0.7]}
    return pd.DataFrame(table).rename_axis("round")


def test_the_learning_curve_has_a_line_a_channel(axes: Axes, curve: pd.DataFrame) -> None:
    assert learning_curve(curve, axes) is axes
    assert [np.asarray(line.get_ydata()).tolist() for line in axes.lines] == [
        curve["train-mlogloss"].tolist(),
        curve["validation-mlogloss"].tolist(),
    ]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["train", "validation"]
    assert len({line.get_color() for line in axes.lines}) == 2


def test_the_learning_curve_names_its_axes(axes: Axes, curve: pd.DataFrame) -> None:
    learning_curve(curve, axes)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("boosting round", "mlogloss")
    assert all(float(tick).is_integer() for tick in axes.get_xticks())


def test_without_axes_it_draws_on_the_current_ones(axes: Axes, curve: pd.DataFrame) -> None:
    assert learning_curve(curve) is axes


def test_the_confusion_matrix_counts_true_by_row(axes: Axes) -> None:
    confusion([0, 0, 0, 1, 2], [0, 0, 1, 1, 0], ["setosa", "versicolor", "virginica"], axes)
    counts = {text.get_position(): text.get_text() for text in axes.texts}
    assert len(counts) == 9
    # The position is (column, row): predicted, then true.
    assert counts[0, 0] == "2"
    assert counts[1, 0] == "1"
    assert counts[0, 2] == "1"
    assert counts[2, 2] == "0"


def test_the_confusion_matrix_names_the_classes(axes: Axes) -> None:
    confusion([0, 1], [1, 1], ["no", "yes"], axes)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["no", "yes"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no", "yes"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


def test_counts_stand_out_from_their_square(axes: Axes) -> None:
    confusion([0, 0, 1], [0, 0, 1], ["no", "yes"], axes)
    assert {text.get_text(): text.get_color() for text in axes.texts} == {
        "2": "white", "1": "black", "0": "black",
    }  # fmt: skip


def test_many_rounds_are_a_line_without_dots(axes: Axes) -> None:
    learning_curve(pd.DataFrame({"train-rmse": range(51)}), axes)
    assert axes.lines[0].get_marker() == "None"


def test_true_against_predicted_is_a_dot_a_row_and_the_line_of_equals(axes: Axes) -> None:
    assert true_against_predicted([1.0, 2.0, 5.0], [2.0, 2.0, 7.0], "price", axes) is axes
    assert np.asarray(axes.collections[0].get_offsets()).tolist() == [[1, 2], [2, 2], [5, 7]]
    assert np.asarray(axes.lines[0].get_xydata()).tolist() == [[1, 1], [7, 7]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("true price", "predicted price")
    assert axes.get_title()
    assert axes.get_aspect() == 1
