"""Marks shared by the figures: shapes, legends in a row, numbers that stay readable on colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.display.blocks import Chip
from workbench.display.style import INK, MUTED, TONES
from workbench.display.svg import SIZE, text_width

MARKERS = {"circle": "o", "square": "s", "diamond": "D", "triangle": "v", "ring": "o", "dash": "_"}


def marker_of(chip: Chip) -> dict[str, Any]:
    """Return the matplotlib style of a chip's shape."""
    face = "none" if chip.shape == "ring" else TONES[chip.tone]
    edge = MUTED if chip.tone in ("white", "grey") else TONES[chip.tone]
    return {
        "marker": MARKERS[chip.shape],
        "markerfacecolor": face,
        "markeredgecolor": edge,
        "markersize": 6.5,
        "linestyle": "none",
    }


def ink_on(tone: str) -> str:
    """Return the text colour that reads on a tone."""
    return "white" if tone in ("red", "blue") else INK


def legend_row(
    figure: Figure, y: float, entries: Sequence[tuple[dict[str, Any], str]], left: float
) -> float:
    """Draw a legend in one or more rows from the left, and return the height used.

    Parameters
    ----------
    figure : Figure
    y : float
        Distance of the first row from the top, in inches.
    entries : sequence of (style, text)
    left : float
        Left edge in inches.
    """
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0, 0, 1, 1), zorder=5)
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    x, top, row = left, y, 0.19
    for style, text in entries:
        need = 0.16 + text_width(text, SIZE) + 0.2
        if x > left and x + need > width:
            x, y = left, y + row
        axes.plot([x + 0.05], [y], **style)
        axes.text(x + 0.15, y, text, va="center", ha="left", fontsize=SIZE, color=INK)
        x += need
    return y - top + row


def bare_axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Return axes at a box in inches (left, top, width, height), without frame."""
    width, height = figure.get_size_inches()
    left, top, w, h = box
    axes = figure.add_axes((left / width, 1 - (top + h) / height, w / width, h / height))
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    return axes
