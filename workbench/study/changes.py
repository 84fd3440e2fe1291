"""Two measurements compared by the rules of their instrument: what may be compared, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.language import Message
from workbench.scoring.states import EFFECTS, NO_LEVEL, STATE_TITLES, State
from workbench.specs.instrument import ComparedParts, ComparedState
from workbench.study.change_views import ChangeView, ComparisonView, Outcome, Side

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder

# Stands for all indicators where a tier is asked for; no id of a tier can be it.
LEAVES = "@indicators"


Apart = ComparedState | ComparedParts


@dataclass(frozen=True)
class ChangeReader:
    """Compares results at two waves, level by level; levels are ordered, worst first.

    Where either has no level there is nothing to compare. A level beside a state that the
    instrument declares not comparable, such as the D of D*, is shown and not compared.

    Parameters
    ----------
    builder : ViewBuilder
    """

    builder: ViewBuilder

    @cached_property
    def _excluded(self) -> dict[str, ComparedState]:
        """States whose level says nothing of a change, by id."""
        rule = self.builder.instrument.spec.comparison
        return {entry.state: entry for entry in rule.not_comparable} if rule else {}

    def outcome(self, code: str, then: int, now: int) -> tuple[Outcome, tuple[Apart, ...]]:
        """Return how a result changed, and the rules by which it can't be compared.

        Parameters
        ----------
        code : str
        then, now : int
            Rows of the cases in the scores.
        """
        level = self.builder.scores.results[code].level
        before, after = int(level[then]), int(level[now])
        if before == after == NO_LEVEL:
            return "none", ()
        apart = self._apart(code, then, now)
        if apart or NO_LEVEL in (before, after):
            return "not_comparable", apart
        if before == after:
            return "unchanged", ()
        return ("improved" if after > before else "deteriorated"), ()

    def _apart(self, code: str, then: int, now: int) -> tuple[Apart, ...]:
        """Return the rules of the instrument by which a result can't be compared."""
        states = dict.fromkeys(self._state(code, row) for row in (then, now))
        found: list[Apart] = [self._excluded[s] for s in states if s in self._excluded]
        rule = self.builder.instrument.spec.comparison
        if rule is not None and rule.same_parts is not None:
            parts = self.builder.instrument.nodes[code].children
            if any(self.outcome(c, then, now)[0] == "not_comparable" for c in parts):
                found.append(rule.same_parts)
        return tuple(found)

    def _state(self, code: str, row: int) -> str:
        """Return the id of the state that was recorded, else of one with the same effect."""
        builder = self.builder
        unit, wave = map(str, builder.scores.cases[row])
        word = builder.recorded.words.get((unit, wave, code), "")
        if word in builder.instrument.state_effects:
            return word
        found = State(int(builder.scores.results[code].state[row]))
        effects = builder.instrument.state_effects.items()
        return next((name for name, effect in effects if EFFECTS[effect] == found), "")

    def side(self, code: str, row: int) -> Side:
        """Return a result at one measurement, for a view."""
        builder, result = self.builder, self.builder.scores.results[code]
        level, state = int(result.level[row]), State(int(result.state[row]))
        title, name = "", ""
        if state != State.VALUED:
            name = self._state(code, row)
            title = builder.label_title(name) if name else ""
            if not title and state in STATE_TITLES:
                title = Message(STATE_TITLES[state]).text(builder.locale)
        return Side(
            level=builder.level_id(code, level),
            scale=builder.instrument.nodes[code].scale,
            state=title,
            mark=name if level != NO_LEVEL else "",
            status=result.status(row),
        )

    # -- views ------------------------------------------------------------------------------------

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of what has a level, in the order in which a reader meets them."""
        found = dict.fromkeys(node.code for _, node in self.builder.instrument.walk())
        return tuple(c for c in found if self.builder.instrument.nodes[c].scale)

    def tier(self, code: str) -> str:
        """Return the kind of a result: its tier, or that of all indicators."""
        tier = self.builder.instrument.nodes[code].tier
        return LEAVES if tier is None else tier.id

    @cached_property
    def tiers(self) -> tuple[tuple[str, str], ...]:
        """Id and plural title of each kind of result that has levels."""
        spec, locale = self.builder.instrument.spec, self.builder.locale
        used = {self.tier(code) for code in self.codes}
        named = [(t.id, t.plural.in_(locale, spec.language)) for t in spec.tiers if t.id in used]
        leaves = [(LEAVES, self.builder.info.indicator_plural)] if LEAVES in used else []
        return (*named, *leaves)

    def comparison(self, unit: str, before: str, now: str) -> ComparisonView | None:
        """Return two measurements of a unit compared; None where the instrument gives no rules.

        Parameters
        ----------
        unit : str
        before, now : str
            Waves in which it was observed.
        """
        builder, rule = self.builder, self.builder.instrument.spec.comparison
        if rule is None:
            return None
        rows = builder.scores.row(unit, before), builder.scores.row(unit, now)
        found = [self._change(code, unit, (before, now), rows) for code in self.codes]
        return ComparisonView(
            before_title=builder.wave_title(before),
            now_title=builder.wave_title(now),
            explained=rule.explained,
            remarks=tuple(builder.instrument.text(t, builder.locale) for t in rule.remarks),
            tiers=self.tiers,
            changes=tuple(change for change in found if change.outcome != "none"),
        )

    def _change(
        self, code: str, unit: str, waves: tuple[str, str], rows: tuple[int, int]
    ) -> ChangeView:
        """Return how one result changed, with what it is made of and the notes of the data."""
        builder = self.builder
        outcome, apart = self.outcome(code, *rows)
        below = builder.instrument.nodes[code].children
        parts = {c: self.outcome(c, *rows)[0] for c in below if c in self.codes}
        return ChangeView(
            code=code,
            title=builder.instrument.title(code, builder.locale),
            tier=self.tier(code),
            outcome=outcome,
            before=self.side(code, rows[0]),
            now=self.side(code, rows[1]),
            why=tuple(builder.instrument.text(s.title, builder.locale) for s in apart),
            up=tuple(c for c, found in parts.items() if found == "improved"),
            down=tuple(c for c, found in parts.items() if found == "deteriorated"),
            apart=tuple(c for c, found in parts.items() if found == "not_comparable"),
            note_before=builder.recorded.notes.get((unit, waves[0], code), ""),
            note_now=builder.recorded.notes.get((unit, waves[1], code), ""),
        )

    def touched(self, rows: list[tuple[int, int]]) -> tuple[Apart, ...]:
        """Return the rules on what can't be compared that some pairs of cases meet."""
        if self.builder.instrument.spec.comparison is None:
            return ()
        found = [s for code in self.codes for pair in rows for s in self.outcome(code, *pair)[1]]
        return tuple(dict.fromkeys(found))
