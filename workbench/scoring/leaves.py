"""Indicators: from what was observed to a value, a level, and the least and most they could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.instruments.formula import Formula
from workbench.scoring.contexts import IndicatorContext
from workbench.scoring.leaf import Leaf, over
from workbench.scoring.leaf_rules import LeafRules
from workbench.scoring.matrix import Matrix
from workbench.scoring.remarks import Remarks
from workbench.scoring.states import (
    EFFECTS,
    NO_LEVEL,
    Basis,
    Bools,
    Floats,
    Ints,
    State,
    is_excluded,
)
from workbench.specs.instrument import (
    Category,
    Checklist,
    Grade,
    Measure,
    Outcome,
    PointsIndicator,
    ScoreIndicator,
    Statement,
)


@dataclass
class LeafScorer:
    """Evaluates the indicators of an instrument on a matrix, in the order of their dependencies.

    Parameters
    ----------
    matrix : Matrix
    remarks : Remarks
        Takes what a reader should learn.
    """

    matrix: Matrix
    remarks: Remarks
    leaves: dict[str, Leaf] = field(default_factory=dict)
    elements: dict[str, Floats] = field(default_factory=dict)
    variables: dict[str, Floats] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def score(self) -> dict[str, Leaf]:
        """Return every indicator's result, by code."""
        rules = LeafRules(self)
        for code in _dependency_order(self.instrument):
            node = self.instrument.nodes[code]
            leaf = self._evaluate(node)
            self._read_word(leaf, node)
            rules.apply(leaf, node)
            self.leaves[code] = leaf
        return self.leaves

    # -- what was observed ------------------------------------------------------------------------

    def _evaluate(self, node: Node) -> Leaf:
        """Return what the numbers of one indicator give."""
        leaf = Leaf.empty(self.matrix.n)
        match node.spec:
            case Checklist() as spec:
                self._from_elements(leaf, node, spec)
            case Measure() as spec:
                formula = node.formulas.get("formula")
                if formula is not None:
                    self._from_variables(leaf, node, spec, formula)
                self.take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
            case PointsIndicator(maximum=maximum) | ScoreIndicator(maximum=maximum):
                leaf.full = np.full(self.matrix.n, np.nan if maximum is None else maximum)
                self.take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
            case Statement():
                leaf.full = np.ones(self.matrix.n)
                self.take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
            case Grade() | Category():
                pass  # given as words
        return leaf

    def _from_elements(self, leaf: Leaf, node: Node, spec: Checklist) -> None:
        """Count how many elements are met, of those that can be."""
        codes = [f"{node.code}.{e.id}" for e in spec.elements]
        ticks = [self.matrix.value(c) for c in codes]
        if all(self.matrix.is_plain(c) for c in codes):
            leaf.full = np.full(self.matrix.n, float(len(codes)))
            met = reduce(np.add, ticks)
            self.take(leaf, node, met, Basis.COMPUTED, float(len(codes)))
        else:
            ticks = [*self._from_some(leaf, node, spec, np.stack(ticks))]
        self.elements.update(zip(codes, ticks, strict=True))
        leaf.keep_computed()
        leaf.put(leaf.full == 0, State.NOT_MEASURABLE, Basis.OBSERVED)
        given = self.matrix.value(node.code)
        # More elements than can be met is no result; what the elements give stands, and is told.
        possible = given <= leaf.full
        if possible.any():
            given = np.where(possible, given, np.nan)
            self.take(leaf, node, given, Basis.OBSERVED, leaf.full)

    def _from_some(self, leaf: Leaf, node: Node, spec: Checklist, ticks: Floats) -> Floats:
        """Count elements of which some have no number; return them as they were used.

        Arrays of elements have shape (elements, cases).
        """
        codes = [f"{node.code}.{e.id}" for e in spec.elements]
        away = np.stack([self.has_effect(c, State.NOT_MEASURABLE) for c in codes])
        recorded: Bools = np.logical_or.reduce(~np.isnan(ticks) | away)
        unlisted = np.isnan(ticks) & ~away & recorded
        if self.matrix.unlisted_not_met:
            ticks = np.where(unlisted, 0.0, ticks)
            unlisted = np.zeros_like(unlisted)
        required = np.full(self.matrix.n, float(len(codes)))
        rule = spec.not_measurable_elements
        if rule is not None:
            touched: Bools = np.logical_or.reduce(away)
            if rule.rule == "reduce":
                required = required - away.sum(axis=0)
            self.remarks.rests_on(f"{node.path}.not_measurable_elements", node, touched)
        leaf.full = required
        met = np.where(recorded, np.nansum(ticks, axis=0), np.nan)
        open_ = unlisted.sum(axis=0)
        self.take(leaf, node, np.where(open_ == 0, met, np.nan), Basis.COMPUTED, required)
        if open_.any():
            self._partly(leaf, node, met, met + open_, required, open_ > 0)
        return ticks

    def _partly(
        self, leaf: Leaf, node: Node, low: Floats, high: Floats, required: Floats, where: Bools
    ) -> None:
        """Bound a checklist of which some elements are not recorded; its level may be settled."""
        least = most = _level(node, low, required)
        for step in range(1, int(np.nanmax(high - low, initial=0.0)) + 1):
            level = _level(node, np.where(low + step <= high, low + step, np.nan), required)
            least = np.where((level != NO_LEVEL) & (level < least), level, least)
            most = np.maximum(most, level)
        leaf.low, leaf.high = over(where, low, leaf.low), over(where, high, leaf.high)
        leaf.level_low = over(where, least, leaf.level_low)
        leaf.level_high = over(where, most, leaf.level_high)
        leaf.state = over(where, State.BOUNDED, leaf.state)
        leaf.settle()

    def _from_variables(self, leaf: Leaf, node: Node, spec: Measure, formula: Formula) -> None:
        """Compute a measure; tell apart what was not given from what no rule or table covers."""
        context = IndicatorContext(self, node)
        n = self.matrix.n
        absent, no_reference, withheld = (np.zeros(n, dtype=bool) for _ in range(3))
        derived_by: list[tuple[str, Bools]] = []
        for index, variable in enumerate(spec.variables):
            code = f"{node.code}.{variable.id}"
            value = self.matrix.value(code)
            withheld |= self.has_effect(code, State.NOT_AVAILABLE)
            compute = node.formulas.get(variable.id)
            if compute is not None:
                derived = np.broadcast_to(compute.evaluate(context), value.shape)
                open_ = np.isnan(value)
                no_reference |= open_ & np.isnan(derived) & context.has_all(compute)
                derived_by.append((f"{node.path}.variables[{index}]", open_))
                derived_by += [(path, where & open_) for path, where in context.rows_read]
                context.rows_read.clear()
                value = np.where(open_, derived, value)
            context.variables[variable.id] = self.variables[code] = value
            if not variable.optional:
                absent |= np.isnan(value)
        result = np.where(absent, np.nan, np.broadcast_to(formula.evaluate(context), absent.shape))
        derived_by += context.rows_read
        self.take(leaf, node, result, Basis.COMPUTED)
        leaf.keep_computed()
        # What is missing elsewhere, a fact or an earlier wave, leaves the measure missing.
        undefined = ~absent & np.isnan(result) & context.has_all(formula)
        self.outcome(leaf, node, spec.undefined, undefined, "undefined")
        self.outcome(leaf, node, spec.missing_reference, no_reference, "missing_reference")
        leaf.put(absent & withheld & ~no_reference, State.NOT_AVAILABLE, Basis.OBSERVED)
        for path, where in derived_by:
            self.remarks.rests_on(path, node, where & ~np.isnan(result))

    # -- numbers and words ------------------------------------------------------------------------

    def take(
        self,
        leaf: Leaf,
        node: Node,
        value: Floats,
        basis: Basis,
        required: Floats | float = np.nan,
    ) -> None:
        """Put numbers in place with their levels, where there are numbers."""
        there = ~np.isnan(value)
        if not there.any():
            return
        if node.bands is None:
            leaf.put(there, State.VALUED, basis, value)
            return
        band = node.bands.which(value, required)
        leaf.put(there, State.VALUED, basis, value, node.bands.levels_by_band[band])
        for index, rule in enumerate(node.bands.bands):
            path = f"{node.bands.path}.bands[{index}]"
            if rule.state is not None:
                here = band == index
                leaf.state = over(here, self.state(rule.state, node, here), leaf.state)
            if self.remarks.is_assumed(path):
                self.remarks.rests_on(path, node, band == index)
        self.remarks.rests_on(node.bands.path, node, there)
        beyond = there & (band < 0)
        leaf.state = over(beyond, State.UNDETERMINED, leaf.state)
        self.remarks.note(node, "undefined", beyond)

    def state(self, name: str, node: Node, where: Bools) -> State:
        """Return what a state of the instrument does; where it is used is noted."""
        for index, state in enumerate(self.instrument.spec.states):
            if state.id == name:
                self.remarks.rests_on(f"states[{index}]", node, where)
        return EFFECTS[self.instrument.state_effects.get(name, name)]

    def has_effect(self, code: str, effect: State) -> Bools:
        """Return where a code was observed in a state with this effect."""
        if not self.matrix.has_words(code):
            return np.zeros(self.matrix.n, dtype=bool)
        effects = self.instrument.state_effects
        wanted = [
            i
            for i, label in enumerate(self.matrix.labels)
            if label in effects and EFFECTS[effects[label]] == effect
        ]
        return np.isin(self.matrix.word(code), wanted)

    def _read_word(self, leaf: Leaf, node: Node) -> None:
        """Read states, levels and options given as words at the indicator itself."""
        if not self.matrix.has_words(node.code):
            return
        word = self.matrix.word(node.code)
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        options = {o.id: o for o in node.spec.options} if isinstance(node.spec, Category) else {}
        for index, label in enumerate(self.matrix.labels):
            here = word == index
            if not here.any():
                continue
            if label in options:
                option = options[label]
                score = np.nan if option.score is None else option.score
                level = levels.index(option.level) if option.level in levels else NO_LEVEL
                leaf.put(here, State.VALUED, Basis.OBSERVED, score, level)
            elif label in self.instrument.state_effects:
                state = self.state(label, node, here)
                parts = here & ~np.isnan(leaf.computed_low)
                if is_excluded(np.array(state)):
                    self.remarks.note(node, "marked_aside", parts)
                else:
                    self.remarks.note(node, "contradicted", parts)
                    here = here & ~parts
                level = 0 if state == State.INSUFFICIENT else NO_LEVEL
                leaf.put(here, state, Basis.OBSERVED, level=level)
            elif label in levels:
                leaf.put(here, State.VALUED, Basis.OBSERVED, level=levels.index(label))

    def outcome(
        self, leaf: Leaf, node: Node, outcome: Outcome | None, where: Bools, key: str
    ) -> None:
        """Apply a declared outcome to some cases."""
        if outcome is None or not where.any():
            return
        self.remarks.note(node, key, where)
        self.remarks.rests_on(f"{node.path}.{key}", node, where)
        if outcome.level is not None:
            levels = [level.id for level in self.instrument.levels_of(node.code)]
            level = levels.index(outcome.level)
            leaf.put(where, State.VALUED, Basis.COMPUTED, level=level)
        elif outcome.state is not None:
            leaf.put(where, self.state(outcome.state, node, where), Basis.NONE)
        elif outcome.value is not None:
            self.take(leaf, node, np.where(where, outcome.value, np.nan), Basis.COMPUTED)


def _level(node: Node, value: Floats, required: Floats | float = np.nan) -> Ints:
    """Return the level of each value by the node's bands."""
    if node.bands is None:
        return np.full(value.shape, NO_LEVEL, dtype=np.int16)
    return node.bands.level_of(value, required)


def _dependency_order(instrument: Instrument) -> Iterator[str]:
    """Yield the indicators so that those read by a formula come before it."""
    done: set[str] = set()

    def visit(code: str) -> Iterator[str]:
        if code in done:
            return
        done.add(code)
        for formula in instrument.nodes[code].formulas.values():
            for read in sorted(formula.codes):
                yield from visit(instrument.observables[read].owner)
        yield code

    for code in instrument.indicators:
        yield from visit(code)
