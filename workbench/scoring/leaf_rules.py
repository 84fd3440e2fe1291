"""Rules that act on an indicator once it was read: missing data, gates, suppositions, reviews."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from workbench.instruments import Instrument, Node
from workbench.scoring.contexts import FactContext
from workbench.scoring.leaf import Leaf, over
from workbench.scoring.states import EFFECTS, NO_LEVEL, Basis, Bools, State, is_excluded
from workbench.specs.instrument import Checklist

if TYPE_CHECKING:
    from workbench.scoring.leaves import LeafScorer

# States of a group that its indicators share; insufficient information is a result of the group.
_PASSED_DOWN = (State.NOT_AVAILABLE, State.NOT_MEASURABLE, State.NOT_APPLICABLE)
_OPEN = (State.MISSING, State.NOT_AVAILABLE, State.UNDETERMINED, State.BOUNDED)


@dataclass
class LeafRules:
    """Applies the rules of an instrument to one indicator after the other.

    Parameters
    ----------
    scorer : LeafScorer
        Gives observations, and the results of indicators that come before.
    """

    scorer: LeafScorer
    areas: dict[str, Bools] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take what every rule reads."""
        self.matrix, self.remarks = self.scorer.matrix, self.scorer.remarks
        self.instrument = self.matrix.instrument
        self.facts = FactContext(self.matrix.facts)

    def apply(self, leaf: Leaf, node: Node) -> None:
        """Apply every rule, in the order in which one builds on the other."""
        self._inherit(leaf, node)
        self._missing(leaf, node)
        self._gate(leaf, node)
        self._bound(leaf, node)
        self._suppositions(leaf, node)
        self._carry(leaf, node)

    def _inherit(self, leaf: Leaf, node: Node) -> None:
        """Take the state given to a group above, where nothing was observed of the indicator."""
        effects = self.instrument.state_effects
        for above in self.instrument.above[node.code]:
            if not self.matrix.has_words(above):
                continue
            word = self.matrix.word(above)
            for index, label in enumerate(self.matrix.labels):
                if EFFECTS.get(effects.get(label, "")) not in _PASSED_DOWN:
                    continue
                given = (word == index) & (leaf.state == State.MISSING)
                given &= leaf.level_low == NO_LEVEL
                state = self.scorer.state(label, node, given)
                leaf.put(given, state, Basis.NONE)

    def _missing(self, leaf: Leaf, node: Node) -> None:
        """Apply the instrument's rule for missing data."""
        rule = node.spec.when_missing  # type: ignore[union-attr]
        if rule is None:
            return
        hole, withheld = leaf.state == State.MISSING, leaf.state == State.NOT_AVAILABLE
        if hole.any():
            hole = hole & self._measured(node.code)
        self.scorer.outcome(leaf, node, rule, hole | withheld, "when_missing")

    def _measured(self, code: str) -> Bools:
        """Return the cases in which anything of the indicator's areas was observed.

        A rule for missing data speaks of a measurement that was made and has a hole, not of a table
        that holds only totals, or of an area that nobody looked at.
        """
        measured = np.zeros(self.matrix.n, dtype=bool)
        for area in areas_of(self.instrument, code):
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

    def _gate(self, leaf: Leaf, node: Node) -> None:
        """Hold a checklist below its best level where a condition beside its elements fails.

        Where the condition is not known the level stands, and could be lower.
        """
        formula = node.formulas.get("gate")
        if not isinstance(node.spec, Checklist) or node.spec.gate is None or formula is None:
            return
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        limit = levels.index(node.spec.gate.otherwise)
        holds = np.broadcast_to(formula.evaluate(self.facts), leaf.state.shape)
        fails, unknown = holds == 0.0, np.isnan(holds) & (leaf.level > limit)
        held = fails & (leaf.level > limit)
        for name in ("level", "level_low", "level_high"):
            found = getattr(leaf, name)
            setattr(leaf, name, over(fails, np.minimum(found, limit), found))
        leaf.level_low = over(unknown, np.minimum(leaf.level_low, limit), leaf.level_low)
        leaf.settle()
        self.remarks.note(node, "gate", held)
        self.remarks.note(node, "gate_unknown", unknown)
        self.remarks.rests_on(f"{node.path}.gate", node, held | unknown)

    def _bound(self, leaf: Leaf, node: Node) -> None:
        """Let what is open be anything on its scale, unless its parts say more."""
        top = len(self.instrument.levels_of(node.code)) - 1
        if top < 0 or leaf.settled.all():
            return
        open_ = np.isin(leaf.state, _OPEN) & (leaf.level_low == NO_LEVEL)
        leaf.level_low = over(open_, 0, leaf.level_low)
        leaf.level_high = over(open_, top, leaf.level_high)

    def _suppositions(self, leaf: Leaf, node: Node) -> None:
        """Set indicators aside where the facts say that they do not apply."""
        shape = leaf.state.shape
        for code in (node.code, *self.instrument.above[node.code]):
            place = self.instrument.nodes[code]
            formula = place.formulas.get("exists_when")
            if formula is not None:
                away = np.broadcast_to(formula.evaluate(self.facts) == 0.0, shape)
                self._set_aside(leaf, node, away, State.NOT_APPLICABLE)
                self.remarks.rests_on(f"{place.path}.exists_when", node, away)
                self.remarks.note(node, "supposition", away, f"{place.path}.exists_when")
        for name, formula in node.formulas.items():
            if name.startswith("not_measurable"):
                away = np.broadcast_to(formula.evaluate(self.facts) == 1.0, shape)
                self._set_aside(leaf, node, away, State.NOT_MEASURABLE)
                self.remarks.rests_on(f"{node.path}.{name}", node, away)
                self.remarks.note(node, "supposition", away, f"{node.path}.{name}")
        owners = self._owners_read(node)
        if owners:
            states = [self.scorer.leaves[o].state for o in owners]
            away = np.logical_and.reduce([is_excluded(state) for state in states])
            leaf.put(away, State.NOT_MEASURABLE, Basis.NONE)

    def _set_aside(self, leaf: Leaf, node: Node, away: Bools, state: State) -> None:
        """Set an indicator aside; where something was observed of it, that is noted."""
        self.remarks.note(node, "set_aside", away & leaf.settled & (leaf.basis != Basis.CARRIED))
        leaf.put(away, state, Basis.NONE)

    def _owners_read(self, node: Node) -> list[str]:
        """Return the indicators whose codes the node's formulas read."""
        observables = self.instrument.observables
        owners = {observables[c].owner for f in node.formulas.values() for c in f.codes}
        return sorted(o for o in owners if o in self.scorer.leaves)

    def _carry(self, leaf: Leaf, node: Node) -> None:
        """Keep the best level of an earlier wave where the instrument reviews it only once."""
        top = len(self.instrument.levels_of(node.code)) - 1
        followed = any(rows.size for rows in self.matrix.followers)
        if node.spec.review != "once" or top < 0 or not followed:  # type: ignore[union-attr]
            return
        # Row of the review that settled the indicator for each case; it holds for all that follow.
        settled = np.where(self.matrix.carries & (leaf.level == top), np.arange(self.matrix.n), -1)
        for rows in self.matrix.followers:  # in the order of the waves, so that it carries on
            then = settled[self.matrix.previous[rows]]
            settled[rows] = np.where(then >= 0, then, settled[rows])
        carried = (settled >= 0) & (leaf.level != top) & ~is_excluded(leaf.state)
        if not carried.any():
            return
        self.remarks.note(node, "carried", carried)
        self.remarks.note(node, "carried_over", carried & (leaf.basis != Basis.NONE))
        cases = np.flatnonzero(carried)
        leaf.carry(cases, settled[cases])
        if isinstance(node.spec, Checklist):
            for element in node.spec.elements:
                code = f"{node.code}.{element.id}"
                self.scorer.elements[code] = over(carried, 1.0, self.scorer.elements[code])


def areas_of(instrument: Instrument, code: str) -> set[str]:
    """Return the main areas that an indicator belongs to: below the root, if there is one root."""
    alone = set(instrument.roots) if len(instrument.roots) == 1 else set()
    above = set(instrument.above[code]) - alone
    return {c for c in above if not set(instrument.nodes[c].parents) - alone} or alone
