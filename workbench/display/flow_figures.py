"""How units moved between levels from one measurement to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from workbench.display.blocks import Chip
from workbench.display.marks import Key, bare_axes, legend, legend_height, segment
from workbench.display.style import ACCENT, INK, MUTED, TONES
from workbench.display.svg import SIZE, Canvas, drawing, widest, wrap
from workbench.language import Locale

HEIGHT = 3.2  # inches, of all units and the gaps between levels
GAP = 0.16  # inches between two levels: room for the names of small ones
BAR = 0.14  # inches: width of the bar of a level


@drawing
def flows(
    canvas: Canvas,
    ways: Mapping[tuple[int, int], int],
    levels: Sequence[tuple[str, Chip | None]],
    waves: tuple[str, str],
    locale: Locale,
) -> Figure:
    """Return how many units were at each level then and now, and how they moved between.

    Parameters
    ----------
    canvas : Canvas
    ways : mapping of (level before, level after) to number
        Levels as their places from the worst.
    levels : sequence of (title, chip)
        From the worst, which stands below.
    waves : (str, str)
    locale : Locale
    """
    table = np.zeros((len(levels), len(levels)), dtype=int)
    for way, n in ways.items():
        table[way] = n
    used = [i for i in range(len(levels)) if table[i].sum() + table[:, i].sum()]
    sides = (table.sum(axis=1), table.sum(axis=0))
    labels = [
        [f"{wrap(levels[i][0], 1.5, lines=1)}  {locale.integer(int(side[i]))}" for i in used]
        for side in sides
    ]
    keys = _keys(table, locale)
    left, right = (0.1 + widest(texts) for texts in labels)
    height = HEIGHT + GAP * (len(used) - 1)
    figure = canvas.figure(height + 0.45 + legend_height(canvas, keys, 0.05))
    width = min(canvas.width - left - right - 0.1, 4.4)
    axes = bare_axes(figure, (left, 0.3, width, height))
    axes.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
    axes.spines["bottom"].set_visible(False)
    scale = HEIGHT / max(int(table.sum()), 1)
    floors = [_floors(side, used, scale) for side in sides]
    _ribbons(axes, table, used, floors, scale, width)
    for x, floor, side, texts in zip((0.0, width - BAR), floors, sides, labels, strict=True):
        for i, text in zip(used, texts, strict=True):
            _level(axes, (x, floor[i], BAR, side[i] * scale), levels[i][1], text, width)
    for x, title, where in ((0.0, waves[0], "left"), (width, waves[1], "right")):
        axes.text(x, height + 0.1, wrap(title, width / 2 - 0.1, lines=1), ha=where, va="bottom",
                  fontsize=SIZE + 0.5, fontweight="semibold", color=INK)  # fmt: skip
    legend(canvas, figure, height + 0.35, keys, 0.05)
    return figure


def _keys(table: np.ndarray, locale: Locale) -> list[Key]:
    """Return what the colours of the ribbons mean."""
    ways = (
        (ACCENT, locale.text("moved up"), np.triu(table, 1)),
        (TONES["red"], locale.text("moved down"), np.tril(table, -1)),
        (MUTED, locale.text("stayed"), np.diag(np.diag(table))),
    )
    return [
        (
            {"marker": "s", "color": colour, "markersize": 8, "alpha": 0.55, "linestyle": "none"},
            f"{text}: {locale.integer(int(part.sum()))}",
        )
        for colour, text, part in ways
    ]


def _floors(side: np.ndarray, used: list[int], scale: float) -> dict[int, float]:
    """Return where each level of a side begins, from below."""
    found, at = {}, 0.0
    for i in used:
        found[i] = at
        at += float(side[i]) * scale + GAP
    return found


def _ribbons(
    axes: Axes,
    table: np.ndarray,
    used: list[int],
    floors: list[dict[int, float]],
    scale: float,
    width: float,
) -> None:
    """Draw a ribbon for each way between levels, as high as its units are many."""
    begin, end = dict(floors[0]), dict(floors[1])
    for i in used:
        for j in used:
            high = float(table[i, j]) * scale
            if not high:
                continue
            colour = MUTED if i == j else ACCENT if j > i else TONES["red"]
            ribbon = _ribbon(BAR, begin[i], width - BAR, end[j], high)
            axes.add_patch(PathPatch(ribbon, facecolor=colour, alpha=0.4, linewidth=0))
            begin[i] += high
            end[j] += high


def _ribbon(x: float, y: float, right: float, end: float, high: float) -> Path:
    """Return a band from one height to another, level at both ends."""
    middle = (x + right) / 2
    points = [
        (x, y), (middle, y), (middle, end), (right, end),
        (right, end + high), (middle, end + high), (middle, y + high), (x, y + high), (x, y),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    return Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])


def _level(
    axes: Axes, box: tuple[float, float, float, float], chip: Chip | None, text: str, width: float
) -> None:
    """Draw the bar of a level, with its name and number beside it."""
    x, y, _, high = box
    segment(axes, box, chip or Chip("", "grey", "square"))
    at_left = x == 0.0
    axes.text(-0.06 if at_left else width + 0.06, y + high / 2, text, va="center",
              ha="right" if at_left else "left", fontsize=SIZE, color=INK)  # fmt: skip
