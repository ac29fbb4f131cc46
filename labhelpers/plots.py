"""Pictures of a training job's results.

Each function draws on the current figure, or on `axes`, and returns the axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import confusion_matrix

# Colours that colour-blind readers can tell apart (Okabe and Ito).
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
_COLOURS = (BLUE, ORANGE, GREEN)


def learning_curve(curve: pd.DataFrame, axes: Axes | None = None) -> Axes:
    """Draws a metric by boosting round, a line per channel. training_curve returns the `curve`."""
    axes = axes or plt.gca()
    # With many rounds, the dots would only make the line thicker.
    dot = "o" if len(curve) <= 50 else None
    for number, column in enumerate(curve.columns):
        channel, _, metric = column.partition("-")
        colour = _COLOURS[number % len(_COLOURS)]
        axes.plot(curve.index, curve[column], color=colour, marker=dot, markersize=3, label=channel)
        axes.set_ylabel(metric)
    axes.set_xlabel("boosting round")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title("Learning curve")
    axes.legend()
    axes.grid(alpha=0.3)
    return axes


def confusion(
    true: Sequence[Any], predicted: Sequence[Any], labels: Sequence[str], axes: Axes | None = None
) -> Axes:
    """Draws how often each class was predicted as each. `labels` names the classes 0, 1, …"""
    axes = axes or plt.gca()
    counts = confusion_matrix(true, predicted, labels=range(len(labels)))
    axes.imshow(counts, cmap="Blues")
    middle = counts.max() / 2
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > middle else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=14)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title("Confusion matrix")
    return axes


def true_against_predicted(
    true: Sequence[float], predicted: Sequence[float], what: str, axes: Axes | None = None
) -> Axes:
    """Draws a dot per row, and a line for exact predictions. `what` names the predicted number."""
    axes = axes or plt.gca()
    both = np.concatenate([np.asarray(true), np.asarray(predicted)])
    ends = [both.min(), both.max()]
    axes.plot(ends, ends, color=ORANGE, linewidth=1, label="predicted exactly")
    axes.scatter(true, predicted, color=BLUE, alpha=0.6, s=18)
    axes.set_aspect("equal")
    axes.set_xlabel(f"true {what}")
    axes.set_ylabel(f"predicted {what}")
    axes.set_title("True against predicted")
    axes.legend()
    axes.grid(alpha=0.3)
    return axes
