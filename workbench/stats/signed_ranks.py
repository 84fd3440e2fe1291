"""The exact distribution of signed ranks, ties included, and the interval that follows from it."""

from __future__ import annotations

import numpy as np
import scipy.stats as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Beyond this the normal approximation is as good as exact, and cheaper.
EXACT_UP_TO = 200


def signed_ranks(change: Floats, zeros: str = "drop") -> tuple[Floats, Floats]:
    """Return the changes that count and their ranks by size, ties sharing the mean rank.

    Parameters
    ----------
    change : array of float, shape (pairs,)
    zeros : {"drop", "pratt"}
        Whether pairs without change are left out before or after ranking (Pratt 1959).
    """
    moved = change[change != 0]
    if zeros == "pratt":
        return moved, sp.rankdata(np.abs(change))[change != 0]
    return moved, sp.rankdata(np.abs(moved))


def exact_p(ranks: Floats, statistic: float) -> float:
    """Return the two-sided probability of a rank sum at least as far from its mean.

    Parameters
    ----------
    ranks : array of float
        Ranks of all pairs that moved; halves where there are ties.
    statistic : float
        Sum of the ranks of those that rose.

    Notes
    -----
    Each sign is as likely as the other, given the sizes (conditional on ties). Ranks are doubled to
    whole numbers, and the distribution of the sum is built rank by rank. The p-value is twice the
    smaller tail, at most 1, which for a symmetric distribution is that of the distance.
    """
    doubled = np.rint(2 * ranks).astype(int)
    ways = np.zeros(doubled.sum() + 1)
    ways[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(ways)
        shifted[rank:] = ways[: len(ways) - rank]
        ways = (ways + shifted) / 2.0
    at = round(2 * statistic)
    tail = min(ways[: at + 1].sum(), ways[at:].sum())
    return float(min(1.0, 2.0 * tail))


def normal_p(ranks: Floats, statistic: float, *, continuity: bool) -> tuple[float, float]:
    """Return z and the two-sided p by the normal approximation with the variance under ties."""
    centre, spread = ranks.sum() / 2, np.sqrt((ranks**2).sum() / 4)
    distance = statistic - centre
    if continuity:
        distance -= 0.5 * np.sign(distance)
    z = float(distance / spread)
    return z, float(2 * sp.norm.sf(abs(z)))


def walsh(change: Floats) -> Floats:
    """Return the sorted means of all pairs of changes, each with itself too (Walsh averages)."""
    i, j = np.triu_indices(len(change))
    return np.sort((change[i] + change[j]) / 2)


def walsh_interval(averages: Floats, n: int, level: float) -> tuple[float, float, float]:
    """Return the interval of the median of Walsh averages, and the level it attains.

    Parameters
    ----------
    averages : array of float
        Sorted.
    n : int
        Pairs.
    level : float

    Notes
    -----
    The interval leaves out the k smallest and the k largest averages, with k the largest for which
    the exact distribution of the rank sum without ties leaves at most (1 - level) / 2 in each tail
    (Hollander, Wolfe and Chicken 2014, 3.3). Beyond 200 pairs k comes from the normal
    approximation.
    """
    tail = (1 - level) / 2
    total = n * (n + 1) // 2
    if n <= EXACT_UP_TO:
        ways = np.zeros(total + 1)
        ways[0] = 1.0
        for rank in range(1, n + 1):
            shifted = np.zeros_like(ways)
            shifted[rank:] = ways[: len(ways) - rank]
            ways = (ways + shifted) / 2.0
        below = np.cumsum(ways)
        k = int(np.searchsorted(below, tail, side="right"))
        attained = 1.0 - 2.0 * (below[k - 1] if k else 0.0)
    else:
        spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        k = int(max(0, np.floor(total / 2 + sp.norm.ppf(tail) * spread)))
        attained = level
    if k == 0:
        return -np.inf, np.inf, 1.0
    return float(averages[k - 1]), float(averages[total - k]), float(attained)
