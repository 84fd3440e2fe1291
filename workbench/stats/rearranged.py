"""All arrangements of groups or signs, or many of them at random, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from workbench.stats.pairs import Floats
from workbench.stats.result import Number

# Up to so many arrangements all are formed: 20 units in two tens, 19 pairs.
ALL_UP_TO = 600_000
# Random numbers drawn at a time.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Arrangements:
    """What was seen under other arrangements of the same values.

    Parameters
    ----------
    sums : array of float
        Statistic of each arrangement, the one that was observed among them.
    observed, expectation : float
    shifts : array of float
        For each other arrangement the difference that, taken off, would make it even with the
        observed one.
    exact : bool
        Whether all arrangements are there; else they are a random sample.
    """

    sums: Floats
    observed: float
    expectation: float
    shifts: Floats
    exact: bool

    @property
    def count(self) -> int:
        """Number of arrangements, the observed one included."""
        return len(self.sums)

    def p_values(self) -> dict[str, Number]:
        """Return the share of arrangements that lie as far, by each definition of as far.

        Notes
        -----
        ``p_two_sided_abs``: as far from the expectation, either way. ``p_two_sided_doubled``: twice
        the smaller of both tails, at most 1. Random arrangements count the observed one, so that
        no p-value is zero (Phipson and Smyth 2010).
        """
        # Sums of the same values in another order differ in their last digits.
        size, away = (
            float(np.abs(self.sums - centre).max(initial=0.0)) for centre in (0.0, self.expectation)
        )
        slack = 1e-9 * away + 1e-13 * size
        greater = float((self.sums >= self.observed - slack).mean())
        less = float((self.sums <= self.observed + slack).mean())
        away = abs(self.observed - self.expectation)
        as_far = np.abs(self.sums - self.expectation) >= away - slack
        return {
            "arrangements": self.count,
            "p_greater": greater,
            "p_less": less,
            "p_two_sided_abs": float(as_far.mean()),
            "p_two_sided_doubled": min(1.0, 2 * min(greater, less)),
        }

    def interval(self, level: float) -> tuple[float, float]:
        """Return the differences that a test by twice the smaller tail does not reject.

        Notes
        -----
        A difference taken off the group of interest makes an arrangement even with the observed one
        at its own shift; ends are places in the order of these (Garthwaite 1996). Too few
        arrangements leave an end infinite.
        """
        k = int(np.floor((1 - level) / 2 * self.count + 1e-9))
        ordered = np.sort(self.shifts)
        same = self.count - len(ordered)
        place = k - same
        if place < 0 or place >= len(ordered):
            return -np.inf, np.inf
        return float(ordered[place]), float(ordered[len(ordered) - 1 - place])


def regrouped(
    values: Floats, chosen: NDArray[np.bool_], blocks: NDArray[np.intp], replicates: int, seed: int
) -> Arrangements:
    """Return the sum of the group of interest under other choices of its units.

    Parameters
    ----------
    values : array of float, shape (units,)
    chosen : array of bool, shape (units,)
        Whether a unit belongs to the group of interest.
    blocks : array of int, shape (units,)
        Units change places within their block only.
    replicates, seed : int
        Of random arrangements, where all would be too many.
    """
    parts = [(values[blocks == b], chosen[blocks == b]) for b in np.unique(blocks)]
    exact = prod(comb(len(v), int(c.sum())) for v, c in parts) <= ALL_UP_TO
    if exact:
        sums, kept = np.zeros(1), np.zeros(1)
        for v, c in parts:
            more, stay = _subset_sums(v, c)
            sums = np.add.outer(sums, more).ravel()
            kept = np.add.outer(kept, stay).ravel()
    else:
        sums, kept = _drawn(parts, replicates, seed)
    observed = float(values[chosen].sum())
    expectation = float(sum(v.mean() * c.sum() for v, c in parts))
    moved = chosen.sum() - kept
    away = moved > 0.5
    return Arrangements(sums, observed, expectation, (observed - sums[away]) / moved[away], exact)


def _subset_sums(values: Floats, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the sum of every choice of as many values, and how many it shares with the chosen."""
    k, n = int(chosen.sum()), len(values)
    sums: list[Floats] = [np.zeros(1)] + [np.zeros(0) for _ in range(k)]
    kept: list[Floats] = [np.zeros(1)] + [np.zeros(0) for _ in range(k)]
    for i, (value, own) in enumerate(zip(values, chosen, strict=True)):
        # From the largest choices down, so that no value is taken twice; those that can't be
        # filled any more are let go.
        for j in range(min(i + 1, k), 0, -1):
            sums[j] = np.concatenate([sums[j], sums[j - 1] + value])
            kept[j] = np.concatenate([kept[j], kept[j - 1] + own])
        for j in range(max(0, k - (n - 1 - i))):
            sums[j], kept[j] = np.zeros(0), np.zeros(0)
    return sums[k], kept[k]


def _drawn(
    parts: list[tuple[Floats, NDArray[np.bool_]]], replicates: int, seed: int
) -> tuple[Floats, Floats]:
    """Return sums and overlaps of random choices, the observed one first."""
    rng = np.random.default_rng(seed)
    sums, kept = np.zeros(replicates + 1), np.zeros(replicates + 1)
    for values, chosen in parts:
        k, n = int(chosen.sum()), len(values)
        sums[0] += values[chosen].sum()
        kept[0] += k
        if k == 0:
            continue
        step = max(1, _CELLS // n)
        for start in range(1, replicates + 1, step):
            rows = min(step, replicates + 1 - start)
            order = np.argpartition(rng.random((rows, n)), k - 1, axis=1)[:, :k]
            sums[start : start + rows] += values[order].sum(axis=1)
            kept[start : start + rows] += chosen[order].sum(axis=1)
    return sums, kept


def flipped(change: Floats, replicates: int, seed: int) -> Arrangements:
    """Return the sum of changes under other signs, each as likely as the other.

    Parameters
    ----------
    change : array of float, shape (pairs,)
        Those of pairs without change too: they tell the interval, not the p-value.
    replicates, seed : int
        Of random signs, where all would be too many.
    """
    n = len(change)
    exact = 2**n <= ALL_UP_TO
    if exact:
        sums, turned = np.zeros(1), np.zeros(1)
        for value in change:
            sums = np.concatenate([sums, sums + value])
            turned = np.concatenate([turned, turned + 1])
    else:
        rng = np.random.default_rng(seed)
        sums, turned = np.zeros(replicates + 1), np.zeros(replicates + 1)
        step = max(1, _CELLS // n)
        for start in range(1, replicates + 1, step):
            signs = rng.random((min(step, replicates + 1 - start), n)) < 0.5
            sums[start : start + len(signs)] = signs @ change
            turned[start : start + len(signs)] = signs.sum(axis=1)
    total = float(change.sum())
    away = turned > 0.5
    # ``sums`` are those of the pairs whose sign is turned: a mean of these is the shift.
    return Arrangements(total - 2 * sums, total, 0.0, sums[away] / turned[away], exact)
