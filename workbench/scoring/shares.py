"""Counting indicators by level and state, from indicators and tallies alike.

A tally says how many indicators below a node are in a state, and may leave some states out. What is
left out is unknown: a share is then exact only if its denominator is, and bounded otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.instruments import Instrument
from workbench.scoring.matrix import Matrix
from workbench.scoring.states import EFFECTS, Bools, Floats, State
from workbench.specs.instrument import Share

# Columns of a count table after the levels of the scale.
STATES = (
    State.NOT_AVAILABLE,
    State.NOT_MEASURABLE,
    State.NOT_APPLICABLE,
    State.MISSING,
    State.UNDETERMINED,
)


@dataclass(frozen=True)
class Shares:
    """A share in every case, in percent.

    Parameters
    ----------
    score : array of float, shape (cases,)
        NaN where numerator or denominator is unknown.
    low, high : array of float
        What the share could be: unavailable, missing and undetermined indicators not reaching the
        level, or all reaching it; unlisted counts at their extremes.
    denominator : array of float
        Indicators counted; the largest possible where it is unknown.
    coverage : array of float
        Share of the denominator that has an outcome.
    nothing : array of bool
        Cases in which no indicator and no count was observed.
    """

    score: Floats
    low: Floats
    high: Floats
    denominator: Floats
    coverage: Floats
    nothing: Bools


@dataclass(frozen=True)
class Counts:
    """Indicators below a node by level and state.

    Parameters
    ----------
    levels : tuple of str
        Ids of the levels, worst first.
    table : array of float, shape (cases, levels + states)
        Counts; NaN where not known.
    n : int
        Indicators below the node.
    most_excluded : array of float, shape (cases,)
        The most indicators that can be not measurable or not applicable.
    reachable : array of float, shape (cases, levels)
        Indicators without a level that could be at each level or above.
    from_tally : array of bool, shape (cases,)
    """

    levels: tuple[str, ...]
    table: Floats
    n: int
    most_excluded: Floats
    reachable: Floats
    from_tally: Bools

    def of(self, state: State) -> Floats:
        """Return the counts of a state."""
        return self.table[:, len(self.levels) + STATES.index(state)]

    @property
    def rest(self) -> Floats:
        """Indicators that no listed count accounts for, where some count is not listed."""
        unknown = np.isnan(self.table).any(axis=1)
        return np.where(unknown, np.maximum(self.n - np.nansum(self.table, axis=1), 0.0), 0.0)

    @property
    def excluded(self) -> tuple[Floats, Floats]:
        """Least and most indicators that leave the denominator."""
        known = [self.of(s) for s in (State.NOT_MEASURABLE, State.NOT_APPLICABLE)]
        least = np.nansum(np.stack(known), axis=0)
        open_ = np.isnan(np.stack(known)).any(axis=0)
        most = np.where(open_, np.minimum(least + self.rest, self.most_excluded), least)
        return least, np.maximum(most, least)

    def share(self, level: str) -> Shares:
        """Return the share of indicators at a level or above, in percent.

        Parameters
        ----------
        level : str
            Id of the level; those above it count too.
        """
        first = self.levels.index(level)
        reached = self.table[:, first : len(self.levels)]
        least_reached = np.nansum(reached, axis=1)
        most_reached = least_reached + np.where(np.isnan(reached).any(axis=1), self.rest, 0.0)
        least_out, most_out = self.excluded
        denominator = self.n - least_out
        open_ = self._open(first)
        exact = (least_reached == most_reached) & (least_out == most_out)
        coverage = _divide(denominator - np.nan_to_num(self.of(State.MISSING)), denominator)
        nothing = (
            ~self.from_tally & (self.of(State.MISSING) == self.n - least_out) & (denominator > 0)
        )
        high = np.minimum(_divide(most_reached + open_, denominator) * 100.0, 100.0)
        return Shares(
            np.where(exact, _divide(least_reached, denominator) * 100.0, np.nan),
            _divide(least_reached, denominator) * 100.0,
            high,
            denominator,
            np.nan_to_num(coverage),
            nothing,
        )

    def _open(self, first: int) -> Floats:
        """Return how many indicators without a level could still reach one."""
        unavailable = self.of(State.NOT_AVAILABLE)
        tallied = np.where(np.isnan(unavailable), self.rest, unavailable)
        return np.where(self.from_tally, tallied, self.reachable[:, first])


def count_states(matrix: Matrix, results: Mapping[str, object]) -> dict[str, Counts]:
    """Return the counts of every group.

    Parameters
    ----------
    matrix : Matrix
        Gives the tallies.
    results : mapping of str to NodeResult
        Results of the indicators.
    """
    instrument = matrix.instrument
    counter = _Counter(matrix, results)
    counts: dict[str, Counts] = {}
    for code in reversed(instrument.groups):  # children before parents
        counts[code] = counter.group(code, counts)
    return _bounded_by_parents(instrument, counts)


class _Counter:
    """Counts indicators of groups, one scale at a time."""

    def __init__(self, matrix: Matrix, results: Mapping[str, Any]) -> None:
        self.matrix = matrix
        self.instrument = matrix.instrument
        self.columns = {code: i for i, code in enumerate(self.instrument.indicators)}
        self.level = np.column_stack([results[c].level for c in self.columns])
        self.state = np.column_stack([results[c].state for c in self.columns])
        self.highest = np.column_stack([results[c].level_high for c in self.columns])
        self.valued = (self.state == State.VALUED) | (self.state == State.INSUFFICIENT)

    def group(self, code: str, below: Mapping[str, Counts]) -> Counts:
        """Return the counts of one group; those of the groups below it are known."""
        node = self.instrument.nodes[code]
        scale = _scale_of(self.instrument, code)
        levels = tuple(level.id for level in self.instrument.scales[scale])
        leaves = [c for c in node.leaves if self.instrument.nodes[c].scale == scale]
        table = self._table(leaves, len(levels))
        index = [self.columns[c] for c in leaves]
        waiting = ~self.valued[:, index] & (self.highest[:, index] >= 0)
        reachable = np.column_stack(
            [(waiting & (self.highest[:, index] >= i)).sum(axis=1) for i in range(len(levels))]
        ).astype(np.float64)
        table, from_tally = self._with_tallies(code, levels, table, below)
        most = np.full(self.matrix.n, float(len(leaves)))
        return Counts(levels, table, len(leaves), most, reachable, from_tally)

    def _table(self, leaves: list[str], n_levels: int) -> Floats:
        """Return counts of indicators, shape (cases, levels + states)."""
        index = [self.columns[c] for c in leaves]
        level, state, valued = self.level[:, index], self.state[:, index], self.valued[:, index]
        by_level = [((level == i) & valued).sum(axis=1) for i in range(n_levels)]
        by_state = [(state == kind).sum(axis=1) for kind in STATES]
        return np.column_stack(by_level + by_state).astype(np.float64)

    def _with_tallies(
        self, code: str, levels: tuple[str, ...], table: Floats, below: Mapping[str, Counts]
    ) -> tuple[Floats, Bools]:
        """Return counts in which a tally of the node, or of its children, stands for indicators."""
        children = self.instrument.nodes[code].children
        groups = [c for c in children if c in below]
        by_parts: Bools = np.zeros(self.matrix.n, dtype=bool)
        if groups:
            stacked = np.stack([below[c].from_tally for c in groups])
            by_parts = np.asarray(stacked.any(axis=0), dtype=np.bool_)
        if by_parts.any():
            # Indicators that hang directly on the node are counted beside the tallied groups.
            direct = self._table([c for c in children if c not in below], len(levels))
            parts = np.sum([below[c].table for c in groups], axis=0) + direct
            table = np.where(by_parts[:, None], parts, table)
        given = self.matrix.tallies.get(code)
        if not given:
            return table, by_parts
        tallied = np.full(table.shape, np.nan)
        effects = self.instrument.state_effects
        defined = {EFFECTS[effect] for effect in effects.values()}
        for i, kind in enumerate(STATES):
            # No published count lists states that the instrument lacks, nor what was not given.
            if kind not in defined:
                tallied[:, len(levels) + i] = 0.0
        for label, values in given.items():
            if label in levels:
                column = levels.index(label)
            else:
                column = len(levels) + STATES.index(EFFECTS[effects[label]])
            tallied[:, column] = values
        listed = ~np.isnan(np.stack(list(given.values())))
        here = np.asarray(listed.all(axis=0), dtype=np.bool_)
        return np.where(here[:, None], tallied, table), by_parts | here


def _bounded_by_parents(instrument: Instrument, counts: dict[str, Counts]) -> dict[str, Counts]:
    """Return counts whose excluded indicators are at most those of each parent.

    A published total of not measurable indicators bounds what a module can hold: where the total is
    none, every module's denominator is known although its table does not print it.
    """
    bounded: dict[str, Counts] = {}
    for code in instrument.groups:  # parents first
        own = counts[code]
        most = own.most_excluded
        for parent in instrument.nodes[code].parents:
            most = np.minimum(most, bounded[parent].excluded[1])
        bounded[code] = Counts(own.levels, own.table, own.n, most, own.reachable, own.from_tally)
    return bounded


def _scale_of(instrument: Instrument, code: str) -> str:
    """Return the scale in which a group counts: that of its share, else of the first share."""
    rules = [instrument.nodes[c].aggregate for c in (code, *instrument.groups)]
    scales = [rule.scale for rule in rules if isinstance(rule, Share)]
    return scales[0]


def _divide(top: Floats, base: Floats) -> Floats:
    """Return a quotient; NaN where the base is 0."""
    quotient: Floats = np.divide(top, base, out=np.full(np.shape(top), np.nan), where=base > 0)
    return quotient
