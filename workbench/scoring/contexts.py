"""What formulas read: facts of a case, variables of a measure, results of other indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.instruments import Instrument, Node
from workbench.instruments.formula import Formula
from workbench.scoring.results import NodeResult
from workbench.scoring.states import NO_LEVEL, Bools, Floats, Ints
from workbench.specs.instrument import Lookup

if TYPE_CHECKING:
    from workbench.scoring.leaves import LeafScorer


@dataclass(frozen=True, slots=True)
class FactContext:
    """Facts of the cases, for suppositions and gates, which read nothing else."""

    facts: Mapping[str, Floats]

    def name(self, name: str) -> Floats:
        """Return a fact."""
        return self.facts[name]

    def value(self, code: str) -> Floats:
        """Refuse: the loader lets no condition read a code."""
        raise AssertionError(code)

    def score(self, code: str) -> Floats:
        """Refuse: the loader lets no condition read a code."""
        raise AssertionError(code)

    def complete(self, code: str) -> Floats:
        """Refuse: the loader lets no condition read a code."""
        raise AssertionError(code)

    def level(self, code: str) -> Floats:
        """Refuse: the loader lets no condition read a code."""
        raise AssertionError(code)

    def lookup(self, table: str, x: Floats) -> Floats:
        """Refuse: conditions compare facts with numbers."""
        raise AssertionError(table)


def as_numbers(level: Ints) -> Floats:
    """Return levels as numbers, NaN for none."""
    return np.where(level == NO_LEVEL, np.nan, level.astype(np.float64))


@dataclass(frozen=True, slots=True)
class GroupContext:
    """What the conditions of a group's levels read: results of indicators and of groups below."""

    instrument: Instrument
    results: Mapping[str, NodeResult]
    parts: Mapping[str, Floats]
    facts: Mapping[str, Floats]

    def name(self, name: str) -> Floats:
        """Return a fact."""
        return self.facts[name]

    def value(self, code: str) -> Floats:
        """Return the value of an indicator, the score of a group, an element or a variable."""
        if code not in self.results:
            return self.parts[code]
        result = self.results[code]
        return result.value if self.instrument.nodes[code].is_indicator else result.score

    def score(self, code: str) -> Floats:
        """Return the score of an indicator or group."""
        return self.results[code].score

    def complete(self, code: str) -> Floats:
        """Return 1 where a node is at its best level, 0 where not, NaN where unknown."""
        top = len(self.instrument.levels_of(code)) - 1
        level = self.level(code)
        return np.where(np.isnan(level), np.nan, (level == top).astype(np.float64))

    def level(self, code: str) -> Floats:
        """Return the level of a node, 0 for the worst; NaN where unknown."""
        return as_numbers(self.results[code].level)

    def lookup(self, table: str, x: Floats) -> Floats:
        """Return entries of a table."""
        shape = next(iter(self.results.values())).level.shape
        return read_lookup(self.instrument.lookups[table], np.broadcast_to(x, shape))[1]


def read_lookup(lookup: Lookup, x: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the row of a table for each number, and its entry.

    Where no row fits, the index is the number of rows, and the entry NaN. A table of limits is read
    by range, one of keys by equality.
    """
    rows = lookup.rows
    if rows[0].key is not None:
        index = np.full(x.shape, len(rows))
        for i, row in enumerate(rows):
            index = np.where(x == row.key, i, index)
    else:
        limits = np.array([np.inf if r.below is None else r.below for r in rows])
        index = np.searchsorted(limits, x, side="right")
        index = np.where(np.isnan(x), len(rows), np.minimum(index, len(rows)))
    entries = np.array([*(r.value for r in rows), np.nan])
    return index, entries[index]


@dataclass
class IndicatorContext:
    """What the formulas of one measure read.

    Parameters
    ----------
    scorer : LeafScorer
        Gives observations, and the results of indicators that come before.
    node : Node
    variables : mapping of str to array
        Variables of the measure found so far.
    rows_read : list of (str, array of bool)
        Place of each look-up, and of each of its rows, and the cases that read it.
    """

    scorer: LeafScorer
    node: Node
    variables: dict[str, Floats] = field(default_factory=dict)
    rows_read: list[tuple[str, Bools]] = field(default_factory=list)

    def name(self, name: str) -> Floats:
        """Return a variable of the measure, an input of it, or a fact."""
        if name in self.variables:
            return self.variables[name]
        code = f"{self.node.code}.{name}"
        if code in self.scorer.instrument.observables:
            return self.scorer.matrix.value(code)
        return self.scorer.matrix.facts[name]

    def value(self, code: str) -> Floats:
        """Return an element (1 or 0), a variable, or the value of another indicator."""
        if code in self.scorer.elements:
            return self.scorer.elements[code]
        if code in self.scorer.leaves:
            return self.scorer.leaves[code].value
        return self.scorer.matrix.value(code)

    def score(self, code: str) -> Floats:
        """Refuse: the loader lets only rules of groups read scores."""
        raise AssertionError(code)

    def complete(self, code: str) -> Floats:
        """Return 1 where an indicator is at its best level, 0 where not, NaN where unknown."""
        leaf = self.scorer.leaves[code]
        top = len(self.scorer.instrument.levels_of(code)) - 1
        known = leaf.level != NO_LEVEL
        return np.where(known, (leaf.level == top).astype(np.float64), np.nan)

    def level(self, code: str) -> Floats:
        """Return the level of an indicator, 0 for the worst; NaN where unknown."""
        return as_numbers(self.scorer.leaves[code].level)

    def lookup(self, table: str, x: Floats) -> Floats:
        """Return entries of a table: by range for limits, by equality for keys."""
        instrument = self.scorer.instrument
        x = np.broadcast_to(x, (self.scorer.matrix.n,))
        index, entries = read_lookup(instrument.lookups[table], x)
        n = len(instrument.lookups[table].rows)
        place = f"lookups[{list(instrument.lookups).index(table)}]"
        self.rows_read.append((place, index < n))
        self.rows_read.extend((f"{place}.rows[{i}]", index == i) for i in range(n))
        return entries

    def has_all(self, formula: Formula) -> Bools:
        """Return where everything that a formula reads is known."""
        known = np.ones(self.scorer.matrix.n, dtype=bool)
        for name in formula.names:
            known &= ~np.isnan(self.name(name))
        for code in formula.codes:
            known &= ~np.isnan(
                self.complete(code) if code in formula.completed else self.value(code)
            )
        return known
