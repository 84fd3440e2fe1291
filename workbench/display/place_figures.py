"""Places of a ranking with their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from workbench.display.marks import bare_axes, label_row, rows_of
from workbench.display.style import ACCENT, INK, PEER
from workbench.display.svg import SIZE, Canvas, drawing, widest
from workbench.language import Locale

HEIGHT = 3.4


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a unit, and the best and worst that it could have."""

    title: str
    place: int
    low: int
    high: int


@drawing
def places(
    canvas: Canvas, some: Sequence[Place], locale: Locale, *, ends: tuple[int, int] | None = None
) -> Figure:
    """Return the place of each unit in a row, with its range.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Place
        From above.
    locale : Locale
    ends : (int, int), optional
        First and last place of the axis; from 1 to the number of units if left out.
    """
    first, last = ends or (1, len(some))
    rows = rows_of(canvas, [p.title for p in some], bar=0.1, most=2.2)
    figure = canvas.figure(rows.height + 0.5)
    inset = 0.08 if rows.above else 0.0
    axes = bare_axes(
        figure, (rows.left + inset, 0.05, canvas.width - rows.left - inset - 0.2, rows.height)
    )
    axes.set(xlim=(first - 0.5, last + 0.5), ylim=(len(some), 0), yticks=[])
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    for index, entry in enumerate(some):
        label_row(axes, rows, index)
        y = index + rows.middle
        axes.plot([entry.low, entry.high], [y, y], color=PEER, lw=3.0, solid_capstyle="round")
        axes.plot([entry.place], [y], "o", color=ACCENT, markersize=5.5, zorder=4)
    _place_axis(axes.xaxis, first, last, locale)
    axes.set_xlabel(locale.text("Place"), fontsize=SIZE)
    return figure


@drawing
def places_of_many(canvas: Canvas, some: Sequence[Place], locale: Locale) -> Figure:
    """Return the ranges of so many units that rows can't be told apart: a band along the places.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Place
        In the order of their places.
    locale : Locale
    """
    n = len(some)
    left = 0.4 + widest([locale.integer(n)])
    figure = canvas.figure(HEIGHT + 0.6)
    axes = bare_axes(figure, (left, 0.1, canvas.width - left - 0.2, HEIGHT))
    at = np.arange(1, n + 1)
    axes.fill_between(at, [p.low for p in some], [p.high for p in some], color=PEER, alpha=0.6,
                      linewidth=0, step="mid")  # fmt: skip
    axes.plot(at, [p.place for p in some], color=ACCENT, lw=1.6)
    axes.set(xlim=(1, n), ylim=(n, 1))
    for axis in (axes.xaxis, axes.yaxis):
        _place_axis(axis, 1, n, locale)
    axes.set_xlabel(locale.text("Place by score"), fontsize=SIZE)
    axes.set_ylabel(locale.text("Places that could be"), fontsize=SIZE, color=INK)
    return figure


def _place_axis(axis: object, first: int, last: int, locale: Locale) -> None:
    """Write places from the first on an axis."""
    wanted = MaxNLocator(6, integer=True).tick_values(first, last)
    ticks = [t for t in wanted if first < t <= last]
    axis.set_ticks([first, *ticks])  # type: ignore[attr-defined]
    axis.set_major_formatter(  # type: ignore[attr-defined]
        FuncFormatter(lambda x, _: locale.integer(int(x)))
    )
