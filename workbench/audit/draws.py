"""Thousands of draws of an index, summed up batch by batch in memory that does not grow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np

from workbench.audit.alternatives import LISTS, MEASUREMENT
from workbench.audit.counts import BINS, Counts, place_numbers, score_numbers
from workbench.audit.limits import FAR
from workbench.audit.places import Ints as Places
from workbench.audit.places import row_places
from workbench.audit.variants import Draws, Ints, Variants
from workbench.scoring.states import Floats

SCALE = LISTS.index("normalise")
# Cells of a batch: what a processor keeps at hand; and bytes of the counts of one pass.
_CELLS, _BYTES = 640_000, 400_000_000

Weigh = Callable[[int, Ints], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Draws that share their choices and differ in weights: their number, and their rows."""

    number: int
    rows: Ints


def batches(variants: Variants, draws: Draws) -> Iterator[Batch]:
    """Yield draws in the order of their choices, a batch at a time."""
    keys = np.column_stack([draws.picks, draws.error])
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    # Errors of measurement differ from draw to draw; without them they are missing, and equal.
    new = ((ordered[1:] != ordered[:-1]) & ~np.isnan(ordered[1:])).any(axis=1)
    size = int(np.clip(_CELLS // max(1, len(variants.cases)), 16, 4096))
    number = 0
    for same in np.split(order, np.flatnonzero(new) + 1):
        for start in range(0, len(same), size):
            yield Batch(number, same[start : start + size])
            number += 1


def even_weights(variants: Variants, seed: int) -> Weigh:
    """Return weights drawn evenly, the same for a batch whoever draws it and when."""

    def weigh(number: int, rows: Ints) -> Floats:
        rng = np.random.default_rng([seed, 1, number])
        return variants.weights(rng.random((len(rows), len(variants.edges))))

    return weigh


def places_of(variants: Variants, scores: Floats) -> Places:
    """Return places within each wave, shape (draws, cases); 0 without a score."""
    turned = np.ascontiguousarray(scores.T)
    if variants.less_is_better:
        turned = -turned
    if len(variants.waves) == 1:
        return row_places(turned)
    found = np.zeros(turned.shape, dtype=np.int32)
    for rows in variants.waves:
        found[:, rows] = row_places(np.ascontiguousarray(turned[:, rows]))
    return found


def each_batch(
    variants: Variants,
    draws: Draws,
    weigh: Weigh,
    use: Callable[[Batch, Floats, Places], None],
    *,
    workers: int | None = None,
) -> None:
    """Score all draws and hand on the scores and places of each batch.

    Parameters
    ----------
    variants : Variants
    draws : Draws
    weigh : callable
        Gives the weights of a batch from its number and its rows.
    use : callable
        Called with the batch, scores of shape (cases, draws), and places of shape (draws, cases);
        by several threads at once.
    workers : int, optional
        Threads; the processors that there are by default. What is found does not depend on them.
    """

    def run(batch: Batch) -> None:
        first = batch.rows[0]
        weights = weigh(batch.number, batch.rows)
        scores = variants.scores(draws.picks[first], float(draws.error[first]), weights)
        use(batch, scores, places_of(variants, scores))

    count = workers or os.cpu_count() or 1
    with ThreadPoolExecutor(count) as pool:
        # Handed out a few at a time: all batches of a nation at once would wait in memory.
        waiting = []
        for batch in batches(variants, draws):
            waiting.append(pool.submit(run, batch))
            if len(waiting) >= 4 * count:
                waiting.pop(0).result()
        for job in waiting:
            job.result()


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """What all draws gave.

    Parameters
    ----------
    places : array of float, shape (cases, numbers)
        Of each case: see ``PLACE_NUMBERS``.
    scores : array of float, shape (cases, numbers)
        Of each case: see ``SCORE_NUMBERS``.
    shift : array of float, shape (draws,)
        Mean over cases of how far the place is from that of the index.
    moved : array of float, shape (draws,)
        Share of cases whose place is more than five from that of the index.
    draws : Draws
    """

    places: Floats
    scores: Floats
    shift: Floats
    moved: Floats
    draws: Draws


def simulate(
    variants: Variants,
    base: Places,
    draws: int,
    *,
    seed: int,
    share: float = 0.90,
    top: int = 10,
    workers: int | None = None,
) -> Simulation:
    """Draw from a plan and sum up.

    Parameters
    ----------
    variants : Variants
    base : array of int, shape (cases,)
        Places as the index has them, 0 without.
    draws : int
    seed : int
    share : float
        Of the draws that a range holds.
    top : int
        First places whose share is given.
    workers : int, optional

    Notes
    -----
    Places are counted exactly. Scores are counted in 2,048 bins, of the draws on the index's own
    scale alone, since others would mix scales; their mean and ends are exact. Memory depends on the
    cases and not on the draws: a nation of 16,288 is counted in several passes.
    """
    n = len(variants.cases)
    rng = np.random.default_rng([seed, 0])
    drawn = variants.drawn(rng.random((draws, len(variants.lists) + 1)))
    most = max(int(rows.sum()) for rows in variants.waves)
    step = max(1, _BYTES // (4 * (most + 1 + BINS)))
    ends = score_ends(variants, seed)
    weigh = even_weights(variants, seed)
    passes = []
    for start in range(0, n, step):
        part = _Pass(drawn, Counts(slice(start, min(n, start + step)), most, base, ends))
        each_batch(variants, drawn, weigh, part.use, workers=workers)
        passes.append(part)
    return Simulation(
        np.vstack([place_numbers(part.counts, share, top) for part in passes]),
        np.vstack([score_numbers(part.counts, part.total, share) for part in passes]),
        passes[0].shift,
        passes[0].moved,
        drawn,
    )


class _Pass:
    """Draws counted for some of the cases.

    Parameters
    ----------
    drawn : Draws
    counts : Counts
    """

    def __init__(self, drawn: Draws, counts: Counts) -> None:
        self.drawn, self.counts = drawn, counts
        self.shift, self.moved = (np.full(len(drawn), np.nan) for _ in range(2))
        self._sums: dict[int, Floats] = {}
        self._lock = Lock()

    def use(self, batch: Batch, scores: Floats, places: Places) -> None:
        """Count a batch; several threads may come at once."""
        self.shift[batch.rows], self.moved[batch.rows] = shifts(self.counts.base, places)
        own_scale = self.drawn.picks[batch.rows[0], SCALE] == 0
        with self._lock:
            self.counts.add_places(places)
            if own_scale:
                self._sums[batch.number] = self.counts.add_scores(scores)

    @property
    def total(self) -> Floats:
        """Sum of the scores of each case, in the order of batches whoever was first."""
        found = np.zeros(len(self.counts.places))
        for number in sorted(self._sums):
            found += self._sums[number]
        return found


def score_ends(variants: Variants, seed: int) -> tuple[Floats, Floats]:
    """Return between which scores each case is counted, from a few draws of each choice alone."""
    rng = np.random.default_rng([seed, 2])
    low = np.full(len(variants.cases), np.inf)
    high = -low
    for picks, error, count in _few_draws(variants, rng):
        weights = variants.weights(rng.random((count, len(variants.edges))))
        scores = variants.scores(picks, error, weights)
        low, high = np.fmin(low, scores.min(axis=1)), np.fmax(high, scores.max(axis=1))
    # Beyond thrice the spread of these few nothing is expected; what lies there has the end's bin.
    gap = np.maximum(high - low, 1e-9)
    return low - gap, high + gap


def _few_draws(variants: Variants, rng: np.random.Generator) -> Iterator[tuple[Ints, float, int]]:
    """Yield each choice that keeps the index's own scale, with the number of weights to draw."""
    nominal = np.zeros(len(LISTS), dtype=np.int64)
    for name in ("impute", "treat", "aggregate", "missing"):
        for pick in range(len(variants.lists[name])):
            picks = nominal.copy()
            picks[LISTS.index(name)] = pick
            yield picks, np.nan, 32
    if MEASUREMENT in variants.varied:
        for error in rng.random(64):
            yield nominal, float(error), 1


def shifts(base: Places, places: Places) -> tuple[Floats, Floats]:
    """Return the mean shift of places and the share that moved far, by draw."""
    both = (places > 0) & (base > 0)
    gap = np.where(both, np.abs(places - base), 0)
    count = np.maximum(both.sum(axis=1), 1)
    return gap.sum(axis=1) / count, (gap > FAR).sum(axis=1) / count
