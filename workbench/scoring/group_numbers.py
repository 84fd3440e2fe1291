"""Groups whose score is a number made of their children's: means, sums, points, formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring import aggregate
from workbench.scoring.aggregate import NumberRule
from workbench.scoring.contexts import GroupContext, part_weights
from workbench.scoring.fits import Fits
from workbench.scoring.matrix import Matrix
from workbench.scoring.results import (
    NodeResult,
    blank,
    excluded_state,
    nothing_there,
    parent_basis,
)
from workbench.scoring.states import Bools, Floats, State, is_excluded
from workbench.specs.instrument import ByFormula, Mean, PluginAggregator


@dataclass
class NumberScorer:
    """Makes numbers of the numbers of children.

    Parameters
    ----------
    matrix : Matrix
    results : mapping of str to NodeResult
        Results so far, by node.
    parts : mapping of str to array
        Elements and variables as they were used.
    fits : Fits
        Figures of the reference that formulas read.
    """

    matrix: Matrix
    results: Mapping[str, NodeResult]
    parts: Mapping[str, Floats]
    fits: Fits

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def of_parts(self, node: Node, rule: NumberRule) -> NodeResult:
        """Return a group whose score is a number made of its children's scores."""
        result, children = blank(self.matrix.n), [self.results[c] for c in node.children]
        if not children:
            return result
        states = np.column_stack([c.state for c in children])
        weights, unknown = self._weights(node, states)
        scores = np.column_stack([c.score for c in children])
        low = np.column_stack([c.low for c in children])
        high = np.column_stack([c.high for c in children])
        there = ~np.isnan(scores) & (weights > 0)
        enough = self._is_enough(node, rule, result, there, weights)
        state = np.where(enough, State.VALUED, State.WITHHELD)
        state = np.where(there.any(axis=1), state, nothing_there(states))
        if isinstance(rule, Mean) and rule.weights == "unknown":
            # A mean with unknown weights lies between its lowest and highest part; more is not
            # known.
            result.low = self._bound(Mean(method="minimum"), low, weights)
            result.high = self._bound(Mean(method="maximum"), high, weights)
            several = (weights > 0).sum(axis=1) > 1
            state = np.where(several & (state == State.VALUED), State.BOUNDED, state)
        else:
            result.low, result.high = self._bounds(rule, low, high, weights)
        result.low, result.high = (np.where(unknown, np.nan, x) for x in (result.low, result.high))
        state = np.where(unknown, State.UNDETERMINED, state)
        state = np.where(is_excluded(states).all(axis=1), excluded_state(states), state)
        # Whatever is not a value after all shows none.
        valued = state == State.VALUED
        result.value = np.where(valued, aggregate.combine(rule, scores, weights), np.nan)
        # Where parts may be missing, the mean of the others can lie outside what is possible.
        result.low = np.where(result.value < result.low, result.value, result.low)
        result.high = np.where(result.value > result.high, result.value, result.high)
        state = np.where(valued & np.isnan(result.value), State.UNDETERMINED, state)
        result.score, result.state = result.value, state.astype(np.int8)
        result.basis = parent_basis(children, result.state)
        return result

    def by_formula(self, node: Node, rule: ByFormula) -> NodeResult:
        """Return a group whose score is a formula; where a part is missing there is none.

        A formula that reads its parts together takes those that are there, if they are enough.
        """
        result = blank(self.matrix.n)
        children = [self.results[c] for c in self.instrument.read_by(node.code)]
        formula = node.formulas["aggregate"]
        context = GroupContext(node, self.instrument, self.results, self.parts, self.fits)
        score = np.broadcast_to(formula.evaluate(context), (self.matrix.n,)).copy()
        state = np.where(formula.is_known(context), State.UNDETERMINED, State.WITHHELD)
        if children:
            states = np.column_stack([c.state for c in children])
            result.coverage = np.column_stack([c.coverage for c in children]).mean(axis=1)
            if formula.of_parts:
                weights, _ = self._weights(node, states)
                there = context.parts_known(formula).T & (weights > 0)
                enough = self._is_enough(node, rule, result, there, weights)
                score = np.where(enough, score, np.nan)
                state = np.where(enough, state, State.WITHHELD)
            nothing = np.isin(states, (State.MISSING, State.NOT_AVAILABLE)).all(axis=1)
            state = np.where(nothing, nothing_there(states), state)
            state = np.where(is_excluded(states).all(axis=1), excluded_state(states), state)
        result.state = np.where(np.isnan(score), state, State.VALUED).astype(np.int8)
        result.value = result.score = result.low = result.high = score
        result.basis = parent_basis(children, result.state)
        return result

    def _is_enough(
        self,
        node: Node,
        rule: NumberRule | ByFormula,
        result: NodeResult,
        there: Bools,
        weights: Floats,
    ) -> Bools:
        """Return where enough is known of a group; the share of weight is kept as its coverage."""
        enough, result.coverage = aggregate.is_enough(rule, there, weights)
        if rule.min_indicators is not None:
            leaves = [self.results[code] for code in node.leaves]
            counted = ~np.column_stack([is_excluded(leaf.state) for leaf in leaves])
            known = counted & ~np.isnan(np.column_stack([leaf.score for leaf in leaves]))
            share = aggregate.divide(known.sum(axis=1) * 1.0, counted.sum(axis=1))
            enough &= share >= rule.min_indicators - aggregate.RELATIVE_TOLERANCE
        return enough

    def _weights(self, node: Node, states: np.ndarray) -> tuple[Floats, Bools]:
        """Return weights, shape (cases, children), 0 for children that are left out.

        With them the cases in which a weight that counts is not known; it is then 0.
        """
        given = part_weights(self.instrument, node.code, node.children, self.matrix.facts)
        weights = np.where(is_excluded(states), 0.0, given)
        unknown: Bools = np.logical_or.reduce(np.isnan(weights), axis=1)
        return np.nan_to_num(weights), unknown

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
        value = aggregate.combine(rule, scores, weights)
        open_ = (np.isnan(scores) & (weights > 0)).any(axis=1)
        return np.where(open_, np.nan, value)
