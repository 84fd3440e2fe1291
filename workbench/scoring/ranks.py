"""Ranks with what ties and missing data leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.scoring.states import Floats

# Digits that count when two numbers are compared for a place.
DIGITS = 11


@dataclass(frozen=True, slots=True)
class Ranks:
    """Places of units by score, 1 is best; arrays of shape (units,).

    Parameters
    ----------
    rank : array of float
        Place among the units with a score; ties share the best of their places. NaN without one.
    ties : array of float
        Units that share the place, the unit itself included.
    best, worst : array of float
        Places that the bounds of all scores allow.
    n : int
        Units with a score or with bounds: those without a score can still stand above others.
    """

    rank: Floats
    ties: Floats
    best: Floats
    worst: Floats
    n: int


def rank_units(score: Floats, low: Floats, high: Floats, *, direction: int = 1) -> Ranks:
    """Return places by score with the range that data bounds allow.

    Parameters
    ----------
    score, low, high : array of float, shape (units,)
        Score and its bounds; a missing bound is the score itself.
    direction : int
        1 if more is better.

    Notes
    -----
    Best place: 1 + units whose lowest possible score is above this unit's highest. Worst place: 1 +
    units whose highest possible score is above this unit's lowest.
    """
    score, low, high = (_settled(v) for v in (score, low, high))
    x = score * direction
    a = np.where(np.isnan(low), score, low) * direction
    b = np.where(np.isnan(high), score, high) * direction
    lowest, highest = np.fmin(a, b), np.fmax(a, b)
    there, counted = ~np.isnan(x), ~np.isnan(lowest) & ~np.isnan(highest)
    ordered = np.sort(x[there])
    above = ordered.size - np.searchsorted(ordered, x, side="right")
    ties = np.searchsorted(ordered, x, side="right") - np.searchsorted(ordered, x, side="left")
    by_low, by_high = np.sort(lowest[counted]), np.sort(highest[counted])
    best = by_low.size - np.searchsorted(by_low, highest, side="right") + 1
    worst = by_high.size - np.searchsorted(by_high, lowest, side="right")
    # A unit does not stand above itself: its own highest is counted where its bounds are apart.
    worst = worst - (highest > lowest) + 1

    def keep(v: NDArray[Any]) -> Floats:
        return np.where(there, v.astype(np.float64), np.nan)

    return Ranks(keep(above + 1), keep(ties), keep(best), keep(worst), int(counted.sum()))


def _settled(values: Floats) -> Floats:
    """Return numbers without the noise of binary arithmetic, which would break ties.

    Three roads to 30 give 29.99999999999999, 30.0 and 30.000000000000004; all share one place.
    """
    size = np.abs(np.where(np.isfinite(values) & (values != 0), values, 1.0))
    scale = 10.0 ** (DIGITS - np.floor(np.log10(size)))
    return np.asarray(np.where(np.isfinite(values), np.rint(values * scale) / scale, values))
