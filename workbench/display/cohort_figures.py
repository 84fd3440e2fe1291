"""The figures of a cohort's report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter

from workbench.display.figures import score_range, score_text
from workbench.display.marks import bare_axes, legend_row
from workbench.display.style import ACCENT, FAINT, INK, MUTED, OTHER
from workbench.display.svg import (
    SIZE,
    WIDTH,
    drawing,
    new_figure,
    shorten_to,
    text_width,
    to_svg,
    widest,
    wrap,
)
from workbench.language import Locale
from workbench.study.views import CohortRow, NodeView

MOST_DOTS = 150
MOST_ROWS = 60
# Light to dark in one hue: reads in grey print, and says nothing of good or bad by itself.
SEQUENTIAL = LinearSegmentedColormap.from_list("score", ["#F4F6F8", "#9DBAD3", "#1B4F7A"])


@drawing
def distribution(node: NodeView, rows: list[CohortRow], median_label: str, locale: Locale) -> str:
    """Return how the scores of all units are spread, with median and quartiles.

    Parameters
    ----------
    node : NodeView
        The headline; ``cohort`` is the median, ``low`` and ``high`` the quartiles.
    rows : list of CohortRow
    median_label : str
        Name of the median.
    locale : Locale
    """
    scores = np.array(
        [r.scores[node.code] for r in rows if r.scores[node.code] is not None], dtype=float
    )
    low, high = score_range(node, scores.tolist())
    figure = new_figure(1.75)
    axes = bare_axes(figure, (0.15, 0.3, WIDTH - 0.3, 1.05))
    axes.set(xlim=(low, high), yticks=[])
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: score_text(node.model_copy(update={"decimals": 0}), x, locale))
    )
    if len(scores) <= MOST_DOTS:
        slots = np.round((scores - low) / (high - low) * 70).astype(int)
        heights = pd.Series(slots).groupby(slots).cumcount().to_numpy() + 0.5
        axes.plot(low + slots * (high - low) / 70, heights, "o", color=ACCENT, markersize=5.5,
                  markeredgecolor="white", markeredgewidth=0.4, clip_on=False)  # fmt: skip
        axes.set_ylim(0, max(6.0, heights.max() + 1))
    else:
        sns.histplot(
            x=scores,
            binrange=(low, high),
            bins=50,
            color=ACCENT,
            edgecolor="white",
            linewidth=0.3,
            ax=axes,
        )
        axes.set(ylabel="", xlabel="", yticks=[])
    if node.low is not None and node.high is not None:
        axes.axvspan(node.low, node.high, color=OTHER, alpha=0.45, zorder=0)
    if node.cohort is not None:
        axes.axvline(node.cohort, color=INK, lw=1.4, zorder=1)
        text = f"{median_label} {score_text(node, node.cohort, locale)}"
        share = (node.cohort - low) / (high - low)
        axes.annotate(
            text,
            (node.cohort, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4 if share < 0.7 else -4, 8),
            textcoords="offset points",
            ha="left" if share < 0.7 else "right",
            fontsize=SIZE,
            fontweight="semibold",
        )
    entries = [
        (
            {"marker": "s", "color": OTHER, "markersize": 8, "linestyle": "none"},
            locale.text("Middle half of the municipalities"),
        ),
    ]
    legend_row(figure, 1.64, entries, 0.15)
    return to_svg(figure)


@drawing
def heat_map(rows: list[CohortRow], nodes: list[NodeView], locale: Locale) -> str:
    """Return scores of units by area as a heat map with its numbers; the best units first.

    Parameters
    ----------
    rows : list of CohortRow
        At most ``MOST_ROWS`` are drawn.
    nodes : list of NodeView
        Areas, as columns.
    locale : Locale
    """
    rows = rows[:MOST_ROWS]
    table = pd.DataFrame(
        [[r.scores[n.code] for n in nodes] for r in rows],
        columns=[n.code for n in nodes],
        dtype=float,
    )
    left = min(2.2, widest([r.name for r in rows]) + 0.15)
    names = [shorten_to(r.name, left - 0.12) for r in rows]
    heads = [wrap(n.title, 1.25, SIZE - 0.5) for n in nodes]
    step, top = 0.19, 0.95
    figure = new_figure(top + step * len(rows) + 0.1)
    axes = bare_axes(figure, (left, top, WIDTH - left - 0.75, step * len(rows)))
    low, high = score_range(
        nodes[0], table.to_numpy().ravel()[~np.isnan(table.to_numpy().ravel())].tolist()
    )
    whole = nodes[0].unit == "percent"
    labels = table.map(
        lambda x: "" if np.isnan(x) else locale.number(x, 0 if whole else nodes[0].decimals)
    )
    sns.heatmap(
        table, ax=axes, cmap=SEQUENTIAL, vmin=low, vmax=high, cbar=False, linewidths=0.8,
        linecolor="white", annot=labels, fmt="", annot_kws={"fontsize": SIZE - 1.5},
        xticklabels=False, yticklabels=False,
    )  # fmt: skip
    axes.set(xlabel="", ylabel="")
    for index, name in enumerate(names):
        axes.text(-0.08, index + 0.5, name, ha="right", va="center", fontsize=SIZE - 0.5)
    for index, head in enumerate(heads):
        axes.text(
            index + 0.35,
            -0.25,
            head,
            ha="left",
            va="bottom",
            fontsize=SIZE - 0.5,
            color=MUTED,
            rotation=38,
            rotation_mode="anchor",
            linespacing=0.95,
        )
    return to_svg(figure)


@drawing
def groups(
    entries: list[tuple[str, int, float | None, float | None, float | None]],
    node: NodeView,
    locale: Locale,
) -> str:
    """Return the median and middle half of each group of units.

    Parameters
    ----------
    entries : list of (title, n, lower quartile, median, upper quartile)
    node : NodeView
        Whose score it is.
    locale : Locale
    """
    labels = [f"{title} ({locale.integer(n)})" for title, n, *_ in entries]
    left = min(3.0, widest(labels) + 0.15)
    values = [x for e in entries for x in e[2:] if x is not None]
    low, high = score_range(node, values)
    step = 0.34
    figure = new_figure(step * len(entries) + 0.4)
    axes = bare_axes(figure, (left, 0.05, WIDTH - left - 0.6, step * len(entries)))
    axes.set(xlim=(low, high), ylim=(len(entries), 0), yticks=[])
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: score_text(node.model_copy(update={"decimals": 0}), x, locale))
    )
    span = high - low
    for index, (label, entry) in enumerate(zip(labels, entries, strict=True)):
        y, (_, _, lower, median, upper) = index + 0.5, entry
        axes.text(
            low - span * 0.02,
            y,
            wrap(label, left - 0.12),
            ha="right",
            va="center",
            fontsize=SIZE,
            linespacing=1.0,
        )
        if median is None or lower is None or upper is None:
            text = locale.text("too few")
            axes.text(
                low + span * 0.01, y, text, ha="left", va="center", fontsize=SIZE, color=MUTED
            )
            continue
        axes.barh([y], [upper - lower], left=[lower], height=0.42, color=OTHER, edgecolor=FAINT)
        axes.plot([median, median], [y - 0.3, y + 0.3], color=ACCENT, lw=2.6, solid_capstyle="butt")
        text = score_text(node, median, locale)
        axes.text(
            upper + span * 0.015,
            y,
            text,
            ha="left",
            va="center",
            fontsize=SIZE,
            fontweight="semibold",
            color=ACCENT if text_width(text) else INK,
        )
    return to_svg(figure)
