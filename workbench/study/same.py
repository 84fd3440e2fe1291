"""Like with like: a share in two waves over the indicators that were measurable in both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.scoring import Scores
from workbench.scoring.aggregate import divide
from workbench.scoring.states import Bools, Floats, is_excluded
from workbench.specs.instrument import Share
from workbench.study import views as v


@dataclass(frozen=True, slots=True)
class Comparison:
    """A share then and now in some pairs of cases; all arrays have shape (pairs,).

    Parameters
    ----------
    n : array of int
        Indicators that are in the denominator both times.
    before, now : array of float
        Share of them at the level, in percent; NaN where none is.
    gained, lost : array of int
        Those that came to the level, and that were at it and are no more.
    left, left_top, joined, joined_top : array of int
        Indicators in the denominator only then or only now, and how many were at the level.
    known : array of bool
        False where only counts of the indicators are known, not which is which.
    """

    n: NDArray[np.int64]
    before: Floats
    now: Floats
    gained: NDArray[np.int64]
    lost: NDArray[np.int64]
    left: NDArray[np.int64]
    left_top: NDArray[np.int64]
    joined: NDArray[np.int64]
    joined_top: NDArray[np.int64]
    known: Bools

    def view(self, position: int) -> v.SameIndicators | None:
        """Return one pair for a view; None where it is not known."""
        if not self.known[position]:
            return None
        i = position
        return v.SameIndicators(
            n=int(self.n[i]),
            before=v.rounded(self.before[i]),
            now=v.rounded(self.now[i]),
            gained=int(self.gained[i]),
            lost=int(self.lost[i]),
            left=int(self.left[i]),
            left_top=int(self.left_top[i]),
            joined=int(self.joined[i]),
            joined_top=int(self.joined_top[i]),
        )


class LikeForLike:
    """Compares shares of two waves over the same indicators.

    A share can rise because indicators left its denominator. What is not measurable or not
    applicable in either wave is therefore left out of both.

    Parameters
    ----------
    scores : Scores
    """

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.instrument = scores.instrument
        self._column = {code: i for i, code in enumerate(self.instrument.indicators)}

    @cached_property
    def _inside(self) -> Bools:
        """Whether each indicator is in the denominator, shape (cases, indicators)."""
        results = self.scores.results
        return np.column_stack([~is_excluded(results[c].state) for c in self._column])

    @cached_property
    def _level(self) -> NDArray[np.int16]:
        """Level of each indicator, shape (cases, indicators)."""
        return np.column_stack([self.scores.results[c].level for c in self._column])

    def compare(
        self, code: str, then: NDArray[np.intp], now: NDArray[np.intp]
    ) -> Comparison | None:
        """Return the share of a node over the same indicators; None for other nodes.

        Parameters
        ----------
        code : str
        then, now : array of int, shape (pairs,)
            Rows of the cases in the scores.
        """
        node = self.instrument.nodes[code]
        rule, counts = node.aggregate, self.scores.counts.get(code)
        if not isinstance(rule, Share) or counts is None:
            return None
        scales = {c: self.instrument.nodes[c].scale for c in node.leaves}
        used = np.array(
            [self._column[c] for c in node.leaves if scales[c] == rule.scale], dtype=int
        )
        place = counts.levels.index(rule.level)
        was, is_ = self._inside[np.ix_(then, used)], self._inside[np.ix_(now, used)]
        top_then = was & (self._level[np.ix_(then, used)] >= place)
        top_now = is_ & (self._level[np.ix_(now, used)] >= place)
        both = was & is_

        def count(where: Bools) -> NDArray[np.int64]:
            return np.asarray(where.sum(axis=1), dtype=np.int64)

        n = count(both)
        return Comparison(
            n,
            divide(count(both & top_then).astype(float), n.astype(float)) * 100.0,
            divide(count(both & top_now).astype(float), n.astype(float)) * 100.0,
            count(both & top_now & ~top_then),
            count(both & top_then & ~top_now),
            count(was & ~is_),
            count(was & ~is_ & top_then),
            count(is_ & ~was),
            count(is_ & ~was & top_now),
            ~counts.from_tally[then] & ~counts.from_tally[now],
        )
