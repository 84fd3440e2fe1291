"""Counting indicators by level and state, from indicators seen one by one and tallies alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from workbench.instruments import Node
from workbench.scoring.matrix import Matrix
from workbench.scoring.remarks import Remarks
from workbench.scoring.shares import OPEN, STATES, UNSEEN, Counts
from workbench.scoring.states import (
    EFFECTS,
    NO_LEVEL,
    Bools,
    Floats,
    State,
    is_excluded,
    is_settled,
)


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
        used = [self.results[c] for c in leaves if self._counted(c, scale)]
        seen = _Seen(levels, self.matrix.n)
        for leaf in used:
            seen.add(leaf)
        return seen.counts(len(used))

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


class _Seen:
    """Counts indicators that are observed one by one; rows are levels, then states."""

    def __init__(self, levels: tuple[str, ...], n: int) -> None:
        self.levels = levels
        self.table = np.zeros((len(levels) + len(STATES), n), dtype=np.int16)
        self.rise, self.fall = (np.zeros((len(levels), n), dtype=np.int16) for _ in range(2))
        self.waiting = np.zeros(n, dtype=np.int16)
        self.sure = True

    def add(self, leaf: Any) -> None:
        """Count one indicator."""
        settled = is_settled(leaf.state)
        all_settled = bool(settled.all())
        at = leaf.level if all_settled else np.where(settled, leaf.level, np.int16(NO_LEVEL))
        for i in range(len(self.levels)):
            self.table[i] += at == i
        if leaf.level_low is not leaf.level_high and (leaf.level_low != leaf.level_high).any():
            self.sure = False
            stays = ~is_excluded(leaf.state)
            for i in range(len(self.levels)):
                self.rise[i] += stays & (at < i) & (leaf.level_high >= i)
                self.fall[i] += stays & (at >= i) & (leaf.level_low < i)
        if all_settled and at.min(initial=0) >= 0:
            return
        adrift = settled & (at < 0)  # an answer to which the instrument gives no level
        for i, state in enumerate(STATES, len(self.levels)):
            self.table[i] += leaf.state == state
        self.table[len(self.levels) + STATES.index(State.UNDETERMINED)] += adrift
        waiting = np.isin(leaf.state, OPEN) | adrift
        self.waiting += waiting
        self.sure &= not waiting.any()

    def counts(self, n: int) -> Counts:
        """Return the counts of ``n`` indicators, one column after the other in memory."""
        table, rise, fall = (x.astype(np.float64).T for x in (self.table, self.rise, self.fall))
        none, nowhere = np.zeros(len(table)), np.zeros(len(table), dtype=bool)
        waiting = self.waiting.astype(np.float64)
        return Counts(
            self.levels, n, table, table, rise, fall, waiting, none, nowhere, sure=self.sure
        )


def _add(parts: list[Counts]) -> Counts:
    """Return the sum of counts of parts that share no indicator."""

    def total(name: str) -> Floats:
        whole: Floats = reduce(np.add, [getattr(p, name) for p in parts])
        return whole

    least = total("least")
    exact = all(p.least is p.most for p in parts)
    return Counts(
        parts[0].levels,
        sum(p.n for p in parts),
        least,
        least if exact else total("most"),
        total("could_rise"),
        total("could_fall"),
        total("waiting"),
        total("short"),
        np.logical_or.reduce([p.from_tally for p in parts]),
        sure=all(p.sure for p in parts),
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
    return counts.total(counts.most, UNSEEN)


def _joined(tally: Counts, counts: Counts) -> Counts:
    """Return a tally narrowed by what else is known of the same indicators, where both agree."""
    first = len(counts.levels)
    columns = [first + STATES.index(s) for s in UNSEEN]
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
