"""The figures of a unit's report below its first page."""

from __future__ import annotations

from typing import Any

from workbench.display.marks import (
    Key,
    Rows,
    bare_axes,
    clear_of,
    key_of,
    label_row,
    legend,
    legend_height,
    number_on,
    rows_of,
    segment,
)
from workbench.display.roadmap_figure import roadmap as roadmap
from workbench.display.scales import bar_range, score_range, tick_labels
from workbench.display.scales import score_of as score_of
from workbench.display.scales import score_text as score_text
from workbench.display.sheet import Axes, Sheet, sketch
from workbench.display.standing import Part as Part
from workbench.display.standing import counted as counted
from workbench.display.standing import standing as standing
from workbench.display.style import ACCENT, FAINT, INK, MUTED, TONES
from workbench.display.svg import SIZE, Canvas, shorten_to, text_width, widest, wrap
from workbench.language import Locale, printed_difference
from workbench.study.views import NodeView


def _marker(marker: str, colour: str, size: float, **style: Any) -> dict[str, Any]:
    """Return the style of a mark without a line."""
    return {"marker": marker, "color": colour, "markersize": size, "linestyle": "none", **style}


# -- areas -----------------------------------------------------------------------------------------


@sketch
def areas(
    canvas: Canvas, entries: list[tuple[NodeView, list[Part]]], peer_label: str, locale: Locale
) -> Sheet:
    """Return the areas as bars: levels stacked where indicators are counted, else the score.

    Parameters
    ----------
    canvas : Canvas
    entries : list of (NodeView, parts)
        In reading order; parts as in :func:`standing`.
    peer_label : str
        Who the median mark stands for; empty leaves it out.
    locale : Locale
    """
    rows = rows_of(canvas, [node.title for node, _ in entries], bar=0.2)
    right = 0.2 + widest([score_of(node, 100.0, locale) for node, _ in entries], SIZE + 0.5)
    keys = _area_keys(entries, peer_label)
    figure = Sheet(canvas.width, rows.height + 0.1 + legend_height(canvas, keys, 0.05))
    inches = canvas.width - rows.left - right
    axes = bare_axes(figure, (rows.left, 0.05, inches, rows.height))
    axes.axis("off")
    axes.set(xlim=(0, 100), ylim=(len(entries), 0))
    for index, (node, parts) in enumerate(entries):
        label_row(axes, rows, index)
        mark = _area(axes, rows, index, node, parts)
        mark = mark if peer_label else None
        _stack(axes, rows, index, parts, mark, inches / 100, locale)
        if mark is not None:
            y, half = index + rows.middle, rows.thick / 2 + 0.04 / rows.step
            axes.plot([mark, mark], [y - half, y + half], color=INK, lw=1.8, zorder=7,
                      solid_capstyle="butt")  # fmt: skip
        axes.text(
            100 + 0.06 / inches * 100, index + rows.middle, score_of(node, node.score, locale),
            ha="left", va="center", fontsize=SIZE + 0.5, fontweight="semibold",
        )  # fmt: skip
    legend(canvas, figure, 0.05 + rows.height, keys, 0.05)
    return figure


def _area_keys(entries: list[tuple[NodeView, list[Part]]], peer_label: str) -> list[Key]:
    """Return the keys of the areas: levels and states that are drawn, then the peers' mark."""
    chips = {chip.title: chip for _, parts in entries for chip, count in parts if count > 0}
    keys: list[Key] = [(key_of(chip), title) for title, chip in chips.items()]
    if peer_label and any(node.peers is not None for node, _ in entries):
        keys.append((_marker("|", INK, 9, markeredgewidth=1.8), peer_label))
    return keys


def _area(axes: Axes, rows: Rows, index: int, node: NodeView, parts: list[Part]) -> float | None:
    """Draw the score of an area where it has no parts, and return the place of its peers' mark."""
    low, high = bar_range(node, [x for x in (node.score, node.peers) if x is not None])
    y, unit = index + rows.middle, 100 / (high - low)
    if not parts and node.score is not None:
        axes.barh([y], [node.score * unit], left=-low * unit, height=rows.thick, color=ACCENT)
    axes.barh([y], [100], height=rows.thick, color="none", edgecolor=FAINT, linewidth=0.6)
    return None if node.peers is None else (node.peers - low) * unit


def _stack(
    axes: Axes,
    rows: Rows,
    index: int,
    parts: list[Part],
    mark: float | None,
    scale: float,
    locale: Locale,
) -> None:
    """Draw one stacked bar of 100 with its counts, clear of the peers' mark where there is room."""
    total = sum(count for _, count in parts) or 1.0
    y, start, size = index + rows.middle, 0.0, SIZE - 0.5
    for chip, count in parts:
        width = count / total * 100
        if count <= 0:
            continue
        segment(axes, (start, y - rows.thick / 2, width, rows.thick), chip)
        text = locale.integer(count)
        half = (text_width(text, size) / 2 + 0.05) / scale
        if width > 2 * half - 0.04 / scale:
            x, crossed = clear_of(mark, start, width, half)
            number_on(axes, (x, y), text, chip, size=size, plate=crossed)
        start += width


# -- change ----------------------------------------------------------------------------------------


@sketch
def changes(
    canvas: Canvas, nodes: list[NodeView], before: str, after: str, locale: Locale
) -> Sheet:
    """Return each node's score then and now, joined by a line.

    Parameters
    ----------
    canvas : Canvas
    nodes : list of NodeView
        With ``earlier`` set.
    before, after : str
        Titles of the two waves.
    locale : Locale
    """
    rows = rows_of(canvas, [n.title for n in nodes], bar=0.18)
    values = [
        x for n in nodes for x in (n.score, n.earlier.score if n.earlier else None) if x is not None
    ]
    low, high = score_range(nodes[0], values)
    keys: list[Key] = [
        (_marker("o", ACCENT, 6.5, markerfacecolor="white", markeredgecolor=MUTED), before),
        (_marker("o", ACCENT, 7), after),
    ]
    figure = Sheet(canvas.width, rows.height + 0.3 + legend_height(canvas, keys, rows.left))
    inset = 0.08 if rows.above else 0.0
    width = canvas.width - rows.left - inset - 0.65
    axes = bare_axes(figure, (rows.left + inset, 0.05, width, rows.height))
    axes.set(xlim=(low, high), ylim=(len(nodes), 0), yticks=[])
    axes.xaxis.set_major_formatter(tick_labels(nodes[0], locale))
    axes.grid(axis="x")
    for index, node in enumerate(nodes):
        label_row(axes, rows, index)
        _change(axes, index + rows.middle, node, high + (high - low) * 0.08 / width, locale)
    legend(canvas, figure, rows.height + 0.25, keys, rows.left)
    return figure


def _change(axes: Axes, y: float, node: NodeView, right: float, locale: Locale) -> None:
    """Draw one node then and now, with the difference in words."""
    then, now = node.earlier.score if node.earlier else None, node.score
    if then is None or now is None:
        return
    colour = ACCENT if now >= then else TONES["red"]
    axes.plot([then, now], [y, y], color=colour, lw=2.2, zorder=3)
    axes.plot([then], [y], marker="o", markersize=6.5, color="white", markeredgecolor=MUTED,
              zorder=4, clip_on=False)  # fmt: skip
    axes.plot([now], [y], marker="o", markersize=7.5, color=ACCENT, markeredgecolor="white",
              zorder=5, clip_on=False)  # fmt: skip
    difference = printed_difference(now, then, node.decimals)
    axes.text(right, y, locale.number(difference, node.decimals, sign=True), ha="left",
              va="center", fontsize=SIZE, fontweight="semibold")  # fmt: skip


@sketch
def two_axes(
    canvas: Canvas, first: NodeView, second: NodeView, waves: tuple[str, str], locale: Locale
) -> Sheet:
    """Return two headline results on two axes at two dates, with the way between them.

    Parameters
    ----------
    canvas : Canvas
    first, second : NodeView
        Horizontal and vertical, both with ``earlier`` set.
    waves : tuple of str
        Titles of the dates.
    locale : Locale
    """
    figure = Sheet(canvas.width, 3.2)
    axes = bare_axes(figure, (0.65, 0.15, canvas.width - 0.85 if canvas.narrow else 4.4, 2.5))
    for side in ("left", "bottom", "right", "top"):
        axes.spines[side].set_visible(True)
        axes.spines[side].set_color(FAINT)
    axes.set(xlim=score_range(first, [0.0, 100.0]), ylim=score_range(second, [0.0, 100.0]))
    axes.grid()
    axes.xaxis.set_major_formatter(tick_labels(first, locale))
    axes.yaxis.set_major_formatter(tick_labels(second, locale))
    axes.set_xlabel(shorten_to(first.title, 3.0), fontsize=SIZE + 0.5, color=INK)
    axes.set_ylabel(wrap(second.title, 2.3), fontsize=SIZE + 0.5, color=INK)
    assert first.earlier is not None and second.earlier is not None  # noqa: PT018, S101
    points: list[tuple[Any, Any]] = [
        (first.earlier.score, second.earlier.score),
        (first.score, second.score),
    ]
    axes.arrow(*points, color=MUTED, lw=1.5, shrink=(6, 7))
    rising = points[1][1] >= points[0][1]
    for (x, y), title, face, above in zip(
        points, waves, ("white", ACCENT), (not rising, rising), strict=True
    ):
        axes.plot([x], [y], marker="o", markersize=9, color=face, markeredgecolor=ACCENT, zorder=5)
        _name_point(axes, x, y, title, above=above)
    return figure


def _name_point(axes: Axes, x: float, y: float, title: str, *, above: bool) -> None:
    """Draw a title over or under a point, away from the way between them, and inside the axes."""
    low, high = axes.get_xlim()
    share = (x - low) / (high - low)
    axes.text(
        x, y, title, dy=-8 if above else 8,
        ha="left" if share < 0.25 else "right" if share > 0.75 else "center",
        va="bottom" if above else "top", fontsize=SIZE + 0.5, fontweight="semibold", color=ACCENT,
    )  # fmt: skip
