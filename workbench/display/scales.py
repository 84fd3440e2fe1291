"""Scores as printed and the axes they stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.display.values import decimals_of
from workbench.language import Locale
from workbench.study.views import NodeView

HALF_OF_THE_AXIS = 50.0


def score_text(node: NodeView, value: float | None, locale: Locale, *, sign: bool = False) -> str:
    """Return a score as printed: percent, points of a maximum, or a plain number with its unit."""
    if node.unit in ("percent", "%"):
        return locale.percent(value, node.decimals, sign=sign)
    text = locale.number(value, node.decimals, sign=sign)
    if node.unit in (None, "points") or value is None:
        return text
    return f"{text} {node.unit}"


def score_of(node: NodeView, value: float | None, locale: Locale) -> str:
    """Return a score as printed; points with their maximum, which differs from area to area."""
    text = score_text(node, value, locale)
    if node.unit != "points" or not node.maximum or value is None:
        return text
    whole = float(node.maximum).is_integer()
    full = locale.number(node.maximum, 0 if whole else node.decimals)
    return locale.text("{met} of {n}", met=text, n=full)


def score_range(node: NodeView, values: list[float]) -> tuple[float, float]:
    """Return the axis of a score: 0 to its maximum where it has one, else the data's own range.

    Scores up to 100 stand on 0 to 100, unless they leave most of it empty and are no percentages.
    """
    if node.maximum is not None:
        return 0.0, node.maximum
    low, high = min(values, default=0.0), max(values, default=1.0)
    percent = node.unit in ("percent", "%")
    if low >= 0 and high <= 100 and high > (1 if percent else HALF_OF_THE_AXIS):
        return 0.0, 100.0
    margin = (high - low) * 0.05 or 1.0
    return low - margin, high + margin


def bar_range(node: NodeView, values: list[float]) -> tuple[float, float]:
    """Return the axis of a score drawn as a bar: it holds zero, where the bar begins.

    Without a declared maximum it ends at 1 or at 100, whichever first holds the values, or a
    little beyond them.
    """
    if node.maximum is not None:
        return 0.0, node.maximum
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = max(abs(low), abs(high)) * 0.05
    top = next((end for end in (1.0, 100.0) if high <= end), high + margin)
    return (0.0, top) if low >= 0 else (low - margin, max(high + margin, 0.0))


def tick_text(node: NodeView, value: float, locale: Locale) -> str:
    """Return an axis label with the decimals that it needs."""
    decimals = decimals_of(value)
    if node.unit in ("percent", "%"):
        return locale.percent(value, decimals)
    return locale.number(value, decimals)


def tick_labels(node: NodeView, locale: Locale) -> Callable[[float, Any], str]:
    """Return what writes the labels of an axis of scores."""
    return lambda x, _: tick_text(node, x, locale)
