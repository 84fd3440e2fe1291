"""The yardstick of a measure: which values give which level."""

from __future__ import annotations

import numpy as np

from workbench.instruments import Node
from workbench.instruments.bands import Bands
from workbench.instruments.formula import constants
from workbench.study import views as v


def ranges_of(node: Node) -> tuple[v.LevelRange, ...]:
    """Return the values that give each level of a measure, worst level first.

    Empty where levels do not come from cut-points, or these depend on anything but the value.
    """
    bands = node.bands
    if bands is None or node.kind not in ("measure", "score", "points"):
        return ()
    if any("n" in condition.names for condition in bands.conditions):
        return ()
    found = [
        v.LevelRange(level=str(bands.bands[band].level), low=low, low_in=a, high=high, high_in=b)
        for band, low, a, high, b in _stretches(bands)
        if bands.bands[band].level is not None
    ]
    order = {level: place for place, level in enumerate(_worst_first(bands))}
    return tuple(
        sorted(_joined(found), key=lambda r: (order[r.level], -np.inf if r.low is None else r.low))
    )


def _worst_first(bands: Bands) -> list[str]:
    """Return the levels that the bands give, worst first."""
    pairs = {
        (place, str(band.level))
        for place, band in zip(bands.levels, bands.bands, strict=True)
        if band.level is not None
    }
    return [level for _, level in sorted(pairs)]


def _stretches(
    bands: Bands,
) -> list[tuple[int, float | None, bool, float | None, bool]]:
    """Return the band of every number that is named and of every stretch between two, in order."""
    cuts = sorted(set(constants(bands.conditions)))
    if not cuts:
        return []
    ends: list[tuple[float | None, float | None]] = [(None, cuts[0])]
    middles = [cuts[0] - 1.0]
    for a, b in zip(cuts, [*cuts[1:], None], strict=True):
        ends += [(a, a), (a, b)]
        middles += [a, a + 1.0 if b is None else (a + b) / 2]
    which = bands.which(np.array(middles)).tolist()
    return [
        (band, low, low == high, high, low == high)
        for band, (low, high) in zip(which, ends, strict=True)
        if band >= 0
    ]


def _joined(ranges: list[v.LevelRange]) -> list[v.LevelRange]:
    """Return ranges of the same level that touch as one."""
    found: list[v.LevelRange] = []
    for entry in ranges:
        last = found[-1] if found else None
        if (
            last is not None
            and last.level == entry.level
            and last.high == entry.low
            and (last.high_in or entry.low_in)
        ):
            found[-1] = last.model_copy(update={"high": entry.high, "high_in": entry.high_in})
        else:
            found.append(entry)
    return found
