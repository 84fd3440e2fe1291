"""How often each unit had each place and score, in memory that does not grow with the draws."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.audit.limits import FAR
from workbench.audit.places import Ints as Places
from workbench.scoring.states import Floats

BINS = 2048
PLACE_NUMBERS = ("mean", "median", "low", "high", "least", "most", "moved_far", "top", "scored")
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
    tails = ((1 - share) / 2, 0.5, (1 + share) / 2)
    for i, row in enumerate(counts.places):
        places = np.flatnonzero(row[1:]) + 1
        if not places.size:
            continue
        times = row[places].astype(np.int64)
        n = int(times.sum())
        low, median, high = counted_quantiles(places, times, tails)
        far = times[np.abs(places - base[i]) > FAR].sum() / n if base[i] else np.nan
        first = times[places <= top].sum() / n
        mean = float(times @ places) / n
        scored = n / int(row.sum())
        found[i] = (mean, median, low, high, places[0], places[-1], far, first, scored)
    return found


def counted_quantiles(
    values: np.ndarray, counts: np.ndarray, shares: tuple[float, ...]
) -> list[float]:
    """Return quantiles of values that stand so many times, on the line between neighbours.

    Parameters
    ----------
    values : array of float
        Rising.
    counts : array of int
        How often each value stands, at least once.
    shares : tuple of float
        From 0 to 1.
    """
    upto = np.cumsum(counts)
    last = int(upto[-1]) - 1
    found = []
    for share in shares:
        place = last * share
        under = int(place)
        ends = values[np.searchsorted(upto, (under, min(under + 1, last)), side="right")]
        found.append(float(ends[0] + (ends[1] - ends[0]) * (place - under)))
    return found


def score_numbers(counts: Counts, total: Floats, share: float) -> Floats:
    """Return the numbers of each case's scores, in the order of ``SCORE_NUMBERS``."""
    found = np.full((len(counts.scores), len(SCORE_NUMBERS)), np.nan)
    low, high = (end[counts.cases] for end in counts.ends)
    tails = (0.5, (1 - share) / 2, (1 + share) / 2)
    for i, row in enumerate(counts.scores):
        bins = np.flatnonzero(row)
        if not bins.size:
            continue
        at = low[i] + (bins + 0.5) / BINS * (high[i] - low[i])
        least, most = counts.low[i], counts.high[i]
        inside = np.clip(counted_quantiles(at, row[bins].astype(np.int64), tails), least, most)
        found[i] = (total[i] / counts.scored[i], *inside, least, most)
    return found
