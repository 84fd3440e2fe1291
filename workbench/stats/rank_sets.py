"""Sets of places by pairwise tests and by resampling, and how places spread by normal errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats as sp
from numpy.typing import NDArray

from workbench.stats.measured import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# Differences that are held in memory at once.
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Places that pairwise tests leave open.

    Parameters
    ----------
    low, high : array of int, shape (units,)
        Best and worst place of each unit.
    pairs : int
        Pairs that can be told apart.
    """

    low: Ints
    high: Ints
    pairs: int


def ranges_apart(x: Floats, se: Floats, level: float = 0.95, *, adjusted: bool = True) -> Ranges:
    """Return the places that tests of every pair leave open, for any number of units.

    Parameters
    ----------
    x, se : array of float, shape (units,)
        Scores, more is better, and their standard errors.
    level : float
    adjusted : bool
        Whether by Holm, so that the ranges hold for all units at once.

    Notes
    -----
    Holm's steps are those of a limit: with r pairs told apart of m, the next p is held against
    alpha / (m - r). Raising r to the pairs below that limit until it stays gives the same pairs
    without sorting them, so that nothing grows with the square of the units.
    """
    m, alpha = len(x) * (len(x) - 1) // 2, 1 - level
    told = _told(x, se, alpha if not adjusted else alpha / m)
    while adjusted:
        again = _told(x, se, alpha / max(1, m - told.pairs))
        if again.pairs == told.pairs:
            break
        told = again
    return told


def _told(x: Floats, se: Floats, alpha: float) -> Ranges:
    """Return the places left open where pairs are told apart at one limit of p."""
    limit, n = float(sp.norm.isf(alpha / 2)), len(x)
    if se[0] > 0 and not np.ptp(se):
        # With one error for all the limit is a distance, and counting needs no pairs.
        ordered, apart = np.sort(x), limit * float(np.sqrt(2)) * se[0]
        behind = np.searchsorted(ordered, x - apart, side="left")
        ahead = n - np.searchsorted(ordered, x + apart, side="right")
        return Ranges(1 + ahead, n - behind, int(ahead.sum()))
    ahead, behind = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    step = max(1, _CHUNK // n)
    for start in range(0, n, step):
        rows = slice(start, start + step)
        z = studentised(x[rows, None] - x[None, :], np.hypot(se[rows, None], se[None, :]))
        behind[rows], ahead[rows] = (z > limit).sum(axis=1), (z < -limit).sum(axis=1)
    return Ranges(1 + ahead, n - behind, int(ahead.sum()))


def studentised(gap: Floats, spread: Floats) -> Floats:
    """Return differences in standard errors; without error they are certain, or nothing at all."""
    certain = np.where(gap > 0, np.inf, np.where(gap < 0, -np.inf, 0.0))
    return np.asarray(np.divide(gap, spread, out=certain, where=spread > 0), dtype=np.float64)


def simultaneous_set(x: Floats, se: Floats, noise: Floats, level: float) -> tuple[Ints, Ints]:
    """Return the best and worst places of all units, which hold together at the level.

    Parameters
    ----------
    x, se : array of float, shape (units,)
        Scores, more is better, and their standard errors.
    noise : array of float, shape (replicates, units)
        Errors drawn with those standard errors.
    level : float

    Notes
    -----
    See :func:`_step_down`.
    """
    compared = ~np.eye(len(x), dtype=bool)
    better = _step_down(x, se, noise, level, compared)
    return 1 + better.sum(axis=0), len(x) - better.sum(axis=1)


def marginal_sets(
    x: Floats, se: Floats, noise: Floats, level: float, wanted: Ints
) -> tuple[Ints, Ints]:
    """Return the best and worst place of each wanted unit, each at the level by itself.

    Parameters
    ----------
    x, se, noise, level
        As of :func:`simultaneous_set`.
    wanted : array of int
        Positions of units.
    """
    low, high = [], []
    for one in wanted:
        compared = np.zeros((len(x), len(x)), dtype=bool)
        compared[one, :] = compared[:, one] = True
        compared[one, one] = False
        better = _step_down(x, se, noise, level, compared)
        low.append(1 + int(better[:, one].sum()))
        high.append(len(x) - int(better[one, :].sum()))
    return np.array(low, dtype=np.int64), np.array(high, dtype=np.int64)


def _step_down(x: Floats, se: Floats, noise: Floats, level: float, compared: Bools) -> Bools:
    """Return which unit (row) is better than which (column) by a step-down test.

    Notes
    -----
    The critical value is the quantile of the largest studentised difference of the noise over the
    ordered pairs still compared; pairs that exceed it are told apart and leave, until none does
    (Romano and Wolf 2005; Mogstad and others 2024, section 3).
    """
    open_, better = compared.copy(), np.zeros_like(compared)
    # A row a unit: what is gathered by pairs then lies together in memory.
    errors = np.ascontiguousarray(noise.T)
    while open_.any():
        i, j = np.nonzero(open_)
        spread = np.hypot(se[i], se[j])
        gap = x[i] - x[j]
        critical = float(np.quantile(_largest(errors, i, j, spread), level))
        told = gap > spread * critical
        if not told.any():
            break
        better[i[told], j[told]] = True
        open_[i[told], j[told]] = False
    return better


def _largest(errors: Floats, i: Ints, j: Ints, spread: Floats) -> Floats:
    """Return the largest studentised difference of each replicate, by chunks of pairs.

    Parameters
    ----------
    errors : array of float, shape (units, replicates)
    i, j : array of int, shape (pairs,)
    spread : array of float, shape (pairs,)
    """
    found = np.full(errors.shape[1], -np.inf)
    size = max(1, _CHUNK // errors.shape[1] // 8)
    safe = np.where(spread > 0, spread, np.inf)
    for start in range(0, len(i), size):
        part = slice(start, start + size)
        scaled = errors[i[part]] - errors[j[part]]
        scaled /= safe[part][:, None]
        np.maximum(found, scaled.max(axis=0), out=found)
    return found


def drawn_places(
    x: Floats,
    se: Floats,
    units: pd.Index,
    top: int,
    level: float,
    draws: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return median, range and chance of the first places, over scores drawn around those observed.

    Returns
    -------
    DataFrame
        Index unit; ``mc_rank_median``, ``mc_rank_low``, ``mc_rank_high``, ``mc_prob_top``.
    """
    n = len(x)
    places = np.empty((draws, n), dtype=np.int32)
    size = max(1, _CHUNK // n)
    for start in range(0, draws, size):
        count = min(size, draws - start)
        drawn = x + rng.standard_normal((count, n)) * se
        order = np.argsort(-drawn, axis=1)
        np.put_along_axis(
            places[start : start + count], order, np.arange(1, n + 1, dtype=np.int32)[None], axis=1
        )
    tail = (1 - level) / 2
    low, median, high = np.quantile(places, (tail, 0.5, 1 - tail), axis=0)
    return pd.DataFrame(
        {
            "mc_rank_median": median,
            "mc_rank_low": low,
            "mc_rank_high": high,
            "mc_prob_top": (places <= top).mean(axis=0),
        },
        index=units,
    )
