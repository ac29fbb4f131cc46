"""Pictures of the calls to an endpoint: which variant answered how often, when, and how fast."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from labhelpers.plots import BLUE, GREEN, MARKERS, ORANGE, ink_on

_COLOURS = (BLUE, GREEN, "#CC79A7", "#56B4E9")
_HATCHES = ("", "//", "..", "xx")


def traffic_by_variant(counts: Mapping[str, Mapping[str, int]], axes: Axes | None = None) -> Axes:
    """Draws a bar per round of calls, divided by the variants that answered. The first is on top.

    `counts` maps the name of a round to its calls by variant.
    """
    axes = axes or plt.gca()
    variants = sorted({variant for count in counts.values() for variant in count})
    ends = np.zeros(len(counts))
    for number, variant in enumerate(variants):
        calls = np.array([count.get(variant, 0) for count in counts.values()])
        colour = _COLOURS[number % len(_COLOURS)]
        bars = axes.barh(
            list(counts), calls, left=ends, color=colour, label=variant,
            hatch=_HATCHES[number % len(_HATCHES)], edgecolor=ink_on(colour), linewidth=0,
        )  # fmt: skip
        labels = [str(count) if count else "" for count in calls]
        # The box keeps the hatches away from the figures.
        for text in axes.bar_label(bars, labels, label_type="center", color=ink_on(colour)):
            text.set_bbox({"facecolor": colour, "edgecolor": "none", "pad": 1.5})
        ends += calls
    axes.invert_yaxis()
    axes.set_xlabel("calls")
    axes.set_title(_message(counts, variants))
    words = [
        f"{name}: " + ", ".join(f"{variant} {count.get(variant, 0)}" for variant in variants)
        for name, count in counts.items()
    ]
    axes.set_label("Bars of calls, divided by variant. " + "; ".join(words))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return axes


def _message(counts: Mapping[str, Mapping[str, int]], variants: list[str]) -> str:
    """What the bars show: how the last variant's share of the calls changes."""
    last = variants[-1]
    shares = [count.get(last, 0) / (sum(count.values()) or 1) for count in counts.values()]
    if len(shares) == 1:
        return f"{last} answered {shares[0]:.0%} of the calls"
    return f"{last}'s share of the calls: {', then '.join(f'{share:.0%}' for share in shares)}"


def calls_over_time(
    calls: pd.DataFrame, moments: Mapping[str, float], axes: Axes | None = None
) -> Axes:
    """Draws a dot per call: when it ended, how long it took, and by its shape who answered.

    `calls` is the table of a BackgroundClient. `moments` maps names to seconds, each drawn as a
    line. Failed calls are crosses; the title says how many there are.
    """
    axes = axes or plt.gca()
    answered = calls[calls["error"].isna()]
    failed = calls[calls["error"].notna()]
    words = []
    for number, (variant, group) in enumerate(answered.groupby("variant", sort=False)):
        colour = _COLOURS[number % len(_COLOURS)]
        axes.scatter(
            group["seconds"], group["milliseconds"], color=colour, s=14, label=variant,
            marker=MARKERS[number % len(MARKERS)],
        )  # fmt: skip
        words.append(
            f"{variant} answered {len(group)} calls, from second {group['seconds'].min():.1f} to "
            f"{group['seconds'].max():.1f}, half of them within "
            f"{group['milliseconds'].median():.0f} milliseconds"
        )
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
    axes.set_xlabel("time (seconds)")
    axes.set_ylabel("time for the answer (milliseconds)")
    axes.set_title(f"{len(calls)} calls, {len(failed)} failed")
    words += [f"{name} at second {second:.1f}" for name, second in moments.items()]
    axes.set_label("A dot per call over time. " + "; ".join(words))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    axes.grid(alpha=0.3)
    return axes
