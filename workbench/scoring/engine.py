"""The engine: nodes scored from the leaves up, on whole arrays of cases at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring import normalise
from workbench.scoring.aggregate import divide
from workbench.scoring.contexts import FactContext
from workbench.scoring.counting import count_states
from workbench.scoring.fits import Fits, Parameters
from workbench.scoring.groups import GroupScorer
from workbench.scoring.leaf import Leaf
from workbench.scoring.leaves import LeafScorer
from workbench.scoring.matrix import Matrix
from workbench.scoring.normalise import Reference
from workbench.scoring.remarks import Remark, Remarks
from workbench.scoring.results import NodeResult
from workbench.scoring.shares import Counts
from workbench.scoring.states import NO_LEVEL, Bools, Floats, Ints, is_excluded
from workbench.specs.instrument import Fitted, LevelNumbers, Normalise, ScoreIndicator, Share


@dataclass(frozen=True, slots=True)
class Indicators:
    """What was observed of every indicator: the same under any rules for scales and groups.

    Parameters
    ----------
    leaves : mapping of str to Leaf
    parts : mapping of str to array
        Elements and variables as they were used.
    remarks : tuple of Remark
    scored : dict
        Results by code and scale, of scales that are fitted to nothing: each is made once.
    """

    leaves: Mapping[str, Leaf]
    parts: Mapping[str, Floats]
    remarks: tuple[Remark, ...]
    scored: dict[tuple[str, Normalise | None], NodeResult] = field(default_factory=dict)


def read_indicators(matrix: Matrix) -> Indicators:
    """Return what was observed of every indicator of a matrix."""
    found: list[Remark] = []
    scorer = LeafScorer(matrix, Remarks(matrix.instrument, found))
    leaves = scorer.score()
    return Indicators(leaves, scorer.elements | scorer.variables, tuple(found))


@dataclass
class Engine:
    """Scores a matrix, with parameters that are given or fitted on the way.

    Parameters
    ----------
    matrix : Matrix
    fits : Fits
        Parameters, given or fitted on the way.
    """

    matrix: Matrix
    fits: Fits
    results: dict[str, NodeResult] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    parts: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def run(self, indicators: Indicators | None = None) -> dict[str, NodeResult]:
        """Return the result of every node, by code.

        Parameters
        ----------
        indicators : Indicators, optional
            Of this matrix, where they were read before.
        """
        read = indicators or read_indicators(self.matrix)
        self.remarks += read.remarks
        remarks = Remarks(self.instrument, self.remarks)
        for code, leaf in read.leaves.items():
            node = self.instrument.nodes[code]
            rule = node.spec.normalise
            if isinstance(rule, Fitted):
                self.results[code] = self._leaf(node, leaf)
                continue
            if (code, rule) not in read.scored:
                read.scored[code, rule] = self._leaf(node, leaf)
            self.results[code] = read.scored[code, rule]
        self.parts = read.parts
        aside = self._aside()
        rules = [self.instrument.nodes[c].aggregate for c in self.instrument.groups]
        if any(isinstance(rule, Share) for rule in rules):
            self.counts = count_states(self.matrix, self.results, aside, remarks)
        groups = GroupScorer(
            self.matrix,
            self.results,
            self.counts,
            aside,
            remarks,
            self._normalise,
            self.fits,
            self.parts,
        )
        for code in self.instrument.scoring_order:
            self.results[code] = groups.score(self.instrument.nodes[code])
        for key, where in self.fits.lacking.items():
            remarks.note(self.instrument.nodes[key.partition(":")[0]], "uncalibrated", where)
        return self.results

    def _aside(self) -> dict[str, Bools]:
        """Return, by group, the cases in which the facts say that it does not exist."""
        facts = FactContext(self.matrix.facts)
        found: dict[str, Bools] = {}
        for code in self.instrument.groups:  # parents first
            node = self.instrument.nodes[code]
            away = np.zeros(self.matrix.n, dtype=bool)
            formula = node.formulas.get("exists_when")
            if formula is not None:
                away = away | (formula.evaluate(facts) == 0.0)
            if node.parents:
                away = away | np.stack([found[p] for p in node.parents]).any(axis=0)
            found[code] = away
        return found

    def _leaf(self, node: Node, leaf: Leaf) -> NodeResult:
        """Return an indicator's result with its score."""
        score = low = high = self._leaf_score(node, leaf, leaf.value)
        unknown = np.isnan(score)
        if unknown.any():
            open_ = unknown & ~is_excluded(leaf.state)
            least, most = self._leaf_bounds(node, leaf)
            low, high = (np.where(open_, x, score) for x in (least, most))
        return NodeResult(
            leaf.value,
            score,
            low,
            high,
            leaf.level,
            leaf.level_low,
            leaf.level_high,
            leaf.state,
            leaf.basis,
            leaf.settled.astype(np.float64),
            leaf.computed,
            leaf.computed_low,
            leaf.computed_high,
            leaf.computed_level,
            leaf.computed_level_low,
            leaf.computed_level_high,
            leaf.computed,
            leaf.full,
            leaf.level,
        )

    def _leaf_score(self, node: Node, leaf: Leaf, value: Floats) -> Floats:
        """Return the score of an indicator: normalised, or what its kind gives."""
        rule = node.spec.normalise
        if isinstance(rule, LevelNumbers):
            return self._level_numbers(node, leaf.level)
        if rule is not None:
            return self._normalise(node, value)
        if node.kind in ("checklist", "statement"):
            return divide(value * 100.0, leaf.full)
        return value

    def _leaf_bounds(self, node: Node, leaf: Leaf) -> tuple[Floats, Floats]:
        """Return the least and most that the score of an indicator could be."""
        if isinstance(node.spec.normalise, LevelNumbers):
            return self._level_number_bounds(node, leaf)
        low, high = (np.full(self.matrix.n, x) for x in self._leaf_limits(node))
        if node.kind == "points" and node.spec.normalise is None:
            high = leaf.full
        ends = (
            self._leaf_score(node, leaf, leaf.low),
            self._leaf_score(node, leaf, leaf.high),
        )
        part = ~np.isnan(leaf.low) & ~np.isnan(leaf.high)
        return (
            np.where(part, np.fmin(*ends), low),
            np.where(part, np.fmax(*ends), high),
        )

    def _leaf_limits(self, node: Node) -> tuple[float, float]:
        """Return the limits of an indicator's score; NaN where it has none."""
        rule = node.spec.normalise
        if rule is not None:
            low, high = normalise.limits(rule)
            return (low if np.isfinite(low) else np.nan, high if np.isfinite(high) else np.nan)
        match node.kind:
            case "checklist" | "statement":
                return 0.0, 100.0
            case "points":
                return 0.0, np.nan
            case "score":
                spec = cast("ScoreIndicator", node.spec)
                return spec.minimum, spec.maximum
        return np.nan, np.nan

    def _level_numbers(self, node: Node, level: Ints) -> Floats:
        """Return the numbers that the scale gives to its levels."""
        numbers = [
            np.nan if entry.number is None else entry.number
            for entry in self.instrument.levels_of(node.code)
        ]
        found: Floats = np.array([*numbers, np.nan])[level]
        return found

    def _level_number_bounds(self, node: Node, leaf: Leaf) -> tuple[Floats, Floats]:
        """Return the least and most of the numbers of the levels that an indicator could have."""
        low, high = (np.full(self.matrix.n, x) for x in (np.inf, -np.inf))
        for index in range(len(self.instrument.levels_of(node.code))):
            could = (leaf.level_low <= index) & (index <= leaf.level_high)
            number = self._level_numbers(node, np.full(self.matrix.n, index, dtype=np.int16))
            low = np.where(could, np.minimum(low, number), low)
            high = np.where(could, np.maximum(high, number), high)
        known = leaf.level_low != NO_LEVEL
        return np.where(known, low, np.nan), np.where(known, high, np.nan)

    def _normalise(self, node: Node, value: Floats) -> Floats:
        """Return normalised values; NaN where no parameters are for a case."""
        rule, direction = node.spec.normalise, node.turn
        assert rule is not None  # noqa: S101  # callers look before they call
        if not isinstance(rule, Fitted):
            return normalise.apply(rule, value, {}, direction)
        units = self.matrix.cases.get_level_values("unit").to_numpy()

        def fit(rows: Bools) -> Parameters | None:
            if (rule.scope == "wave" or rule.by) and np.isnan(value[rows]).all():
                return None  # not measured in this wave or group
            reference = Reference(value[rows] * direction, units[rows])
            return normalise.fit(rule, reference, node.code, direction)

        score = np.full(self.matrix.n, np.nan)
        for rows, parameters in self.fits.each(node.code, rule.scope, rule.by, fit):
            score[rows] = normalise.apply(rule, value[rows], parameters, direction)
        return score
