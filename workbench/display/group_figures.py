"""Groups of units side by side: how each is spread, where its mean lies, how it went on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray
from scipy import stats as sp

from workbench.display.marks import Key, above, bare_axes, label_row, legend, legend_height, rows_of
from workbench.display.style import ACCENT, FAINT, INK, MUTED, OTHER, PEER
from workbench.display.svg import SIZE, Canvas, drawing, widest, wrap
from workbench.language import Locale

Write = Callable[[float], str]
Numbers = NDArray[np.float64]
MOST_DOTS = 60  # of one group; more are drawn as a box


@dataclass(frozen=True, slots=True)
class Group:
    """The values of a group.

    Parameters
    ----------
    title : str
    values : array of float, shape (units,)
    """

    title: str
    values: Numbers

    @property
    def mean(self) -> float:
        """Mean of the units."""
        return float(self.values.mean())

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the t interval of the mean, None for a single unit or equal ones."""
        n = len(self.values)
        if n < 2 or np.ptp(self.values) == 0:
            return None
        error = float(self.values.std(ddof=1)) / n**0.5
        reach = float(sp.t.ppf(0.5 + level / 2, n - 1)) * error
        return self.mean - reach, self.mean + reach


@drawing
def group_rows(
    canvas: Canvas, groups: Sequence[Group], axis: str, write: Write, locale: Locale
) -> Figure:
    """Return the units of each group in a row, with the mean and its interval.

    Parameters
    ----------
    canvas : Canvas
    groups : sequence of Group
        From above.
    axis : str
        What is measured, with its unit.
    write : callable
        Writes a number.
    locale : Locale
    """
    keys = _keys(groups, locale)
    titles = [f"{g.title} ({locale.integer(len(g.values))})" for g in groups]
    rows = rows_of(canvas, titles, bar=0.16 if len(groups) > 12 else 0.24, most=2.4)
    numbers = [write(g.mean) for g in groups]
    right = 0.15 + widest(numbers, SIZE + 0.5)
    figure = canvas.figure(rows.height + 0.6 + legend_height(canvas, keys, 0.05))
    inset = 0.08 if rows.above else 0.0
    axes = bare_axes(
        figure,
        (rows.left + inset, 0.05, canvas.width - rows.left - inset - right - 0.05, rows.height),
    )
    low, high = _ends(groups)
    axes.set(xlim=(low, high), ylim=(len(groups), 0), yticks=[])
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    for index, (group, text) in enumerate(zip(groups, numbers, strict=True)):
        label_row(axes, rows, index)
        _row(axes, group, index + rows.middle, rows.thick)
        axes.annotate(text, (1, index + rows.middle), xycoords=axes.get_yaxis_transform(),
                      xytext=(6, 0), textcoords="offset points", va="center",
                      fontsize=SIZE + 0.5, fontweight="semibold", color=INK)  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(4 if canvas.narrow else 7))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: locale.exact(round(x, 6))))
    axes.set_xlabel(wrap(axis, canvas.width - rows.left - right), fontsize=SIZE)
    legend(canvas, figure, rows.height + 0.5, keys, 0.05)
    return figure


def _keys(groups: Sequence[Group], locale: Locale) -> list[Key]:
    """Return what the marks mean."""
    keys: list[Key] = []
    if any(len(g.values) <= MOST_DOTS for g in groups):
        keys.append(({**_DOT, "alpha": 0.6}, locale.text("each one")))
    if any(len(g.values) > MOST_DOTS for g in groups):
        box = {"marker": "s", "color": OTHER, "markersize": 8, "linestyle": "none"}
        keys.append((box, locale.text("middle half; line: 90 of 100")))
    keys.append(({**_MEAN}, locale.text("mean, with its interval")))
    return keys


_DOT: dict[str, Any] = {"marker": "o", "color": PEER, "markersize": 4, "linestyle": "none"}
_MEAN: dict[str, Any] = {"marker": "D", "color": ACCENT, "markersize": 5.5, "linestyle": "none"}


def _row(axes: Axes, group: Group, y: float, thick: float) -> None:
    """Draw one group: dots or a box, then the mean with its interval."""
    if len(group.values) <= MOST_DOTS:
        # Spread over the row by their order, so that dots on one place can be told apart.
        n = len(group.values)
        shift = (np.arange(n) * 0.618 % 1 - 0.5) * thick * 0.8 if n > 1 else np.zeros(n)
        axes.plot(np.sort(group.values), y + shift, alpha=0.6, zorder=2, clip_on=False, **_DOT)
    else:
        ends = np.quantile(group.values, [0.05, 0.25, 0.75, 0.95])
        axes.plot(ends[[0, 3]], [y, y], color=MUTED, lw=0.9, zorder=2)
        axes.barh([y], [ends[2] - ends[1]], left=[ends[1]], height=thick, color=OTHER, zorder=3)
    interval = group.interval()
    if interval:
        axes.plot(interval, [y, y], color=ACCENT, lw=2.2, zorder=5, solid_capstyle="butt")
    axes.plot([group.mean], [y], zorder=6, markeredgecolor="white", markeredgewidth=0.6, **_MEAN)


def _ends(groups: Sequence[Group]) -> tuple[float, float]:
    """Return the axis of the values that are drawn, with a little room."""
    shown: list[float] = []
    for group in groups:
        many = len(group.values) > MOST_DOTS
        shown += np.quantile(group.values, [0.05, 0.95] if many else [0, 1]).tolist()
        shown += group.interval() or ()
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    room = (high - low) * 0.04 or 1.0
    return low - room, high + room


# -- paths over waves ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Walk:
    """The mean of a group in each wave, with its interval."""

    title: str
    means: tuple[float, ...]
    intervals: tuple[tuple[float, float] | None, ...]


@drawing
def walks(
    canvas: Canvas,
    some: Sequence[Walk],
    waves: Sequence[str],
    start: float | None,
    axis: str,
    write: Write,
    locale: Locale,
) -> Figure:
    """Return the means of groups wave by wave.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Walk
        Two, or few.
    waves : sequence of str
    start : float or None
        Where among the waves the programme began: 0.5 between the first and the second.
    axis : str
        What is measured, with its unit; stands above.
    write : callable
        Writes a number.
    locale : Locale
    """
    colours, markers = (ACCENT, MUTED, PEER), ("o", "s", "D")
    keys: list[Key] = [
        ({"marker": m, "color": c, "markersize": 6, "linestyle": "none"}, walk.title)
        for walk, c, m in zip(some, colours, markers, strict=False)
    ]
    if start is not None:
        line = {"marker": "|", "color": INK, "markersize": 10, "linestyle": "none"}
        keys.append((line, locale.text("start of the programme")))
    ends = [x for w in some for pair in w.intervals if pair for x in pair]
    ends += [x for w in some for x in w.means if x == x]
    room = (max(ends) - min(ends)) * 0.12 or 1.0
    left = 0.3 + widest([write(min(ends)), write(max(ends))])
    head = wrap(axis, canvas.width - 0.2, lines=3)
    top = 0.12 + 0.16 * len(head.splitlines())
    height = 2.4
    figure = canvas.figure(top + height + 0.35 + legend_height(canvas, keys, 0.05))
    above(figure, head)
    axes = bare_axes(figure, (left, top, canvas.width - left - 0.2, height))
    edge = -0.5 if start is None else min(-0.5, start - 0.1)
    axes.set(xlim=(edge, len(waves) - 0.5), ylim=(min(ends) - room, max(ends) + room))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    if start is not None:
        axes.axvline(start, color=INK, lw=1.0, ls=(0, (2, 2)), zorder=1)
    for walk, colour, marker, shift in zip(some, colours, markers, (-0.03, 0.03, 0), strict=False):
        _walk(axes, walk, colour, marker, shift)
    axes.set_xticks(range(len(waves)), [wrap(w, 1.2) for w in waves])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: locale.exact(round(x, 6))))
    axes.spines["bottom"].set_color(FAINT)
    legend(canvas, figure, top + height + 0.3, keys, 0.05)
    return figure


def _walk(axes: Axes, walk: Walk, colour: str, marker: str, shift: float) -> None:
    """Draw one group's means, joined, with their intervals."""
    xs = np.arange(len(walk.means)) + shift
    axes.plot(xs, walk.means, color=colour, lw=1.6, marker=marker, markersize=6, zorder=4)
    for x, pair in zip(xs, walk.intervals, strict=True):
        if pair:
            axes.plot([x, x], pair, color=colour, lw=2.0, alpha=0.6, zorder=3)
