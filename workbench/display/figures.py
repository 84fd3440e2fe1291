"""The figures of a unit's report."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from workbench.display import blocks as b
from workbench.display.marks import bare_axes, ink_on, legend_row, marker_of
from workbench.display.style import ACCENT, FAINT, INK, MUTED, OTHER, PEER, TONES
from workbench.display.svg import (
    SIZE,
    WIDTH,
    drawing,
    new_figure,
    shorten_to,
    text_width,
    to_svg,
    widest,
    wrap,
)
from workbench.language import Locale, printed_difference
from workbench.study.views import NodeView, RoadmapView

Part = tuple[b.Chip, float]
MAX_LABEL = 2.6


def score_text(node: NodeView, value: float | None, locale: Locale, *, sign: bool = False) -> str:
    """Return a score as printed: percent, points of a maximum, or a plain number with its unit."""
    if node.unit == "percent":
        return locale.percent(value, node.decimals, sign=sign)
    text = locale.number(value, node.decimals, sign=sign)
    if node.unit in (None, "points") or value is None:
        return text
    return f"{text} {node.unit}"


def score_range(node: NodeView, values: list[float]) -> tuple[float, float]:
    """Return the axis of a score: 0 to its maximum where it has one, else the data's own range."""
    if node.maximum is not None:
        return 0.0, node.maximum
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low >= 0 and high <= 100 and high > 1:
        return 0.0, 100.0
    margin = (high - low) * 0.05 or 1.0
    return low - margin, high + margin


@drawing
def standing(
    node: NodeView,
    name: str,
    parts: list[Part],
    spread: dict[str, tuple[float, ...]],
    peer_label: str,
    locale: Locale,
) -> str:
    """Return the picture of page one: what the result is made of, and where it stands among all.

    Parameters
    ----------
    node : NodeView
        The headline.
    name : str
        Name of the unit.
    parts : list of (Chip, count)
        Indicators by level and state; empty leaves the bar out.
    spread : mapping
        Scores of ``peers`` and ``others``, or counts in bins with ``edges``.
    peer_label : str
        Who the peers are; empty if there are none.
    locale : Locale
    """
    n_others = sum(len(v) for k, v in spread.items() if k != "edges")
    has_strip = node.score is not None and n_others > 0
    bar = 0.95 if parts else 0.0
    figure = new_figure(bar + (1.45 if has_strip else 0.0) + 0.05)
    if parts:
        _bar(figure, parts, locale)
    if has_strip:
        _strip(figure, bar + 0.1, node, name, spread, peer_label, locale)
    return to_svg(figure)


def _bar(figure: Figure, parts: list[Part], locale: Locale) -> None:
    """Draw the stacked bar of levels with its legend."""
    total = sum(count for _, count in parts) or 1.0
    axes = bare_axes(figure, (0.05, 0.06, WIDTH - 0.1, 0.42))
    axes.axis("off")
    axes.set(xlim=(0, total), ylim=(0, 1))
    start = 0.0
    for chip, count in parts:
        if count <= 0:
            continue
        _segment(axes, start, count, chip)
        label = locale.integer(count)
        if count / total * (WIDTH - 0.1) > text_width(label, SIZE + 2) + 0.08:
            axes.text(
                start + count / 2, 0.5, label, ha="center", va="center",
                fontsize=SIZE + 2, fontweight="semibold", color=ink_on(chip.tone),
            )  # fmt: skip
        start += count
    entries = [(marker_of(chip), f"{chip.title} {locale.integer(count)}") for chip, count in parts]
    legend_row(figure, 0.66, entries, 0.05)


def _segment(axes: Axes, start: float, count: float, chip: b.Chip) -> None:
    """Draw one segment of a stacked bar; states without a level are hatched."""
    hatch = "////" if chip.tone == "grey" else None
    axes.barh(
        [0.5], [count], left=[start], height=1.0, color=TONES[chip.tone],
        edgecolor="white" if chip.tone != "white" else FAINT, linewidth=1.2, hatch=hatch,
    )  # fmt: skip


def _strip(
    figure: Figure,
    top: float,
    node: NodeView,
    name: str,
    spread: dict[str, tuple[float, ...]],
    peer_label: str,
    locale: Locale,
) -> None:
    """Draw the scores of all units on a line, the peers darker, the unit itself on top."""
    assert node.score is not None  # noqa: S101  # the caller looks
    values = [x for k, v in spread.items() if k != "edges" for x in v] + [node.score]
    if "edges" in spread:
        values = [*spread["edges"], node.score]
    low, high = score_range(node, values)
    axes = bare_axes(figure, (0.2, top + 0.3, WIDTH - 0.4, 0.62))
    axes.set(xlim=(low, high), yticks=[])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(node, x, locale)))
    if "edges" in spread:
        _binned(axes, spread)
    else:
        _dots(axes, spread, low, high)
    axes.plot(
        [node.score], [0.5], marker="D", markersize=10, color=ACCENT,
        markeredgecolor="white", markeredgewidth=1.2, clip_on=False, zorder=6,
    )  # fmt: skip
    axes.set_ylim(0, max(4.0, axes.get_ylim()[1]))
    label = shorten_to(f"{name}  {score_text(node, node.score, locale)}", WIDTH * 0.75, SIZE + 1)
    place = (node.score - low) / (high - low)
    align = "left" if place < 0.3 else "right" if place > 0.7 else "center"
    foot = {"left": 0.0, "right": 1.0, "center": 0.5}[align]
    axes.annotate(
        label,
        (node.score, 0.5),
        xytext=(0, 42),
        textcoords="offset points",
        ha=align,
        va="bottom",
        fontsize=SIZE + 1,
        fontweight="semibold",
        color=ACCENT,
        arrowprops={
            "arrowstyle": "-",
            "color": ACCENT,
            "lw": 1.0,
            "shrinkA": 0,
            "shrinkB": 6,
            "relpos": (foot, 0),
        },
    )
    entries = [
        (
            {"marker": "D", "color": ACCENT, "markersize": 6, "linestyle": "none"},
            shorten_to(name, 2.4),
        )
    ]
    if peer_label:
        entries.append(
            ({"marker": "o", "color": PEER, "markersize": 5, "linestyle": "none"}, peer_label)
        )
    if sum(spread.get("others", ())) or spread.get("others"):
        other = (
            locale.text("Other municipalities") if peer_label else locale.text("All municipalities")
        )
        entries.append(
            ({"marker": "o", "color": OTHER, "markersize": 5, "linestyle": "none"}, other)
        )
    legend_row(figure, top + 1.3, entries, 0.2)


def _tick(node: NodeView, value: float, locale: Locale) -> str:
    """Return an axis label: whole numbers without decimals."""
    decimals = 0 if float(value).is_integer() else node.decimals
    if node.unit == "percent":
        return locale.percent(value, decimals)
    return locale.number(value, decimals)


def _dots(axes: Axes, spread: dict[str, tuple[float, ...]], low: float, high: float) -> None:
    """Draw one dot a unit, piled up where they meet."""
    width = (high - low) / 75
    piles: dict[int, int] = {}
    for key, colour in (("peers", PEER), ("others", OTHER)):
        xs, ys = [], []
        for value in spread.get(key, ()):
            slot = round((value - low) / width)
            piles[slot] = piles.get(slot, 0) + 1
            xs.append(low + slot * width)
            ys.append(piles[slot] - 0.5)
        axes.plot(
            xs,
            ys,
            marker="o",
            markersize=5,
            color=colour,
            linestyle="none",
            markeredgecolor="white",
            markeredgewidth=0.4,
            clip_on=False,
            zorder=4,
        )


def _binned(axes: Axes, spread: dict[str, tuple[float, ...]]) -> None:
    """Draw counts in bins, peers below, others above."""
    edges = np.array(spread["edges"])
    widths = np.diff(edges) * 0.9
    peers, others = np.array(spread["peers"]), np.array(spread["others"])
    scale = 4.0 / max((peers + others).max(), 1.0)
    axes.bar(edges[:-1], peers * scale, widths, align="edge", color=PEER)
    axes.bar(edges[:-1], others * scale, widths, bottom=peers * scale, align="edge", color=OTHER)


@drawing
def areas(rows: list[tuple[NodeView, list[Part]]], peer_label: str, locale: Locale) -> str:
    """Return the areas as bars: levels stacked where indicators are counted, else the score.

    Parameters
    ----------
    rows : list of (NodeView, parts)
        In reading order; parts as in :func:`standing`.
    peer_label : str
        Who the median mark stands for; empty leaves it out.
    locale : Locale
    """
    left = min(MAX_LABEL, widest([node.title for node, _ in rows]) + 0.12)
    labels = [wrap(node.title, left - 0.1) for node, _ in rows]
    step = 0.36
    right = 0.2 + widest([score_text(node, 100.0, locale) for node, _ in rows], SIZE + 0.5)
    legend = 0.45
    figure = new_figure(step * len(rows) + legend + 0.1)
    axes = bare_axes(figure, (left, 0.05, WIDTH - left - right, step * len(rows)))
    axes.axis("off")
    chips: dict[str, b.Chip] = {}
    axes.set(xlim=(0, 100), ylim=(len(rows), 0))
    for index, (node, parts) in enumerate(rows):
        y = index + 0.5
        axes.text(-1.2, y, labels[index], ha="right", va="center", fontsize=SIZE, linespacing=1.05)
        low, high = score_range(node, [x for x in (node.score, node.peers) if x is not None])
        if parts:
            _stack(axes, y, parts, chips, locale)
        elif node.score is not None:
            axes.barh([y], [(node.score - low) / (high - low) * 100], height=0.56, color=ACCENT)
        axes.barh([y], [100], height=0.56, color="none", edgecolor=FAINT, linewidth=0.6)
        if node.peers is not None and peer_label:
            x = (node.peers - low) / (high - low) * 100
            axes.plot([x, x], [y - 0.4, y + 0.4], color=INK, lw=1.8, solid_capstyle="butt")
        text = score_text(node, node.score, locale)
        axes.text(
            101.5, y, text, ha="left", va="center", fontsize=SIZE + 0.5, fontweight="semibold"
        )
    entries = [(marker_of(chip), chip.title) for chip in chips.values()]
    if peer_label and any(node.peers is not None for node, _ in rows):
        entries.append(
            (
                {
                    "marker": "|",
                    "color": INK,
                    "markersize": 9,
                    "markeredgewidth": 1.8,
                    "linestyle": "none",
                },
                peer_label,
            )
        )
    legend_row(figure, step * len(rows) + 0.2, entries, 0.05)
    return to_svg(figure)


def _stack(
    axes: Axes, y: float, parts: list[Part], chips: dict[str, b.Chip], locale: Locale
) -> None:
    """Draw one stacked bar of 100 with its counts."""
    total = sum(count for _, count in parts) or 1.0
    start = 0.0
    for chip, count in parts:
        if count <= 0:
            continue
        chips.setdefault(chip.title, chip)
        width = count / total * 100
        axes.barh(
            [y], [width], left=[start], height=0.56, color=TONES[chip.tone], linewidth=0.8,
            edgecolor="white" if chip.tone != "white" else FAINT,
            hatch="////" if chip.tone == "grey" else None,
        )  # fmt: skip
        if width > 4:
            axes.text(start + width / 2, y, locale.integer(count), ha="center", va="center",
                      fontsize=SIZE - 0.5, color=ink_on(chip.tone))  # fmt: skip
        start += width


@drawing
def changes(rows: list[NodeView], before: str, after: str, locale: Locale) -> str:
    """Return each node's score then and now, joined by a line.

    Parameters
    ----------
    rows : list of NodeView
        With ``earlier`` set.
    before, after : str
        Titles of the two waves.
    locale : Locale
    """
    left = min(MAX_LABEL, widest([n.title for n in rows]) + 0.12)
    labels = [wrap(n.title, left - 0.1) for n in rows]
    step, right = 0.34, 0.65
    values = [
        x for n in rows for x in (n.score, n.earlier.score if n.earlier else None) if x is not None
    ]
    low, high = score_range(rows[0], values)
    figure = new_figure(step * len(rows) + 0.75)
    axes = bare_axes(figure, (left, 0.05, WIDTH - left - right, step * len(rows)))
    axes.set(xlim=(low, high), ylim=(len(rows), 0), yticks=[])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(rows[0], x, locale)))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    span = high - low
    for index, node in enumerate(rows):
        y, then, now = index + 0.5, node.earlier.score if node.earlier else None, node.score
        axes.text(
            low - span * 0.012,
            y,
            labels[index],
            ha="right",
            va="center",
            fontsize=SIZE,
            linespacing=1.05,
        )
        if then is None or now is None:
            continue
        axes.plot(
            [then, now], [y, y], color=ACCENT if now >= then else TONES["red"], lw=2.2, zorder=3
        )
        axes.plot(
            [then], [y], marker="o", markersize=6.5, color="white", markeredgecolor=MUTED, zorder=4
        )
        axes.plot(
            [now], [y], marker="o", markersize=7.5, color=ACCENT, markeredgecolor="white", zorder=5
        )
        change = locale.number(
            printed_difference(now, then, node.decimals), node.decimals, sign=True
        )
        axes.text(
            high + span * 0.02,
            y,
            change,
            ha="left",
            va="center",
            fontsize=SIZE,
            fontweight="semibold",
        )
    entries = [
        (
            {
                "marker": "o",
                "markerfacecolor": "white",
                "markeredgecolor": MUTED,
                "markersize": 6.5,
                "linestyle": "none",
            },
            before,
        ),
        ({"marker": "o", "color": ACCENT, "markersize": 7, "linestyle": "none"}, after),
    ]
    legend_row(figure, step * len(rows) + 0.55, entries, left)
    return to_svg(figure)


@drawing
def two_axes(first: NodeView, second: NodeView, waves: tuple[str, str], locale: Locale) -> str:
    """Return two headline results on two axes at two dates, with the way between them.

    Parameters
    ----------
    first, second : NodeView
        Horizontal and vertical, both with ``earlier`` set.
    waves : tuple of str
        Titles of the dates.
    locale : Locale
    """
    figure = new_figure(3.4)
    axes = bare_axes(figure, (1.9, 0.15, 3.0, 2.65))
    for side in ("left", "bottom", "right", "top"):
        axes.spines[side].set_visible(True)
        axes.spines[side].set_color(FAINT)
    low_x, high_x = score_range(first, [])
    low_y, high_y = score_range(second, [])
    axes.set(xlim=(0, 100) if first.maximum is None else (low_x, high_x),
             ylim=(0, 100) if second.maximum is None else (low_y, high_y))  # fmt: skip
    axes.grid()
    axes.set_axisbelow(True)
    for axis, node in ((axes.xaxis, first), (axes.yaxis, second)):
        axis.set_major_formatter(FuncFormatter(lambda x, _, n=node: _tick(n, x, locale)))
    axes.set_xlabel(first.title, fontsize=SIZE + 0.5, color=INK)
    axes.set_ylabel(wrap(second.title, 2.5), fontsize=SIZE + 0.5, color=INK)
    points: list[tuple[Any, Any]] = [
        (n1.score, n2.score) if i else (n1.earlier.score, n2.earlier.score)  # type: ignore[union-attr]
        for i in (0, 1)
        for n1, n2 in ((first, second),)
    ]
    (x0, y0), (x1, y1) = points
    axes.annotate(
        "",
        (x1, y1),
        (x0, y0),
        arrowprops={"arrowstyle": "-|>", "color": MUTED, "lw": 1.5, "shrinkA": 6, "shrinkB": 7},
    )
    for (x, y), title, face in zip(points, waves, ("white", ACCENT), strict=True):
        axes.plot([x], [y], marker="o", markersize=9, color=face, markeredgecolor=ACCENT, zorder=5)
        axes.annotate(
            title,
            (x, y),
            xytext=(8, -12),
            textcoords="offset points",
            fontsize=SIZE + 0.5,
            fontweight="semibold",
            color=ACCENT,
        )
    return to_svg(figure)


@drawing
def roadmap(plan: RoadmapView) -> str:
    """Return the roadmap: one row a task, one column a period, with its marks.

    Parameters
    ----------
    plan : RoadmapView
    """
    n, m = len(plan.tasks), len(plan.periods)
    left = min(3.1, widest([t[0] for t in plan.tasks]) + 0.15)
    step, head = 0.34, 0.3
    figure = new_figure(head + step * n + (0.35 if plan.marks else 0.1))
    axes = bare_axes(figure, (left, head, WIDTH - left - 0.1, step * n))
    axes.axis("off")
    axes.set(xlim=(0, m), ylim=(n, 0))
    for column, label in enumerate(plan.periods):
        axes.plot([column, column], [0, n], color=FAINT, lw=0.6, zorder=1)
        if label:
            axes.text(
                column + 0.05,
                -0.25,
                label,
                ha="left",
                va="bottom",
                fontsize=SIZE - 0.5,
                color=MUTED,
            )
    markers = {"star": "*", "triangle": "^", "diamond": "D", "circle": "o"}
    shapes = {name: markers[shape] for name, _, shape in plan.marks}
    for row, (title, active, marks, _, _) in enumerate(plan.tasks):
        axes.plot([0, m], [row, row], color=FAINT, lw=0.6, zorder=1)
        axes.text(
            -0.1,
            row + 0.5,
            wrap(title, left - 0.12),
            ha="right",
            va="center",
            fontsize=SIZE,
            linespacing=1.0,
        )
        for column in active:
            axes.barh(
                [row + 0.5],
                [1.0],
                left=[column - 1],
                height=0.5,
                color=PEER,
                edgecolor="white",
                linewidth=0.4,
                zorder=2,
            )
        for column, mark in marks:
            axes.plot(
                [column - 0.5],
                [row + 0.5],
                marker=shapes[mark],
                markersize=10,
                color=ACCENT,
                markeredgecolor="white",
                zorder=4,
            )
    entries = [
        ({"marker": markers[shape], "color": ACCENT, "markersize": 8, "linestyle": "none"}, title)
        for _, title, shape in plan.marks
    ]
    if entries:
        legend_row(figure, head + step * n + 0.18, entries, left)
    return to_svg(figure)
