"""Marks shared by the figures: segments, keys, labels, numbers that stay readable on colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.display.blocks import Chip
from workbench.display.sheet import Axes as SheetAxes
from workbench.display.sheet import Sheet
from workbench.display.style import HATCHES, INK, MARKED, MUTED, TONES
from workbench.display.svg import SIZE, Canvas, shorten_to, text_width, widest, wrap

MARKERS = {"circle": "o", "square": "s", "diamond": "D", "triangle": "v", "dash": "_"}
# A unit's figures are drawn on sheets, thousands at a time; those of a cohort with matplotlib.
Page = Figure | Sheet
Drawn = Axes | SheetAxes
Key = tuple[dict[str, Any], str]

MARK_STEP = 6.5  # points: from one mark of a pattern to the next
KEY_ROW = 0.19  # inches: from one row of a legend to the next
MAX_LABEL = 2.6


# -- levels and states -----------------------------------------------------------------------------


def key_of(chip: Chip) -> dict[str, Any]:
    """Return how a legend draws a chip: a level by its shape, a state by its box."""
    if chip.shape in HATCHES:
        return {"chip": chip}
    edge = MUTED if chip.tone in ("white", "grey") else TONES[chip.tone]
    return {
        "marker": MARKERS[chip.shape],
        "markerfacecolor": TONES[chip.tone],
        "markeredgecolor": edge,
        "markersize": 6.5,
        "linestyle": "none",
    }


def ink_on(tone: str) -> str:
    """Return the text colour that reads on a tone."""
    return "white" if tone in ("red", "blue") else INK


def segment(axes: Drawn, box: tuple[float, float, float, float], chip: Chip) -> None:
    """Draw a piece of a bar, or its swatch in a legend: the tone, the state's pattern, the edge.

    Parameters
    ----------
    axes : axes
    box : tuple of float
        Left, lower end, width and height in the units of the axes.
    chip : Chip
    """
    left, low, width, height = box
    bar: dict[str, Any] = {"y": [low + height / 2], "width": [width], "left": [left],
                           "height": height}  # fmt: skip
    edge = TONES["grey"] if chip.tone == "white" else "white"
    hatch, face = HATCHES.get(chip.shape), TONES[chip.tone]
    if hatch:  # a hatch has the colour of the edge, so it has a bar of its own
        ink = "white" if chip.tone == "grey" else MUTED
        axes.barh(**bar, color=face, edgecolor=ink, linewidth=0, hatch=hatch)
        face = "none"
    axes.barh(**bar, color=face, edgecolor=edge, linewidth=1.0)
    if chip.shape in MARKED:
        _marks_in(axes, box, *MARKED[chip.shape])


def _marks_in(
    axes: Drawn, box: tuple[float, float, float, float], marker: str, size: float
) -> None:
    """Draw marks that fill a box at even distances."""
    left, low, width, height = box
    across, down = width * points_per_x(axes), height * points_per_y(axes)
    n, m = max(1, round(across / MARK_STEP)), max(1, round(down / MARK_STEP))
    xs, ys = np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(m) + 0.5) / m)
    axes.plot(
        (left + xs.ravel() * width).tolist(), (low + ys.ravel() * height).tolist(), marker=marker,
        markersize=size, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=0.6,
        linestyle="none", clip_on=False, zorder=2,
    )  # fmt: skip


def points_per_x(axes: Drawn) -> float:
    """Return how many points wide one unit of the horizontal axis is."""
    low, high = axes.get_xlim()
    return 72 * _sheet(axes).get_size_inches()[0] * axes.get_position().width / abs(high - low)


def points_per_y(axes: Drawn) -> float:
    """Return how many points high one unit of the vertical axis is."""
    low, high = axes.get_ylim()
    return 72 * _sheet(axes).get_size_inches()[1] * axes.get_position().height / abs(high - low)


def _sheet(axes: Drawn) -> Figure | Sheet:
    """Return what axes are on."""
    if isinstance(axes, SheetAxes):
        return axes.sheet
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101  # nothing is drawn outside a figure
    return figure


def number_on(
    axes: Drawn, place: tuple[float, float], text: str, chip: Chip, *, size: float, plate: bool
) -> None:
    """Draw a number on a segment.

    Parameters
    ----------
    axes : Axes
    place : tuple of float
        Centre in data units.
    text : str
    chip : Chip
        What it stands on.
    size : float
        Of the letters, in points.
    plate : bool
        Whether a plate of the segment's colour lies under it, because a pattern or a mark does.
    """
    plated = plate or chip.shape in MARKED or HATCHES.get(chip.shape)
    box = {"facecolor": TONES[chip.tone], "edgecolor": "none", "pad": 1.2} if plated else None
    axes.text(
        *place, text, ha="center", va="center", fontsize=size, color=ink_on(chip.tone), zorder=8,
        fontweight="semibold" if size > SIZE else "normal", bbox=box,
    )  # fmt: skip


def clear_of(mark: float | None, start: float, width: float, half: float) -> tuple[float, bool]:
    """Return where a number stands on a segment, and whether a mark still crosses it there.

    Parameters
    ----------
    mark : float or None
        Place of a line across the segment.
    start, width : float
        Of the segment, in the units of ``mark``.
    half : float
        Half the width of the number, with some room.
    """
    middle = start + width / 2
    if mark is None or abs(mark - middle) >= half:
        return middle, False
    left, right = mark - half, mark + half
    fits = [x for x in (left, right) if start + half <= x <= start + width - half]
    if not fits:
        return middle, True
    return min(fits, key=lambda x: abs(x - middle)), False


# -- legends ---------------------------------------------------------------------------------------


def key_rows(canvas: Canvas, keys: Sequence[Key], left: float) -> list[list[Key]]:
    """Return the keys of a legend in rows that fit the canvas."""
    rows: list[list[Key]] = []
    x = canvas.width
    for style, text in keys:
        short = shorten_to(text, canvas.width - left - 0.25)
        need = 0.36 + text_width(short)
        if x + need - 0.2 > canvas.width:
            rows.append([])
            x = left
        rows[-1].append((style, short))
        x += need
    return rows


def legend_height(canvas: Canvas, keys: Sequence[Key], left: float) -> float:
    """Return the height of a legend in inches, with the room above it; 0 where it has no keys."""
    rows = key_rows(canvas, keys, left)
    return len(rows) * KEY_ROW + 0.1 if rows else 0.0


def legend(canvas: Canvas, figure: Page, top: float, keys: Sequence[Key], left: float) -> None:
    """Draw a legend in rows, from the left.

    Parameters
    ----------
    canvas : Canvas
    figure : Figure
    top : float
        Distance from the top of the figure, in inches.
    keys : sequence of (style, text)
        Style of a marker, or the chip of a state that is drawn as its segments are.
    left : float
        Left edge in inches.
    """
    rows = key_rows(canvas, keys, left)
    if not rows:
        return
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.set(xlim=(0, width), ylim=(height, 0))
    y = top + 0.1 + KEY_ROW / 2
    for row in rows:
        x = left
        for style, text in row:
            if "chip" in style:
                segment(axes, (x - 0.02, y - 0.055, 0.14, 0.11), style["chip"])
            else:
                axes.plot([x + 0.05], [y], clip_on=False, **style)
            axes.text(x + 0.16, y, text, va="center", ha="left", fontsize=SIZE, color=INK)
            x += 0.36 + text_width(text)
        y += KEY_ROW


# -- rows with labels ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a figure: labels beside them, or above them on a narrow canvas.

    Parameters
    ----------
    labels : tuple of str
    left : float
        Room for labels beside the rows, in inches.
    step : float
        From one row to the next, in inches.
    label, middle : float
        Where in its row a label and what it names have their middle, as shares of the step.
    thick : float
        Height of a bar as a share of the step.
    above : bool
        Whether labels stand above.
    """

    labels: tuple[str, ...]
    left: float
    step: float
    label: float
    middle: float
    thick: float
    above: bool

    @property
    def height(self) -> float:
        """Height of all rows in inches."""
        return self.step * len(self.labels)


def rows_of(canvas: Canvas, titles: Sequence[str], *, bar: float, most: float = MAX_LABEL) -> Rows:
    """Return rows for titles.

    Parameters
    ----------
    canvas : Canvas
    titles : sequence of str
    bar : float
        Height of a bar in inches.
    most : float
        Widest that labels beside the rows may be, in inches.
    """
    left = 0.05 if canvas.narrow else min(most, widest(titles) + 0.12)
    room = canvas.width - 0.15 if canvas.narrow else left - 0.1
    labels = tuple(wrap(title, room) for title in titles)
    high = 0.29 if any("\n" in text for text in labels) else 0.15
    if canvas.narrow:
        step = high + bar + 0.13
        label, middle = high / 2 / step, (high + 0.03 + bar / 2) / step
        return Rows(labels, left, step, label, middle, bar / step, above=True)
    step = max(bar + 0.08, high + 0.05)
    return Rows(labels, left, step, 0.5, 0.5, bar / step, above=False)


def label_row(axes: Drawn, rows: Rows, index: int) -> None:
    """Draw the label of a row at the left edge of the axes."""
    gap = 0.0 if rows.above else 7 / points_per_x(axes)
    axes.text(
        axes.get_xlim()[0] - gap, index + rows.label, rows.labels[index], va="center",
        ha="left" if rows.above else "right", fontsize=SIZE, linespacing=1.05,
    )  # fmt: skip


def above(figure: Figure, text: str) -> None:
    """Write what an axis counts at the upper left of a figure, where it needs no turning."""
    width, height = figure.get_size_inches()
    figure.text(0.05 / width, 1 - 0.04 / height, text, va="top", fontsize=SIZE, color=MUTED,
                linespacing=1.1)  # fmt: skip


@overload
def bare_axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes: ...


@overload
def bare_axes(figure: Sheet, box: tuple[float, float, float, float]) -> SheetAxes: ...


def bare_axes(figure: Page, box: tuple[float, float, float, float]) -> Drawn:
    """Return axes at a box in inches (left, top, width, height), without frame."""
    width, height = figure.get_size_inches()
    left, top, w, h = box
    axes = figure.add_axes((left / width, 1 - (top + h) / height, w / width, h / height))
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    return axes
