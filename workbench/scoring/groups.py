"""Groups: a score or a level made of the children's, and what was reported beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring import aggregate
from workbench.scoring.aggregate import NumberRule
from workbench.scoring.contexts import part_weights
from workbench.scoring.fits import Fits
from workbench.scoring.group_indices import index_of_reference
from workbench.scoring.group_levels import LevelScorer
from workbench.scoring.group_numbers import NumberScorer
from workbench.scoring.leaf import over
from workbench.scoring.matrix import Matrix
from workbench.scoring.remarks import Remarks
from workbench.scoring.results import NodeResult, blank
from workbench.scoring.shares import Counts
from workbench.scoring.states import (
    EFFECTS,
    NO_LEVEL,
    Basis,
    Bools,
    Floats,
    State,
    is_excluded,
)
from workbench.specs.instrument import (
    ByFormula,
    Conditions,
    Copeland,
    Distance,
    FirstComponent,
    LookupTable,
    Mean,
    PluginAggregator,
    Points,
    PointsIndicator,
    Share,
    Single,
    WeakestLink,
)

LEVEL_RULES = (WeakestLink, LookupTable, Single, Conditions)
_NUMBER_RULES = (Mean, Points, PluginAggregator, ByFormula)


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
    remarks : Remarks
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
    remarks: Remarks
    normalise: Callable[[Node, Floats], Floats]
    fits: Fits
    parts: Mapping[str, Floats]

    @cached_property
    def numbers(self) -> NumberScorer:
        """What makes numbers of the numbers of children."""
        return NumberScorer(self.matrix, self.results, self.parts, self.fits)

    @cached_property
    def levels(self) -> LevelScorer:
        """What gives levels to groups."""
        return LevelScorer(
            self.matrix, self.results, self.fits, self.parts, self.aside, self.remarks
        )

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
                result = self.levels.from_levels(node, rule)
            case Mean() | Points() | PluginAggregator() as rule:
                result = self.numbers.of_parts(node, rule)
            case Distance() | FirstComponent() | Copeland() as rule:
                facts = self.matrix.facts
                weights = part_weights(self.instrument, node.code, node.children, facts)
                result = index_of_reference(node, rule, self.results, self.fits, weights)
            case Conditions() as rule:
                result = self.levels.by_conditions(node, rule)
            case ByFormula() as rule:
                result = self.numbers.by_formula(node, rule)
            case _:
                result = blank(self.matrix.n)
                result.state = np.full(self.matrix.n, State.NOT_AGGREGATED, dtype=np.int8)
        if not isinstance(node.aggregate, LEVEL_RULES):
            if isinstance(node.aggregate, _NUMBER_RULES):
                self._limit(result, node.aggregate)
            self._normalised(node, result)
            self.levels.cut(node, result)
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
        state = np.full(self.matrix.n, State.VALUED, dtype=np.int8)
        state = over(np.isnan(share.score), State.BOUNDED, state)
        state = over(~enough, State.WITHHELD, state)
        state = over(share.nothing, State.MISSING, state)
        column = counts.labels.index(State.NOT_APPLICABLE.name.lower())
        nowhere = counts.least[:, column] == counts.n
        state = over(share.none, State.NOT_MEASURABLE, state)
        result.state = over(share.none & nowhere, State.NOT_APPLICABLE, state)
        open_ = result.state != State.VALUED
        result.score = over(open_, np.nan, share.score)
        result.low = over(share.none, np.nan, share.low)
        result.high = over(share.none, np.nan, share.high)
        result.value, result.coverage = result.score, share.coverage
        result.basis = over(~open_, Basis.COMPUTED, result.basis)
        return result

    # -- numbers ----------------------------------------------------------------------------------

    def _limit(self, result: NodeResult, rule: NumberRule | ByFormula) -> None:
        """Apply a cap, a floor and the decimals that are kept."""
        for name in ("score", "low", "high"):
            setattr(result, name, aggregate.limited(rule, getattr(result, name)))

    def _normalised(self, node: Node, result: NodeResult) -> None:
        """Apply the group's own normalisation; where less is better it turns the bounds round."""
        if node.spec.normalise is None:
            return
        result.score = self.normalise(node, result.score)
        ends = self.normalise(node, result.low), self.normalise(node, result.high)
        result.low, result.high = np.minimum(*ends), np.maximum(*ends)

    # -- reported beside computed -----------------------------------------------------------------

    def _keep_computed(self, node: Node, result: NodeResult) -> None:
        """Keep what the parts give beside whatever is reported."""
        # Bounds of a group of which nothing was observed say nothing: they span its whole range.
        nothing = np.isin(result.state, (State.MISSING, State.NOT_AVAILABLE, State.NOT_AGGREGATED))
        result.computed = over(nothing, np.nan, result.score)
        result.computed_low = over(nothing, np.nan, result.low)
        result.computed_high = over(nothing, np.nan, result.high)
        result.computed_level = over(nothing, NO_LEVEL, result.level)
        result.computed_level_low = over(nothing, NO_LEVEL, result.level_low)
        result.computed_level_high = over(nothing, NO_LEVEL, result.level_high)
        result.computed_value = over(nothing, np.nan, result.value)
        used = ~nothing & ~is_excluded(result.state)
        self.remarks.rests_on(node.aggregate_path, node, used)
        if isinstance(node.aggregate, LookupTable):
            names = [table.id for table in self.instrument.spec.tables]
            self.remarks.rests_on(f"tables[{names.index(node.aggregate.table)}]", node, used)

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
        self.levels.cut(node, result)

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
                self.remarks.note(node, "contradicted", here & seen)
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
        self.remarks.note(node, "set_aside", there & away)
        return there & ~away


def maximum_points(instrument: Instrument, code: str) -> float:
    """Return the points that a node can reach; NaN where a maximum is unknown."""
    node = instrument.nodes[code]
    if isinstance(node.aggregate, Points) and node.aggregate.total is not None:
        return node.aggregate.total
    if isinstance(node.spec, PointsIndicator):
        return np.nan if node.spec.maximum is None else node.spec.maximum
    return float(sum(maximum_points(instrument, child) for child in node.children)) or np.nan
