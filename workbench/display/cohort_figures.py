"""The figures of a cohort's report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from workbench.display.marks import Key, bare_axes, label_row, legend, legend_height, rows_of
from workbench.display.scales import score_range, score_text, tick_labels
from workbench.display.style import ACCENT, FAINT, INK, MUTED, OTHER
from workbench.display.svg import SIZE, Canvas, drawing, shorten_to, text_width, widest, wrap
from workbench.language import Locale, Noun
from workbench.study.views import CohortRow, NodeView

MOST_DOTS = 150
MOST_ROWS = 60
DOT = 6.5  # points from one dot to the next
# Light to dark in one hue: reads in grey print, and says nothing of good or bad by itself.
SEQUENTIAL = LinearSegmentedColormap.from_list("score", ["#F4F6F8", "#9DBAD3", "#1B4F7A"])
# A map of many rows is drawn so high, in inches, that it shares its page with what belongs to it.
MAP_HEIGHT = 6.0
MAP_STEPS = (0.145, 0.19)  # inches: the lowest and the highest row of a map


@drawing
def distribution(
    canvas: Canvas, node: NodeView, rows: list[CohortRow], median_label: str, noun: Noun
) -> Figure:
    """Return how the scores of all units are spread, with median and quartiles.

    Parameters
    ----------
    canvas : Canvas
    node : NodeView
        The headline; ``cohort`` is the median, ``low`` and ``high`` the quartiles.
    rows : list of CohortRow
    median_label : str
        Name of the median.
    noun : Noun
        What the units are called.
    """
    locale = noun.locale
    scores = np.array(
        [r.scores[node.code] for r in rows if r.scores[node.code] is not None], dtype=float
    )
    low, high = score_range(node, scores.tolist())
    keys: list[Key] = []
    if len(scores) <= MOST_DOTS:
        dot = {"marker": "o", "color": ACCENT, "markersize": 5.5, "linestyle": "none"}
        keys.append((dot, noun.text("One {noun}")))
    else:
        bar = {"marker": "s", "color": ACCENT, "markersize": 8, "linestyle": "none"}
        keys.append((bar, noun.titles))
    if node.low is not None and node.high is not None:
        box = {"marker": "s", "color": OTHER, "markersize": 8, "linestyle": "none"}
        keys.append((box, noun.text("Middle half of the {nouns}")))
    figure = canvas.figure(1.6 + legend_height(canvas, keys, 0.15))
    inches = canvas.width - 0.3
    axes = bare_axes(figure, (0.15, 0.3, inches, 1.05))
    axes.set(xlim=(low, high), yticks=[])
    axes.xaxis.set_major_formatter(tick_labels(node, locale))
    if len(scores) <= MOST_DOTS:
        _piled(axes, scores, (low, high), int(inches * 72 / DOT))
    else:
        sns.histplot(x=scores, binrange=(low, high), bins=50, color=ACCENT, edgecolor="white",
                     linewidth=0.3, ax=axes)  # fmt: skip
        axes.set(ylabel="", xlabel="", yticks=[])
    if node.low is not None and node.high is not None:
        axes.axvspan(node.low, node.high, color=OTHER, alpha=0.45, zorder=0)
    if node.cohort is not None:
        axes.axvline(node.cohort, color=INK, lw=1.4, zorder=1)
        left = (node.cohort - low) / (high - low) < (0.5 if canvas.narrow else 0.7)
        axes.annotate(
            f"{median_label} {score_text(node, node.cohort, locale)}", (node.cohort, 1),
            xycoords=("data", "axes fraction"), xytext=(4 if left else -4, 8),
            textcoords="offset points", ha="left" if left else "right", fontsize=SIZE,
            fontweight="semibold",
        )  # fmt: skip
    legend(canvas, figure, 1.55, keys, 0.15)
    return figure


def _piled(
    axes: Axes, scores: np.ndarray[tuple[int], np.dtype[np.float64]],
    ends: tuple[float, float], n: int,
) -> None:  # fmt: skip
    """Draw one dot a unit in ``n`` slots, piled up where they meet."""
    low, high = ends
    slots = np.round((scores - low) / (high - low) * n).astype(int)
    heights = pd.Series(slots).groupby(slots).cumcount().to_numpy() + 0.5
    axes.plot(low + slots * (high - low) / n, heights, "o", color=ACCENT, markersize=5.5,
              markeredgecolor="white", markeredgewidth=0.4, clip_on=False)  # fmt: skip
    axes.set_ylim(0, max(6.0, heights.max() + 1))


@drawing
def heat_map(
    canvas: Canvas, rows: list[CohortRow], nodes: list[NodeView], locale: Locale
) -> Figure:
    """Return scores of units by area as a heat map with its numbers; the best units first.

    Parameters
    ----------
    canvas : Canvas
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
    most, margin, slope = (1.15, 0.3, 60) if canvas.narrow else (2.2, 0.75, 38)
    left = min(most, widest([r.name for r in rows], SIZE - 0.5) + 0.15)
    heads = [wrap(n.title, 1.25, SIZE - 0.5, 1 if canvas.narrow else 2) for n in nodes]
    step = min(max(MAP_HEIGHT / len(rows), MAP_STEPS[0]), MAP_STEPS[1])
    top = 0.2 + widest([line for h in heads for line in h.split("\n")], SIZE - 0.5) * float(
        np.sin(np.radians(slope))
    ) + (0.12 if any("\n" in h for h in heads) else 0.0)  # fmt: skip
    figure = canvas.figure(top + step * len(rows) + 0.05)
    axes = bare_axes(figure, (left, top, canvas.width - left - margin, step * len(rows)))
    _cells(axes, table, nodes, locale)
    for index, row in enumerate(rows):
        axes.annotate(
            shorten_to(row.name, left - 0.12, SIZE - 0.5), (0, index + 0.5), xytext=(-5, 0),
            textcoords="offset points", ha="right", va="center", fontsize=SIZE - 0.5,
            annotation_clip=False,
        )  # fmt: skip
    for index, head in enumerate(heads):
        axes.text(
            index + 0.35, -0.04 / step, head, ha="left", va="bottom", fontsize=SIZE - 0.5,
            color=MUTED, rotation=slope, rotation_mode="anchor", linespacing=0.95,
        )  # fmt: skip
    return figure


def _cells(axes: Axes, table: pd.DataFrame, nodes: list[NodeView], locale: Locale) -> None:
    """Draw the cells of a heat map with their numbers."""
    values = table.to_numpy().ravel()
    low, high = score_range(nodes[0], values[~np.isnan(values)].tolist())
    decimals = 0 if nodes[0].unit == "percent" else nodes[0].decimals
    labels = table.map(lambda x: "" if np.isnan(x) else locale.number(x, decimals))
    sns.heatmap(
        table, ax=axes, cmap=SEQUENTIAL, vmin=low, vmax=high, cbar=False, linewidths=0.8,
        linecolor="white", annot=labels, fmt="", annot_kws={"fontsize": SIZE - 1.5},
        xticklabels=False, yticklabels=False,
    )  # fmt: skip
    axes.set(xlabel="", ylabel="")


@drawing
def groups(
    canvas: Canvas,
    entries: list[tuple[str, int, float | None, float | None, float | None]],
    node: NodeView,
    locale: Locale,
) -> Figure:
    """Return the median and middle half of each group of units.

    Parameters
    ----------
    canvas : Canvas
    entries : list of (title, n, lower quartile, median, upper quartile)
    node : NodeView
        Whose score it is.
    locale : Locale
    """
    titles = [f"{title} ({locale.integer(n)})" for title, n, *_ in entries]
    rows = rows_of(canvas, titles, bar=0.16, most=3.0)
    low, high = score_range(node, [x for e in entries for x in e[2:] if x is not None])
    figure = canvas.figure(rows.height + 0.3)
    inset = 0.08 if rows.above else 0.0
    inches = canvas.width - rows.left - inset - 0.6
    axes = bare_axes(figure, (rows.left + inset, 0.05, inches, rows.height))
    axes.set(xlim=(low, high), ylim=(len(entries), 0), yticks=[])
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(tick_labels(node, locale))
    for index, (_, _, lower, median, upper) in enumerate(entries):
        label_row(axes, rows, index)
        y, small = index + rows.middle, (high - low) * 0.06 / inches
        if median is None or lower is None or upper is None:
            axes.text(low + small, y, locale.text("too few"), ha="left", va="center",
                      fontsize=SIZE, color=MUTED)  # fmt: skip
            continue
        axes.barh([y], [upper - lower], left=[lower], height=rows.thick, color=OTHER,
                  edgecolor=FAINT)  # fmt: skip
        half = rows.thick / 2 + 0.03 / rows.step
        axes.plot([median, median], [y - half, y + half], color=ACCENT, lw=2.6,
                  solid_capstyle="butt")  # fmt: skip
        text = score_text(node, median, locale)
        axes.text(upper + small, y, text, ha="left", va="center", fontsize=SIZE,
                  fontweight="semibold", color=ACCENT if text_width(text) else INK)  # fmt: skip
    return figure
