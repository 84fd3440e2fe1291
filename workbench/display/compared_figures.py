"""The figures of comparisons: slopes, estimates with intervals, and paths around a start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from workbench.display.marks import (
    Key,
    above,
    bare_axes,
    label_row,
    legend,
    legend_height,
    rows_of,
)
from workbench.display.style import ACCENT, FAINT, INK, MUTED, TONES
from workbench.display.svg import SIZE, Canvas, drawing, shorten_to, text_width, widest, wrap
from workbench.language import Locale

Numbers = NDArray[np.float64]
Write = Callable[[float], str]
BANDS = 10  # of a slope chart of many units
WIDEST_LINE = 7.0  # points, of the most frequent slope where units move together
STEADY = 1e-9  # a change up to this is none


@dataclass(frozen=True, slots=True)
class Slope:
    """A result then and now, of one unit or of ``n`` that moved alike; *still*: by little.

    With a title it is named at its end.
    """

    before: float
    after: float
    n: int = 1
    still: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its interval; ends that are not finite are drawn to the edge."""

    title: str
    value: float
    low: float
    high: float
    after: bool = True


def _line(colour: str, **style: Any) -> dict[str, Any]:
    """Return the style of a short line of a legend."""
    return {"marker": "_", "color": colour, "markersize": 10, "markeredgewidth": 2.2,
            "linestyle": "none", **style}  # fmt: skip


def _colour(slope: Slope, better: int) -> str:
    """Return the colour of a slope: by whether it went the better way."""
    moved = slope.after - slope.before
    if slope.still or abs(moved) <= STEADY:
        return MUTED
    return ACCENT if moved * better > 0 else TONES["red"]


# -- slopes ----------------------------------------------------------------------------------------


@drawing
def slopes(
    canvas: Canvas,
    some: Sequence[Slope],
    middle: tuple[str, Slope, str, str],
    waves: tuple[str, str],
    axis: str,
    locale: Locale,
    *,
    better: int = 1,
) -> Figure:
    """Return each unit's result then and now, joined by a line.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Slope
        A line is as wide as the number of units that moved alike.
    middle : (str, Slope, str, str)
        Name and ends of the mean or median, drawn above all, and its numbers as written.
    waves : (str, str)
        Titles of the two waves.
    axis : str
        What is measured, with its unit; stands above.
    locale : Locale
    better : {1, -1}
        -1 where less is better.
    """
    keys = _slope_keys(some, better, locale)
    named = any(s.title for s in some)
    name = middle[0]
    if named:
        name = locale.text("{name}: {before}, then {after}", name=name, before=middle[2],
                           after=middle[3])  # fmt: skip
    keys.append((_line(INK, markeredgewidth=3.6), name))
    left, room = 0.15 + 0.5, 0.25 + widest(middle[2:], SIZE + 0.5)
    head = wrap(axis, canvas.width - 0.2, lines=3)
    top = 0.1 + 0.16 * len(head.splitlines())
    height = 3.0
    figure = canvas.figure(top + height + 0.4 + legend_height(canvas, keys, 0.05))
    right = min(widest(s.title for s in some) + 0.15, 1.5) if named else room
    width = min(canvas.width - left - room - right, 4.6)
    axes = bare_axes(figure, (left + room, top, width, height))
    above(figure, head)
    most = max((s.n for s in some), default=1)
    for slope in sorted(some, key=lambda s: s.n):
        weight = 1.1 if most == 1 else 0.25 + (WIDEST_LINE - 0.25) * slope.n / most
        style: dict[str, Any] = {"marker": "o", "markersize": 3} if most == 1 else {}
        axes.plot([0, 1], [slope.before, slope.after], color=_colour(slope, better), lw=weight,
                  alpha=0.55, solid_capstyle="round", **style)  # fmt: skip
    _middle(axes, middle, numbers=not named)
    if named:
        _name_ends(axes, some, height, right - 0.12)
    axes.set(xlim=(0, 1), xticks=[0, 1])
    axes.set_xticklabels([wrap(w, 1.6) for w in waves], fontsize=SIZE + 0.5, color=INK)
    axes.margins(y=0.06)
    _slope_ticks(axes, room, locale)
    for x in (0, 1):
        axes.axvline(x, color=FAINT, lw=0.8, zorder=0)
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    legend(canvas, figure, top + height + 0.25, keys, 0.05)
    return figure


def _slope_keys(some: Sequence[Slope], better: int, locale: Locale) -> list[Key]:
    """Return what the colours of slopes mean."""
    rose, fell = locale.text("rose"), locale.text("fell")
    if better < 0:
        rose, fell = locale.text("rose, which is worse"), locale.text("fell, which is better")
    bundled = any(s.still for s in some)
    same = locale.text("changed little") if bundled else locale.text("did not change")
    ways = ((ACCENT, rose), (TONES["red"], fell)) if better > 0 else (
        (ACCENT, fell), (TONES["red"], rose))  # fmt: skip
    used = {_colour(s, better) for s in some}
    return [(_line(colour), text) for colour, text in (*ways, (MUTED, same)) if colour in used]


def _name_ends(axes: Axes, some: Sequence[Slope], height: float, room: float) -> None:
    """Write the name of each line at its end, moved apart where they would meet."""
    ends = sorted(some, key=lambda s: s.after)
    values = [x for s in some for x in (s.before, s.after)]
    inch = (max(values) - min(values)) * 1.12 / height or 1.0
    at: list[float] = []
    for slope in ends:
        at.append(max(slope.after, at[-1] + 0.14 * inch) if at else slope.after)
    # What was moved up beyond the highest end is moved back, from above.
    over = at[-1] - (ends[-1].after + 0.1 * inch)
    for i in range(len(at) - 1, -1, -1):
        if over <= 0:
            break
        at[i] -= over
        over = at[i - 1] - (at[i] - 0.14 * inch) if i else 0.0
    for slope, y in zip(ends, at, strict=True):
        axes.annotate(shorten_to(slope.title, room), (1, slope.after), xytext=(1.03, y),
                      textcoords="data", va="center", fontsize=SIZE, color=INK,
                      annotation_clip=False)  # fmt: skip


def _middle(axes: Axes, middle: tuple[str, Slope, str, str], *, numbers: bool) -> None:
    """Draw the mean or median, with its numbers at both ends."""
    _, slope, before, after = middle
    axes.plot([0, 1], [slope.before, slope.after], color="white", lw=5.0, zorder=5)
    axes.plot([0, 1], [slope.before, slope.after], color=INK, lw=3.0, marker="o", markersize=6,
              zorder=6, clip_on=False)  # fmt: skip
    for x, y, text, side in ((0, slope.before, before, -1), (1, slope.after, after, 1)):
        if not numbers:
            break
        axes.annotate(
            text, (x, y), xytext=(8 * side, 0), textcoords="offset points", va="center",
            ha="right" if side < 0 else "left", fontsize=SIZE + 0.5, fontweight="semibold",
            color=INK, annotation_clip=False,
        )  # fmt: skip


def _slope_ticks(axes: Axes, room: float, locale: Locale) -> None:
    """Write a few numbers at the left, clear of the number of the middle."""
    axes.tick_params(axis="x", pad=5)
    axes.tick_params(axis="y", pad=room * 72)
    axes.spines["bottom"].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: locale.exact(round(x, 6))))


def bundled(before: Numbers, after: Numbers, bands: int = BANDS) -> list[Slope]:
    """Return slopes of units that started in one band and ended in one, as one line each.

    Parameters
    ----------
    before, after : array of float, shape (units,)
    bands : int
        Into which the range of all numbers is cut, each as high as the others.

    Notes
    -----
    A line runs from the mean of its units then to their mean now. One that stays within its band
    is *still*: some of its units rose, some fell, none by more than the height of a band.
    """
    low = min(before.min(), after.min())
    step = (max(before.max(), after.max()) - low) / bands or 1.0
    places = [np.minimum((x - low) // step, bands - 1).astype(int) for x in (before, after)]
    frame = pd.DataFrame({"before": before, "after": after, "from": places[0], "to": places[1]})
    found = frame.groupby(["from", "to"]).agg(
        before=("before", "mean"), after=("after", "mean"), n=("before", "size")
    )
    found["still"] = found.index.get_level_values("from") == found.index.get_level_values("to")
    return [
        Slope(float(then), float(now), int(n), bool(still))
        for then, now, n, still in zip(*(found[c] for c in found.columns), strict=True)
    ]


# -- estimates with intervals ----------------------------------------------------------------------


@drawing
def forest(canvas: Canvas, some: Sequence[Estimate], axis: str, write: Write) -> Figure:
    """Return estimates with their intervals, one below the other, around zero.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Estimate
        All in the same unit.
    axis : str
        What the axis counts.
    write : callable
        Writes a number.
    """
    rows = rows_of(canvas, [e.title for e in some], bar=0.2)
    numbers = [write(e.value) for e in some]
    right = 0.2 + widest(numbers, SIZE + 0.5)
    figure = canvas.figure(rows.height + 0.55)
    width = canvas.width - rows.left - right - 0.05
    axes = bare_axes(figure, (rows.left, 0.05, width, rows.height))
    low, high = _range(some)
    axes.set(xlim=(low, high), ylim=(len(some), 0), yticks=[])
    axes.axvline(0, color=MUTED, lw=1.0, ls=(0, (4, 3)), zorder=1)
    for index, (entry, text) in enumerate(zip(some, numbers, strict=True)):
        label_row(axes, rows, index)
        y = index + rows.middle
        _whisker(axes, entry, (low, high), y)
        axes.text(high + (high - low) * 0.08 / width, y, text, ha="left", va="center",
                  fontsize=SIZE + 0.5, fontweight="semibold", color=INK)  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(4 if canvas.narrow else 7))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: write(x)))
    axes.set_xlabel(axis, fontsize=SIZE)
    return figure


def _range(some: Sequence[Estimate]) -> tuple[float, float]:
    """Return the axis of some estimates, with zero in it and a little room."""
    values = [x for e in some for x in (e.value, e.low, e.high) if isfinite(x)]
    low, high = min([0.0, *values]), max([0.0, *values])
    room = (high - low) * 0.06 or 1.0
    return low - room, high + room


def _whisker(axes: Axes, entry: Estimate, ends: tuple[float, float], y: float) -> None:
    """Draw an estimate with its interval; hollow where the interval holds zero."""
    low = entry.low if isfinite(entry.low) else ends[0]
    high = entry.high if isfinite(entry.high) else ends[1]
    open_ = low <= 0 <= high
    axes.plot([low, high], [y, y], color=ACCENT, lw=2.0, zorder=3, solid_capstyle="butt")
    axes.plot([entry.value], [y], marker="s", markersize=6.5, zorder=4, markeredgecolor=ACCENT,
              color="white" if open_ else ACCENT, markeredgewidth=1.4)  # fmt: skip


# -- around a start --------------------------------------------------------------------------------


@drawing
def events(
    canvas: Canvas, some: Sequence[Estimate], reference: str, axis: str, write: Write,
    locale: Locale,
) -> Figure:  # fmt: skip
    """Return the distance of participants and others in each wave, with its interval.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Estimate
        In order of time; ``after`` says whether the programme had started.
    reference : str
        Title of the wave that is zero by definition, empty for none. It is one of ``some``.
    axis : str
        What the axis counts; stands above.
    write : callable
        Writes a number.
    locale : Locale
    """
    ends = [(e.after, e.title == reference) for e in some]
    keys: list[Key] = []
    if (False, False) in ends:
        keys.append((_dot("white", MUTED), locale.text("Before the start")))
    if (True, False) in ends:
        keys.append((_dot(ACCENT, ACCENT), locale.text("After the start")))
    if reference:
        keys.append((_dot(INK, INK, marker="D", markersize=5), _zero(reference, locale)))
    low, high = _range(some)
    left = 0.2 + widest([write(low), write(high)])
    head = wrap(axis, canvas.width - 0.2, lines=3)
    top, height = 0.14 + 0.16 * len(head.splitlines()), 2.4
    figure = canvas.figure(top + height + 0.4 + legend_height(canvas, keys, 0.05))
    above(figure, head)
    axes = bare_axes(figure, (left, top, canvas.width - left - 0.15, height))
    axes.set(xlim=(-0.5, len(some) - 0.5), ylim=(low, high))
    axes.axhline(0, color=MUTED, lw=1.0, ls=(0, (4, 3)), zorder=1)
    first = next((i for i, e in enumerate(some) if e.after), None)
    if first:
        axes.axvline(first - 0.5, color=INK, lw=1.0, ls=(0, (2, 2)), zorder=0)
    for x, entry in enumerate(some):
        _event(axes, x, entry, is_zero=entry.title == reference)
    axes.set_xticks(range(len(some)))
    room = (canvas.width - left) / max(len(some), 1) - 0.08
    axes.set_xticklabels([wrap(e.title, max(room, text_width("0000"))) for e in some])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: write(x)))
    legend(canvas, figure, top + height + 0.3, keys, 0.05)
    return figure


def _zero(reference: str, locale: Locale) -> str:
    """Return the name of the wave of reference in a legend."""
    return locale.text("{wave}: zero by definition", wave=reference)


def _dot(face: str, edge: str, **style: Any) -> dict[str, Any]:
    """Return the style of a dot."""
    return {"marker": "o", "markersize": 6.5, "markerfacecolor": face, "markeredgecolor": edge,
            "markeredgewidth": 1.4, "linestyle": "none", **style}  # fmt: skip


def _event(axes: Axes, x: float, entry: Estimate, *, is_zero: bool) -> None:
    """Draw the distance in one wave."""
    if is_zero:
        axes.plot([x], [0], zorder=4, **_dot(INK, INK, marker="D", markersize=5))
        return
    colour = ACCENT if entry.after else MUTED
    if isfinite(entry.low) and isfinite(entry.high):
        axes.plot([x, x], [entry.low, entry.high], color=colour, lw=2.0, zorder=3)
    axes.plot([x], [entry.value], zorder=4, **_dot(ACCENT if entry.after else "white", colour))
