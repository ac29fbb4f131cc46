"""Pictures of a tuning job: its progress, and how its result depends on each hyperparameter.

Each function takes the table that `tuner.analytics().dataframe()` of the SDK returns: one row per
training job, with `TrainingJobName`, `FinalObjectiveValue` and one column per hyperparameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from labhelpers.errors import BadData
from labhelpers.plots import BLUE, DASHES, GREEN, MARKERS, ORANGE

_COLOURS = (BLUE, ORANGE, GREEN)


def best_so_far(
    searches: Mapping[str, pd.DataFrame], metric: str, axes: Axes | None = None
) -> Axes:
    """Draws a dot per training job, and a line: the lowest value up to each of them.

    `searches` maps names for the legend to tables. Each search has a colour and a shape.
    """
    axes = axes or plt.gca()
    ends = {}
    words = []
    for number, (name, table) in enumerate(searches.items()):
        values = _finished(table)["FinalObjectiveValue"]
        colour = _COLOURS[number % len(_COLOURS)]
        marker, dash = MARKERS[number % len(MARKERS)], DASHES[number % len(DASHES)]
        axes.scatter(values.index, values, color=colour, alpha=0.5, s=20, marker=marker)
        axes.step(
            values.index, values.cummin(), where="post", color=colour, linestyle=dash, label=name
        )
        first, ends[name] = float(values.iloc[0]), float(values.min())
        words.append(f"{name}: from {first:.3g} in the first job to {ends[name]:.3g} at best")
    axes.set_xlabel("training job")
    axes.set_ylabel(metric)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    best = min(ends, key=ends.__getitem__)
    axes.set_title(
        f"{best} ends lowest, at {ends[best]:.3g}"
        if len(ends) > 1
        else f"The search comes down from {first:.3g} to {ends[best]:.3g}"
    )
    axes.set_label("A dot per job, and a line of the best so far. " + "; ".join(words))
    axes.legend()
    axes.grid(alpha=0.3)
    return axes


def each_against_objective(
    table: pd.DataFrame, hyperparameters: Sequence[str], metric: str
) -> Figure:
    """Draws the objective against the values of each hyperparameter, one small picture each.

    Later jobs are darker. The job with the lowest value has a ring.
    """
    finished = _finished(table)
    figure, several = plt.subplots(
        1, len(hyperparameters), figsize=(2.6 * len(hyperparameters), 2.8), sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    best = finished.nsmallest(1, "FinalObjectiveValue")
    for axes, name in zip(several[0], hyperparameters, strict=True):
        axes.scatter(
            finished[name], finished["FinalObjectiveValue"], c=finished.index, cmap="Blues",
            vmin=-len(finished) / 2, s=24, edgecolors="grey", linewidths=0.4,
        )  # fmt: skip
        axes.scatter(
            best[name], best["FinalObjectiveValue"],
            marker="o", s=110, facecolors="none", edgecolors=ORANGE, linewidths=1.8,
        )  # fmt: skip
        axes.set_xlabel(name)
        axes.grid(alpha=0.3)
    several[0][0].set_ylabel(metric)
    value = float(best["FinalObjectiveValue"].iloc[0])
    figure.suptitle(f"The best job (ring) has {value:.3g}; later jobs are darker", fontsize=11)
    settings = [f"{name} {float(best[name].iloc[0]):.3g}" for name in hyperparameters]
    several[0][0].set_label(
        f"{len(finished)} jobs by each hyperparameter. The best one's: " + ", ".join(settings)
    )
    return figure


def importance(
    table: pd.DataFrame, hyperparameters: Sequence[str], axes: Axes | None = None
) -> Axes:
    """Draws how much the objective depends on each hyperparameter, as shares of 1.

    A random forest learns the objective from the hyperparameters. A hyperparameter is important if
    the forest gets worse when its column is shuffled (Breiman, "Random Forests", 2001).
    """
    axes = axes or plt.gca()
    finished = _finished(table)
    features, values = (
        finished[list(hyperparameters)].astype(float),
        finished["FinalObjectiveValue"].astype(float),
    )
    forest = RandomForestRegressor(n_estimators=200, random_state=0).fit(features, values)
    worse = permutation_importance(forest, features, values, n_repeats=20, random_state=0)
    lost = np.clip(worse["importances_mean"], 0, None)
    shares = pd.Series(lost / (lost.sum() or 1), index=list(hyperparameters)).sort_values()
    axes.barh(shares.index, shares, color=BLUE)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the importance (of 1)")
    axes.set_title(f"{shares.index[-1]} mattered most: {shares.iloc[-1]:.0%} of the importance")
    axes.set_label(
        "Bars: " + ", ".join(f"{name} {share:.0%}" for name, share in shares[::-1].items())
    )
    axes.grid(alpha=0.3, axis="x")
    return axes


def _finished(table: pd.DataFrame) -> pd.DataFrame:
    """The jobs that have a result, numbered from 1 in the order of their start.

    Raises BadData if there is none.
    """
    ordered = table.sort_values("TrainingJobName").reset_index(drop=True)
    ordered.index += 1
    finished = ordered[ordered["FinalObjectiveValue"].notna()]
    if finished.empty:
        raise BadData("No training job of this search has a result to be shown")
    return finished
