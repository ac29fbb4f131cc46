"""The pictures of a search show what is in its table."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from search_plots import best_so_far, each_against_objective, importance

from labhelpers.errors import BadData


@pytest.fixture
def table() -> pd.DataFrame:
    """As the SDK returns it, in no order; job 3 has brought no result."""
    return pd.DataFrame(
        {
            "eta": [0.4, 0.1, 0.3, 0.2],
            "max_depth": [5, 3, 4, 3],
            "TrainingJobName": ["job-004-d", "job-001-a", "job-003-c", "job-002-b"],
            "FinalObjectiveValue": [2.0, 3.0, None, 4.0],
        }
    )


def test_the_line_is_the_best_so_far_and_each_job_a_dot(axes: Axes, table: pd.DataFrame) -> None:
    assert best_so_far({"mine": table}, "validation:rmse", axes) is axes
    assert np.asarray(axes.collections[0].get_offsets()).tolist() == [[1, 3], [2, 4], [4, 2]]
    assert np.asarray(axes.lines[0].get_xydata()).tolist() == [[1, 3], [2, 3], [4, 2]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("training job", "validation:rmse")
    # After how many jobs is an exercise of lab 05a.
    assert axes.get_title() == "The search comes down from 3 to 2"
    assert str(axes.get_label()).endswith("mine: from 3 in the first job to 2 at best")


def test_several_searches_have_a_colour_and_a_name_each(axes: Axes, table: pd.DataFrame) -> None:
    best_so_far({"one": table, "two": table.head(2)}, "rmse", axes)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two"]
    assert len({line.get_color() for line in axes.lines}) == 2
    assert len({line.get_linestyle() for line in axes.lines}) == 2
    assert len({str(dots.get_paths()[0].vertices) for dots in axes.collections}) == 2
    assert axes.get_title() == "one ends lowest, at 2"


def test_each_hyperparameter_has_a_picture_with_the_best_job_marked(table: pd.DataFrame) -> None:
    figure = each_against_objective(table, ["eta", "max_depth"], "rmse")
    eta, depth = figure.axes
    assert (eta.get_xlabel(), depth.get_xlabel(), eta.get_ylabel()) == ("eta", "max_depth", "rmse")
    dots, ring = eta.collections
    assert np.asarray(dots.get_offsets()).tolist() == [[0.1, 3], [0.2, 4], [0.4, 2]]
    assert np.asarray(ring.get_offsets()).tolist() == [[0.4, 2]]
    assert figure.get_suptitle() == "The best job (ring) has 2; later jobs are darker"
    assert str(eta.get_label()).endswith("The best one's: eta 0.4, max_depth 5")
    plt.close(figure)


def test_what_the_metric_depends_on_is_important(axes: Axes) -> None:
    table = pd.DataFrame(
        {
            "eta": [number / 40 for number in range(40)],
            "gamma": [number * 7 % 11 for number in range(40)],
            "TrainingJobName": [f"job-{number:03d}" for number in range(40)],
            "FinalObjectiveValue": [(number / 40 - 0.3) ** 2 for number in range(40)],
        }
    )
    importance(table, ["eta", "gamma"], axes)
    shares = {}
    for label, bar in zip(axes.get_yticklabels(), axes.patches, strict=True):
        assert isinstance(bar, Rectangle)
        shares[label.get_text()] = bar.get_width()
    assert shares["eta"] > 0.9
    assert sum(shares.values()) == pytest.approx(1)
    assert axes.get_title().startswith("eta mattered most: ")
    assert str(axes.get_label()).startswith("Bars: eta ")


def test_a_search_without_a_result_cannot_be_drawn(axes: Axes, table: pd.DataFrame) -> None:
    nothing = table.assign(FinalObjectiveValue=None)
    with pytest.raises(BadData, match="No training job of this search has a result"):
        best_so_far({"mine": nothing}, "rmse", axes)
