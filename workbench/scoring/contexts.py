"""What formulas read: facts of a case, variables of a measure, results of other indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Problem, Reason, ScoringError
from workbench.instruments import Instrument, Node
from workbench.instruments.arithmetic import is_same
from workbench.instruments.evaluation import Across, Context
from workbench.instruments.formula import Formula
from workbench.language import Message
from workbench.scoring.cases import in_wave_before, in_year
from workbench.scoring.fits import Fits, figures_across
from workbench.scoring.results import NodeResult
from workbench.scoring.states import NO_LEVEL, Bools, Floats, Ints, is_excluded
from workbench.specs.instrument import Lookup

if TYPE_CHECKING:
    from workbench.scoring.leaves import LeafScorer


@dataclass(frozen=True, slots=True)
class FactContext(Context):
    """Facts of the cases, for suppositions, gates and weights; the last also read look-ups."""

    facts: Mapping[str, Floats]
    lookups: Mapping[str, Lookup] = field(default_factory=dict)

    def name(self, name: str) -> Floats:
        """Return a fact."""
        return self.facts[name]

    def lookup(self, table: str, x: Floats) -> Floats:
        """Return entries of a table."""
        return read_lookup(self.lookups[table], x)[1]

    def interpolate(self, table: str, x: Floats) -> Floats:
        """Return what lies between the entries of a table."""
        return interpolated(self.lookups[table], x)


def as_numbers(level: Ints) -> Floats:
    """Return levels as numbers, NaN for none."""
    return np.where(level == NO_LEVEL, np.nan, level.astype(np.float64))


@dataclass(frozen=True, slots=True)
class GroupContext(Context):
    """What the formulas of a group read: results of indicators and of groups below.

    Where an explanation fills in the formula of a measure, its variables as well.

    Parameters
    ----------
    node : Node
        Whose formula it is.
    instrument : Instrument
    results : mapping of str to NodeResult
        Results so far, by node.
    parts : mapping of str to array
        Elements and variables as they were used.
    fits : Fits
        Figures of the reference, and the cases.
    """

    node: Node
    instrument: Instrument
    results: Mapping[str, NodeResult]
    parts: Mapping[str, Floats]
    fits: Fits

    def name(self, name: str) -> Floats:
        """Return a variable of the node, or a fact."""
        own = self.parts.get(f"{self.node.code}.{name}")
        return self.fits.table.facts[name] if own is None else own

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
        return read_lookup(self.instrument.lookups[table], x)[1]

    def interpolate(self, table: str, x: Floats) -> Floats:
        """Return what lies between the entries of a table."""
        return interpolated(self.instrument.lookups[table], x)

    def previous(self, x: Floats) -> Floats:
        """Return numbers of the wave before."""
        return in_wave_before(self.fits.table, x)

    def in_year(self, year: Floats, x: Floats) -> Floats:
        """Return numbers of the wave of a year."""
        return in_year(self.fits.table, year, x)

    def scores(self) -> Floats:
        """Return the scores of the parts that count and are known."""
        parts = [self.results[code] for code in self.node.children]
        scores = np.stack([part.score for part in parts])
        return np.where(np.stack([is_excluded(part.state) for part in parts]), np.nan, scores)

    def weights(self) -> Floats:
        """Return the weights of the parts whose scores are known."""
        facts = self.fits.table.facts
        given = part_weights(self.instrument, self.node.code, self.node.children, facts)
        return np.where(np.isnan(self.scores()), np.nan, given.T)

    def levels(self) -> Floats:
        """Return the levels of the parts that count and are known."""
        parts = [self.results[code] for code in self.node.children]
        levels = np.stack([as_numbers(part.level) for part in parts])
        return np.where(np.stack([is_excluded(part.state) for part in parts]), np.nan, levels)

    def holds(self, condition: Formula) -> Floats:
        """Return 1, 0 or NaN for a condition, shape (cases,).

        What holds of the parts that are known may not hold of all.
        """
        found = np.broadcast_to(condition.evaluate(self), (len(self.fits.table.cases),))
        if not condition.of_parts:
            return found
        states = np.stack([self.results[code].state for code in self.node.children])
        whole = (self.parts_known(condition) | is_excluded(states)).all(axis=0)
        return np.where(whole, found, np.nan)

    def parts_known(self, formula: Formula) -> Bools:
        """Return where a part has what a formula reads of all parts, shape (parts, cases)."""
        parts = [self.results[code] for code in self.node.children]
        known = np.ones((len(parts), len(self.fits.table.cases)), dtype=bool)
        if not formula.functions.isdisjoint(("scores", "weights")):
            known &= ~np.isnan(np.stack([part.score for part in parts]))
        if "levels" in formula.functions:
            known &= np.stack([part.level for part in parts]) != NO_LEVEL
        return known

    def across(self, call: Across, x: Floats) -> Floats:
        """Return a figure of the reference population for each case."""
        return figures_across(self.fits, f"{self.node.code}:{call.source}", call, x)


def part_weights(
    instrument: Instrument, parent: str, parts: tuple[str, ...], facts: Mapping[str, Floats]
) -> Floats:
    """Return the weights of the parts of a group, shape (cases, parts); NaN where not known.

    Raises
    ------
    ScoringError
        If a formula gives a weight below 0.
    """
    n, context = len(facts["year"]), FactContext(facts, instrument.lookups)
    columns = []
    for code in parts:
        node = instrument.nodes[code]
        formula = node.weight_formula(parent)
        if formula is None:
            columns.append(np.full(n, node.weight_under(parent)))
            continue
        weight = np.broadcast_to(formula.evaluate(context), (n,))
        if (weight < 0).any():
            what = Message("{node}: the formula of its weight gives a number below 0", node=code)
            lowest = f"{np.nanmin(weight):g}"
            raise ScoringError(Problem(Reason.SPEC_VALUE, what, got=lowest, code=code))
        columns.append(weight)
    return np.column_stack(columns)


def read_lookup(lookup: Lookup, x: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the row of a table for each number, and its entry.

    Where no row fits, the index is the number of rows, and the entry NaN. A table of limits is read
    by range, one of keys by equality.
    """
    rows = lookup.rows
    index: NDArray[np.intp] = np.full(x.shape, len(rows))
    for i, row in reversed(list(enumerate(rows))):
        if row.key is not None:
            fits = is_same(x, np.float64(row.key))  # type: ignore[arg-type]
        elif row.below is not None:
            limit = np.float64(row.below)
            fits = (x < limit) & ~is_same(x, limit)  # type: ignore[arg-type]
        elif row.up_to is not None:
            limit = np.float64(row.up_to)
            fits = (x <= limit) | is_same(x, limit)  # type: ignore[arg-type]
        else:
            fits = ~np.isnan(x)
        index = np.where(fits, i, index)
    entries = np.array([*(r.value for r in rows), np.nan])
    return index, entries[index]


def interpolated(lookup: Lookup, x: Floats) -> Floats:
    """Return what lies on the line between the keys of a table; beyond the ends, the end."""
    rows = sorted((row.key, row.value) for row in lookup.rows if row.key is not None)
    keys, values = zip(*rows, strict=True)
    return np.where(np.isnan(x), np.nan, np.interp(x, keys, values))


@dataclass
class IndicatorContext(Context):
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

    def interpolate(self, table: str, x: Floats) -> Floats:
        """Return what lies between the entries of a table."""
        return interpolated(self.scorer.instrument.lookups[table], x)

    def previous(self, x: Floats) -> Floats:
        """Return numbers of the wave before."""
        return in_wave_before(self.scorer.matrix, x)

    def in_year(self, year: Floats, x: Floats) -> Floats:
        """Return numbers of the wave of a year."""
        return in_year(self.scorer.matrix, year, x)

    def has_all(self, formula: Formula) -> Bools:
        """Return where everything that a formula needs is known."""
        return np.broadcast_to(formula.is_known(self), (self.scorer.matrix.n,))
