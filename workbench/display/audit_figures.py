"""The figures of an audit: distributions, correlations, weights against importance, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from workbench.display.marks import (
    Key,
    Rows,
    bare_axes,
    label_row,
    legend,
    legend_height,
    rows_of,
)
from workbench.display.style import ACCENT, FAINT, INK, MUTED, PEER, TONES
from workbench.display.svg import SIZE, Canvas, drawing, shorten_to, widest
from workbench.language import Locale

Numbers = NDArray[np.float64]
# From against each other to together; the middle is the page, so that what is strong stands out.
CORRELATIONS = LinearSegmentedColormap.from_list(
    "correlations", [TONES["red"], "#FFFFFF", TONES["blue"]]
)
# Cells smaller than this hold no number that can be read.
LEAST_CELL = 0.27


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of an indicator on its own range, from 0 to 1."""

    title: str
    quartiles: tuple[float, float, float]
    outliers: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """The weight of a part and how much it counts, from 0 to 1."""

    title: str
    weight: float
    counts: float
    against: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with the interval of its end, where there is one, and a part of it that is darker."""

    title: str
    value: float
    inner: float | None = None
    low: float | None = None
    high: float | None = None


@drawing
def spreads(canvas: Canvas, some: Sequence[Spread], locale: Locale) -> Figure:
    """Return the quartiles of each indicator between its lowest and its highest value.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Spread
    locale : Locale
    """
    rows = rows_of(canvas, [s.title for s in some], bar=0.09, most=2.6)
    keys: list[Key] = [
        ({"marker": "_", "color": PEER, "markersize": 10, "markeredgewidth": 4,
          "linestyle": "none"}, locale.text("Middle half of the units")),
        ({"marker": "o", "color": ACCENT, "markersize": 5, "linestyle": "none"},
         locale.text("Median")),
    ]  # fmt: skip
    if any(s.outliers for s in some):
        keys.append(({"marker": "D", "color": TONES["orange"], "markersize": 5,
                      "linestyle": "none"}, locale.text("Median, with outliers")))  # fmt: skip
    figure, axes = _beside_titles(canvas, rows, keys, foot=0.42, right=0.25)
    axes.set(xlim=(0, 1), ylim=(len(some), 0), yticks=[], xticks=[0, 1])
    axes.set_xticklabels([])
    for x, word, side in ((0, locale.text("lowest"), "left"), (1, locale.text("highest"), "right")):
        axes.annotate(
            word,
            (x, 0),
            xycoords="axes fraction",
            xytext=(0, -12),
            textcoords="offset points",
            ha=side,
            fontsize=SIZE - 0.5,
            color=MUTED,
        )
    for index, entry in enumerate(some):
        label_row(axes, rows, index)
        y = index + rows.middle
        low, middle, high = entry.quartiles
        axes.plot([0, 1], [y, y], color=FAINT, lw=1.0, zorder=1)
        axes.plot([low, high], [y, y], color=PEER, lw=4.0, solid_capstyle="butt", zorder=2)
        colour, marker = (TONES["orange"], "D") if entry.outliers else (ACCENT, "o")
        axes.plot([middle], [y], marker, color=colour, markersize=5, zorder=3, clip_on=False)
    return figure


@drawing
def correlation_map(
    canvas: Canvas,
    titles: Sequence[str],
    matrix: Numbers,
    breaks: Sequence[int],
    locale: Locale,
) -> Figure:
    """Return correlations as a map: blue together, red against each other, white neither.

    Parameters
    ----------
    canvas : Canvas
    titles : sequence of str
    matrix : array of float, shape (titles, titles)
        Missing where there is none.
    breaks : sequence of int
        Where a group begins, for the lines between groups.
    locale : Locale
    """
    n = len(titles)
    most = 1.0 if canvas.narrow else 2.3
    labels = [shorten_to(title, most) for title in titles]
    left = widest(labels) + 0.35
    side = canvas.width - left - 0.1
    cell = side / n
    foot = 0.42
    figure = canvas.figure(side + foot + 0.2)
    axes = bare_axes(figure, (left, 0.2, side, side))
    axes.imshow(matrix, cmap=CORRELATIONS, vmin=-1, vmax=1, aspect="auto", interpolation="none")
    size = min(SIZE, cell * 72 * 0.75)
    step = max(1, int(np.ceil(0.115 / cell)))
    for i in range(0, n, step):
        axes.text(-0.5 - 0.30 / cell, i, labels[i], ha="right", va="center",
                  fontsize=max(5.5, size), color=INK)  # fmt: skip
        for x, y in ((-0.5 - 0.15 / cell, i), (i, -0.5 - 0.09 / cell)):
            axes.text(x, y, locale.integer(i + 1), ha="center", va="center",
                      fontsize=max(5.0, size - 1.5), color=MUTED)  # fmt: skip
    if cell >= LEAST_CELL:
        for i in range(n):
            for j in range(n):
                if np.isfinite(matrix[i, j]) and i != j:
                    text = locale.number(float(matrix[i, j]), 1 if cell < 0.4 else 2)
                    ink = "white" if abs(matrix[i, j]) > 0.6 else INK
                    axes.text(j, i, text, ha="center", va="center", fontsize=size - 1.5, color=ink)
    for at in breaks:
        for line in (axes.axhline, axes.axvline):
            line(at - 0.5, color=INK, lw=0.7)
    axes.set(xticks=[], yticks=[])
    axes.spines["bottom"].set_visible(False)
    _colour_scale(canvas, figure, side + 0.2, locale)
    return figure


def _colour_scale(canvas: Canvas, figure: Figure, top: float, locale: Locale) -> None:
    """Draw what the colours of a map of correlations mean."""
    words = [locale.text("against each other"), locale.text("together")]
    left, right = widest(words[:1]) + 0.15, widest(words[1:]) + 0.15
    bar = min(1.8, canvas.width - left - right - 0.2)
    axes = bare_axes(figure, (left, top + 0.16, bar, 0.1))
    axes.imshow(np.linspace(-1, 1, 41)[None, :], cmap=CORRELATIONS, aspect="auto")
    axes.set(xticks=[], yticks=[])
    axes.spines["bottom"].set_visible(False)
    for x, text, side in ((-0.02, f"{words[0]} −1", "right"), (1.02, f"1 {words[1]}", "left")):
        axes.text(x, 0.5, text, transform=axes.transAxes, ha=side, va="center", fontsize=SIZE - 0.5)


@drawing
def weights_and_counts(canvas: Canvas, some: Sequence[Share], locale: Locale) -> Figure:
    """Return the weight of each part beside how much it counts in fact.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Share
    locale : Locale
    """
    rows = rows_of(canvas, [s.title for s in some], bar=0.1, most=2.6)
    keys: list[Key] = [
        ({"marker": "|", "color": INK, "markersize": 9, "markeredgewidth": 2,
          "linestyle": "none"}, locale.text("Weight")),
        ({"marker": "o", "color": ACCENT, "markersize": 5.5, "linestyle": "none"},
         locale.text("Counts in fact")),
    ]  # fmt: skip
    if any(s.against for s in some):
        keys.append(({"marker": "v", "color": TONES["red"], "markersize": 6,
                      "linestyle": "none"}, locale.text("Goes against its group")))  # fmt: skip
    figure, axes = _beside_titles(canvas, rows, keys, foot=0.42, right=0.3)
    most = max(max(s.weight, s.counts) for s in some)
    axes.set(xlim=(0, min(1.0, most * 1.05)), ylim=(len(some), 0), yticks=[])
    _percent_axis(axes.xaxis, locale)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    for index, entry in enumerate(some):
        label_row(axes, rows, index)
        y = index + rows.middle
        axes.plot([entry.weight, entry.counts], [y, y], color=PEER, lw=2.0, zorder=2)
        axes.plot([entry.weight], [y], "|", color=INK, markersize=9, markeredgewidth=2, zorder=3)
        colour, marker = (TONES["red"], "v") if entry.against else (ACCENT, "o")
        axes.plot([entry.counts], [y], marker, color=colour, markersize=5.5, zorder=4,
                  clip_on=False)  # fmt: skip
    return figure


@drawing
def bars(
    canvas: Canvas,
    some: Sequence[Bar],
    locale: Locale,
    *,
    axis: str,
    percent: bool = False,
    words: tuple[str, str] = ("", ""),
) -> Figure:
    """Return bars from 0, with intervals and a darker part where they have them.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Bar
    locale : Locale
    axis : str
        What is counted.
    percent : bool
        Whether numbers are shares.
    words : (str, str)
        What the darker part and the whole bar are; empty for no legend.
    """
    rows = rows_of(canvas, [s.title for s in some], bar=0.13, most=2.6)
    keys: list[Key] = []
    if words[0]:
        square = {"marker": "s", "markersize": 6, "linestyle": "none"}
        keys = [({**square, "color": ACCENT}, words[0]), ({**square, "color": PEER}, words[1])]
    figure, axes = _beside_titles(canvas, rows, keys, foot=0.55, right=0.3)
    most = max((s.high if s.high is not None else s.value) for s in some)
    axes.set(xlim=(0, max(most * 1.05, 1e-9)), ylim=(len(some), 0), yticks=[])
    if percent:
        _percent_axis(axes.xaxis, locale)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
        ticks = axes.xaxis.get_majorticklocs()
        # As few as tell the ticks apart, and leave each what it is.
        decimals = next((d for d in range(3) if np.allclose(ticks, np.round(ticks, d))), 3)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: locale.number(x, decimals)))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel(axis, fontsize=SIZE)
    for index, entry in enumerate(some):
        label_row(axes, rows, index)
        y = index + rows.middle
        axes.barh(y, entry.value, height=rows.thick, color=PEER if words[0] else ACCENT, zorder=2)
        if entry.inner is not None:
            axes.barh(y, max(0.0, entry.inner), height=rows.thick, color=ACCENT, zorder=3)
        if entry.low is not None and entry.high is not None:
            axes.plot([max(0.0, entry.low), entry.high], [y, y], color=INK, lw=1.2, zorder=4)
    return figure


def _beside_titles(
    canvas: Canvas, rows: Rows, keys: Sequence[Key], *, foot: float, right: float
) -> tuple[Figure, Axes]:
    """Return a figure of rows with its legend, and the axes beside the titles."""
    figure = canvas.figure(rows.height + foot + legend_height(canvas, keys, 0.05))
    legend(canvas, figure, rows.height + foot, keys, 0.05)
    inset = 0.08 if rows.above else 0.0
    width = canvas.width - rows.left - inset - right
    return figure, bare_axes(figure, (rows.left + inset, 0.05, width, rows.height))


def _percent_axis(axis: object, locale: Locale) -> None:
    """Write shares as percentages on an axis."""
    axis.set_major_locator(MaxNLocator(5))  # type: ignore[attr-defined]
    axis.set_major_formatter(  # type: ignore[attr-defined]
        FuncFormatter(lambda x, _: locale.percent(100 * x, 0))
    )
