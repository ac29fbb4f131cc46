"""Pictures of a training job's results.

Each function draws on the current figure, or on `axes`, and returns the axes. The title says what
the data show. `show_plot` says the rest in words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

# Colours that colour-blind readers can tell apart (Okabe and Ito); for others, shapes differ too.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
MARKERS, DASHES = ("o", "s", "^", "D"), ("-", "--", "-.", ":")
_COLOURS = (BLUE, ORANGE, GREEN)
# Characters in a line below a plot.
_WIDE = 100


def show_plot(words: str = "") -> None:
    """Shows the current figure, and below it in words what can be seen: titles, then `words`.

    The functions of this course that draw bring words of their own. JupyterLab gives a plot no
    alternative text, so these lines are what a screen reader reads. Pages made by nbconvert have
    them as alternative text, too.
    """
    figure = plt.gcf()
    said = [figure.get_suptitle()]
    for axes in figure.axes:
        # Nothing else uses the label of axes: those who draw leave their words there.
        said += [axes.get_title(), str(axes.get_label())]
    text = " ".join(each.rstrip(".") + "." for each in [*said, words] if each)
    display(figure, metadata={"image/png": {"alt": text}})  # type: ignore[no-untyped-call]
    print(textwrap.fill(f"In words: {text}", _WIDE, break_on_hyphens=False))
    # Else the notebook would show it once more at the end of the cell.
    plt.close(figure)


def ink_on(colour: Any) -> str:
    """Black or white, whichever is easier to read on a colour (by the contrast of WCAG 2)."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722]
    return "black" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "white"


def learning_curve(
    curve: pd.DataFrame, axes: Axes | None = None, unit: str = "", lowest: bool = False
) -> Axes:
    """Draws a metric by boosting round, a line per channel. training_curve returns the `curve`.

    `unit` is that of the metric. With `lowest`, the round in which the last channel has its lowest
    value is marked, and a small picture looks at it closely.
    """
    axes = axes or plt.gca()
    # With many rounds, the dots would only make the line thicker.
    dotted = len(curve) <= 50
    words = []
    for number, column in enumerate(curve.columns):
        channel, _, metric = column.partition("-")
        values = curve[column]
        axes.plot(
            curve.index, values, color=_COLOURS[number % len(_COLOURS)],
            linestyle=DASHES[number % len(DASHES)], label=channel,
            marker=MARKERS[number % len(MARKERS)] if dotted else None, markersize=4,
        )  # fmt: skip
        name = "RMSE" if metric == "rmse" else metric
        axes.set_ylabel(f"{name} ({unit})" if unit else name)
        words.append(f"{channel} goes from {values.iloc[0]:.3g} to {values.iloc[-1]:.3g}")
    axes.set_xlabel("boosting round")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    first, last = curve[curve.columns[0]], curve[curve.columns[-1]]
    apart = last.iloc[-1] - first.iloc[-1]
    others = f"{abs(apart):.3g} {'above' if apart > 0 else 'below'} {str(first.name).split('-')[0]}"
    axes.set_title(
        f"After {len(curve)} rounds, {channel} is "
        + (others if len(curve.columns) > 1 else f"at {last.iloc[-1]:.3g}")
    )
    if lowest:
        place = int(last.to_numpy().argmin())
        best = int(last.index[place])
        axes.set_title(
            f"{channel} still improves in the last round, {best}"
            if place == len(curve) - 1
            else f"{channel} stops improving at round {best}"
        )
        words.append(f"{channel} is lowest, {last.iloc[place]:.4g}, in round {best}")
        _look_closely(axes, last, _COLOURS[(len(curve.columns) - 1) % len(_COLOURS)])
    axes.set_label(f"A line per channel over {len(curve)} rounds: " + "; ".join(words))
    axes.legend()
    axes.grid(alpha=0.3)
    return axes


def _look_closely(axes: Axes, values: pd.Series[float], colour: str) -> None:
    """Marks the lowest value, and draws the values around it in a small picture of their own."""
    place = int(values.to_numpy().argmin())
    best, least = int(values.index[place]), float(values.iloc[place])
    near = values.iloc[place // 2 :]
    small = axes.inset_axes((0.42, 0.24, 0.55, 0.24))
    for each in (axes, small):
        each.plot(near.index, near, color=colour, linestyle="--")
        each.axvline(best, color="grey", linestyle=":")
        label = f"lowest: {least:.4g} in round {best}"
        each.plot([best], [least], "*", color="black", markersize=10, label=label)
    small.set_title("the same, closer", fontsize=9)
    small.tick_params(labelsize=8)
    small.grid(alpha=0.3)


def confusion(
    true: Sequence[Any], predicted: Sequence[Any], labels: Sequence[str], axes: Axes | None = None
) -> Axes:
    """Draws how often each class was predicted as each. `labels` names the classes 0, 1, …"""
    # Only here: it takes longer than all that other plots need.
    from sklearn.metrics import confusion_matrix

    axes = axes or plt.gca()
    counts = confusion_matrix(true, predicted, labels=range(len(labels)))
    squares = axes.imshow(counts, cmap="Blues")
    wrong = []
    for (row, column), count in np.ndenumerate(counts):
        colour = ink_on(squares.to_rgba(count))
        axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=14)
        if count and row != column:
            wrong.append(f"{count} {labels[row]} taken for {labels[column]}")
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(f"{counts.trace()} of {counts.sum()} are right")
    axes.set_label("A confusion matrix, true by predicted. Wrong: " + (", ".join(wrong) or "none"))
    return axes


def true_against_predicted(
    true: Sequence[float],
    predicted: Sequence[float],
    what: str,
    axes: Axes | None = None,
    unit: str = "",
) -> Axes:
    """Draws a dot per row, and a line for exact predictions.

    `what` names the predicted number, and `unit` is its unit.
    """
    axes = axes or plt.gca()
    both = np.concatenate([np.asarray(true), np.asarray(predicted)])
    ends = [both.min(), both.max()]
    axes.plot(ends, ends, color=ORANGE, linewidth=1, label="predicted exactly")
    axes.scatter(true, predicted, color=BLUE, alpha=0.6, s=18)
    axes.set_aspect("equal")
    axes.set_xlabel(f"true {what} ({unit})" if unit else f"true {what}")
    axes.set_ylabel(f"predicted {what} ({unit})" if unit else f"predicted {what}")
    off = np.abs(np.asarray(predicted) - np.asarray(true))
    worst = int(off.argmax())
    said = f" {unit}" if unit else ""
    axes.set_title(f"Half of the predictions are off by {np.median(off):.2g}{said} or less")
    axes.set_label(
        f"{len(off)} dots along the line of exact predictions, from {ends[0]:.3g} to {ends[1]:.3g}"
        f"{said}. The farthest has the true {what} {np.asarray(true)[worst]:.3g} and is predicted "
        f"as {np.asarray(predicted)[worst]:.3g}"
    )
    axes.legend()
    axes.grid(alpha=0.3)
    return axes
