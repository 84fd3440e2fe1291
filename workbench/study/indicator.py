"""The indicators of one unit, as parts of its view."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.instruments import Node
from workbench.scoring.remarks import Remark
from workbench.scoring.states import State
from workbench.specs.instrument import Checklist
from workbench.study import views as v
from workbench.study.beside import beside
from workbench.study.case import Case
from workbench.study.programme import benchmark_of, change_of

if TYPE_CHECKING:
    from workbench.study.unit import UnitMaker

PEERS_NAMED = 3
_ASIDE = frozenset({int(State.NOT_MEASURABLE), int(State.NOT_APPLICABLE)})
Counts = NDArray[np.int64]


@dataclass
class IndicatorMaker:
    """Makes the views of the indicators of one unit.

    Parameters
    ----------
    unit : UnitMaker
    """

    unit: UnitMaker
    _nearest: dict[str, Counts] = field(default_factory=dict)
    _counts: dict[str, tuple[Counts, Counts]] = field(default_factory=dict)

    def view(self, code: str) -> v.IndicatorView:
        """Return the view of an indicator."""
        unit, b = self.unit, self.unit.builder
        node, place = b.instrument.nodes[code], b.cases.place[code]
        wave, row = unit.where(code)
        case, ids = unit.cases[wave], b.fixed.levels[code]
        lacking, known, unrecorded = self._lacking(node, place, case)
        top_n, n, there = self._peers_at_top(code, wave, case.level[place])
        touching = self._touching(code, row, case.state[place])
        earlier = unit.earlier(code, wave)
        return v.IndicatorView(
            **b.fixed.indicators[code],
            level=ids[case.level[place]],
            level_low=ids[case.level_low[place]],
            level_high=ids[case.level_high[place]],
            status=case.status(place),
            state_title=unit.state_title(code, wave, case.state[place]),
            value=v.rounded(case.value[place]),
            full=self._full(node, case.full[place]),
            lacking=lacking,
            lacking_known=known,
            unrecorded=unrecorded,
            needed=self._needed(node, place, case),
            remarks=tuple(dict.fromkeys(self._kind(r) for r in touching)),
            because=tuple(
                b.instrument.text(b.instrument.supposition(r.path), b.locale)
                for r in touching
                if r.kind == "supposition"
            ),
            peers_top=top_n,
            peers_n=n,
            peers_there=there,
            earlier=earlier,
            wave=None if wave == unit.wave else b.wave_title(wave),
            beside=beside(b, node, (unit.code, wave, row), earlier.wave if earlier else None),
            benchmark=benchmark_of(b, node, (unit.code, wave, row)),
            change=change_of(b, node, (unit.code, wave, row)),
            gate=self._gate(code, row),
        )

    def _gate(self, code: str, row: int) -> str:
        """Return the condition beside the elements, where it does not hold."""
        title, fails = self.unit.builder.fixed.gates.get(code, ("", None))
        return title if fails is not None and fails[row] else ""

    def _touching(self, code: str, row: int, state: int) -> list[Remark]:
        """Return what happened to an indicator on the way to its result."""
        found = [r for r in self.unit.builder.remarks.get(code, ()) if r.where[row]]
        if state in _ASIDE:
            # A rule for missing data says nothing of what is not measured at all.
            return [r for r in found if r.kind not in ("when_missing", "undefined")]
        return found

    def _kind(self, remark: Remark) -> str:
        """Return the kind of a remark; for a rule that no source prints, its status."""
        if remark.kind != "rule":
            return remark.kind
        return self.unit.builder.instrument.assumed[remark.path].status

    def _full(self, node: Node, full: float) -> float | None:
        """Return the value that stands for the whole, for checklists, points and scores."""
        return v.rounded(full) if node.kind in ("checklist", "points", "score") else None

    def _needed(self, node: Node, place: int, case: Case) -> int | None:
        """Return how many more elements of a checklist lead to its best level; None if not known.

        None too where a condition beside the elements holds the level back.
        """
        value, full = case.value[place], case.full[place]
        if not isinstance(node.spec, Checklist) or node.bands is None or isnan(value + full):
            return None
        fixed = self.unit.builder.fixed
        steps, reached = fixed.steps_to_best(node, value, full)
        held = reached and case.level[place] != len(fixed.levels[node.code]) - 2
        return None if held else steps

    def _lacking(self, node: Node, place: int, case: Case) -> tuple[tuple[str, ...], bool, int]:
        """Return the elements not met, whether any is known, and how many are not recorded."""
        elements = self.unit.builder.fixed.elements.get(node.code)
        if elements is None:
            return (), False, 0
        ticks = [case.parts[i] for i, _ in elements]
        lacking = tuple(
            title for (_, title), tick in zip(elements, ticks, strict=True) if tick == 0.0
        )
        full, open_ = case.full[place], sum(map(isnan, ticks))
        away = len(ticks) - (0.0 if isnan(full) else full)
        return lacking, open_ < len(ticks), max(int(open_ - away), 0)

    def _peers_at_top(
        self, code: str, wave: str, level: int
    ) -> tuple[int | None, int, tuple[str, ...]]:
        """Return peers at the best level, peers with any level, and some of their names."""
        b = self.unit.builder
        best, arrays, nearest = len(b.fixed.levels[code]) - 2, b.wave(wave), self._near(wave)
        if best < 0 or not nearest.size:
            return None, 0, ()
        column = b.indicator_columns[code]
        top, known = (int(counts[column]) for counts in self._counts[wave])
        if known < b.study.peers.minimum:
            return None, known, ()
        if level == best or not top:
            return top, known, ()
        there = nearest[arrays.top[nearest, column]][:PEERS_NAMED]
        return top, known, tuple(b.study.names[arrays.units[i]] for i in there)

    def _near(self, wave: str) -> Counts:
        """Return the places of the peers in a wave, the nearest in population first."""
        if wave not in self._nearest:
            arrays = self.unit.builder.wave(wave)
            self._nearest[wave] = arrays.peers.nearest(self.unit.code)
            self._counts[wave] = arrays.level_counts(self.unit.code)
        return self._nearest[wave]
