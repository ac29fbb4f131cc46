"""Pictures of the calls to an endpoint: which variant answered how often, when, and how fast."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from labhelpers.plots import BLUE, GREEN, ORANGE

_COLOURS = (BLUE, GREEN, "#CC79A7", "#56B4E9")


def traffic_by_variant(counts: Mapping[str, Mapping[str, int]], axes: Axes | None = None) -> Axes:
    """Draws a bar per round of calls, divided by the variants that answered. The first is on top.

    `counts` maps the name of a round to its calls by variant.
    """
    axes = axes or plt.gca()
    variants = sorted({variant for count in counts.values() for variant in count})
    ends = np.zeros(len(counts))
    for number, variant in enumerate(variants):
        calls = np.array([count.get(variant, 0) for count in counts.values()])
        bars = axes.barh(
            list(counts), calls, left=ends, color=_COLOURS[number % len(_COLOURS)], label=variant
        )
        labels = [str(count) if count else "" for count in calls]
        axes.bar_label(bars, labels, label_type="center", color="white")
        ends += calls
    axes.invert_yaxis()
    axes.set_xlabel("calls")
    axes.set_title("Traffic by variant")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return axes


def calls_over_time(
    calls: pd.DataFrame, moments: Mapping[str, float], axes: Axes | None = None
) -> Axes:
    """Draws a dot per call: when it ended, how long it took, and by its colour who answered.

    `calls` is the table of a BackgroundClient. `moments` maps names to seconds, each drawn as a
    line. Failed calls are crosses; the title says how many there are.
    """
    axes = axes or plt.gca()
    answered = calls[calls["error"].isna()]
    failed = calls[calls["error"].notna()]
    for number, (variant, group) in enumerate(answered.groupby("variant", sort=False)):
        colour = _COLOURS[number % len(_COLOURS)]
        axes.scatter(group["seconds"], group["milliseconds"], color=colour, s=12, label=variant)
    if len(failed):
        axes.scatter(
            failed["seconds"], failed["milliseconds"], color=ORANGE, marker="x", label="failed"
        )
    for style, (name, second) in zip(("--", ":", "-.", "-"), moments.items(), strict=False):
        axes.axvline(second, color="grey", linestyle=style, label=name)
    axes.set_yscale("log")
    # The calls often span less than a power of ten, which would leave a single tick.
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("seconds")
    axes.set_ylabel("milliseconds for the answer")
    axes.set_title(f"{len(calls)} calls, {len(failed)} failed")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    axes.grid(alpha=0.3)
    return axes
