"""How often each unit had each place and score, in memory that does not grow with the draws."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.audit.places import Ints as Places
from workbench.scoring.states import Floats

# A move of more places than this is far.
FAR = 5
BINS = 2048
PLACE_NUMBERS = ("mean", "median", "low", "high", "least", "most", "moved_far", "top")
SCORE_NUMBERS = ("mean", "median", "low", "high", "least", "most")


@dataclass(eq=False)
class Counts:
    """How often each case had each place, and what its scores were.

    Parameters
    ----------
    cases : slice
        Cases that are counted.
    most : int
        Places that there are.
    base : array of int, shape (all cases,)
        Places as the index has them.
    ends : tuple of array of float
        Lowest and highest score that the bins of each of all cases are between.
    """

    cases: slice
    most: int
    base: Places
    ends: tuple[Floats, Floats]
    places: np.ndarray = field(init=False)
    scores: np.ndarray = field(init=False)
    scored: np.ndarray = field(init=False)
    low: Floats = field(init=False)
    high: Floats = field(init=False)

    def __post_init__(self) -> None:
        n = self.cases.stop - self.cases.start
        self.places = np.zeros((n, self.most + 1), dtype=np.uint32)
        self.scores = np.zeros((n, BINS), dtype=np.uint32)
        self.scored = np.zeros(n, dtype=np.int64)
        self.low, self.high = np.full(n, np.inf), np.full(n, -np.inf)

    def add_places(self, places: Places) -> None:
        """Count the places of a batch, shape (draws, all cases)."""
        flat = self.places.reshape(-1)
        start = np.arange(len(self.places)) * self.places.shape[1]
        for draw in places[:, self.cases]:
            flat[start + draw] += 1

    def add_scores(self, scores: Floats) -> Floats:
        """Count the scores of a batch, shape (all cases, draws), and return their sums."""
        own = scores[self.cases]
        low, high = (end[self.cases][:, None] for end in self.ends)
        there = ~np.isnan(own)
        with np.errstate(all="ignore"):
            place = (own - low) / np.where(high > low, high - low, 1.0) * BINS
        bins = np.clip(np.where(there, place, 0.0), 0, BINS - 1).astype(np.int64)
        bins += (np.arange(len(own)) * BINS)[:, None]
        flat = self.scores.reshape(-1)
        for draw, known in zip(bins.T, there.T, strict=True):
            flat[draw[known]] += 1
        self.scored += there.sum(axis=1)
        self.low = np.fmin(self.low, np.where(there, own, np.inf).min(axis=1))
        self.high = np.fmax(self.high, np.where(there, own, -np.inf).max(axis=1))
        return np.asarray(np.where(there, own, 0.0).sum(axis=1), dtype=np.float64)


def place_numbers(counts: Counts, share: float, top: int) -> Floats:
    """Return the numbers of each case's places, in the order of ``PLACE_NUMBERS``."""
    found = np.full((len(counts.places), len(PLACE_NUMBERS)), np.nan)
    base = counts.base[counts.cases]
    numbers = np.arange(1, counts.most + 1)
    tails = ((1 - share) / 2, 0.5, (1 + share) / 2)
    for i, row in enumerate(counts.places[:, 1:].astype(np.int64)):
        n = int(row.sum())
        if not n:
            continue
        seen = np.flatnonzero(row)
        low, median, high = (counted_quantile(numbers, row, p) for p in tails)
        far = row[np.abs(numbers - base[i]) > FAR].sum() / n if base[i] else np.nan
        mean = float(row @ numbers) / n
        found[i] = (mean, median, low, high, seen[0] + 1, seen[-1] + 1, far, row[:top].sum() / n)
    return found


def counted_quantile(values: np.ndarray, counts: np.ndarray, p: float) -> float:
    """Return a quantile of values that stand so many times, on the line between neighbours."""
    upto = np.cumsum(counts)
    place = (upto[-1] - 1) * p
    under = int(np.floor(place))
    a, b = (
        values[np.searchsorted(upto, k, side="right")]
        for k in (under, min(under + 1, upto[-1] - 1))
    )
    return float(a + (b - a) * (place - under))


def score_numbers(counts: Counts, total: Floats, share: float) -> Floats:
    """Return the numbers of each case's scores, in the order of ``SCORE_NUMBERS``."""
    found = np.full((len(counts.scores), len(SCORE_NUMBERS)), np.nan)
    low, high = (end[counts.cases] for end in counts.ends)
    middle = (np.arange(BINS) + 0.5) / BINS
    for i, row in enumerate(counts.scores.astype(np.int64)):
        if not counts.scored[i]:
            continue
        at = low[i] + middle * (high[i] - low[i])
        least, most = counts.low[i], counts.high[i]
        inside = [
            float(np.clip(counted_quantile(at, row, p), least, most))
            for p in (0.5, (1 - share) / 2, (1 + share) / 2)
        ]
        found[i] = (total[i] / counts.scored[i], *inside, least, most)
    return found
