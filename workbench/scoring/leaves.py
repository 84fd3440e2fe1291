"""Indicators: from what was observed to a value, a level, and the least and most they could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.instruments.bands import Bands
from workbench.instruments.formula import Formula
from workbench.scoring.matrix import Matrix
from workbench.scoring.states import EFFECTS, NO_LEVEL, Basis, Bools, Floats, Ints, State
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


@dataclass(slots=True)
class Leaf:
    """One indicator in every case; all arrays have shape (cases,).

    Parameters
    ----------
    value : array of float
        What was measured: elements met, result of a formula, points; NaN where there is none.
    level, level_low, level_high : array of int
        Level as an index of the scale, and the lowest and highest it could be; -1 for none.
    state : array of int
        :class:`~workbench.scoring.states.State`.
    basis : array of int
        :class:`~workbench.scoring.states.Basis`.
    computed : array of float
        Value computed from parts, also where a reported one stands.
    full : float
        Value that stands for the whole, for checklists and points; NaN for others.
    """

    value: Floats
    level: Ints
    level_low: Ints
    level_high: Ints
    state: np.ndarray
    basis: np.ndarray
    computed: Floats
    full: float = np.nan


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that happened on the way to a result and that a reader should be able to learn.

    Parameters
    ----------
    node : str
    kind : str
        assumed, gate, undefined, no_reference, missing_rule, carried, elements_not_measurable.
    where : array of bool, shape (cases,)
        Cases that it touches.
    path : str
        Place of the rule in the instrument's file, relative to the node.
    """

    node: str
    kind: str
    where: Bools
    path: str = ""


@dataclass
class LeafScorer:
    """Evaluates the indicators of an instrument on a matrix, in the order of their dependencies.

    Parameters
    ----------
    matrix : Matrix
    """

    matrix: Matrix
    leaves: dict[str, Leaf] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    elements: dict[str, Floats] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def score(self) -> dict[str, Leaf]:
        """Return every indicator's result, by code."""
        for code in _dependency_order(self.instrument):
            node = self.instrument.nodes[code]
            leaf = self._evaluate(node)
            self._suppositions(node, leaf)
            self._carry(node, leaf)
            self.leaves[code] = leaf
        return self.leaves

    # -- one indicator ---------------------------------------------------------------------------

    def _evaluate(self, node: Node) -> Leaf:
        """Return the result of one indicator before suppositions and earlier waves."""
        match node.spec:
            case Checklist():
                return self._checklist(node, node.spec)
            case Measure():
                return self._measure(node, node.spec)
            case Grade() | Category():
                return self._worded(node)
            case ScoreIndicator() | PointsIndicator() | Statement():
                return self._direct(node)
        msg = f"unknown kind of indicator: {node.kind}"
        raise AssertionError(msg)

    def _empty(self) -> Leaf:
        """Return a result in which nothing is known."""
        n = self.matrix.n
        return Leaf(
            np.full(n, np.nan),
            np.full(n, NO_LEVEL, dtype=np.int16),
            np.full(n, NO_LEVEL, dtype=np.int16),
            np.full(n, NO_LEVEL, dtype=np.int16),
            np.full(n, State.MISSING, dtype=np.int8),
            np.full(n, Basis.NONE, dtype=np.int8),
            np.full(n, np.nan),
        )

    def _direct(self, node: Node) -> Leaf:
        """Return a score, points or statement: the number is what it is."""
        leaf = self._empty()
        match node.spec:
            case PointsIndicator(maximum=maximum) if maximum is not None:
                leaf.full = maximum
            case ScoreIndicator(maximum=maximum):
                leaf.full = maximum
            case Statement():
                leaf.full = 1.0
        self._take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED)
        self._read_word(leaf, node)
        self._missing(leaf, node)
        return leaf

    def _worded(self, node: Node) -> Leaf:
        """Return a grade or category: a level given as a word."""
        leaf = self._empty()
        self._read_word(leaf, node)
        self._missing(leaf, node)
        return leaf

    def _checklist(self, node: Node, spec: Checklist) -> Leaf:
        """Return a checklist: how many elements are met, of those that can be."""
        leaf = self._empty()
        asked = float(len(spec.elements))
        leaf.full = asked
        codes = [f"{node.code}.{e.id}" for e in spec.elements]
        ticks = np.column_stack([self.matrix.value(c) for c in codes])
        not_measurable = np.column_stack([self._has_effect(c, State.NOT_MEASURABLE) for c in codes])
        recorded = ~np.isnan(ticks)
        any_recorded = np.asarray((recorded | not_measurable).any(axis=1), dtype=np.bool_)
        unlisted = ~recorded & ~not_measurable & any_recorded[:, None]
        if spec.unlisted_elements == "not_met":
            ticks = np.where(unlisted, 0.0, ticks)
            unlisted = np.zeros_like(unlisted)
        met = np.where(any_recorded, np.nansum(ticks, axis=1), np.nan)
        required = np.full(self.matrix.n, asked)
        if spec.not_measurable_elements is not None:
            touched = np.asarray(not_measurable.any(axis=1), dtype=np.bool_)
            if spec.not_measurable_elements.rule == "reduce":
                required = asked - not_measurable.sum(axis=1)
            self._remark(node, "assumed", touched, "not_measurable_elements")
        leaf.computed = met.copy()
        self._take(leaf, node, met, Basis.COMPUTED, required)
        open_ = unlisted.sum(axis=1)
        if open_.any():
            most = self._level(node, met + open_, required)
            partly = open_ > 0
            leaf.level_high = np.where(partly, most, leaf.level_high)
            settled = leaf.level_low == leaf.level_high
            leaf.level = np.where(partly & ~settled, NO_LEVEL, leaf.level).astype(np.int16)
            leaf.state = np.where(partly & ~settled, State.MISSING, leaf.state).astype(np.int8)
        for index, code in enumerate(codes):
            self.elements[code] = ticks[:, index]
        self._take(leaf, node, self.matrix.value(node.code), Basis.OBSERVED, required)
        self._read_word(leaf, node)
        self._missing(leaf, node)
        self._gate(node, spec, leaf)
        return leaf

    def _gate(self, node: Node, spec: Checklist, leaf: Leaf) -> None:
        """Hold a checklist below its best level where a condition beside its elements fails."""
        formula = node.formulas.get("gate")
        if spec.gate is None or formula is None or node.bands is None:
            return
        levels = [level.id for level in self.instrument.scales[node.bands.scale]]
        limit = levels.index(spec.gate.otherwise)
        fails = formula.evaluate(_Context(self, node)) == 0.0
        held = fails & (leaf.level > limit) & (leaf.state == State.VALUED)
        for name in ("level", "level_low", "level_high"):
            found = getattr(leaf, name)
            setattr(leaf, name, np.where(fails, np.minimum(found, limit), found).astype(np.int16))
        self._remark(node, "gate", held, "gate")

    def _measure(self, node: Node, spec: Measure) -> Leaf:
        """Return a measure: computed from its variables, or reported as a result."""
        leaf = self._empty()
        formula = node.formulas.get("formula")
        if formula is not None:
            self._from_variables(node, spec, formula, leaf)
        reported = self.matrix.value(node.code)
        self._take(leaf, node, reported, Basis.OBSERVED)
        self._read_word(leaf, node)
        self._missing(leaf, node)
        return leaf

    def _from_variables(self, node: Node, spec: Measure, formula: Formula, leaf: Leaf) -> None:
        """Compute a measure; tell apart what was not given from what no rule or table covers."""
        context = _Context(self, node)
        absent = np.zeros(self.matrix.n, dtype=bool)
        no_reference = np.zeros(self.matrix.n, dtype=bool)
        any_given = np.zeros(self.matrix.n, dtype=bool)
        for variable in spec.variables:
            given = self.matrix.value(f"{node.code}.{variable.id}")
            any_given |= ~np.isnan(given)
            value = given
            compute = node.formulas.get(variable.id)
            if compute is not None:
                derived = compute.evaluate(context)
                derived = np.broadcast_to(derived, value.shape)
                lacking = np.isnan(derived) & np.isnan(value) & context.has_all(compute)
                no_reference |= lacking
                if compute.codes:
                    any_given |= context.any_seen(compute)
                value = np.where(np.isnan(value), derived, value)
            if variable.when_missing is not None:
                value = np.where(np.isnan(value), variable.when_missing, value)
            context.variables[variable.id] = value
            absent |= np.isnan(value)
        only_defaults = _takes_only_codes(spec, node) & ~any_given
        absent |= only_defaults
        result = np.broadcast_to(formula.evaluate(context), absent.shape)
        result = np.where(absent, np.nan, result)
        leaf.computed = result.copy()
        self._take(leaf, node, result, Basis.COMPUTED)
        undefined = ~absent & np.isnan(result)
        self._outcome(leaf, node, spec.undefined, undefined, "undefined")
        self._outcome(leaf, node, spec.missing_reference, no_reference, "missing_reference")

    # -- parts of the work ------------------------------------------------------------------------

    def _take(
        self,
        leaf: Leaf,
        node: Node,
        value: Floats,
        basis: Basis,
        required: Floats | None = None,
    ) -> None:
        """Put numbers in place with their levels, where there are numbers."""
        there = ~np.isnan(value)
        if not there.any():
            return
        level = self._level(node, value, required)
        leaf.value = np.where(there, value, leaf.value)
        leaf.state = np.where(there, State.VALUED, leaf.state).astype(np.int8)
        leaf.basis = np.where(there, basis, leaf.basis).astype(np.int8)
        for name in ("level", "level_low", "level_high"):
            setattr(leaf, name, np.where(there, level, getattr(leaf, name)).astype(np.int16))
        if node.bands is not None:
            self._band_states(leaf, node, node.bands, value, required)

    def _level(self, node: Node, value: Floats, required: Floats | None = None) -> Ints:
        """Return the level of each value by the node's bands."""
        if node.bands is None:
            return np.full(value.shape, NO_LEVEL, dtype=np.int16)
        band = node.bands.which(value, np.nan if required is None else required)
        levels = np.array([*node.bands.levels, NO_LEVEL], dtype=np.int16)
        found: Ints = levels[band]
        return found

    def _band_states(
        self, leaf: Leaf, node: Node, bands: Bands, value: Floats, required: Floats | None
    ) -> None:
        """Set the states that bands give, and note bands that rest on an assumption."""
        band = bands.which(value, np.nan if required is None else required)
        for index, (rule, name) in enumerate(zip(bands.bands, bands.states, strict=True)):
            here = band == index
            if name is not None and here.any():
                leaf.state = np.where(here, self._state(name), leaf.state).astype(np.int8)
            if rule.status != "published":
                self._remark(node, "assumed", here, f"levels.bands[{index}]")
        beyond = ~np.isnan(value) & (band < 0)
        if beyond.any():
            leaf.state = np.where(beyond, State.UNDETERMINED, leaf.state).astype(np.int8)
            self._remark(node, "undefined", beyond, "levels")

    def _state(self, name: str) -> State:
        """Return what a state of the instrument does."""
        return EFFECTS[self.instrument.state_effects.get(name, name)]

    def _has_effect(self, code: str, effect: State) -> Bools:
        """Return where a code was observed in a state with this effect."""
        word = self.matrix.word(code)
        wanted = [
            i
            for i, label in enumerate(self.matrix.labels)
            if label in self.instrument.state_effects and self._state(label) == effect
        ]
        return np.isin(word, wanted)

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
                state = self._state(label)
                self._set(leaf, here, state, 0 if state == State.INSUFFICIENT else NO_LEVEL)
            elif label in levels:
                self._set(leaf, here, State.VALUED, levels.index(label))

    def _set(
        self, leaf: Leaf, where: Bools, state: State, level: int, value: float = np.nan
    ) -> None:
        """Set cases to a state with a level and value."""
        leaf.state = np.where(where, state, leaf.state).astype(np.int8)
        leaf.value = np.where(where, value, leaf.value)
        leaf.basis = np.where(where, Basis.OBSERVED, leaf.basis).astype(np.int8)
        for name in ("level", "level_low", "level_high"):
            setattr(leaf, name, np.where(where, level, getattr(leaf, name)).astype(np.int16))

    def _missing(self, leaf: Leaf, node: Node) -> None:
        """Apply the instrument's rule for missing data, then bound what stays open."""
        rule = node.spec.when_missing  # type: ignore[union-attr]
        hole = (leaf.state == State.MISSING) & self._measured
        absent = hole | (leaf.state == State.NOT_AVAILABLE)
        self._outcome(leaf, node, rule, absent, "when_missing")
        top = len(self.instrument.levels_of(node.code)) - 1
        open_ = np.isin(leaf.state, (State.MISSING, State.NOT_AVAILABLE, State.UNDETERMINED)) & (
            leaf.level_low == NO_LEVEL
        )
        if top >= 0 and open_.any():
            leaf.level_low = np.where(open_, 0, leaf.level_low).astype(np.int16)
            leaf.level_high = np.where(open_, top, leaf.level_high).astype(np.int16)

    @cached_property
    def _measured(self) -> Bools:
        """Cases in which any indicator, element or variable was observed.

        A rule for missing data speaks of a measurement that was made and has a hole, not of a table
        that only holds totals.
        """
        kinds = self.instrument.observables
        used = [
            c for code, c in self.matrix.columns.items() if kinds[code].kind not in ("node", "fact")
        ]
        values, words = self.matrix.values[:, used], self.matrix.words[:, used]
        return np.asarray((~np.isnan(values) | (words >= 0)).any(axis=1), dtype=np.bool_)

    def _outcome(
        self, leaf: Leaf, node: Node, outcome: Outcome | None, where: Bools, path: str
    ) -> None:
        """Apply a declared outcome to some cases."""
        if outcome is None or not where.any():
            return
        kind = "assumed" if outcome.status == "assumed" else path
        self._remark(node, kind, where, path)
        if outcome.level is not None:
            levels = [level.id for level in self.instrument.levels_of(node.code)]
            self._set(leaf, where, State.VALUED, levels.index(outcome.level))
            leaf.basis = np.where(where, Basis.COMPUTED, leaf.basis).astype(np.int8)
        elif outcome.state is not None:
            self._set(leaf, where, self._state(outcome.state), NO_LEVEL)
            leaf.basis = np.where(where, Basis.NONE, leaf.basis).astype(np.int8)
        elif outcome.value is not None:
            self._take(leaf, node, np.where(where, outcome.value, np.nan), Basis.COMPUTED)

    def _suppositions(self, node: Node, leaf: Leaf) -> None:
        """Set indicators aside where the facts say that they do not apply."""
        context = _Context(self, node)
        for name, formula in node.formulas.items():
            if name == "exists_when":
                away = formula.evaluate(context) == 0.0
                self._set(
                    leaf, np.broadcast_to(away, leaf.state.shape), State.NOT_APPLICABLE, NO_LEVEL
                )
            elif name.startswith("not_measurable"):
                holds = np.broadcast_to(formula.evaluate(context) == 1.0, leaf.state.shape)
                self._set(leaf, holds, State.NOT_MEASURABLE, NO_LEVEL)
        if node.formulas.get("formula") is not None:
            owners = self._owners_read(node)
            if owners:
                states = np.stack([self.leaves[o].state for o in owners])
                away = (states == State.NOT_MEASURABLE).all(axis=0)
                self._set(leaf, away, State.NOT_MEASURABLE, NO_LEVEL)

    def _owners_read(self, node: Node) -> list[str]:
        """Return the indicators whose codes the node's formulas read."""
        observables = self.instrument.observables
        owners = {observables[c].owner for f in node.formulas.values() for c in f.codes}
        return sorted(o for o in owners if o in self.leaves)

    def _carry(self, node: Node, leaf: Leaf) -> None:
        """Keep the best level of an earlier wave where the instrument reviews it only once."""
        top = len(self.instrument.levels_of(node.code)) - 1
        if node.spec.review != "once" or top < 0:  # type: ignore[union-attr]
            return
        carried = np.zeros(self.matrix.n, dtype=bool)
        for rows in self.matrix.followers:  # in the order of the waves, so that it carries on
            before = self.matrix.previous[rows]
            kept = (leaf.state[rows] == State.MISSING) & (leaf.level[before] == top)
            now, then = rows[kept], before[kept]
            for name in ("value", "level", "level_low", "level_high", "state"):
                getattr(leaf, name)[now] = getattr(leaf, name)[then]
            leaf.basis[now] = Basis.CARRIED
            carried[now] = True
        if isinstance(node.spec, Checklist):
            for element in node.spec.elements:
                code = f"{node.code}.{element.id}"
                self.elements[code] = np.where(carried, 1.0, self.elements[code])
        self._remark(node, "carried", carried)

    def _remark(self, node: Node, kind: str, where: Bools, path: str = "") -> None:
        """Note what happened, if it touches any case."""
        if where.any():
            self.remarks.append(Remark(node.code, kind, where, path))


@dataclass
class _Context:
    """What formulas of one indicator read."""

    scorer: LeafScorer
    node: Node
    variables: dict[str, Floats] = field(default_factory=dict)

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
        """Return 1 where a checklist is at its best level, 0 where not, NaN where unknown."""
        leaf = self.scorer.leaves[code]
        top = len(self.scorer.instrument.levels_of(code)) - 1
        known = leaf.level != NO_LEVEL
        return np.where(known, (leaf.level == top).astype(np.float64), np.nan)

    def lookup(self, table: str, x: Floats) -> Floats:
        """Return entries of a table: by range for limits, by equality for keys."""
        rows = self.scorer.instrument.lookups[table].rows
        if rows[0].key is not None:
            found = np.full(np.shape(x), np.nan)
            for row in rows:
                if isinstance(row.key, int | float):
                    found = np.where(x == row.key, row.value, found)
            return found
        limits = np.array([np.inf if r.below is None else r.below for r in rows])
        entries = np.array([*(r.value for r in rows), np.nan])
        index = np.searchsorted(limits, x, side="right")
        return np.where(np.isnan(x), np.nan, entries[np.minimum(index, len(rows))])

    def has_all(self, formula: Formula) -> Bools:
        """Return where everything that a formula reads is known."""
        known = np.ones(self.scorer.matrix.n, dtype=bool)
        for name in formula.names:
            known &= ~np.isnan(self.name(name))
        for code in formula.codes:
            known &= ~np.isnan(self.value(code))
        return known

    def any_seen(self, formula: Formula) -> Bools:
        """Return where anything was observed of the indicators that a formula reads."""
        seen = np.zeros(self.scorer.matrix.n, dtype=bool)
        for code in formula.codes:
            owner = self.scorer.instrument.observables[code].owner
            leaf = self.scorer.leaves.get(owner)
            if leaf is not None:
                seen |= leaf.state != State.MISSING
        return seen


def _takes_only_codes(spec: Measure, node: Node) -> Bools:
    """Return whether every variable of a measure is filled from other indicators."""
    filled = [
        v.id in node.formulas and bool(node.formulas[v.id].codes) and v.when_missing is not None
        for v in spec.variables
    ]
    return np.array(bool(filled) and all(filled))


def _dependency_order(instrument: Instrument) -> Iterator[str]:
    """Yield the indicators so that those read by a formula come before it."""
    done: set[str] = set()

    def visit(code: str, above: tuple[str, ...]) -> Iterator[str]:
        if code in done or code in above:
            return
        for formula in instrument.nodes[code].formulas.values():
            for read in sorted(formula.codes):
                owner = instrument.observables[read].owner
                if owner != code and instrument.nodes[owner].is_indicator:
                    yield from visit(owner, (*above, code))
        done.add(code)
        yield code

    for code in instrument.indicators:
        yield from visit(code, ())
