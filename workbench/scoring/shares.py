"""Shares of a level, from indicators counted by level and state.

A tally says how many indicators below a node are at a level or in a state, and may leave some of
them out. Each count is therefore kept as the least and the most that it can be; a share is exact
where every way to fill in the counts gives the same one, and bounded otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.scoring.aggregate import divide
from workbench.scoring.states import (
    Bools,
    Floats,
    State,
)

# Columns of a count table after the levels of the scale.
STATES = (
    State.NOT_AVAILABLE,
    State.NOT_MEASURABLE,
    State.NOT_APPLICABLE,
    State.MISSING,
    State.UNDETERMINED,
    State.BOUNDED,
)
OPEN = (State.NOT_AVAILABLE, State.MISSING, State.UNDETERMINED, State.BOUNDED)
# Nobody looked, or looked at a part only; what is not available was at least asked for.
UNSEEN = (State.MISSING, State.BOUNDED)
_EXCLUDED = (State.NOT_MEASURABLE, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class Shares:
    """A share in every case, in percent.

    Parameters
    ----------
    score : array of float, shape (cases,)
        Indicators without a level count as not reaching it. NaN where the counts leave it open.
    low, high : array of float
        The least the share could be, and the most if indicators without a sure level reached it.
    coverage : array of float
        Share of the denominator that is at a level; NaN where the counts do not say.
    availability : array of float
        Share of the denominator of which anything is known: not available is known to be so.
    nothing, none : array of bool
        Cases in which nothing was observed, and in which no indicator is left in the denominator.
    """

    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    availability: Floats
    nothing: Bools
    none: Bools


@dataclass(frozen=True)
class Counts:
    """Indicators below a node by level and state.

    Parameters
    ----------
    levels : tuple of str
        Ids of the levels, worst first.
    n : int
        Indicators below the node.
    least, most : array of float, shape (cases, levels + states)
        Counts; apart where a tally does not list them.
    could_rise, could_fall : array of float, shape (cases, levels)
        Indicators, seen one by one, that are not at a level (or above) and could be; and that are
        and could turn out not to be.
    waiting : array of float, shape (cases,)
        Indicators, seen one by one, without a level; how high they could be is in ``could_rise``.
    short : array of float, shape (cases,)
        Indicators by which a tally that lists every state falls short: their publisher's defect,
        told in a warning, and not indicators that were never looked at.
    from_tally : array of bool, shape (cases,)
    sure : bool
        Whether every indicator was seen one by one and has one level, or none to have, everywhere.
    """

    levels: tuple[str, ...]
    n: int
    least: Floats
    most: Floats
    could_rise: Floats
    could_fall: Floats
    waiting: Floats
    short: Floats
    from_tally: Bools
    sure: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the columns: ids of levels, then states in lower case."""
        return (*self.levels, *(s.name.lower() for s in STATES))

    @cached_property
    def table(self) -> Floats:
        """Counts, shape (cases, levels + states); NaN where they are not known."""
        return np.where(self.least == self.most, self.least, np.nan)

    @cached_property
    def excluded(self) -> tuple[Floats, Floats]:
        """Least and most indicators that leave the denominator."""
        return self.total(self.least, _EXCLUDED), self.total(self.most, _EXCLUDED)

    def total(self, table: Floats, states: tuple[State, ...]) -> Floats:
        """Return how many indicators a table of counts has in some states."""
        first = len(self.levels)
        total: Floats = table[:, [first + STATES.index(s) for s in states]].sum(axis=1)
        return total

    def share(self, level: str) -> Shares:
        """Return the share of indicators at a level or above, in percent.

        Parameters
        ----------
        level : str
            Id of the level; those above it count too.

        Notes
        -----
        With R reaching, S below, O without a level and E excluded, R + S + O + E = n. The share
        R / (R + S + O) is least with R as small as it can be and then E; it is most with S as small
        as it can be and then R, O counting as R where it could reach the level.
        """
        first, last = self.levels.index(level), len(self.levels)
        if self.sure:
            return self._sure_share(self.least[:, first:last].sum(axis=1))
        reach = self.least[:, first:last].sum(axis=1), self.most[:, first:last].sum(axis=1)
        below = self.least[:, :first].sum(axis=1), self.most[:, :first].sum(axis=1)
        open_ = self.total(self.least, OPEN), self.total(self.most, OPEN)
        out = self.excluded
        stay = below[0] + open_[0], below[1] + open_[1]
        low, high = _least(self.n, reach, stay, out), _most(self.n, reach, stay, out)
        exact = np.isclose(low, high, rtol=0, atol=1e-9)
        score = np.where(exact, low, np.nan)
        rise, fall = self.could_rise[:, first], self.could_fall[:, first]
        # Indicators seen one by one reach the level only if they could; those of a tally may.
        loose = open_[0] - self.waiting, open_[1] - self.waiting
        up = reach[0] + loose[0] + rise, reach[1] + loose[1] + rise
        down = below[0] + self.waiting - rise, below[1] + self.waiting - rise
        highest = _most(self.n, up, down, out)
        kept = reach[0] - fall, reach[1] - fall
        lowest = _least(self.n, kept, (stay[0] + fall, stay[1] + fall), out)
        known = (open_[0] == open_[1]) & (out[0] == out[1])
        base = self.n - out[0]
        unseen = self.total(self.least, UNSEEN)
        missing = self.total(self.least, (State.MISSING,))
        return Shares(
            score,
            lowest,
            highest,
            np.where(known, divide(base - open_[0], base), np.nan),
            np.nan_to_num(divide(base - unseen + self.short, base)),
            ~self.from_tally & (missing == base) & (base > 0),
            base == 0,
        )

    def _sure_share(self, reach: Floats) -> Shares:
        """Return a share where nothing is open."""
        base = self.n - self.total(self.least, _EXCLUDED)
        none = base == 0
        share = divide(reach, base) * 100.0
        there = (~none).astype(np.float64)
        coverage = np.where(none, np.nan, there) if none.any() else there
        return Shares(share, share, share, coverage, there, np.zeros_like(none), none)


Range = tuple[Floats, Floats]


def _least(n: int, reach: Range, stay: Range, out: Range) -> Floats:
    """Return the least share in percent that counts allow."""
    top = np.maximum(reach[0], n - stay[1] - out[1])
    excluded = np.maximum(out[0], n - top - stay[1])
    share = divide(top, n - excluded) * 100.0
    # All could be out, and no share then exists; where any is left, none of them is below.
    return np.where(np.isnan(share) & (out[0] < n), 100.0, share)


def _most(n: int, reach: Range, stay: Range, out: Range) -> Floats:
    """Return the greatest share in percent that counts allow."""
    below = np.maximum(stay[0], n - reach[1] - out[1])
    top = np.minimum(reach[1], n - below - out[0])
    share = divide(top, top + below) * 100.0
    # All could be out, and no share then exists; where any is left, none of them reaches.
    return np.where(np.isnan(share) & (out[0] < n), 0.0, share)
