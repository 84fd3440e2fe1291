"""Shares against the number of cases, between the limits of what chance gives (funnel)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from workbench.display.marks import Key, above, bare_axes, legend, legend_height
from workbench.display.style import ACCENT, INK, MUTED, PEER
from workbench.display.svg import SIZE, Canvas, drawing, widest, wrap
from workbench.language import Locale

HEIGHT = 3.2
# Beyond this ratio of the most to the fewest cases their axis is logarithmic.
WIDE = 30.0

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Funnel:
    """What a funnel shows.

    Parameters
    ----------
    cases, shares : array of float, shape (units,)
    far, outside : array of bool, shape (units,)
        Beyond the limits of 99.8 %, and beyond those of 95 % only.
    centre : float
    grid : array of float
        Numbers of cases at which the limits are given.
    limits : dict of str to (array, array)
        Lower and upper ones, ``95`` and ``998``.
    """

    cases: Numbers
    shares: Numbers
    far: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    centre: float
    grid: Numbers
    limits: dict[str, tuple[Numbers, Numbers]]


@drawing
def funnel(
    canvas: Canvas, data: Funnel, axis: str, write: Callable[[float], str], locale: Locale
) -> Figure:
    """Return each unit by its cases and its share, with the limits of chance.

    Parameters
    ----------
    canvas : Canvas
    data : Funnel
    axis : str
        What the share is of; stands above.
    write : callable
        Writes a share.
    locale : Locale
    """
    keys = _keys(data, locale)
    head = wrap(axis, canvas.width - 0.2, lines=3)
    top = 0.15 + 0.16 * len(head.splitlines())
    ends = _ends(data)
    left = 0.3 + widest([write(x) for x in ends])
    figure = canvas.figure(top + HEIGHT + 0.55 + legend_height(canvas, keys, 0.05))
    axes = bare_axes(figure, (left, top, canvas.width - left - 0.2, HEIGHT))
    above(figure, head)
    if data.cases.max() / data.cases.min() > WIDE:
        axes.set_xscale("log")
    _limits(axes, data)
    _dots(axes, data)
    axes.set_ylim(*ends)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: write(y)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: locale.integer(round(x))))
    if data.cases.max() / data.cases.min() <= WIDE:
        axes.xaxis.set_major_locator(MaxNLocator(4 if canvas.narrow else 7, integer=True))
    axes.minorticks_off()
    axes.set_xlabel(locale.text("Cases counted"), fontsize=SIZE)
    legend(canvas, figure, top + HEIGHT + 0.5, keys, 0.05)
    return figure


def _ends(data: Funnel) -> tuple[float, float]:
    """Return the ends of the axis of shares: all units, and limits as far as shares go."""
    low, high = data.limits["998"]
    at = data.grid >= np.quantile(data.cases, 0.1)
    bottom = min(data.shares.min(), low[at].min())
    up = max(data.shares.max(), high[at].max())
    room = 0.04 * max(up - bottom, 1e-9)
    return max(0.0, bottom - room), up + room


def _limits(axes: Axes, data: Funnel) -> None:
    """Draw the centre and the limits."""
    axes.axhline(data.centre, color=INK, lw=1.0)
    for name, style in (("95", (0, (4, 3))), ("998", "solid")):
        for line in data.limits[name]:
            axes.plot(data.grid, line, color=MUTED, lw=1.0, linestyle=style)


def _dots(axes: Axes, data: Funnel) -> None:
    """Draw the units: those within the limits pale, those far outside on top."""
    inside = ~(data.far | data.outside)
    size = 4.5 if len(data.cases) <= 300 else 2.5
    for some, colour, marker in (
        (inside, PEER, "o"),
        (data.outside, ACCENT, "o"),
        (data.far, ACCENT, "D"),
    ):
        axes.plot(data.cases[some], data.shares[some], marker, color=colour, markersize=size,
                  alpha=0.8, markeredgewidth=0, zorder=3)  # fmt: skip


def _keys(data: Funnel, locale: Locale) -> list[Key]:
    """Return what the marks mean."""

    def dot(colour: str, marker: str) -> dict[str, object]:
        return {"marker": marker, "color": colour, "markersize": 5, "linestyle": "none"}

    keys: list[Key] = [(dot(PEER, "o"), locale.text("as chance gives"))]
    if data.outside.any():
        keys.append((dot(ACCENT, "o"), locale.text("outside the limits of 95 %")))
    if data.far.any():
        keys.append((dot(ACCENT, "D"), locale.text("outside the limits of 99.8 %")))
    return keys
