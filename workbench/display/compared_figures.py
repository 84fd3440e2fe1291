"""The figures of comparisons: slopes, estimates with intervals, and paths around a start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from workbench.display.marks import (
    Key,
    bare_axes,
    label_row,
    legend,
    legend_height,
    rows_of,
)
from workbench.display.style import ACCENT, FAINT, INK, MUTED, TONES
from workbench.display.svg import SIZE, Canvas, drawing, text_width, widest, wrap
from workbench.language import Locale

Write = Callable[[float], str]
WIDEST_LINE = 7.0  # points, of the most frequent slope where units move together
STEADY = 1e-9  # a change up to this is none
FELL = TONES["orange"]  # not the red of what is bad: of some results less is better


@dataclass(frozen=True, slots=True)
class Slope:
    """A result then and now, of one unit or of ``n`` that moved alike."""

    before: float
    after: float
    n: int = 1


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


def _colour(slope: Slope) -> str:
    """Return the colour of a slope by its direction."""
    if abs(slope.after - slope.before) <= STEADY:
        return MUTED
    return ACCENT if slope.after > slope.before else FELL


# -- slopes ----------------------------------------------------------------------------------------


@drawing
def slopes(
    canvas: Canvas,
    some: Sequence[Slope],
    middle: tuple[str, Slope] | None,
    waves: tuple[str, str],
    ticks: Sequence[str],
    locale: Locale,
) -> Figure:
    """Return each unit's result then and now, joined by a line.

    Parameters
    ----------
    canvas : Canvas
    some : sequence of Slope
        A line is as wide as the number of units that moved alike.
    middle : (str, Slope) or None
        Name and ends of the mean or median, drawn above all.
    waves : (str, str)
        Titles of the two waves.
    ticks : sequence of str
        Titles of levels at 0, 1, ...; empty for numbers.
    locale : Locale
    """
    keys: list[Key] = [
        (_line(colour), text)
        for colour, text in (
            (ACCENT, locale.text("rose")),
            (FELL, locale.text("fell")),
            (MUTED, locale.text("did not change")),
        )
        if any(_colour(s) == colour for s in some)
    ]
    if middle:
        keys.append((_line(INK, markeredgewidth=3.6), middle[0]))
    left = 0.15 + (widest(ticks) if ticks else 0.45)
    left = min(left, canvas.width / 3)
    height = 3.0
    figure = canvas.figure(height + 0.4 + legend_height(canvas, keys, 0.05))
    width = min(canvas.width - left - 0.75, 4.6)
    axes = bare_axes(figure, (left, 0.1, width, height))
    most = max((s.n for s in some), default=1)
    for slope in some:
        weight = 1.1 if most == 1 else 1.0 + (WIDEST_LINE - 1.0) * slope.n / most
        axes.plot([0, 1], [slope.before, slope.after], color=_colour(slope), lw=weight, alpha=0.55,
                  marker="o", markersize=3, solid_capstyle="round")  # fmt: skip
    if middle:
        _middle(axes, middle[1], locale)
    axes.set(xlim=(0, 1), xticks=[0, 1])
    axes.set_xticklabels([wrap(w, 1.6) for w in waves], fontsize=SIZE + 0.5, color=INK)
    axes.margins(y=0.06)
    _slope_ticks(axes, ticks, left, locale)
    for x in (0, 1):
        axes.axvline(x, color=FAINT, lw=0.8, zorder=0)
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    legend(canvas, figure, height + 0.35, keys, 0.05)
    return figure


def _middle(axes: Axes, slope: Slope, locale: Locale) -> None:
    """Draw the mean or median, with its number after."""
    axes.plot([0, 1], [slope.before, slope.after], color=INK, lw=3.0, marker="o", markersize=6,
              zorder=6, clip_on=False)  # fmt: skip
    decimals = 1 if max(abs(slope.before), abs(slope.after)) > 10 else 3
    axes.annotate(
        locale.number(slope.after, decimals), (1, slope.after), xytext=(8, 0),
        textcoords="offset points", va="center", fontsize=SIZE + 0.5, fontweight="semibold",
        color=INK, annotation_clip=False,
    )  # fmt: skip


def _slope_ticks(axes: Axes, ticks: Sequence[str], left: float, locale: Locale) -> None:
    """Write the levels, or a few numbers, at the left."""
    axes.tick_params(axis="x", pad=5)
    axes.spines["bottom"].set_visible(False)
    if ticks:
        axes.set_yticks(range(len(ticks)), [wrap(t, left - 0.12) for t in ticks])
        axes.set_ylim(-0.3, len(ticks) - 0.7)
        return
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: locale.exact(round(x, 6))))


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
        What the axis counts.
    write : callable
        Writes a number.
    locale : Locale
    """
    keys: list[Key] = [
        (_dot("white", MUTED), locale.text("Before the start")),
        (_dot(ACCENT, ACCENT), locale.text("After the start")),
    ]
    if reference:
        keys.append((_dot(INK, INK, marker="D", markersize=5), _zero(reference, locale)))
    low, high = _range(some)
    left = 0.35 + widest([write(low), write(high)])
    height = 2.6
    figure = canvas.figure(height + 0.5 + legend_height(canvas, keys, 0.05))
    axes = bare_axes(figure, (left, 0.1, canvas.width - left - 0.15, height))
    axes.set(xlim=(-0.5, len(some) - 0.5), ylim=(low, high))
    axes.axhline(0, color=MUTED, lw=1.0, ls=(0, (4, 3)), zorder=1)
    first = next((i for i, e in enumerate(some) if e.after), None)
    if first:
        axes.axvline(first - 0.5, color=FAINT, lw=1.4, zorder=0)
    for x, entry in enumerate(some):
        _event(axes, x, entry, is_zero=entry.title == reference)
    axes.set_xticks(range(len(some)))
    room = (canvas.width - left) / max(len(some), 1) - 0.08
    axes.set_xticklabels([wrap(e.title, max(room, text_width("0000"))) for e in some])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: write(x)))
    axes.set_ylabel(axis, fontsize=SIZE)
    legend(canvas, figure, height + 0.4, keys, 0.05)
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
