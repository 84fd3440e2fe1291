"""Levels of groups: from their children's levels, from conditions, from cut-points or strata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring import aggregate
from workbench.scoring.contexts import GroupContext
from workbench.scoring.fits import Fits, Parameters
from workbench.scoring.matrix import Matrix
from workbench.scoring.remarks import Remarks
from workbench.scoring.results import (
    NodeResult,
    blank,
    excluded_state,
    nothing_there,
    parent_basis,
)
from workbench.scoring.states import NO_LEVEL, Bools, Floats, Ints, State, is_excluded
from workbench.scoring.strata import class_number, fit_strata, stratum_of
from workbench.specs.instrument import (
    Conditions,
    LookupTable,
    Single,
    Strata,
    WeakestLink,
)

LevelRule = WeakestLink | LookupTable | Single


@dataclass
class LevelScorer:
    """Gives levels to groups.

    Parameters
    ----------
    matrix : Matrix
    results : mapping of str to NodeResult
        Results so far, by node.
    fits : Fits
        Parameters of strata.
    parts : mapping of str to array
        Elements and variables as they were used.
    aside : mapping of str to array of bool
        Cases in which a group does not exist.
    remarks : Remarks
        Takes what a reader should learn.
    """

    matrix: Matrix
    results: Mapping[str, NodeResult]
    fits: Fits
    parts: Mapping[str, Floats]
    aside: Mapping[str, Bools]
    remarks: Remarks

    @property
    def instrument(self) -> Instrument:
        """The instrument of the matrix."""
        return self.matrix.instrument

    def from_levels(self, node: Node, rule: LevelRule) -> NodeResult:
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
        state = np.where(unknown | (result.coverage == 0), nothing_there(states), state)
        result.state = np.where(total == 0, excluded_state(states), state).astype(np.int8)
        result.basis = parent_basis(children, result.state)
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

    def by_conditions(self, node: Node, rule: Conditions) -> NodeResult:
        """Return a group whose level is the first whose condition holds; unknown ones bound it."""
        result = blank(self.matrix.n)
        children = [self.results[c] for c in self.instrument.read_by(node.code)]
        context = GroupContext(node, self.instrument, self.results, self.parts, self.fits)
        own = [level.id for level in self.instrument.scales[rule.scale]]
        low = np.full(self.matrix.n, len(own), dtype=np.int16)
        high = np.full(self.matrix.n, NO_LEVEL, dtype=np.int16)
        waiting = np.ones(self.matrix.n, dtype=bool)
        for index, entry in enumerate(rule.levels):
            holds = context.holds(node.formulas[f"levels[{index}]"])
            could, level = waiting & (holds != 0.0), own.index(entry.level)
            low, high = _spanned(low, high, could, level)
            waiting = waiting & (holds != 1.0)
            self.remarks.rests_on(f"{node.aggregate_path}.levels[{index}]", node, could)
        result.level_low, result.level_high = _spanned(
            low, high, waiting, own.index(rule.otherwise)
        )
        settled = result.level_low == result.level_high
        state = np.where(settled, State.VALUED, State.BOUNDED)
        if children:
            states = np.column_stack([c.state for c in children])
            seen = ~np.isin(states, (State.MISSING, State.NOT_AVAILABLE)).all(axis=1)
            state = np.where(seen, state, nothing_there(states))
            result.coverage = np.column_stack([c.coverage for c in children]).mean(axis=1)
        result.state = state.astype(np.int8)
        settled = result.state == State.VALUED
        result.level = np.where(settled, result.level_low, NO_LEVEL).astype(np.int16)
        result.basis = parent_basis(children, result.state)
        return result

    def cut(self, node: Node, result: NodeResult) -> None:
        """Give levels to a group's score by its cut-points or strata."""
        if node.cuts is not None and node.cuts.strata is not None:
            self._stratify(node, result, node.cuts.strata)
        if node.bands is None:
            return
        result.level = node.bands.level_of(result.score)
        result.level_low, result.level_high = node.bands.levels_between(result.low, result.high)
        found = [node.bands.which(x) for x in (result.score, result.low, result.high)]
        self.remarks.rests_on(node.bands.path, node, np.stack(found).max(axis=0) >= 0)
        for index in range(len(node.bands.bands)):
            here = (np.stack(found) == index).any(axis=0)
            self.remarks.rests_on(f"{node.bands.path}.bands[{index}]", node, here)

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

        key, direction = f"{node.code}:levels", node.sense
        for rows, parameters in self.fits.each(key, rule.scope, rule.by, fit):
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
        path = (
            f"{node.path}.levels"
            if node.spec.levels
            else f"{_tier_path(self.instrument, node)}.levels"
        )
        used = result.level != NO_LEVEL
        self.remarks.rests_on(path, node, used)
        self.remarks.rests_on(f"{path}.strata", node, used)


def _spanned(low: Ints, high: Ints, where: Bools, level: int) -> tuple[Ints, Ints]:
    """Return a range of levels that holds one more level in some cases."""
    return (
        np.where(where, np.minimum(low, level), low).astype(np.int16),
        np.where(where, np.maximum(high, level), high).astype(np.int16),
    )


def _tier_path(instrument: Instrument, node: Node) -> str:
    """Return the place of a group's tier in the instrument's file."""
    return f"tiers[{instrument.spec.tiers.index(node.tier)}]"
