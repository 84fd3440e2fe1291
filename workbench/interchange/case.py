"""One case in the workbook: its answers, and every node as formulas, or as values with why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.instruments import Node
from workbench.interchange.cells import CaseCells, has_used
from workbench.interchange.expressions import written
from workbench.interchange.groups import GroupWriter
from workbench.interchange.leaves import LeafWriter
from workbench.interchange.places import Asked, Column, Places
from workbench.interchange.spelling import NOTHING, Unwritable, otherwise, short, total
from workbench.language import Message
from workbench.scoring.states import NO_LEVEL, Basis, State
from workbench.specs.instrument import Checklist, Share

Value = str | float | None
_OUT = (State.NOT_MEASURABLE, State.NOT_APPLICABLE)
_UNSEEN = (State.MISSING, State.BOUNDED)


@dataclass(frozen=True, slots=True)
class Row:
    """One node of one case.

    Parameters
    ----------
    cells : mapping of str to formula or value
        By column.
    why : Message or None
        Why it holds values where others have formulas; None for formulas.
    """

    cells: Mapping[Column, Value]
    why: Message | None = None


@dataclass
class CaseWriter:
    """Writes the cases of a workbook.

    Parameters
    ----------
    places : Places
    """

    places: Places
    plain: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the writers of indicators and groups."""
        self.leaves, self.groups = LeafWriter(self.places), GroupWriter(self.places)
        self.outside = self.places.from_answers()

    # -- answers ----------------------------------------------------------------------------------

    def answer(self, row: int, asked: Asked) -> Value:
        """Return what was answered: a number or a word."""
        matrix = self.places.matrix
        if asked.what == "fact":
            return _number(self.places.scores.facts[asked.code][row])
        if asked.what == "tally":
            return _number(matrix.tallies[asked.code][asked.label][row])
        node = self.places.instrument.nodes.get(asked.code)
        word = int(matrix.word(asked.code)[row])
        if asked.what == "word" or ((node is None or node.is_indicator) and word >= 0):
            return matrix.labels[word] if word >= 0 else None
        return _number(matrix.value(asked.code)[row])

    def used(self, row: int, asked: Asked) -> Value:
        """Return what is used of a part, where that may be another number than the answer."""
        if asked.what != "answer" or not has_used(self.places, asked.code):
            return None
        instrument, cell = self.places.instrument, str(self.places.answer(row, asked))
        owner = instrument.nodes[instrument.observables[asked.code].owner]
        if self.places.scores.results[owner.code].basis[row] == Basis.CARRIED:
            return _number(self.places.scores.parts.get(asked.code, np.full(row + 1, np.nan))[row])
        instead = NOTHING
        if isinstance(owner.spec, Checklist):
            if self.places.matrix.unlisted_not_met:
                met = self.outside.at(row, owner.code, "present")
                instead = f"IF(AND({cell}={NOTHING},ISNUMBER({met})),0,{NOTHING})"
        else:
            compute = owner.formulas[asked.code.removeprefix(f"{owner.code}.")]
            try:
                instead = otherwise(written(compute, CaseCells(self.outside, row, owner)))
            except Unwritable:
                return _number(self.places.scores.parts[asked.code][row])
        return short(f"IF(ISNUMBER({cell}),{cell},{instead})")

    # -- nodes ------------------------------------------------------------------------------------

    def rows(self, row: int) -> dict[str, Row]:
        """Return every node of a case, by code in the order of the instrument."""
        instrument = self.places.instrument
        self.plain = {}
        found = {code: self._leaf(row, instrument.nodes[code]) for code in instrument.indicators}
        for code in instrument.scoring_order:
            found[code] = self._group(row, instrument.nodes[code])
        return {code: found[code] for code in instrument.nodes}

    def _leaf(self, row: int, node: Node) -> Row:
        """Return an indicator."""
        try:
            cells = self.leaves.write(row, node)
            return Row({name: short(formula) for name, formula in cells.items()})
        except Unwritable as reason:
            given = short(self.places.given(row, node.code))
            return Row(self._values(row, node) | {"given": given}, reason.why)

    def _group(self, row: int, node: Node) -> Row:
        """Return a group."""
        try:
            cells = self.groups.write(row, node, plain=self.plain)
            found = Row({name: short(formula) for name, formula in cells.items()})
            self.plain[node.code] = True
        except Unwritable as reason:
            given = short(total([self.places.at(row, c, "given") for c in node.children]))
            found = Row(self._values(row, node) | {"given": given}, reason.why)
        return found

    def _values(self, row: int, node: Node) -> dict[Column, Value]:
        """Return what the workbench has of a node, for one that has no formula."""
        result = self.places.scores.results[node.code]
        state, level = int(result.state[row]), int(result.level[row])
        settled = state in (State.VALUED, State.INSUFFICIENT) or level != NO_LEVEL
        cells: dict[Column, Value] = {
            "counts": 0.0 if state in _OUT else 1.0,
            "known": 0.0 if state in (*_OUT, *_UNSEEN) else 1.0,
            "score": _number(result.score[row]),
            "level": None if level == NO_LEVEL else float(level + 1),
        }
        if node.is_indicator:
            cells["asked"] = _number(result.full[row])
            cells["value"] = _number(result.value[row]) if settled else self._state(state)
        else:
            cells["found"] = _number(result.computed_value[row])
        if isinstance(node.aggregate, Share):
            cells |= self._counted(row, node, node.aggregate)
        return cells

    def _state(self, state: int) -> Value:
        """Return the word for a state: that of the instrument, where it has one."""
        name = State(state).name.lower()
        effects = self.places.instrument.state_effects
        own = next((word for word, effect in effects.items() if effect == name), name)
        return own if state not in _UNSEEN else None

    def _counted(self, row: int, node: Node, rule: Share) -> dict[Column, Value]:
        """Return the counts of a share, where they are known."""
        counts = self.places.scores.counts[node.code]
        exact = bool((counts.least[row] == counts.most[row]).all())
        self.plain[node.code] = exact
        if not exact:
            return {"known": None}
        asked = counts.n - counts.excluded[0][row]
        first = counts.levels.index(rule.level)
        unseen = counts.total(counts.least, _UNSEEN)[row] - counts.short[row]
        return {
            "asked": float(asked),
            "present": float(counts.least[row, first : len(counts.levels)].sum()),
            "known": float(asked - unseen),
            "counts": float(asked > 0),
        }


def _number(x: float) -> float | None:
    """Return a number as a cell holds it."""
    return None if np.isnan(x) else float(x)
