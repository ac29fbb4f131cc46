"""The pictures of an endpoint's traffic show what was counted."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from call_plots import calls_over_time, traffic_by_variant
from matplotlib.axes import Axes


@pytest.fixture
def calls() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seconds": [0.1, 0.2, 0.3, 0.4],
            "milliseconds": [5.0, 6.0, 70.0, 5.0],
            "variant": ["Blue", "Blue", None, "Green"],
            "error": [None, None, "nobody there", None],
        }
    )


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_a_bar_is_as_long_as_its_calls_and_cut_by_variant(axes: Axes) -> None:
    counts = {"9 : 1": Counter(Linear=88, XGBoost=12), "0 : 1": Counter(XGBoost=100)}
    assert traffic_by_variant(counts, axes) is axes
    linear, xgboost = axes.containers[0], axes.containers[1]
    assert [bar.get_width() for bar in linear] == [88, 0]
    assert [(bar.get_x(), bar.get_width()) for bar in xgboost] == [(88, 12), (0, 100)]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["9 : 1", "0 : 1"]
    assert legend_of(axes) == ["Linear", "XGBoost"]
    assert [text.get_text() for text in axes.texts] == ["88", "", "12", "100"]
    # Dark on green, whose contrast with white is too low; and not the colour alone.
    assert [text.get_color() for text in axes.texts] == ["white", "white", "black", "black"]
    assert linear[0].get_hatch() != xgboost[0].get_hatch()
    assert axes.get_title() == "XGBoost's share of the calls: 12%, then 100%"
    assert str(axes.get_label()).endswith(
        "9 : 1: Linear 88, XGBoost 12; 0 : 1: Linear 0, XGBoost 100"
    )


def test_one_round_of_calls_has_a_message_too(axes: Axes) -> None:
    traffic_by_variant({"9 : 1": {"Linear": 9, "XGBoost": 1}}, axes)
    assert axes.get_title() == "XGBoost answered 10% of the calls"


def test_no_round_is_left_out_of_the_message(axes: Axes) -> None:
    counts = {"9 : 1": Counter(A=9, B=1), "1 : 1": Counter(A=5, B=5), "0 : 1": Counter(B=9)}
    traffic_by_variant(counts, axes)
    assert axes.get_title() == "B's share of the calls: 10%, then 50%, then 100%"


def test_the_first_round_is_on_top(axes: Axes) -> None:
    traffic_by_variant({"first": {"A": 1}, "second": {"A": 1}}, axes)
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_calls_are_dots_by_variant_and_failed_ones_are_counted(
    axes: Axes, calls: pd.DataFrame
) -> None:
    assert calls_over_time(calls, {"update": 0.25}, axes) is axes
    blue, green, failed = (np.asarray(each.get_offsets()).tolist() for each in axes.collections)
    assert blue == [[0.1, 5], [0.2, 6]]
    assert green == [[0.4, 5]]
    assert failed == [[0.3, 70]]
    assert axes.get_title() == "4 calls, 1 failed"
    assert legend_of(axes) == ["Blue", "Green", "failed", "update"]
    assert axes.lines[0].get_xdata() == [0.25, 0.25]
    shapes = {str(each.get_paths()[0].vertices) for each in axes.collections}
    assert len(shapes) == len(axes.collections)
    assert axes.get_xlabel() == "time (seconds)"
    assert axes.get_ylabel() == "time for the answer (milliseconds)"
    assert "Blue answered 2 calls, from second 0.1 to 0.2" in str(axes.get_label())
    assert "update at second 0.2" in str(axes.get_label())


def test_without_failed_calls_none_are_drawn(axes: Axes, calls: pd.DataFrame) -> None:
    calls_over_time(calls[calls["error"].isna()], {}, axes)
    assert axes.get_title() == "3 calls, 0 failed"
    assert legend_of(axes) == ["Blue", "Green"]


def test_milliseconds_are_written_out(axes: Axes, calls: pd.DataFrame) -> None:
    calls_over_time(calls, {}, axes)
    axes.figure.canvas.draw()
    low, high = axes.get_ylim()
    shown = [text for text in axes.get_yticklabels() if low <= text.get_position()[1] <= high]
    assert [text.get_text() for text in shown] == ["5", "10", "20", "50"]
