"""Two samples by ranks: exact distribution of the rank sum, shift, probability of superiority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.special as special

from workbench.stats.noise import grain, settled
from workbench.stats.pairs import Floats

# Exact below, as R does without ties; with ties ranks are halves and the table doubles each way.
EXACT_BELOW, EXACT_TIES_UP_TO = 50, 50
# All differences of two samples are formed up to so many; beyond, only those near the quantile.
_ALL_DIFFERENCES = 40_000
_GRID = 100


@dataclass(frozen=True, slots=True)
class Ranked:
    """Two samples by ranks.

    Parameters
    ----------
    u : float
        Pairs of one of each in which ``x`` is greater, ties by half (Mann and Whitney's U of x).
    above_x : array of float, shape (nx,)
        Units of ``y`` below each of ``x``, ties by half.
    above_y : array of float, shape (ny,)
        Units of ``x`` below each of ``y``, ties by half.
    ties : array of float
        Sizes of the groups of equal values, of both samples together.
    """

    x: Floats
    y: Floats
    u: float
    above_x: Floats
    above_y: Floats
    ties: Floats

    @property
    def pairs(self) -> int:
        """Pairs of one of each."""
        return len(self.x) * len(self.y)

    @property
    def tied(self) -> bool:
        """Whether any two values are equal."""
        return bool(self.ties.max(initial=1) > 1)


def ranked(x: Floats, y: Floats) -> Ranked:
    """Return two samples by ranks, without binary noise."""
    decimals = grain(x, y)
    x, y = np.sort(settled(x, decimals)), np.sort(settled(y, decimals))
    above_x = (np.searchsorted(y, x, "left") + np.searchsorted(y, x, "right")) / 2.0
    above_y = (np.searchsorted(x, y, "left") + np.searchsorted(x, y, "right")) / 2.0
    both = np.sort(np.concatenate([x, y]))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(both) > 0, [True]]))
    return Ranked(x, y, float(above_x.sum()), above_x, above_y, np.diff(starts).astype(float))


def normal_p(found: Ranked, *, continuity: bool) -> float:
    """Return the two-sided p of the rank sum by the normal approximation, ties in its variance."""
    total = len(found.x) + len(found.y)
    distance = found.u - found.pairs / 2
    if continuity:
        distance -= 0.5 * np.sign(distance)
    return float(2 * special.ndtr(-abs(distance) / _spread(found.pairs, total, found.ties)))


def _spread(pairs: int, total: int, ties: Floats) -> float:
    """Return the standard deviation of U."""
    correction = (ties**3 - ties).sum() / (total * (total - 1))
    return float(np.sqrt(pairs / 12 * (total + 1 - correction)))


def exact_p(found: Ranked) -> tuple[float, float] | tuple[None, None]:
    """Return the exact two-sided p of the rank sum given the ties; None for large samples.

    Notes
    -----
    Every choice of ``nx`` of the ranks is as likely as another. With ties the distribution need not
    be symmetric, and there are two definitions: the probability of a sum at least as far from its
    mean, and twice the smaller tail. Both are given, in that order.
    """
    n, m = len(found.x), len(found.y)
    if n + m > EXACT_TIES_UP_TO and (found.tied or max(n, m) >= EXACT_BELOW):
        return None, None
    scale = 2 if found.tied else 1
    ends = np.cumsum(found.ties)
    ranks = np.repeat(scale * (ends - (found.ties - 1) / 2), found.ties.astype(int))
    shares = _rank_sums(tuple(np.rint(ranks).astype(int).tolist()), n)
    at = round(scale * (found.u + n * (n + 1) / 2))
    away = np.abs(np.arange(len(shares)) - scale * n * (n + m + 1) / 2)
    doubled = 2 * min(shares[: at + 1].sum(), shares[at:].sum())
    return float(min(1.0, shares[away >= away[at]].sum())), float(min(1.0, doubled))


@lru_cache(maxsize=64)
def _rank_sums(ranks: tuple[int, ...], n: int) -> Floats:
    """Return the probability of each sum of ``n`` of the ranks, built rank by rank."""
    ways = np.zeros((n + 1, sum(sorted(ranks)[len(ranks) - n :]) + 1))
    ways[0, 0] = 1.0
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, : ways.shape[1] - rank].copy()
    return np.asarray(ways[n] / ways[n].sum())


def shift(found: Ranked, level: float) -> tuple[float, float, float]:
    """Return the Hodges-Lehmann shift of ``x`` against ``y`` with its interval.

    Notes
    -----
    The shift is the median of all differences of one of each. The interval leaves out the k
    smallest and k largest differences, k the largest for which the exact distribution of U without
    ties leaves at most ``(1 - level) / 2`` in each tail (Hollander, Wolfe and Chicken 2014, 4.3);
    for large samples by the normal approximation. Ends are infinite where k is 0.
    """
    n, m, pairs = len(found.x), len(found.y), found.pairs
    if max(n, m) < EXACT_BELOW:
        shares = _rank_sums(tuple(range(1, n + m + 1)), n)[n * (n + 1) // 2 :]
        k = int(np.searchsorted(np.cumsum(shares), (1 - level) / 2, side="right"))
    else:
        z = special.ndtri(0.5 + level / 2)
        k = max(0, int(np.floor(pairs / 2 - z * _spread(pairs, n + m, found.ties))))
    wanted = [(pairs + 1) // 2, pairs // 2 + 1, *((k, pairs + 1 - k) if k else ())]
    values = differences_at(found.x, found.y, wanted)
    low, high = (values[2], values[3]) if k else (-np.inf, np.inf)
    return (values[0] + values[1]) / 2, low, high


def differences_at(x: Floats, y: Floats, places: Sequence[int]) -> list[float]:
    """Return the differences ``x - y`` at given places in the order of all of them.

    Parameters
    ----------
    x, y : array of float
        Sorted.
    places : sequence of int
        From 1 to ``len(x) * len(y)``.

    Notes
    -----
    Of large samples only the differences near a place are formed: a grid of quantiles says where,
    counts by bisection say how many lie below, and the rest is sorted.
    """
    decimals = grain(x, y)
    if len(x) * len(y) <= _ALL_DIFFERENCES:
        differences = settled(np.subtract.outer(x, y), decimals).ravel()
        at = np.asarray(places) - 1
        found: list[float] = np.partition(differences, np.unique(at))[at].tolist()
        return found
    grid = np.sort(np.subtract.outer(_thinned(x), _thinned(y)).ravel())
    near: dict[int, float] = {}
    for place in places:
        # The two middle places of an even count lie in one cut.
        if place not in near:
            near |= _differences_near(x, y, grid, place, places)
    return [near[place] for place in places]


def _thinned(values: Floats) -> Floats:
    """Return quantiles of sorted values."""
    return np.asarray(values[np.linspace(0, len(values) - 1, min(_GRID, len(values))).astype(int)])


def _differences_near(
    x: Floats, y: Floats, grid: Floats, place: int, places: Sequence[int]
) -> dict[int, float]:
    """Return the difference at one place of large samples, and those at other places near it."""
    share = (place - 0.5) / (len(x) * len(y))
    decimals = grain(x, y)
    spare, width = 10.0 ** (1 - decimals), 0.004
    while True:
        ends = [int(len(grid) * end) for end in (share - width, share + width)]
        low = grid[ends[0]] - spare if ends[0] > 0 else -np.inf
        high = grid[ends[1]] + spare if ends[1] < len(grid) else np.inf
        # Differences up to v are those of y at or above x - v.
        first, last = np.searchsorted(y, x - high, "left"), np.searchsorted(y, x - low, "left")
        below, counts = int((len(y) - last).sum()), last - first
        total = int(counts.sum())
        if below < place <= below + total:
            break
        width *= 2
    rows = np.repeat(np.arange(len(x)), counts)
    columns = np.arange(total) - np.repeat(np.cumsum(counts) - counts - first, counts)
    inside = [one for one in places if below < one <= below + total]
    at = [one - below - 1 for one in inside]
    near = np.partition(settled(x[rows] - y[columns], decimals), sorted(set(at)))[at]
    return dict(zip(inside, near.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Superiority:
    """How often one of ``y`` exceeds one of ``x`` (Brunner and Munzel).

    Parameters
    ----------
    share : float
        P(y > x) + P(y = x) / 2.
    statistic, df, p, error : float or None
        Positive where y is greater; None where the samples don't overlap, which leaves no variance.
    """

    share: float
    statistic: float | None
    df: float | None
    p: float | None
    error: float | None

    def interval(self, level: float) -> tuple[float, float] | tuple[None, None]:
        """Return the t interval of the share of y; it may leave 0 to 1."""
        if self.error is None or self.df is None:
            return None, None
        reach = float(special.stdtrit(self.df, 0.5 + level / 2)) * self.error
        return self.share - reach, self.share + reach

    def logit_interval(self, level: float) -> tuple[float, float] | None:
        """Return the interval of the share of x, by its log odds, inside 0 to 1."""
        if self.error is None or self.df is None:
            return None
        x = 1 - self.share
        centre = np.log(x / self.share)
        reach = special.stdtrit(self.df, 0.5 + level / 2) * self.error / (x * self.share)
        return float(special.expit(centre - reach)), float(special.expit(centre + reach))


def superiority(found: Ranked) -> Superiority:
    """Return the probability of superiority, its error and test.

    Notes
    -----
    Brunner and Munzel (2000): variances of the placements of each sample in the other, degrees of
    freedom after Satterthwaite.
    """
    n, m = len(found.x), len(found.y)
    share = 1 - found.u / found.pairs
    parts = np.array(
        [
            float(found.above_x.var(ddof=1)) / (m * m * n),
            float(found.above_y.var(ddof=1)) / (n * n * m),
        ]
    )
    variance = parts.sum()
    if variance <= 0 or not 0 < share < 1:
        return Superiority(share, None, None, None, None)
    df = variance**2 / (parts**2 / np.array([n - 1, m - 1])).sum()
    error = np.sqrt(variance)
    statistic = (share - 0.5) / error
    p = 2 * special.stdtr(df, -abs(statistic))
    return Superiority(share, float(statistic), float(df), float(p), float(error))
