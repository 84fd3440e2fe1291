"""The engine: nodes scored from the leaves up, on whole arrays of cases at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring import aggregate, normalise
from workbench.scoring.leaves import Leaf, LeafScorer, Remark
from workbench.scoring.matrix import Matrix
from workbench.scoring.normalise import Parameters, Reference
from workbench.scoring.shares import Counts, count_states
from workbench.scoring.states import NO_LEVEL, Basis, Bools, Floats, Ints, State, is_excluded
from workbench.specs.instrument import (
    Group,
    LevelNumbers,
    LookupTable,
    Mean,
    NoAggregate,
    PluginAggregator,
    Points,
    PointsIndicator,
    ScoreIndicator,
    Share,
    Single,
    WeakestLink,
)

AGGREGATOR_GROUP = "workbench.aggregators"
_LEVEL_RULES = (WeakestLink, LookupTable, Single)


@dataclass(slots=True)
class NodeResult:
    """One node in every case; all arrays have shape (cases,).

    Parameters
    ----------
    value : array of float
        Raw value before normalisation; for groups, before their own.
    score, low, high : array of float
        Score, and the least and most it could be given what is missing. NaN where there is none.
    level, level_low, level_high : array of int
        Index in the node's scale; -1 for none.
    state, basis : array of int
    coverage : array of float
        Share of the weight (or of the indicators) that has an outcome.
    computed : array of float
        Score computed from the parts, also where a reported one stands.
    computed_low, computed_high : array of float
        Bounds of the computed score.
    """

    value: Floats
    score: Floats
    low: Floats
    high: Floats
    level: Ints
    level_low: Ints
    level_high: Ints
    state: np.ndarray
    basis: np.ndarray
    coverage: Floats
    computed: Floats
    computed_low: Floats
    computed_high: Floats


@dataclass
class Engine:
    """Scores a matrix, with parameters that are given or fitted on the way.

    Parameters
    ----------
    matrix : Matrix
    parameters : mapping of str to mapping
        Parameters of normalisation by node. Those missing are fitted to the matrix itself when
        ``fit`` is set.
    fit : bool
        Whether the matrix is the reference population.
    """

    matrix: Matrix
    parameters: Mapping[str, Parameters] = field(default_factory=dict)
    fit: bool = False
    results: dict[str, NodeResult] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    fitted: dict[str, Parameters] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def run(self) -> dict[str, NodeResult]:
        """Return the result of every node, by code."""
        scorer = LeafScorer(self.matrix)
        leaves = scorer.score()
        self.remarks = scorer.remarks
        for code, leaf in leaves.items():
            self.results[code] = self._leaf(self.instrument.nodes[code], leaf)
        if any(
            isinstance(self.instrument.nodes[c].aggregate, Share) for c in self.instrument.groups
        ):
            self.counts = count_states(self.matrix, self.results)
        for code in reversed(self.instrument.groups):  # children before parents
            node = self.instrument.nodes[code]
            result = self._group(node)
            self._reported(node, result)
            self._absent(node, result)
            self.results[code] = result
        return self.results

    def _blank(self) -> NodeResult:
        """Return a result in which nothing is known."""
        n = self.matrix.n
        nothing, none = np.full(n, np.nan), np.full(n, NO_LEVEL, dtype=np.int16)
        return NodeResult(
            nothing, nothing, nothing, nothing, none, none, none,
            np.full(n, State.MISSING, dtype=np.int8), np.full(n, Basis.NONE, dtype=np.int8),
            np.zeros(n), nothing, nothing, nothing,
        )  # fmt: skip

    # -- indicators -------------------------------------------------------------------------------

    def _leaf(self, node: Node, leaf: Leaf) -> NodeResult:
        """Return an indicator's result with its score."""
        score, computed = self._leaf_score(node, leaf, leaf.value), leaf.computed
        low, high = self._leaf_limits(node, leaf)
        known = ~np.isnan(score)
        open_ = ~known & ~is_excluded(leaf.state)
        valued = (leaf.state == State.VALUED) | (leaf.state == State.INSUFFICIENT)
        return NodeResult(
            leaf.value,
            score,
            np.where(known, score, np.where(open_, low, np.nan)),
            np.where(known, score, np.where(open_, high, np.nan)),
            leaf.level,
            leaf.level_low,
            leaf.level_high,
            leaf.state,
            leaf.basis,
            valued.astype(np.float64),
            computed,
            computed,
            computed,
        )

    def _leaf_score(self, node: Node, leaf: Leaf, value: Floats) -> Floats:
        """Return the score of an indicator: normalised, or what its kind gives."""
        rule = node.spec.normalise
        if isinstance(rule, LevelNumbers):
            return self._level_numbers(node, leaf.level)
        if rule is not None:
            return self._normalise(node, value)
        if node.kind in ("checklist", "statement"):
            return value / leaf.full * 100.0
        return value

    def _leaf_limits(self, node: Node, leaf: Leaf) -> tuple[float, float]:
        """Return the least and most that the score of an indicator could be."""
        if node.spec.normalise is not None and not isinstance(node.spec.normalise, LevelNumbers):
            return _finite(normalise.limits(node.spec.normalise))
        match node.kind:
            case "checklist" | "statement":
                return 0.0, 100.0
            case "points":
                return 0.0, leaf.full
            case "score":
                return float(cast("ScoreIndicator", node.spec).minimum), leaf.full
        return np.nan, np.nan

    def _level_numbers(self, node: Node, level: Ints) -> Floats:
        """Return the numbers that the scale gives to its levels."""
        numbers = [
            np.nan if entry.number is None else entry.number
            for entry in self.instrument.levels_of(node.code)
        ]
        return np.array([*numbers, np.nan])[level]

    def _normalise(self, node: Node, value: Floats) -> Floats:
        """Return normalised values, fitting the parameters first where this is the reference."""
        rule, direction = node.spec.normalise, node.spec.direction
        assert rule is not None  # noqa: S101  # callers look before they call
        parameters = self.parameters.get(node.code)
        if parameters is None and self.fit:
            units = self.matrix.cases.get_level_values("unit").to_numpy()
            reference = Reference(value * direction, units)
            parameters = normalise.fit(rule, reference, node.code, direction)
            self.fitted[node.code] = parameters
        return normalise.apply(rule, value, parameters or {}, direction)

    # -- groups -----------------------------------------------------------------------------------

    def _group(self, node: Node) -> NodeResult:
        """Return a group's result from its children."""
        match node.aggregate:
            case Share() as rule:
                result = self._share(node, rule)
            case WeakestLink() | LookupTable() | Single() as rule:
                result = self._levels(node, rule)
            case Mean() | Points() | PluginAggregator() as rule:
                result = self._numbers(node, rule)
            case NoAggregate():
                result = self._blank()
                result.state = np.full(self.matrix.n, State.NOT_AGGREGATED, dtype=np.int8)
                return result
            case _:
                msg = f"{node.code} has no aggregation"
                raise AssertionError(msg)
        if not isinstance(rule, _LEVEL_RULES):
            self._limit_and_normalise(node, result)
            result.computed, result.computed_low, result.computed_high = (
                result.score, result.low, result.high,
            )  # fmt: skip
            self._cut(node, result)
        return result

    def _share(self, node: Node, rule: Share) -> NodeResult:
        """Return the share of the indicators below that reached a level."""
        counts = self.counts[node.code]
        share = counts.share(rule.level)
        result = self._blank()
        result.value = share.score
        result.score, result.low, result.high = share.score, share.low, share.high
        result.coverage = share.coverage
        state = np.where(np.isnan(share.score), State.BOUNDED, State.VALUED)
        withheld = share.coverage < rule.min_availability - aggregate.RELATIVE_TOLERANCE
        result.score = np.where(withheld, np.nan, result.score)
        state = np.where(withheld, State.WITHHELD, state)
        state = np.where(share.nothing, State.MISSING, state)
        state = np.where(share.denominator == 0, State.NOT_MEASURABLE, state)
        for name in ("score", "low", "high"):
            empty = share.denominator == 0
            setattr(result, name, np.where(empty, np.nan, getattr(result, name)))
        result.score = np.where(share.nothing, np.nan, result.score)
        result.state = state.astype(np.int8)
        result.basis = np.where(state == State.VALUED, Basis.COMPUTED, Basis.NONE).astype(np.int8)
        return result

    def _children(self, node: Node) -> list[NodeResult]:
        """Return the results of a node's children."""
        return [self.results[c] for c in node.children]

    def _weights(self, node: Node, states: np.ndarray) -> Floats:
        """Return weights, shape (cases, children), 0 for children that are left out."""
        nodes = self.instrument.nodes
        given = np.array([nodes[c].weight_under(node.code) for c in node.children])
        return np.where(is_excluded(states), 0.0, given[None, :])

    def _numbers(self, node: Node, rule: Mean | Points | PluginAggregator) -> NodeResult:
        """Return a group whose score is a number made of its children's scores."""
        result, children = self._blank(), self._children(node)
        if not children:
            return result
        states = np.column_stack([c.state for c in children])
        weights = self._weights(node, states)
        scores = np.column_stack([c.score for c in children])
        low = np.column_stack([c.low for c in children])
        high = np.column_stack([c.high for c in children])
        there = ~np.isnan(scores) & (weights > 0)
        total = weights.sum(axis=1)
        result.coverage = np.divide(
            (weights * there).sum(axis=1), total, out=np.zeros(self.matrix.n), where=total > 0
        )
        value = self._combine(node, rule, scores, weights)
        result.low = self._bound(node, rule, low, weights)
        result.high = self._bound(node, rule, high, weights)
        some = there.any(axis=1)
        enough = result.coverage >= rule.min_availability - aggregate.RELATIVE_TOLERANCE
        state = np.where(some, np.where(enough, State.VALUED, State.WITHHELD), State.MISSING)
        if isinstance(rule, Mean) and rule.weights == "unknown":
            # A mean with unknown weights lies between its lowest and highest part; more is not
            # known.
            result.low = aggregate.minimum(low, weights)
            result.high = aggregate.maximum(high, weights)
            open_ = np.isnan(low) & (weights > 0)
            result.low[open_.any(axis=1)] = np.nan
            result.high[open_.any(axis=1)] = np.nan
            alone = (weights > 0).sum(axis=1) == 1
            state = np.where(some & ~alone & (state == State.VALUED), State.BOUNDED, state)
        state = np.where(is_excluded(states).all(axis=1), State.NOT_APPLICABLE, state)
        # Whatever is not a value after all shows none.
        result.value = np.where(state == State.VALUED, value, np.nan)
        result.score = result.value
        result.state = np.where(
            (state == State.VALUED) & np.isnan(result.value), State.UNDETERMINED, state
        ).astype(np.int8)
        result.basis = self._parent_basis(children, result.state)
        return result

    def _combine(
        self, node: Node, rule: Mean | Points | PluginAggregator, scores: Floats, weights: Floats
    ) -> Floats:
        """Return the aggregate of scores."""
        match rule:
            case Mean(method=method):
                return aggregate.MEANS[method](scores, weights)
            case Points():
                return aggregate.weighted_sum(scores, weights)
            case PluginAggregator(name=name, options=options):
                plugin = normalise.load_plugin(AGGREGATOR_GROUP, name, ("aggregate",))
                return np.asarray(plugin.aggregate(scores, weights, options), dtype=np.float64)

    def _bound(
        self, node: Node, rule: Mean | Points | PluginAggregator, scores: Floats, weights: Floats
    ) -> Floats:
        """Return the aggregate of bounds; NaN where a child has none."""
        value = self._combine(node, rule, scores, weights)
        open_ = (np.isnan(scores) & (weights > 0)).any(axis=1)
        if isinstance(rule, PluginAggregator):  # nothing says that it is monotone
            return np.where(open_, np.nan, value)
        return np.where(open_, np.nan, value)

    def _parent_basis(self, children: list[NodeResult], state: np.ndarray) -> np.ndarray:
        """Return computed, or mixed where only some of the parts were reported as they are."""
        bases = np.column_stack([c.basis for c in children])
        used = bases != Basis.NONE
        reported = used & (bases == Basis.REPORTED)
        mixed = (bases == Basis.MIXED).any(axis=1) | (
            reported.any(axis=1) & (used & ~reported).any(axis=1)
        )
        basis = np.where(mixed, Basis.MIXED, Basis.COMPUTED)
        return np.where(state == State.VALUED, basis, Basis.NONE).astype(np.int8)

    def _levels(self, node: Node, rule: WeakestLink | LookupTable | Single) -> NodeResult:
        """Return a group whose level follows from its children's levels."""
        result, children = self._blank(), self._children(node)
        states = np.column_stack([c.state for c in children])
        counted = ~is_excluded(states)
        for name in ("level", "level_low", "level_high"):
            levels = np.column_stack([getattr(c, name) for c in children])
            setattr(result, name, self._level_of(node, rule, levels, counted))
        known = np.column_stack([c.level for c in children]) != NO_LEVEL
        total = counted.sum(axis=1)
        result.coverage = np.divide(
            (known & counted).sum(axis=1), total, out=np.zeros(self.matrix.n), where=total > 0
        )
        state = np.where(result.level != NO_LEVEL, State.VALUED, State.BOUNDED)
        state = np.where(
            (result.level == NO_LEVEL) & (result.level_low == NO_LEVEL), State.MISSING, state
        )
        state = np.where((result.coverage == 0) & (total > 0), State.MISSING, state)
        result.state = np.where(total == 0, State.NOT_APPLICABLE, state).astype(np.int8)
        result.basis = self._parent_basis(children, result.state)
        return result

    def _level_of(
        self,
        node: Node,
        rule: WeakestLink | LookupTable | Single,
        levels: np.ndarray,
        counted: Bools,
    ) -> Ints:
        """Return the level by the rule of the node."""
        children_scale = self.instrument.levels_of(node.children[0])
        own = [level.id for level in self.instrument.scales[rule.scale]]
        base = np.array([own.index(level.id) for level in children_scale], dtype=np.int16)
        if isinstance(rule, LookupTable):
            table = next(t for t in self.instrument.spec.tables if t.id == rule.table)
            ids = [level.id for level in children_scale]
            rows = {
                tuple(ids.index(part) for part in key.split()): own.index(level)
                for key, level in table.rows.items()
            }
            return aggregate.lookup_table(levels, counted, rows, base)
        plus = base
        if isinstance(rule, WeakestLink) and rule.plus:
            plus = np.array(
                [
                    own.index(f"{level.id}+") if f"{level.id}+" in own else own.index(level.id)
                    for level in children_scale
                ],
                dtype=np.int16,
            )
        return aggregate.weakest_link(levels, counted, base, plus)

    def _limit_and_normalise(self, node: Node, result: NodeResult) -> None:
        """Apply a cap, a floor and the group's own normalisation."""
        rule = node.aggregate
        low = -np.inf if rule is None or rule.floor is None else rule.floor
        high = np.inf if rule is None or rule.cap is None else rule.cap
        for name in ("score", "low", "high"):
            values = np.clip(getattr(result, name), low, high)
            if node.spec.normalise is not None:
                values = self._normalise(node, values)
            setattr(result, name, values)

    def _cut(self, node: Node, result: NodeResult) -> None:
        """Give levels to a group's score by its cut-points."""
        if node.bands is None:
            return
        levels = np.array([*node.bands.levels, NO_LEVEL], dtype=np.int16)
        for name, scores in (
            ("level", result.score),
            ("level_low", result.low),
            ("level_high", result.high),
        ):
            setattr(result, name, levels[node.bands.which(scores)])

    def _reported(self, node: Node, result: NodeResult) -> None:
        """Let reported scores and levels stand; what was computed is kept beside them."""
        # Bounds of a group of which nothing was observed say nothing: they span its whole range.
        nothing = result.state == State.MISSING
        for name in ("computed", "computed_low", "computed_high"):
            setattr(result, name, np.where(nothing, np.nan, getattr(result, name)))
        given = self.matrix.value(node.code)
        there = ~np.isnan(given)
        if there.any():
            exact = there & np.isnan(result.computed_low)
            result.score = np.where(there, given, result.score)
            result.value = np.where(there, given, result.value)
            result.low = np.where(
                exact, given, np.where(there, np.fmin(result.low, given), result.low)
            )
            result.high = np.where(
                exact, given, np.where(there, np.fmax(result.high, given), result.high)
            )
            result.state = np.where(there, State.VALUED, result.state).astype(np.int8)
            result.basis = np.where(there, Basis.REPORTED, result.basis).astype(np.int8)
            self._cut(node, result)
        word = self.matrix.word(node.code)
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        for index, label in enumerate(self.matrix.labels):
            here = word == index
            if label in levels and here.any():
                for name in ("level", "level_low", "level_high"):
                    found = np.where(here, levels.index(label), getattr(result, name))
                    setattr(result, name, found.astype(np.int16))
                result.state = np.where(here, State.VALUED, result.state).astype(np.int8)
                result.basis = np.where(here, Basis.REPORTED, result.basis).astype(np.int8)

    def _absent(self, node: Node, result: NodeResult) -> None:
        """Set a group aside where the facts say that it does not exist for the unit."""
        formula = node.formulas.get("exists_when")
        if formula is None or not isinstance(node.spec, Group):
            return
        context = _Facts(self.matrix)
        away = np.broadcast_to(formula.evaluate(context) == 0.0, result.state.shape)
        for name in ("score", "low", "high", "value"):
            setattr(result, name, np.where(away, np.nan, getattr(result, name)))
        for name in ("level", "level_low", "level_high"):
            setattr(result, name, np.where(away, NO_LEVEL, getattr(result, name)).astype(np.int16))
        result.state = np.where(away, State.NOT_APPLICABLE, result.state).astype(np.int8)
        result.basis = np.where(away, Basis.NONE, result.basis).astype(np.int8)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Facts of the cases, for formulas that read nothing else."""

    matrix: Matrix

    def name(self, name: str) -> Floats:
        return self.matrix.facts[name]

    def value(self, code: str) -> Floats:
        raise AssertionError(code)

    def complete(self, code: str) -> Floats:
        raise AssertionError(code)

    def lookup(self, table: str, x: Floats) -> Floats:
        raise AssertionError(table)


def _finite(limits: tuple[float, float]) -> tuple[float, float]:
    """Return limits with NaN where there is none."""
    low, high = limits
    return (low if np.isfinite(low) else np.nan, high if np.isfinite(high) else np.nan)


def maximum_points(instrument: Instrument, code: str) -> float:
    """Return the points that a node can reach; NaN where a maximum is unknown."""
    node = instrument.nodes[code]
    if isinstance(node.aggregate, Points) and node.aggregate.total is not None:
        return node.aggregate.total
    if isinstance(node.spec, PointsIndicator):
        return np.nan if node.spec.maximum is None else node.spec.maximum
    return float(sum(maximum_points(instrument, child) for child in node.children)) or np.nan
