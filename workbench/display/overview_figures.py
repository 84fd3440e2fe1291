"""A result and its indicators at a glance: what each area adds, and every indicator as a mark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from workbench.display.blocks import Chip
from workbench.display.marks import (
    Key,
    bare_axes,
    key_of,
    label_row,
    legend,
    legend_height,
    rows_of,
    segment,
)
from workbench.display.scales import bar_range, score_text, tick_labels
from workbench.display.sheet import Axes, Sheet, sketch
from workbench.display.style import ACCENT, FAINT, HATCHES, INK, MUTED, PEER
from workbench.display.svg import SIZE, Canvas, widest, wrap
from workbench.language import Locale
from workbench.study.views import AddedView, NodeView

CODE = 5.5  # points: letters of a code under its mark
TILE, WIDEST_TILE = 0.26, 0.46  # inches from one mark to the next
LINE, BARE_LINE = 0.31, 0.22  # inches from one line of marks to the next, with codes and without
LABEL = 1.6
Mark = tuple[str, Chip]


@sketch
def waterfall(
    canvas: Canvas,
    node: NodeView,
    parts: Sequence[AddedView],
    words: tuple[str, str],
    locale: Locale,
) -> Sheet:
    """Return a result as a flight of steps: each part begins where the one before it ends.

    Parameters
    ----------
    canvas : Canvas
    node : NodeView
        The result.
    parts : sequence of AddedView
        They add up to it.
    words : tuple of str
        What the legend calls what a part adds, and what it could add at most.
    locale : Locale
    """
    rows = rows_of(canvas, [*(p.title for p in parts), node.title], bar=0.16)
    starts = [sum(p.adds for p in parts[:i]) for i in range(len(parts))]
    ends = [s + max(p.adds, p.most or 0.0) for s, p in zip(starts, parts, strict=True)]
    low, high = bar_range(node, [0.0, *starts, *ends, node.score or 0.0])
    keys: list[Key] = [(_box(PEER), words[0])]
    if any(p.most is not None for p in parts):
        keys.append((_box("white", FAINT), words[1]))
    right = 0.15 + widest([score_text(node, -high, locale)], SIZE)
    figure = Sheet(canvas.width, rows.height + 0.3 + legend_height(canvas, keys, rows.left))
    inset = 0.08 if rows.above else 0.0
    inches = canvas.width - rows.left - inset - right
    axes = bare_axes(figure, (rows.left + inset, 0.05, inches, rows.height))
    axes.set(xlim=(low, high), ylim=(len(parts) + 1, 0), yticks=[])
    axes.xaxis.set_major_formatter(tick_labels(node, locale))
    axes.grid(axis="x")
    pad = 0.08 / inches * (high - low)
    for index, (part, start) in enumerate(zip(parts, starts, strict=True)):
        label_row(axes, rows, index)
        y, end = index + rows.middle, start + part.adds
        if part.most is not None:
            axes.barh([y], [part.most], left=start, height=rows.thick, color="white",
                      edgecolor=FAINT)  # fmt: skip
        axes.barh([y], [part.adds], left=start, height=rows.thick, color=PEER)
        if not rows.above:
            axes.plot([end, end], [y, y + 1], color=MUTED, lw=0.6, zorder=1.5)
        text = locale.number(part.adds, node.decimals, sign=True)  # points, as of any difference
        axes.text(high + pad, y, text, ha="left", va="center")
    y = len(parts) + rows.middle
    label_row(axes, rows, len(parts))
    axes.barh([y], [node.score or 0.0], height=rows.thick, color=ACCENT)
    axes.text(high + pad, y, score_text(node, node.score, locale), ha="left", va="center",
              fontweight="semibold")  # fmt: skip
    legend(canvas, figure, rows.height + 0.25, keys, rows.left)
    return figure


def _box(face: str, edge: str | None = None) -> dict[str, object]:
    """Return how a legend draws a bar."""
    return {"marker": "s", "markersize": 8, "color": face, "markeredgecolor": edge or face,
            "linestyle": "none"}  # fmt: skip


@sketch
def marks_of_indicators(
    canvas: Canvas, groups: Sequence[tuple[str, Sequence[Mark]]], keys: Sequence[tuple[Chip, str]]
) -> Sheet:
    """Return every indicator as the mark of its level or state, area by area.

    Parameters
    ----------
    canvas : Canvas
    groups : sequence of (title, marks)
        Of each area its title, and code and chip of each indicator. Codes stand under the marks
        where they are short enough.
    keys : sequence of (chip, text)
        Of the legend.
    """
    need = widest([code for _, marks in groups for code, _ in marks], CODE) + 0.05
    coded = need <= WIDEST_TILE
    tile, line = max(TILE, need) if coded else TILE, LINE if coded else BARE_LINE
    left = 0.05 if canvas.narrow else min(LABEL, widest([t for t, _ in groups]) + 0.12)
    fits = max(int((canvas.width - left - 0.05) / tile), 1)
    drawn: list[Key] = [(key_of(chip), text) for chip, text in keys]
    room = canvas.width - 0.1 if canvas.narrow else left - 0.1
    labels = [wrap(title, room) for title, _ in groups]
    heights = [
        _height(canvas, t, len(m), fits, line) for t, (_, m) in zip(labels, groups, strict=True)
    ]
    total = sum(heights)
    figure = Sheet(canvas.width, total + legend_height(canvas, drawn, left) + 0.05)
    axes = bare_axes(figure, (0.0, 0.0, canvas.width, total))
    axes.axis("off")
    axes.set(xlim=(0, canvas.width), ylim=(total, 0))
    places: dict[Chip, list[tuple[float, float]]] = defaultdict(list)
    top = 0.0
    for label, (_, some), height in zip(labels, groups, heights, strict=True):
        first = top + (_label_height(label) if canvas.narrow else 0.0)
        x, side = (0.05, "left") if canvas.narrow else (left - 0.1, "right")
        axes.text(x, top + 0.04, label, ha=side, va="top", linespacing=1.05)
        for i, (code, chip) in enumerate(some):
            x, y = left + (i % fits + 0.5) * tile, first + (i // fits) * line + 0.1
            places[chip].append((x, y))
            if coded:
                axes.text(x, y, code, dy=10, ha="center", fontsize=CODE, color=MUTED)
        top += height
        axes.plot([0.05, canvas.width - 0.05], [top - 0.03] * 2, color=FAINT, lw=0.5, zorder=0.5)
    _draw(axes, places)
    legend(canvas, figure, total - 0.05, drawn, left)
    return figure


def _draw(axes: Axes, places: dict[Chip, list[tuple[float, float]]]) -> None:
    """Draw marks at their places, those of one level together."""
    for chip, points in places.items():
        if chip.shape in HATCHES:
            for x, y in points:
                segment(axes, (x - 0.06, y - 0.055, 0.12, 0.11), chip)
        else:
            axes.plot([x for x, _ in points], [y for _, y in points],
                      **{**key_of(chip), "markersize": 8.5, "color": INK})  # fmt: skip


def _label_height(label: str) -> float:
    """Return the room of a label that stands above its marks, in inches."""
    return 0.19 + 0.14 * label.count("\n")


def _height(canvas: Canvas, label: str, n: int, fits: int, line: float) -> float:
    """Return the height of an area in inches."""
    lines = -(-n // fits) * line
    if canvas.narrow:
        return lines + _label_height(label) + 0.04
    return max(lines, _label_height(label)) + 0.04
