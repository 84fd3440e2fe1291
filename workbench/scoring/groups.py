"""Groups: a score or a level made of the children's, and what was reported beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableSequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.instruments.formula import rounded
from workbench.scoring import aggregate
from workbench.scoring.components import component, fit_component
from workbench.scoring.contexts import GroupContext
from workbench.scoring.distance import distance, fit_distance
from workbench.scoring.fits import Fits, Parameters
from workbench.scoring.leaves import Remark
from workbench.scoring.matrix import Matrix
from workbench.scoring.normalise import checked, load_plugin
from workbench.scoring.results import NodeResult, blank
from workbench.scoring.shares import Counts
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
from workbench.scoring.strata import class_number, fit_strata, stratum_of
from workbench.specs.instrument import (
    ByFormula,
    Conditions,
    Distance,
    FirstComponent,
    LookupTable,
    Mean,
    PluginAggregator,
    Points,
    PointsIndicator,
    Share,
    Single,
    Strata,
    WeakestLink,
)

AGGREGATOR_GROUP = "workbench.aggregators"
_LEVEL_RULES = (WeakestLink, LookupTable, Single, Conditions)
_NUMBER_RULES = (Mean, Points, PluginAggregator, ByFormula)

LevelRule = WeakestLink | LookupTable | Single
NumberRule = Mean | Points | PluginAggregator


@dataclass
class GroupScorer:
    """Scores groups; those below each are scored before it.

    Parameters
    ----------
    matrix : Matrix
    results : mapping of str to NodeResult
        Results so far, by node.
    counts : mapping of str to Counts
        Indicators by level and state, by group.
    aside : mapping of str to array of bool
        Cases in which a group does not exist.
    remarks : list of Remark
        Takes what a reader should learn.
    normalise : callable
        Normalises the values of a node.
    fits : Fits
        Parameters of distances, components and strata.
    parts : mapping of str to array
        Elements and variables as they were used.
    """

    matrix: Matrix
    results: Mapping[str, NodeResult]
    counts: Mapping[str, Counts]
    aside: Mapping[str, Bools]
    remarks: MutableSequence[Remark]
    normalise: Callable[[Node, Floats], Floats]
    fits: Fits
    parts: Mapping[str, Floats]

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def score(self, node: Node) -> NodeResult:
        """Return a group's result: computed from its children, and what is reported of it."""
        match node.aggregate:
            case Share() as rule:
                result = self._share(node, rule)
            case WeakestLink() | LookupTable() | Single() as rule:
                result = self._levels(node, rule)
            case Mean() | Points() | PluginAggregator() as rule:
                result = self._numbers(node, rule)
            case Distance() | FirstComponent() as rule:
                result = self._of_reference(node, rule)
            case Conditions() as rule:
                result = self._by_conditions(node, rule)
            case ByFormula():
                result = self._by_formula(node)
            case _:
                result = blank(self.matrix.n)
                result.state = np.full(self.matrix.n, State.NOT_AGGREGATED, dtype=np.int8)
        if not isinstance(node.aggregate, _LEVEL_RULES):
            if isinstance(node.aggregate, _NUMBER_RULES):
                self._limit(result, node.aggregate)
            self._normalised(node, result)
            self._cut(node, result)
        self._keep_computed(node, result)
        self._reported_number(node, result)
        result.cut_level = result.level
        self._reported_word(node, result)
        return result

    # -- shares of a level ------------------------------------------------------------------------

    def _share(self, node: Node, rule: Share) -> NodeResult:
        """Return the share of the indicators below that reached a level."""
        counts, result = self.counts[node.code], blank(self.matrix.n)
        share = counts.share(rule.level)
        enough = share.availability >= rule.min_availability - aggregate.RELATIVE_TOLERANCE
        state = np.where(np.isnan(share.score), State.BOUNDED, State.VALUED)
        state = np.where(enough, state, State.WITHHELD)
        state = np.where(share.nothing, State.MISSING, state)
        column = counts.labels.index(State.NOT_APPLICABLE.name.lower())
        nowhere = counts.least[:, column] == counts.n
        gone = np.where(nowhere, State.NOT_APPLICABLE, State.NOT_MEASURABLE)
        state = np.where(share.none, gone, state)
        result.score = np.where(state == State.VALUED, share.score, np.nan)
        result.low = np.where(share.none, np.nan, share.low)
        result.high = np.where(share.none, np.nan, share.high)
        result.value, result.coverage = result.score, share.coverage
        result.state = state.astype(np.int8)
        result.basis = np.where(state == State.VALUED, Basis.COMPUTED, Basis.NONE).astype(np.int8)
        return result

    # -- numbers ----------------------------------------------------------------------------------

    def _numbers(self, node: Node, rule: NumberRule) -> NodeResult:
        """Return a group whose score is a number made of its children's scores."""
        result, children = blank(self.matrix.n), [self.results[c] for c in node.children]
        if not children:
            return result
        states = np.column_stack([c.state for c in children])
        weights = self._weights(node, states)
        scores = np.column_stack([c.score for c in children])
        low = np.column_stack([c.low for c in children])
        high = np.column_stack([c.high for c in children])
        there = ~np.isnan(scores) & (weights > 0)
        result.coverage = np.nan_to_num(
            aggregate.divide((weights * there).sum(axis=1), weights.sum(axis=1))
        )
        enough = result.coverage >= rule.min_availability - aggregate.RELATIVE_TOLERANCE
        state = np.where(enough, State.VALUED, State.WITHHELD)
        state = np.where(there.any(axis=1), state, _nothing_there(states))
        if isinstance(rule, Mean) and rule.weights == "unknown":
            # A mean with unknown weights lies between its lowest and highest part; more is not
            # known.
            result.low = self._bound(Mean(method="minimum"), low, weights)
            result.high = self._bound(Mean(method="maximum"), high, weights)
            several = (weights > 0).sum(axis=1) > 1
            state = np.where(several & (state == State.VALUED), State.BOUNDED, state)
        else:
            result.low, result.high = self._bounds(rule, low, high, weights)
        state = np.where(is_excluded(states).all(axis=1), _excluded(states), state)
        # Whatever is not a value after all shows none.
        valued = state == State.VALUED
        result.value = np.where(valued, self._combine(rule, scores, weights), np.nan)
        # Where parts may be missing, the mean of the others can lie outside what is possible.
        result.low = np.where(result.value < result.low, result.value, result.low)
        result.high = np.where(result.value > result.high, result.value, result.high)
        state = np.where(valued & np.isnan(result.value), State.UNDETERMINED, state)
        result.score, result.state = result.value, state.astype(np.int8)
        result.basis = _parent_basis(children, result.state)
        return result

    def _weights(self, node: Node, states: np.ndarray) -> Floats:
        """Return weights, shape (cases, children), 0 for children that are left out."""
        nodes = self.instrument.nodes
        given = np.array([nodes[c].weight_under(node.code) for c in node.children])
        return np.where(is_excluded(states), 0.0, given[None, :])

    def _combine(self, rule: NumberRule, scores: Floats, weights: Floats) -> Floats:
        """Return the aggregate of scores."""
        match rule:
            case Mean(method=method):
                return aggregate.MEANS[method](scores, weights)
            case Points():
                return aggregate.weighted_sum(scores, weights)
            case PluginAggregator(name=name, options=options):
                plugin = load_plugin(AGGREGATOR_GROUP, name, ("aggregate",))
                return checked(name, plugin.aggregate(scores, weights, options), (len(scores),))

    def _bounds(
        self, rule: NumberRule, low: Floats, high: Floats, weights: Floats
    ) -> tuple[Floats, Floats]:
        """Return the aggregate of the least and the most that each child could be."""
        least, most = self._bound(rule, low, weights), self._bound(rule, high, weights)
        if isinstance(rule, PluginAggregator):
            # Nothing says that it rises with its parts: what lies between is not known.
            apart = ((low != high) & (weights > 0)).any(axis=1)
            least, most = np.where(apart, np.nan, least), np.where(apart, np.nan, most)
        return least, most

    def _bound(self, rule: NumberRule, scores: Floats, weights: Floats) -> Floats:
        """Return the aggregate of bounds; NaN where a child has none."""
        value = self._combine(rule, scores, weights)
        open_ = (np.isnan(scores) & (weights > 0)).any(axis=1)
        return np.where(open_, np.nan, value)

    def _by_formula(self, node: Node) -> NodeResult:
        """Return a group whose score is a formula; where a part is missing there is none."""
        result, children = blank(self.matrix.n), [self.results[c] for c in node.children]
        formula = node.formulas["aggregate"]
        context = GroupContext(self.instrument, self.results, self.parts, self.matrix.facts)
        score = np.broadcast_to(formula.evaluate(context), (self.matrix.n,)).copy()
        known = np.ones(self.matrix.n, dtype=bool)
        for name in formula.names:
            known &= ~np.isnan(context.name(name))
        for code in formula.codes:
            read = context.score if code in formula.scored else context.value
            read = context.level if code in formula.completed else read
            known &= ~np.isnan(read(code))
        state = np.where(known, State.UNDETERMINED, State.WITHHELD)
        if children:
            result.coverage = np.column_stack([c.coverage for c in children]).mean(axis=1)
            states = np.column_stack([c.state for c in children])
            nothing = np.isin(states, (State.MISSING, State.NOT_AVAILABLE)).all(axis=1)
            state = np.where(nothing, _nothing_there(states), state)
            state = np.where(is_excluded(states).all(axis=1), _excluded(states), state)
        result.state = np.where(np.isnan(score), state, State.VALUED).astype(np.int8)
        result.value = result.score = result.low = result.high = score
        result.basis = _parent_basis(children, result.state) if children else result.basis
        return result

    def _limit(self, result: NodeResult, rule: NumberRule | ByFormula) -> None:
        """Apply a cap, a floor and the decimals that are kept."""
        low = -np.inf if rule.floor is None else rule.floor
        high = np.inf if rule.cap is None else rule.cap
        for name in ("score", "low", "high"):
            limited = np.clip(getattr(result, name), low, high)
            setattr(result, name, limited if rule.round is None else rounded(limited, rule.round))

    def _normalised(self, node: Node, result: NodeResult) -> None:
        """Apply the group's own normalisation; where less is better it turns the bounds round."""
        if node.spec.normalise is None:
            return
        result.score = self.normalise(node, result.score)
        ends = self.normalise(node, result.low), self.normalise(node, result.high)
        result.low, result.high = np.minimum(*ends), np.maximum(*ends)

    # -- indices fitted to a reference ------------------------------------------------------------

    def _of_reference(self, node: Node, rule: Distance | FirstComponent) -> NodeResult:
        """Return a group whose score is a distance or component; every child is needed."""
        result, children = blank(self.matrix.n), [self.results[c] for c in node.children]
        values = np.column_stack([c.score for c in children])
        states = np.column_stack([c.state for c in children])
        score = np.full(self.matrix.n, np.nan)
        fit = partial(self._fit, node, rule, values)
        for rows, parameters in self.fits.each(f"{node.code}:aggregate", rule.scope, None, fit):
            score[rows] = self._index(rule, values[rows], parameters)
        complete = ~np.isnan(values).any(axis=1)
        result.coverage = (~np.isnan(values)).mean(axis=1)
        state = np.where(complete, State.UNDETERMINED, State.WITHHELD)
        state = np.where(np.isnan(values).all(axis=1), _nothing_there(states), state)
        result.state = np.where(np.isnan(score), state, State.VALUED).astype(np.int8)
        result.value = result.score = result.low = result.high = score
        result.basis = _parent_basis(children, result.state)
        return result

    def _fit(
        self, node: Node, rule: Distance | FirstComponent, values: Floats, rows: Bools
    ) -> Parameters | None:
        """Return the parameters of an index, fitted to some cases; None where none is complete."""
        if np.isnan(values[rows]).any(axis=1).all():
            return None
        if isinstance(rule, FirstComponent):
            positive = None if rule.positive is None else node.children.index(rule.positive)
            standardised = rule.matrix == "correlation"
            return fit_component(
                values[rows], rule.ddof, positive, node.code, standardised=standardised
            )
        if isinstance(rule.reference, dict):
            reference = np.array([rule.reference[c] for c in node.children])
        else:
            pooled = self.fits.reference if rule.reference_scope == "pooled" else rows
            extreme = np.nanmin if rule.reference == "minimum" else np.nanmax
            reference = extreme(values[pooled], axis=0)
        return fit_distance(values[rows], reference, rule.ddof, node.code)

    @staticmethod
    def _index(rule: Distance | FirstComponent, values: Floats, parameters: Parameters) -> Floats:
        """Return the index of some cases."""
        if isinstance(rule, FirstComponent):
            return component(values, parameters, unit_variance=rule.variance == "unit")
        own = distance(values, parameters)
        if rule.relative_to is None:
            return own
        return own / distance(np.full((1, values.shape[1]), rule.relative_to), parameters)

    # -- levels -----------------------------------------------------------------------------------

    def _levels(self, node: Node, rule: LevelRule) -> NodeResult:
        """Return a group whose level follows from its children's levels."""
        result, children = blank(self.matrix.n), [self.results[c] for c in node.children]
        states = np.column_stack([c.state for c in children])
        counted = ~is_excluded(states)
        for name in ("level", "level_low", "level_high"):
            levels = np.column_stack([getattr(c, name) for c in children])
            setattr(result, name, self._level_of(node, rule, levels, counted))
        known = np.column_stack([c.level for c in children]) != NO_LEVEL
        total = counted.sum(axis=1)
        result.coverage = np.nan_to_num(aggregate.divide((known & counted).sum(axis=1), total))
        state = np.where(result.level != NO_LEVEL, State.VALUED, State.BOUNDED)
        unknown = (result.level == NO_LEVEL) & (result.level_low == NO_LEVEL)
        state = np.where(unknown | (result.coverage == 0), _nothing_there(states), state)
        result.state = np.where(total == 0, _excluded(states), state).astype(np.int8)
        result.basis = _parent_basis(children, result.state)
        return result

    def _level_of(self, node: Node, rule: LevelRule, levels: np.ndarray, counted: Bools) -> Ints:
        """Return the level by the rule of the node."""
        of_children = [level.id for level in self.instrument.levels_of(node.children[0])]
        own = [level.id for level in self.instrument.scales[rule.scale]]
        base = np.array([own.index(name) for name in of_children], dtype=np.int16)
        if isinstance(rule, LookupTable):
            table = next(t for t in self.instrument.spec.tables if t.id == rule.table)
            rows = {
                tuple(sorted(of_children.index(part) for part in key.split())): own.index(level)
                for key, level in table.rows.items()
            }
            return aggregate.lookup_table(levels, counted, rows, base)
        plus = base
        if isinstance(rule, WeakestLink) and rule.plus:
            better = [f"{name}+" if f"{name}+" in own else name for name in of_children]
            plus = np.array([own.index(name) for name in better], dtype=np.int16)
        return aggregate.weakest_link(levels, counted, base, plus)

    def _by_conditions(self, node: Node, rule: Conditions) -> NodeResult:
        """Return a group whose level is the first whose condition holds; unknown ones bound it."""
        result, children = blank(self.matrix.n), [self.results[c] for c in node.children]
        states = np.column_stack([c.state for c in children])
        context = GroupContext(self.instrument, self.results, self.parts, self.matrix.facts)
        own = [level.id for level in self.instrument.scales[rule.scale]]
        low = np.full(self.matrix.n, len(own), dtype=np.int16)
        high = np.full(self.matrix.n, NO_LEVEL, dtype=np.int16)
        waiting = np.ones(self.matrix.n, dtype=bool)
        for index, entry in enumerate(rule.levels):
            holds = np.broadcast_to(
                node.formulas[f"levels[{index}]"].evaluate(context), waiting.shape
            )
            could, level = waiting & (holds != 0.0), own.index(entry.level)
            low, high = _spanned(low, high, could, level)
            waiting = waiting & (holds != 1.0)
            self._rests_on(f"{node.aggregate_path}.levels[{index}]", node, could)
        result.level_low, result.level_high = _spanned(
            low, high, waiting, own.index(rule.otherwise)
        )
        seen = ~np.isin(states, (State.MISSING, State.NOT_AVAILABLE)).all(axis=1)
        settled = seen & (result.level_low == result.level_high)
        result.level = np.where(settled, result.level_low, NO_LEVEL).astype(np.int16)
        result.coverage = np.column_stack([c.coverage for c in children]).mean(axis=1)
        state = np.where(settled, State.VALUED, State.BOUNDED)
        result.state = np.where(seen, state, _nothing_there(states)).astype(np.int8)
        result.basis = _parent_basis(children, result.state)
        return result

    def _cut(self, node: Node, result: NodeResult) -> None:
        """Give levels to a group's score by its cut-points or strata."""
        if node.cuts is not None and node.cuts.strata is not None:
            self._stratify(node, result, node.cuts.strata)
        if node.bands is None:
            return
        result.level = node.bands.level_of(result.score)
        result.level_low, result.level_high = node.bands.levels_between(result.low, result.high)
        found = [node.bands.which(x) for x in (result.score, result.low, result.high)]
        self._rests_on(node.bands.path, node, np.stack(found).max(axis=0) >= 0)
        for index in range(len(node.bands.bands)):
            here = (np.stack(found) == index).any(axis=0)
            self._rests_on(f"{node.bands.path}.bands[{index}]", node, here)

    def _stratify(self, node: Node, result: NodeResult, rule: Strata) -> None:
        """Give levels to a group's score by the strata of the reference.

        They are fitted to the scores that stand: those reported, else those computed.
        """
        given = self.matrix.value(node.code)
        standing = np.where(np.isnan(given) | self.aside[node.code], result.score, given)
        waves = self.matrix.cases.get_level_values("wave").astype(str).to_numpy()
        n = len(self.instrument.levels_of(node.code))

        def fit(rows: Bools) -> Parameters | None:
            score, first = standing[rows], np.flatnonzero(rows)[0]
            if np.isnan(score).all():
                return None
            year = float(self.matrix.facts["year"][first])
            size = int((~np.isnan(score)).sum())
            classes = class_number(rule, waves[first], year, size)
            return fit_strata(rule, score, classes or 0.0, n, node.code)

        key, direction = f"{node.code}:levels", node.spec.direction
        for rows, parameters in self.fits.each(key, rule.scope, None, fit):
            found = [
                stratum_of(rule, x[rows], parameters, direction=direction)
                for x in (result.score, result.low, result.high)
            ]
            for name, level in zip(("level", "level_low", "level_high"), found, strict=True):
                levels = getattr(result, name).copy()
                levels[rows] = level
                setattr(result, name, levels)
            low = np.minimum(result.level_low, result.level_high)
            result.level_high = np.maximum(result.level_low, result.level_high)
            result.level_low = low
        path = f"{node.path}.levels" if node.spec.levels else f"{_tier_path(self, node)}.levels"
        used = result.level != NO_LEVEL
        self._rests_on(path, node, used)
        self._rests_on(f"{path}.strata", node, used)

    # -- reported beside computed -----------------------------------------------------------------

    def _keep_computed(self, node: Node, result: NodeResult) -> None:
        """Keep what the parts give beside whatever is reported."""
        # Bounds of a group of which nothing was observed say nothing: they span its whole range.
        known = ~np.isin(result.state, (State.MISSING, State.NOT_AVAILABLE, State.NOT_AGGREGATED))
        result.computed = np.where(known, result.score, np.nan)
        result.computed_low = np.where(known, result.low, np.nan)
        result.computed_high = np.where(known, result.high, np.nan)
        for name in ("level", "level_low", "level_high"):
            level = np.where(known, getattr(result, name), NO_LEVEL).astype(np.int16)
            setattr(result, f"computed_{name}", level)
        result.computed_value = np.where(known, result.value, np.nan)
        used = known & ~is_excluded(result.state)
        self._rests_on(node.aggregate_path, node, used)
        if isinstance(node.aggregate, LookupTable):
            names = [table.id for table in self.instrument.spec.tables]
            self._rests_on(f"tables[{names.index(node.aggregate.table)}]", node, used)

    def _reported_number(self, node: Node, result: NodeResult) -> None:
        """Let a reported score stand; what was computed is kept beside it."""
        given = self.matrix.value(node.code)
        there = ~np.isnan(given)
        if not there.any():
            return
        there = self._existing(node, there)
        low = high = given
        if isinstance(node.aggregate, Share):
            # The publisher counts what is not available as not reached; it could be.
            high = np.fmax(given, result.computed_high)
        elif not (isinstance(node.aggregate, Mean) and node.aggregate.weights == "unknown"):
            open_ = np.isnan(result.computed)
            low = np.where(open_, np.fmin(given, result.computed_low), given)
            high = np.where(open_, np.fmax(given, result.computed_high), given)
        result.score = np.where(there, given, result.score)
        result.value = np.where(there, given, result.value)
        result.low = np.where(there, low, result.low)
        result.high = np.where(there, high, result.high)
        result.state = np.where(there, State.VALUED, result.state).astype(np.int8)
        result.basis = np.where(there, Basis.REPORTED, result.basis).astype(np.int8)
        self._cut(node, result)

    def _reported_word(self, node: Node, result: NodeResult) -> None:
        """Let a reported level stand; a state that observations below contradict is noted."""
        word, effects = self.matrix.word(node.code), self.instrument.state_effects
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        for index, label in enumerate(self.matrix.labels):
            here = word == index
            if not here.any():
                continue
            state = EFFECTS[effects[label]] if label in effects else State.VALUED
            if label in levels or state == State.INSUFFICIENT:
                here = self._existing(node, here)
                level = levels.index(label) if label in levels else 0
                for name in ("level", "level_low", "level_high"):
                    found = np.where(here, level, getattr(result, name))
                    setattr(result, name, found.astype(np.int16))
                result.state = np.where(here, state, result.state).astype(np.int8)
                result.basis = np.where(here, Basis.REPORTED, result.basis).astype(np.int8)
            elif label in effects:
                seen = self._seen_below(node)
                self._remark(node, "contradicted", here & seen)
                if state == State.NOT_AVAILABLE:
                    self._withdraw(result, here & ~seen)

    def _seen_below(self, node: Node) -> Bools:
        """Return where anything was observed of the indicators below a group."""
        bases = [self.results[c].basis != Basis.NONE for c in node.leaves]
        seen: Bools = np.logical_or.reduce([*bases, np.zeros(self.matrix.n, dtype=bool)])
        return seen

    @staticmethod
    def _withdraw(result: NodeResult, where: Bools) -> None:
        """Make a group not available where its source says so and nothing below contradicts it."""
        for name in ("value", "score", "computed", "computed_value"):
            setattr(result, name, np.where(where, np.nan, getattr(result, name)))
        result.level = np.where(where, NO_LEVEL, result.level).astype(np.int16)
        result.state = np.where(where, State.NOT_AVAILABLE, result.state).astype(np.int8)
        result.basis = np.where(where, Basis.NONE, result.basis).astype(np.int8)

    def _existing(self, node: Node, there: Bools) -> Bools:
        """Return where a group that is reported exists; where it does not, that is noted."""
        away = self.aside[node.code]
        self._remark(node, "set_aside", there & away)
        return there & ~away

    def _remark(self, node: Node, kind: str, where: Bools) -> None:
        """Note what happened, if it touches any case."""
        if where.any():
            self.remarks.append(Remark(node.code, kind, where))

    def _rests_on(self, path: str, node: Node, where: Bools) -> None:
        """Note that a result rests on a rule, where no source prints it."""
        if path in self.instrument.assumed and where.any():
            self.remarks.append(Remark(node.code, "rule", where, path))


def _spanned(low: Ints, high: Ints, where: Bools, level: int) -> tuple[Ints, Ints]:
    """Return a range of levels that holds one more level in some cases."""
    return (
        np.where(where, np.minimum(low, level), low).astype(np.int16),
        np.where(where, np.maximum(high, level), high).astype(np.int16),
    )


def _tier_path(scorer: GroupScorer, node: Node) -> str:
    """Return the place of a group's tier in the instrument's file."""
    return f"tiers[{scorer.instrument.spec.tiers.index(node.tier)}]"


def _nothing_there(states: np.ndarray) -> np.ndarray:
    """Return the state of groups without any result below: missing, not available, or withheld."""
    left = ~is_excluded(states)
    unavailable = (~left | (states == State.NOT_AVAILABLE)).all(axis=1) & left.any(axis=1)
    known = np.isin(states, (State.WITHHELD, State.BOUNDED, State.UNDETERMINED)).any(axis=1)
    return np.where(
        known, State.WITHHELD, np.where(unavailable, State.NOT_AVAILABLE, State.MISSING)
    )


def _excluded(states: np.ndarray) -> np.ndarray:
    """Return the state of groups all of whose children leave the denominator."""
    nowhere = (states == State.NOT_APPLICABLE).all(axis=1)
    return np.where(nowhere, State.NOT_APPLICABLE, State.NOT_MEASURABLE)


def _parent_basis(children: list[NodeResult], state: np.ndarray) -> np.ndarray:
    """Return computed, or mixed where only some of the parts were reported as they are."""
    bases = np.column_stack([c.basis for c in children])
    used = bases != Basis.NONE
    reported = used & (bases == Basis.REPORTED)
    mixed = (bases == Basis.MIXED).any(axis=1) | (
        reported.any(axis=1) & (used & ~reported).any(axis=1)
    )
    basis = np.where(mixed, Basis.MIXED, Basis.COMPUTED)
    return np.where(state == State.VALUED, basis, Basis.NONE).astype(np.int8)


def maximum_points(instrument: Instrument, code: str) -> float:
    """Return the points that a node can reach; NaN where a maximum is unknown."""
    node = instrument.nodes[code]
    if isinstance(node.aggregate, Points) and node.aggregate.total is not None:
        return node.aggregate.total
    if isinstance(node.spec, PointsIndicator):
        return np.nan if node.spec.maximum is None else node.spec.maximum
    return float(sum(maximum_points(instrument, child) for child in node.children)) or np.nan
