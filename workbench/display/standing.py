"""The picture of page one: what a result is made of, and where it stands among all."""

from __future__ import annotations

import numpy as np

from workbench.display import blocks as b
from workbench.display.marks import (
    Key,
    bare_axes,
    key_of,
    legend,
    legend_height,
    number_on,
    segment,
)
from workbench.display.scales import score_range, score_text, tick_labels
from workbench.display.sheet import Axes, Sheet, sketch
from workbench.display.style import ACCENT, OTHER, PEER
from workbench.display.svg import SIZE, Canvas, shorten_to, text_width
from workbench.language import Locale, Noun
from workbench.study.views import NodeView

Part = tuple[b.Chip, float]
Spread = dict[str, tuple[float, ...]]

BAR = 0.42
DOT = 6.0  # points from one dot to the next
LABEL = 0.3


@sketch
def standing(
    canvas: Canvas,
    node: NodeView,
    name: str,
    parts: list[Part],
    spread: Spread,
    peer_label: str,
    noun: Noun,
) -> Sheet:
    """Return the picture of page one.

    Parameters
    ----------
    canvas : Canvas
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
    noun : Noun
        What the units are called.
    """
    locale = noun.locale
    keys = [(key_of(chip), f"{chip.title} {locale.integer(count)}") for chip, count in parts]
    bar = 0.06 + BAR + legend_height(canvas, keys, 0.05) if parts else 0.0
    others = sum(len(v) for k, v in spread.items() if k != "edges")
    if node.score is None or not others:
        figure = Sheet(canvas.width, bar + 0.05)
    else:
        bar += 0.2 if parts else 0.0
        names = _names(name, spread, peer_label, noun)
        high = _strip_height(canvas, node, spread)
        under = 0.22 + legend_height(canvas, names, 0.2)
        figure = Sheet(canvas.width, bar + LABEL + high + under + 0.05)
        _strip(canvas, figure, (bar + LABEL, high), node, name, spread, locale)
        legend(canvas, figure, bar + LABEL + high + 0.22, names, 0.2)
    if parts:
        _bar(canvas, figure, parts, locale)
        legend(canvas, figure, 0.06 + BAR, keys, 0.05)
    return figure


@sketch
def counted(canvas: Canvas, parts: list[Part], locale: Locale) -> Sheet:
    """Return counts as one bar.

    Parameters
    ----------
    canvas : Canvas
    parts : list of (Chip, count)
        By level and state.
    locale : Locale
    """
    keys = [(key_of(chip), f"{chip.title} {locale.integer(count)}") for chip, count in parts]
    figure = Sheet(canvas.width, 0.11 + BAR + legend_height(canvas, keys, 0.05))
    _bar(canvas, figure, parts, locale)
    legend(canvas, figure, 0.06 + BAR, keys, 0.05)
    return figure


def _bar(canvas: Canvas, figure: Sheet, parts: list[Part], locale: Locale) -> None:
    """Draw the stacked bar of levels and states."""
    total = sum(count for _, count in parts) or 1.0
    inches = canvas.width - 0.1
    axes = bare_axes(figure, (0.05, 0.06, inches, BAR))
    axes.axis("off")
    axes.set(xlim=(0, total), ylim=(0, 1))
    start = 0.0
    for chip, count in parts:
        if count <= 0:
            continue
        segment(axes, (start, 0.0, count, 1.0), chip)
        label = locale.integer(count)
        if count / total * inches > text_width(label, SIZE + 2) + 0.08:
            place = (start + count / 2, 0.5)
            number_on(axes, place, label, chip, size=SIZE + 2, plate=False)
        start += count


# -- among all -------------------------------------------------------------------------------------


def _names(name: str, spread: Spread, peer_label: str, noun: Noun) -> list[Key]:
    """Return the keys of the line of scores."""

    def dot(marker: str, colour: str, size: float) -> dict[str, object]:
        return {"marker": marker, "color": colour, "markersize": size, "linestyle": "none"}

    keys: list[Key] = [(dot("D", ACCENT, 6), shorten_to(name, 2.4))]
    if peer_label:
        keys.append((dot("o", PEER, 5), peer_label))
    if spread.get("others") and sum(spread["others"]):
        text = noun.text("Other {nouns}") if peer_label else noun.text("All {nouns}")
        keys.append((dot("o", OTHER, 5), text))
    return keys


def _range(node: NodeView, spread: Spread) -> tuple[float, float]:
    """Return the axis of the line of scores."""
    values = [x for k, v in spread.items() if k != "edges" for x in v]
    if "edges" in spread:
        values = list(spread["edges"])
    return score_range(node, [*values, node.score or 0.0])


def _piles(canvas: Canvas, node: NodeView, spread: Spread) -> dict[str, list[tuple[float, int]]]:
    """Return the place of one dot a unit, piled up where they meet: peers first."""
    low, high = _range(node, spread)
    slots = int((canvas.width - 0.4) * 72 / DOT)
    width = (high - low) / slots
    piles: dict[int, int] = {}
    found: dict[str, list[tuple[float, int]]] = {}
    for key in ("peers", "others"):
        for value in spread.get(key, ()):
            slot = round((value - low) / width)
            piles[slot] = piles.get(slot, 0) + 1
            found.setdefault(key, []).append((low + slot * width, piles[slot]))
    return found


def _strip_height(canvas: Canvas, node: NodeView, spread: Spread) -> float:
    """Return the height of the line of scores in inches: as high as its highest pile needs."""
    if "edges" in spread:
        return 0.62
    piles = [n for places in _piles(canvas, node, spread).values() for _, n in places]
    return min(max(0.62, max(piles, default=0) * DOT / 72), 1.6)


def _strip(
    canvas: Canvas,
    figure: Sheet,
    box: tuple[float, float],
    node: NodeView,
    name: str,
    spread: Spread,
    locale: Locale,
) -> None:
    """Draw the scores of all units on a line, the peers darker, the unit itself on top."""
    assert node.score is not None  # noqa: S101  # the caller looks
    low, high = _range(node, spread)
    top, height = box
    axes = bare_axes(figure, (0.2, top, canvas.width - 0.4, height))
    binned = "edges" in spread
    axes.set(xlim=(low, high), ylim=(0, 4.0 if binned else height * 72 / DOT), yticks=[])
    axes.xaxis.set_major_formatter(tick_labels(node, locale))
    if binned:
        _binned(axes, spread)
    else:
        _dots(axes, _piles(canvas, node, spread))
    axes.plot(
        [node.score], [0.5], marker="D", markersize=10, color=ACCENT,
        markeredgecolor="white", markeredgewidth=1.2, clip_on=False, zorder=6,
    )  # fmt: skip
    share = (node.score - low) / (high - low)
    _label(canvas, axes, share, name, score_text(node, node.score, locale))


def _label(canvas: Canvas, axes: Axes, share: float, name: str, score: str) -> None:
    """Draw name and score above the unit's place, moved inwards where they would leave the page."""
    room = canvas.width - 0.2
    short = shorten_to(name, room * 0.75 - text_width(f"  {score}", SIZE + 1), SIZE + 1)
    text = f"{short}  {score}"
    half = text_width(text, SIZE + 1, "semibold") / 2 * 1.08
    inches = 0.2 + share * (canvas.width - 0.4)
    middle = min(max(inches, 0.1 + half), canvas.width - 0.1 - half)
    (low, high), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x = low + share * (high - low)
    reach = [bottom + (top - bottom) * part for part in (0.12, 1.04)]
    axes.plot([x, x], reach, color=ACCENT, lw=1.0, solid_capstyle="butt")
    axes.text(
        x, top, text, dx=(middle - inches) * 72, dy=-4, ha="center", va="bottom",
        fontsize=SIZE + 1, fontweight="semibold", color=ACCENT,
    )  # fmt: skip


def _dots(axes: Axes, piles: dict[str, list[tuple[float, int]]]) -> None:
    """Draw one dot a unit."""
    for key, colour in (("peers", PEER), ("others", OTHER)):
        places = piles.get(key, [])
        axes.plot(
            [x for x, _ in places], [n - 0.5 for _, n in places], marker="o", markersize=5,
            color=colour, linestyle="none", markeredgecolor="white", markeredgewidth=0.4,
            clip_on=False, zorder=4,
        )  # fmt: skip


def _binned(axes: Axes, spread: Spread) -> None:
    """Draw counts in bins, peers below, others above."""
    edges = np.array(spread["edges"])
    widths = np.diff(edges) * 0.9
    peers, others = np.array(spread["peers"]), np.array(spread["others"])
    scale = 4.0 / max((peers + others).max(), 1.0)
    axes.bar(edges[:-1], peers * scale, widths, align="edge", color=PEER)
    axes.bar(edges[:-1], others * scale, widths, bottom=peers * scale, align="edge", color=OTHER)
