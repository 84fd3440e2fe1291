"""Counting indicators by level and state, from indicators and tallies alike.

A tally says how many indicators below a node are at a level or in a state, and may leave some of
them out. Each count is therefore kept as the least and the most that it can be; a share is exact
where every way to fill in the counts gives the same one, and bounded otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbench.instruments import Node
from workbench.scoring.aggregate import divide
from workbench.scoring.matrix import Matrix
from workbench.scoring.remarks import Remarks
from workbench.scoring.states import EFFECTS, Bools, Floats, State, is_excluded

# Columns of a count table after the levels of the scale.
STATES = (
    State.NOT_AVAILABLE,
    State.NOT_MEASURABLE,
    State.NOT_APPLICABLE,
    State.MISSING,
    State.UNDETERMINED,
    State.BOUNDED,
)
_OPEN = (State.NOT_AVAILABLE, State.MISSING, State.UNDETERMINED, State.BOUNDED)
# Nobody looked, or looked at a part only; what is not available was at least asked for.
_UNSEEN = (State.MISSING, State.BOUNDED)
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

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the columns: ids of levels, then states in lower case."""
        return (*self.levels, *(s.name.lower() for s in STATES))

    @property
    def table(self) -> Floats:
        """Counts, shape (cases, levels + states); NaN where they are not known."""
        return np.where(self.least == self.most, self.least, np.nan)

    @property
    def excluded(self) -> tuple[Floats, Floats]:
        """Least and most indicators that leave the denominator."""
        return self._sum(self.least, _EXCLUDED), self._sum(self.most, _EXCLUDED)

    def _sum(self, table: Floats, states: tuple[State, ...]) -> Floats:
        """Return the sum of some states."""
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
        reach = self.least[:, first:last].sum(axis=1), self.most[:, first:last].sum(axis=1)
        below = self.least[:, :first].sum(axis=1), self.most[:, :first].sum(axis=1)
        open_ = self._sum(self.least, _OPEN), self._sum(self.most, _OPEN)
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
        unseen = self._sum(self.least, _UNSEEN)
        missing = self._sum(self.least, (State.MISSING,))
        return Shares(
            score,
            lowest,
            highest,
            np.where(known, divide(base - open_[0], base), np.nan),
            np.nan_to_num(divide(base - unseen + self.short, base)),
            ~self.from_tally & (missing == base) & (base > 0),
            base == 0,
        )


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


def count_states(
    matrix: Matrix,
    results: Mapping[str, Any],
    aside: Mapping[str, Bools],
    remarks: Remarks,
) -> dict[str, Counts]:
    """Return the counts of every group.

    Parameters
    ----------
    matrix : Matrix
        Gives the tallies.
    results : mapping of str to NodeResult
        Results of the indicators.
    aside : mapping of str to array of bool
        Cases in which a group does not exist: what a tally says there is not counted.
    remarks : Remarks
        Takes where a tally contradicts indicators that were all observed.
    """
    instrument = matrix.instrument
    counter = _Counter(matrix, results, aside, remarks)
    counts: dict[str, Counts] = {}
    for code in reversed(instrument.groups):  # children before parents
        counts[code] = counter.group(code, counts)
    return _within_parents(matrix, counts) if matrix.tallies else counts


class _Counter:
    """Counts indicators of groups, one scale at a time."""

    def __init__(
        self,
        matrix: Matrix,
        results: Mapping[str, Any],
        aside: Mapping[str, Bools],
        remarks: Remarks,
    ) -> None:
        self.matrix = matrix
        self.instrument = matrix.instrument
        self.results = results
        self.aside = aside
        self.remarks = remarks

    def group(self, code: str, below: Mapping[str, Counts]) -> Counts:
        """Return the counts of one group; those of the groups below it are known."""
        node = self.instrument.nodes[code]
        scale = str(self.instrument.count_scale(code))
        levels = tuple(level.id for level in self.instrument.scales[scale])
        counts = self._parts(node, below, levels, scale)
        given = self.matrix.tallies.get(code)
        if not given:
            return counts
        own = self._tally(given, levels, counts.n)
        differs = ((counts.least > own.most) | (counts.most < own.least)).any(axis=1)
        differs &= own.from_tally & (_unseen(counts) == 0) & ~counts.from_tally
        self.remarks.note(node, "tally_differs", differs)
        # A tally that agrees with indicators that were all seen only confirms them.
        confirmed = own.from_tally & ~differs & ~counts.from_tally & (_unseen(counts) == 0)
        return _choose(
            own.from_tally & ~self.aside[code] & ~confirmed, _joined(own, counts), counts
        )

    def _parts(
        self, node: Node, below: Mapping[str, Counts], levels: tuple[str, ...], scale: str
    ) -> Counts:
        """Return the sum of a group's parts; those that share indicators do not add up."""
        groups = [below[c] for c in node.children if c in below]
        direct = tuple(c for c in node.children if c not in below)
        n = sum(self._counted(c, scale) for c in direct) + sum(part.n for part in groups)
        whole = sum(self._counted(c, scale) for c in node.leaves)
        if not groups or n != whole or any(part.levels != levels for part in groups):
            return self._seen(node.leaves, levels, scale)
        parts = [*groups, self._seen(direct, levels, scale)] if direct else groups
        return _add(parts)

    def _counted(self, code: str, scale: str) -> bool:
        """Return whether an indicator is counted on a scale."""
        return self.instrument.nodes[code].scale == scale

    def _seen(self, leaves: tuple[str, ...], levels: tuple[str, ...], scale: str) -> Counts:
        """Return the counts of indicators that are observed one by one."""
        n = self.matrix.n
        used = [self.results[c] for c in leaves if self._counted(c, scale)]
        # Columns one after the other in memory, because they are filled one by one.
        table = np.zeros((len(levels) + len(STATES), n)).T
        rise, fall = (np.zeros((len(levels), n)).T for _ in range(2))
        waiting = np.zeros(n)
        for leaf in used:
            settled = (leaf.state == State.VALUED) | (leaf.state == State.INSUFFICIENT)
            at = np.where(settled, leaf.level, -1)
            for i in range(len(levels)):
                table[:, i] += at == i
            if (leaf.level_low != leaf.level_high).any():
                out = is_excluded(leaf.state)
                for i in range(len(levels)):
                    rise[:, i] += ~out & (at < i) & (leaf.level_high >= i)
                    fall[:, i] += ~out & (at >= i) & (leaf.level_low < i)
            adrift = settled & (at < 0)  # an answer to which the instrument gives no level
            if adrift.any() or not settled.all():
                for i, state in enumerate(STATES):
                    table[:, len(levels) + i] += leaf.state == state
                table[:, len(levels) + STATES.index(State.UNDETERMINED)] += adrift
                waiting += np.isin(leaf.state, _OPEN) | adrift
        from_tally = np.zeros(n, dtype=bool)
        return Counts(levels, len(used), table, table, rise, fall, waiting, np.zeros(n), from_tally)

    def _tally(self, given: Mapping[str, Floats], levels: tuple[str, ...], n: int) -> Counts:
        """Return the counts that a tally gives; what it does not list takes what is left."""
        size = len(levels) + len(STATES)
        effects = self.instrument.state_effects
        listed = np.full((self.matrix.n, size), np.nan)
        for i, state in enumerate(STATES):
            # No count lists a state that the instrument does not have.
            if state not in {EFFECTS[effect] for effect in effects.values()}:
                listed[:, len(levels) + i] = 0.0
        for label, values in given.items():
            if label in levels:
                column = levels.index(label)
            else:
                column = len(levels) + STATES.index(EFFECTS[effects[label]])
            listed[:, column] = values
        here: Bools = ~np.logical_and.reduce([np.isnan(values) for values in given.values()])
        left = np.maximum(n - np.nansum(listed, axis=1), 0.0)
        open_ = np.isnan(listed)
        least = np.where(open_, 0.0, listed)
        most = np.where(open_, left[:, None], listed)
        # Where all are listed and their sum falls short, nothing is known of the rest.
        short = np.where(open_.any(axis=1), 0.0, left)
        for table in (least, most):
            table[:, len(levels) + STATES.index(State.MISSING)] += short
        nothing = np.zeros((self.matrix.n, len(levels)))
        none = np.zeros(self.matrix.n)
        return _tightened(Counts(levels, n, least, most, nothing, nothing, none, short, here))


def _add(parts: list[Counts]) -> Counts:
    """Return the sum of counts of parts that share no indicator."""
    return Counts(
        parts[0].levels,
        sum(p.n for p in parts),
        sum((p.least for p in parts[1:]), parts[0].least),
        sum((p.most for p in parts[1:]), parts[0].most),
        sum((p.could_rise for p in parts[1:]), parts[0].could_rise),
        sum((p.could_fall for p in parts[1:]), parts[0].could_fall),
        sum((p.waiting for p in parts[1:]), parts[0].waiting),
        sum((p.short for p in parts[1:]), parts[0].short),
        np.logical_or.reduce([p.from_tally for p in parts]),
    )


def _choose(where: Bools, yes: Counts, no: Counts) -> Counts:
    """Return one set of counts where a condition holds, another elsewhere."""
    rows = where[:, None]
    return Counts(
        no.levels,
        no.n,
        np.where(rows, yes.least, no.least),
        np.where(rows, yes.most, no.most),
        np.where(rows, yes.could_rise, no.could_rise),
        np.where(rows, yes.could_fall, no.could_fall),
        np.where(where, yes.waiting, no.waiting),
        np.where(where, yes.short, no.short),
        np.where(where, yes.from_tally, no.from_tally),
    )


def _unseen(counts: Counts) -> Floats:
    """Return how many indicators were not seen, or in part only."""
    return counts._sum(counts.most, _UNSEEN)


def _joined(tally: Counts, counts: Counts) -> Counts:
    """Return a tally narrowed by what else is known of the same indicators, where both agree."""
    first = len(counts.levels)
    columns = [first + STATES.index(s) for s in _UNSEEN]
    # An indicator that was not seen may be in any column of a tally that counts it.
    unseen = counts.most[:, columns].sum(axis=1, keepdims=True)
    least, most = counts.least.copy(), counts.most + unseen
    least[:, columns] = 0.0
    narrowed = replace(
        tally, least=np.maximum(tally.least, least), most=np.minimum(tally.most, most)
    )
    agree = (narrowed.least <= narrowed.most).all(axis=1)
    agree &= (narrowed.least.sum(axis=1) <= tally.n) & (narrowed.most.sum(axis=1) >= tally.n)
    return _tightened(_choose(agree, narrowed, tally))


def _tightened(counts: Counts) -> Counts:
    """Return counts whose ranges agree with each other: together they make up all indicators."""
    least, most = counts.least, counts.most
    lower = np.maximum(least, counts.n - (most.sum(axis=1, keepdims=True) - most))
    upper = np.minimum(most, counts.n - (least.sum(axis=1, keepdims=True) - least))
    # Where a source contradicts itself there is no way to agree, and what it says stands.
    sound = (least.sum(axis=1) <= counts.n) & (most.sum(axis=1) >= counts.n)
    sound &= (lower <= upper).all(axis=1)
    return replace(
        counts,
        least=np.where(sound[:, None], lower, least),
        most=np.where(sound[:, None], upper, most),
    )


def _within_parents(matrix: Matrix, counts: dict[str, Counts]) -> dict[str, Counts]:
    """Return counts that do not exceed those of a tallied parent.

    A published total bounds what its parts can hold: where it counts no indicator as not
    measurable, every module's denominator is known although its own table does not print it.
    """
    bounded: dict[str, Counts] = {}
    for code in matrix.instrument.groups:  # parents first
        own = counts[code]
        for parent in matrix.instrument.nodes[code].parents:
            above = bounded[parent]
            if above.levels != own.levels:
                continue
            both = (own.from_tally & above.from_tally)[:, None]
            limited = np.maximum(np.minimum(own.most, above.most), own.least)
            own = _tightened(replace(own, most=np.where(both, limited, own.most)))
        bounded[code] = own
    return bounded
