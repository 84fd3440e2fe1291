"""Indicators: from what was observed to a value, a level, and the least and most they could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.instruments.formula import Formula
from workbench.scoring.contexts import FactContext, IndicatorContext
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

# States of a group that its indicators share; insufficient information is a result of the group.
_PASSED_DOWN = (State.NOT_AVAILABLE, State.NOT_MEASURABLE, State.NOT_APPLICABLE)
_OPEN = (State.MISSING, State.NOT_AVAILABLE, State.UNDETERMINED, State.BOUNDED)


@dataclass(slots=True)
class Leaf:
    """One indicator in every case; all arrays have shape (cases,).

    Parameters
    ----------
    value : array of float
        What was measured: elements met, result of a formula, points; NaN where there is none.
    low, high : array of float
        Least and most that the value could be where it is known in part; NaN elsewhere.
    level, level_low, level_high : array of int
        Level as an index of the scale, and the lowest and highest it could be; -1 for none.
    state : array of int
        :class:`~workbench.scoring.states.State`.
    basis : array of int
        :class:`~workbench.scoring.states.Basis`.
    computed, computed_low, computed_high : array of float
        Value computed from parts and what it could be, also where a reported one stands.
    computed_level, computed_level_low, computed_level_high : array of int
        Level of the computed value, and the lowest and highest it could be.
    full : array of float
        Value that stands for the whole: elements asked for, maximum of points; NaN for others.
    """

    value: Floats
    low: Floats
    high: Floats
    level: Ints
    level_low: Ints
    level_high: Ints
    state: np.ndarray
    basis: np.ndarray
    computed: Floats
    computed_low: Floats
    computed_high: Floats
    computed_level: Ints
    computed_level_low: Ints
    computed_level_high: Ints
    full: Floats

    def keep_computed(self) -> None:
        """Keep what the parts give, beside whatever is reported of the indicator itself."""
        known = ~np.isnan(self.value)
        self.computed = self.value
        self.computed_low = np.where(known, self.value, self.low)
        self.computed_high = np.where(known, self.value, self.high)
        self.computed_level = self.level
        self.computed_level_low, self.computed_level_high = self.level_low, self.level_high


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
    areas: dict[str, Bools] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def score(self) -> dict[str, Leaf]:
        """Return every indicator's result, by code."""
        for code in _dependency_order(self.instrument):
            node = self.instrument.nodes[code]
            leaf = self._evaluate(node)
            self._read_word(leaf, node)
            self._inherit(leaf, node)
            self._missing(leaf, node)
            self._gate(leaf, node)
            self._bound(leaf, node)
            self._suppositions(leaf, node)
            self._carry(leaf, node)
            self.leaves[code] = leaf
        return self.leaves

    # -- what was observed ------------------------------------------------------------------------

    def _evaluate(self, node: Node) -> Leaf:
        """Return what the numbers of one indicator give."""
        leaf = self._empty()
        match node.spec:
            case Checklist() as spec:
                self._from_elements(leaf, node, spec)
            case Measure() as spec:
                formula = node.formulas.get("formula")
                if formula is not None:
                    self._from_variables(leaf, node, spec, formula)
                self._take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
            case PointsIndicator(maximum=maximum) | ScoreIndicator(maximum=maximum):
                leaf.full = np.full(self.matrix.n, np.nan if maximum is None else maximum)
                self._take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
            case Statement():
                leaf.full = np.ones(self.matrix.n)
                self._take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
            case Grade() | Category():
                pass  # given as words
        return leaf

    def _empty(self) -> Leaf:
        """Return a result in which nothing is known."""
        n = self.matrix.n
        nothing, none = np.full(n, np.nan), np.full(n, NO_LEVEL, dtype=np.int16)
        return Leaf(
            nothing, nothing, nothing, none, none, none,
            np.full(n, State.MISSING, dtype=np.int8), np.full(n, Basis.NONE, dtype=np.int8),
            nothing, nothing, nothing, none, none, none, nothing,
        )  # fmt: skip

    def _from_elements(self, leaf: Leaf, node: Node, spec: Checklist) -> None:
        """Count how many elements are met, of those that can be."""
        codes = [f"{node.code}.{e.id}" for e in spec.elements]
        ticks = np.column_stack([self.matrix.value(c) for c in codes])
        away = np.column_stack([self._has_effect(c, State.NOT_MEASURABLE) for c in codes])
        recorded: Bools = np.logical_or.reduce(~np.isnan(ticks) | away, axis=1)
        unlisted = np.isnan(ticks) & ~away & recorded[:, None]
        if self.matrix.unlisted_not_met:
            ticks = np.where(unlisted, 0.0, ticks)
            unlisted = np.zeros_like(unlisted)
        required = np.full(self.matrix.n, float(len(codes)))
        rule = spec.not_measurable_elements
        if rule is not None:
            touched: Bools = np.logical_or.reduce(away, axis=1)
            if rule.rule == "reduce":
                required = required - away.sum(axis=1)
            self.remarks.rests_on(f"{node.path}.not_measurable_elements", node, touched)
        leaf.full = required
        for index, code in enumerate(codes):
            self.elements[code] = ticks[:, index]
        met = np.where(recorded, np.nansum(ticks, axis=1), np.nan)
        open_ = unlisted.sum(axis=1)
        self._take(leaf, node, np.where(open_ == 0, met, np.nan), Basis.COMPUTED, required)
        if open_.any():
            self._partly(leaf, node, met, met + open_, required, open_ > 0)
        leaf.keep_computed()
        self._set(leaf, recorded & (required == 0), State.NOT_MEASURABLE, NO_LEVEL)
        given = self.matrix.value(node.code)
        # More elements than can be met is no result; what the elements give stands, and is told.
        self._take(leaf, node, np.where(given <= required, given, np.nan), Basis.OBSERVED, required)

    def _partly(
        self, leaf: Leaf, node: Node, low: Floats, high: Floats, required: Floats, where: Bools
    ) -> None:
        """Bound a checklist of which some elements are not recorded; its level may be settled."""
        least = most = self._level(node, low, required)
        for step in range(1, int(np.nanmax(high - low, initial=0.0)) + 1):
            level = self._level(node, np.where(low + step <= high, low + step, np.nan), required)
            least = np.where((level != NO_LEVEL) & (level < least), level, least).astype(np.int16)
            most = np.maximum(most, level)
        leaf.low, leaf.high = np.where(where, low, leaf.low), np.where(where, high, leaf.high)
        leaf.level_low = np.where(where, least, leaf.level_low).astype(np.int16)
        leaf.level_high = np.where(where, most, leaf.level_high).astype(np.int16)
        leaf.state = np.where(where, State.BOUNDED, leaf.state).astype(np.int8)
        self._settle(leaf)

    def _settle(self, leaf: Leaf) -> None:
        """Give a level to what is known in part, where the rest can't change it."""
        here = (leaf.state == State.BOUNDED) & (leaf.level_low == leaf.level_high)
        here &= leaf.level_low != NO_LEVEL
        leaf.level = np.where(here, leaf.level_low, leaf.level).astype(np.int16)
        leaf.state = np.where(here, State.VALUED, leaf.state).astype(np.int8)
        leaf.basis = np.where(here, Basis.COMPUTED, leaf.basis).astype(np.int8)

    def _from_variables(self, leaf: Leaf, node: Node, spec: Measure, formula: Formula) -> None:
        """Compute a measure; tell apart what was not given from what no rule or table covers."""
        context = IndicatorContext(self, node)
        n = self.matrix.n
        absent, no_reference, withheld = (np.zeros(n, dtype=bool) for _ in range(3))
        derived_by: list[tuple[str, Bools]] = []
        for index, variable in enumerate(spec.variables):
            code = f"{node.code}.{variable.id}"
            value = self.matrix.value(code)
            withheld |= self._has_effect(code, State.NOT_AVAILABLE)
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
            absent |= np.isnan(value)
        result = np.where(absent, np.nan, np.broadcast_to(formula.evaluate(context), absent.shape))
        derived_by += context.rows_read
        self._take(leaf, node, result, Basis.COMPUTED)
        leaf.keep_computed()
        self._outcome(leaf, node, spec.undefined, ~absent & np.isnan(result), "undefined")
        self._outcome(leaf, node, spec.missing_reference, no_reference, "missing_reference")
        self._set(leaf, absent & withheld & ~no_reference, State.NOT_AVAILABLE, NO_LEVEL)
        for path, where in derived_by:
            self.remarks.rests_on(path, node, where & ~np.isnan(result))

    # -- numbers and words ------------------------------------------------------------------------

    def _take(
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
        leaf.value = np.where(there, value, leaf.value)
        leaf.low, leaf.high = (np.where(there, np.nan, x) for x in (leaf.low, leaf.high))
        leaf.state = np.where(there, State.VALUED, leaf.state).astype(np.int8)
        leaf.basis = np.where(there, basis, leaf.basis).astype(np.int8)
        level = self._level(node, value, required)
        for name in ("level", "level_low", "level_high"):
            setattr(leaf, name, np.where(there, level, getattr(leaf, name)).astype(np.int16))
        if node.bands is None:
            return
        band = node.bands.which(value, required)
        for index, rule in enumerate(node.bands.bands):
            here = band == index
            if rule.state is not None:
                state = self._state(rule.state, node, here)
                leaf.state = np.where(here, state, leaf.state).astype(np.int8)
            if rule.status != "published":
                self.remarks.rests_on(f"{node.bands.path}.bands[{index}]", node, here)
        self.remarks.rests_on(node.bands.path, node, there)
        beyond = there & (band < 0)
        leaf.state = np.where(beyond, State.UNDETERMINED, leaf.state).astype(np.int8)
        self.remarks.note(node, "undefined", beyond)

    def _level(self, node: Node, value: Floats, required: Floats | float = np.nan) -> Ints:
        """Return the level of each value by the node's bands."""
        if node.bands is None:
            return np.full(value.shape, NO_LEVEL, dtype=np.int16)
        return node.bands.level_of(value, required)

    def _state(self, name: str, node: Node, where: Bools) -> State:
        """Return what a state of the instrument does; where it is used is noted."""
        for index, state in enumerate(self.instrument.spec.states):
            if state.id == name:
                self.remarks.rests_on(f"states[{index}]", node, where)
        return EFFECTS[self.instrument.state_effects.get(name, name)]

    def _has_effect(self, code: str, effect: State) -> Bools:
        """Return where a code was observed in a state with this effect."""
        effects = self.instrument.state_effects
        wanted = [
            i
            for i, label in enumerate(self.matrix.labels)
            if label in effects and EFFECTS[effects[label]] == effect
        ]
        if not wanted or code not in self.matrix.columns:
            return np.zeros(self.matrix.n, dtype=bool)
        return np.isin(self.matrix.word(code), wanted)

    def _read_word(self, leaf: Leaf, node: Node) -> None:
        """Read states, levels and options given as words at the indicator itself."""
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
                self._set(leaf, here, State.VALUED, level, score)
            elif label in self.instrument.state_effects:
                state = self._state(label, node, here)
                parts = here & ~np.isnan(leaf.computed_low)
                if is_excluded(np.array(state)):
                    self.remarks.note(node, "marked_aside", parts)
                else:
                    self.remarks.note(node, "contradicted", parts)
                    here = here & ~parts
                self._set(leaf, here, state, 0 if state == State.INSUFFICIENT else NO_LEVEL)
            elif label in levels:
                self._set(leaf, here, State.VALUED, levels.index(label))

    def _set(
        self,
        leaf: Leaf,
        where: Bools,
        state: State,
        level: int,
        value: float = np.nan,
        basis: Basis = Basis.OBSERVED,
    ) -> None:
        """Set cases to a state with a level and value."""
        if not where.any():
            return
        leaf.state = np.where(where, state, leaf.state).astype(np.int8)
        leaf.value = np.where(where, value, leaf.value)
        leaf.low, leaf.high = (np.where(where, np.nan, x) for x in (leaf.low, leaf.high))
        leaf.basis = np.where(where, basis, leaf.basis).astype(np.int8)
        for name in ("level", "level_low", "level_high"):
            setattr(leaf, name, np.where(where, level, getattr(leaf, name)).astype(np.int16))

    def _inherit(self, leaf: Leaf, node: Node) -> None:
        """Take the state given to a group above, where nothing was observed of the indicator."""
        effects = self.instrument.state_effects
        for above in _above(self.instrument, node.code):
            word = self.matrix.word(above)
            for index, label in enumerate(self.matrix.labels):
                if EFFECTS.get(effects.get(label, "")) not in _PASSED_DOWN:
                    continue
                given = (word == index) & (leaf.state == State.MISSING)
                given &= leaf.level_low == NO_LEVEL
                state = self._state(label, node, given)
                self._set(leaf, given, state, NO_LEVEL, basis=Basis.NONE)

    # -- rules ------------------------------------------------------------------------------------

    def _missing(self, leaf: Leaf, node: Node) -> None:
        """Apply the instrument's rule for missing data."""
        rule = node.spec.when_missing  # type: ignore[union-attr]
        if rule is None:
            return
        hole = (leaf.state == State.MISSING) & self._measured(node.code)
        self._outcome(leaf, node, rule, hole | (leaf.state == State.NOT_AVAILABLE), "when_missing")

    def _measured(self, code: str) -> Bools:
        """Return the cases in which anything of the indicator's areas was observed.

        A rule for missing data speaks of a measurement that was made and has a hole, not of a table
        that holds only totals, or of an area that nobody looked at.
        """
        measured = np.zeros(self.matrix.n, dtype=bool)
        for area in _areas(self.instrument, code):
            if area not in self.areas:
                self.areas[area] = self._seen_below(area)
            measured |= self.areas[area]
        return measured

    def _seen_below(self, area: str) -> Bools:
        """Return the cases in which an indicator below a node, or a part of one, was observed."""
        kinds, below = self.instrument.observables, set(self.instrument.nodes[area].leaves)
        used = [c for code, c in self.matrix.columns.items() if kinds[code].owner in below]
        values, words = self.matrix.values[:, used], self.matrix.words[:, used]
        seen: Bools = np.logical_or.reduce(~np.isnan(values) | (words >= 0), axis=1)
        return seen

    def _outcome(
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
            self._set(leaf, where, State.VALUED, level, basis=Basis.COMPUTED)
        elif outcome.state is not None:
            state = self._state(outcome.state, node, where)
            self._set(leaf, where, state, NO_LEVEL, basis=Basis.NONE)
        elif outcome.value is not None:
            self._take(leaf, node, np.where(where, outcome.value, np.nan), Basis.COMPUTED)

    def _gate(self, leaf: Leaf, node: Node) -> None:
        """Hold a checklist below its best level where a condition beside its elements fails.

        Where the condition is not known the level stands, and could be lower.
        """
        formula = node.formulas.get("gate")
        if not isinstance(node.spec, Checklist) or node.spec.gate is None or formula is None:
            return
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        limit = levels.index(node.spec.gate.otherwise)
        holds = np.broadcast_to(formula.evaluate(FactContext(self.matrix.facts)), leaf.state.shape)
        fails, unknown = holds == 0.0, np.isnan(holds) & (leaf.level > limit)
        held = fails & (leaf.level > limit)
        for name in ("level", "level_low", "level_high"):
            found = getattr(leaf, name)
            setattr(leaf, name, np.where(fails, np.minimum(found, limit), found).astype(np.int16))
        leaf.level_low = np.where(unknown, np.minimum(leaf.level_low, limit), leaf.level_low)
        self._settle(leaf)
        self.remarks.note(node, "gate", held)
        self.remarks.note(node, "gate_unknown", unknown)
        self.remarks.rests_on(f"{node.path}.gate", node, held | unknown)

    def _bound(self, leaf: Leaf, node: Node) -> None:
        """Let what is open be anything on its scale, unless its parts say more."""
        top = len(self.instrument.levels_of(node.code)) - 1
        open_ = np.isin(leaf.state, _OPEN) & (leaf.level_low == NO_LEVEL)
        if top >= 0 and open_.any():
            leaf.level_low = np.where(open_, 0, leaf.level_low).astype(np.int16)
            leaf.level_high = np.where(open_, top, leaf.level_high).astype(np.int16)

    def _suppositions(self, leaf: Leaf, node: Node) -> None:
        """Set indicators aside where the facts say that they do not apply."""
        facts, shape = FactContext(self.matrix.facts), leaf.state.shape
        for code in (node.code, *_above(self.instrument, node.code)):
            place = self.instrument.nodes[code]
            formula = place.formulas.get("exists_when")
            if formula is not None:
                away = np.broadcast_to(formula.evaluate(facts) == 0.0, shape)
                self._set_aside(leaf, node, away, State.NOT_APPLICABLE)
                self.remarks.rests_on(f"{place.path}.exists_when", node, away)
                self.remarks.note(node, "supposition", away, f"{place.path}.exists_when")
        for name, formula in node.formulas.items():
            if name.startswith("not_measurable"):
                away = np.broadcast_to(formula.evaluate(facts) == 1.0, shape)
                self._set_aside(leaf, node, away, State.NOT_MEASURABLE)
                self.remarks.rests_on(f"{node.path}.{name}", node, away)
                self.remarks.note(node, "supposition", away, f"{node.path}.{name}")
        owners = self._owners_read(node)
        if owners:
            away = np.logical_and.reduce([is_excluded(self.leaves[o].state) for o in owners])
            self._set(leaf, away, State.NOT_MEASURABLE, NO_LEVEL, basis=Basis.NONE)

    def _set_aside(self, leaf: Leaf, node: Node, away: Bools, state: State) -> None:
        """Set an indicator aside; where something was observed of it, that is noted."""
        observed = (leaf.state == State.VALUED) | (leaf.state == State.INSUFFICIENT)
        self.remarks.note(node, "set_aside", away & observed & (leaf.basis != Basis.CARRIED))
        self._set(leaf, away, state, NO_LEVEL, basis=Basis.NONE)

    def _owners_read(self, node: Node) -> list[str]:
        """Return the indicators whose codes the node's formulas read."""
        observables = self.instrument.observables
        owners = {observables[c].owner for f in node.formulas.values() for c in f.codes}
        return sorted(o for o in owners if o in self.leaves)

    def _carry(self, leaf: Leaf, node: Node) -> None:
        """Keep the best level of an earlier wave where the instrument reviews it only once."""
        top = len(self.instrument.levels_of(node.code)) - 1
        if node.spec.review != "once" or top < 0:  # type: ignore[union-attr]
            return
        # Row of the review that settled the indicator for each case; it holds for all that follow.
        settled = np.where(self.matrix.carries & (leaf.level == top), np.arange(self.matrix.n), -1)
        for rows in self.matrix.followers:  # in the order of the waves, so that it carries on
            then = settled[self.matrix.previous[rows]]
            settled[rows] = np.where(then >= 0, then, settled[rows])
        carried = (settled >= 0) & (leaf.level != top) & ~is_excluded(leaf.state)
        over = carried & (leaf.basis != Basis.NONE)
        source = np.where(carried, settled, np.arange(self.matrix.n))
        for name in ("value", "low", "high", "full", "level", "level_low", "level_high"):
            setattr(leaf, name, getattr(leaf, name)[source])
        leaf.state = np.where(carried, State.VALUED, leaf.state).astype(np.int8)
        leaf.basis = np.where(carried, Basis.CARRIED, leaf.basis).astype(np.int8)
        if isinstance(node.spec, Checklist):
            for element in node.spec.elements:
                code = f"{node.code}.{element.id}"
                self.elements[code] = np.where(carried, 1.0, self.elements[code])
        self.remarks.note(node, "carried", carried)
        self.remarks.note(node, "carried_over", over)


def _above(instrument: Instrument, code: str) -> Iterator[str]:
    """Yield every node above one once, nearest first."""
    waiting, seen = list(instrument.nodes[code].parents), set[str]()
    while waiting:
        above = waiting.pop(0)
        if above not in seen:
            seen.add(above)
            yield above
            waiting += instrument.nodes[above].parents


def _areas(instrument: Instrument, code: str) -> set[str]:
    """Return the main areas that an indicator belongs to: below the root, if there is one root."""
    alone = set(instrument.roots) if len(instrument.roots) == 1 else set()
    above = set(_above(instrument, code)) - alone
    return {c for c in above if not set(instrument.nodes[c].parents) - alone} or alone


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
