"""The pictures show what is in the tables."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from nbclient import NotebookClient

from labhelpers.plots import (
    BLUE,
    GREEN,
    ORANGE,
    confusion,
    ink_on,
    learning_curve,
    show_plot,
    true_against_predicted,
)


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
    for style in ("color", "marker", "linestyle"):
        assert len({plt.getp(line, style) for line in axes.lines}) == 2


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
    assert axes.get_title() == "Half of the predictions are off by 1 or less"
    assert axes.get_aspect() == 1
    assert "3 dots" in str(axes.get_label())
    assert "true price 5 and is predicted as 7" in str(axes.get_label())


def test_a_price_has_its_unit(axes: Axes) -> None:
    true_against_predicted([1.0, 2.0], [2.0, 3.0], "price", axes, unit="dollars")
    assert axes.get_xlabel() == "true price (dollars)"
    assert axes.get_ylabel() == "predicted price (dollars)"
    assert axes.get_title() == "Half of the predictions are off by 1 dollars or less"


def test_the_title_of_a_learning_curve_does_not_tell_where_it_is_lowest(
    axes: Axes, curve: pd.DataFrame
) -> None:
    """In lab 01 that is an exercise."""
    learning_curve(curve, axes)
    assert axes.get_title() == "After 3 rounds, validation is 0.4 above train"
    assert "lowest" not in str(axes.get_label())
    assert "validation goes from 0.8 to 0.7" in str(axes.get_label())


def test_a_curve_of_one_channel_says_where_it_ends(axes: Axes) -> None:
    learning_curve(pd.DataFrame({"train-rmse": [3.0, 2.0]}), axes)
    assert axes.get_title() == "After 2 rounds, train is at 2"


def test_the_lowest_round_is_marked_and_can_be_seen(axes: Axes) -> None:
    flat = [8.0, 5.0, 4.822, *(4.83 + 0.001 * number for number in range(60))]
    learning_curve(
        pd.DataFrame({"train-rmse": flat, "validation-rmse": flat}),
        axes, unit="thousand dollars", lowest=True,
    )  # fmt: skip
    assert axes.get_ylabel() == "RMSE (thousand dollars)"
    assert axes.get_title() == "validation stops improving at round 2"
    assert "lowest, 4.822, in round 2" in str(axes.get_label())
    low, high = axes.child_axes[0].get_ylim()
    # The step from the lowest to the next is a part of the small picture that one can see.
    assert low < 4.822 < high
    assert high - low < 0.5


def test_a_curve_that_still_falls_says_so(axes: Axes) -> None:
    learning_curve(pd.DataFrame({"validation-rmse": [3.0, 2.0, 1.0]}), axes, lowest=True)
    assert axes.get_title() == "validation still improves in the last round, 2"


def test_the_confusion_matrix_says_what_is_wrong(axes: Axes) -> None:
    confusion([0, 0, 1], [0, 1, 1], ["no", "yes"], axes)
    assert axes.get_title() == "2 of 3 are right"
    assert str(axes.get_label()).endswith("Wrong: 1 no taken for yes")


@pytest.mark.parametrize("colour", [BLUE, GREEN, ORANGE, "#CC79A7", "#56B4E9", "#777777"])
def test_figures_on_a_colour_can_be_read(colour: str) -> None:
    """With the contrast that WCAG 2 asks of small text."""
    assert contrast(ink_on(colour), colour) >= 4.5


def test_figures_in_a_confusion_matrix_can_be_read(axes: Axes) -> None:
    confusion([0] * 16 + [1] * 8, [0] * 9 + [1] * 7 + [0] * 3 + [1] * 5, ["no", "yes"], axes)
    colours = axes.images[0]
    for text in axes.texts:
        assert contrast(text.get_color(), colours.to_rgba(np.array(int(text.get_text())))) >= 4.5


def contrast(one: Any, other: Any) -> float:
    """As WCAG 2 defines it."""
    light = []
    for colour in (one, other):
        parts = [
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in to_rgb(colour)
        ]
        light.append(sum(np.multiply(parts, (0.2126, 0.7152, 0.0722))) + 0.05)
    return float(max(light) / min(light))


def test_a_plot_is_shown_once_with_alternative_text_and_the_same_in_words() -> None:
    """In a kernel of its own, as a notebook shows it."""
    source = (
        "import matplotlib.pyplot as plt\n"
        "from labhelpers.plots import confusion, show_plot\n"
        "confusion([0, 1], [0, 0], ['no', 'yes'])\n"
        "show_plot('And that is all')"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    picture, words = notebook.cells[0].outputs
    text = (
        "1 of 2 are right. A confusion matrix, true by predicted. Wrong: 1 yes taken for no. "
        "And that is all."
    )
    assert "image/png" in picture.data
    assert picture.metadata["image/png"]["alt"] == text
    assert " ".join(words.text.split()) == f"In words: {text}"


def test_the_title_over_several_plots_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    figure, _ = plt.subplots(1, 2)
    figure.suptitle("Both are empty")
    show_plot()
    assert "In words: Both are empty.\n" in capsys.readouterr().out
    assert not plt.fignum_exists(figure.number)
