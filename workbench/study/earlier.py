"""Measurements of the same units with other versions of the instrument, set beside this one.

Each version is scored by its own rules in its own study. Only what the definitions declare to
correspond, by the same rule, is compared; of everything else it is said why not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.instruments.versions import Correspondence, VersionComparison, compare_versions
from workbench.scoring.results import NodeResult
from workbench.scoring.states import NO_LEVEL
from workbench.study.change_views import (
    ChangeView,
    CohortMove,
    CohortVersion,
    ComparisonView,
    LeftOut,
    Outcome,
    SameShare,
    Side,
    VersionResult,
    VersionView,
)
from workbench.study.changes import LEAVES
from workbench.study.views import rounded

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder


@dataclass(frozen=True)
class EarlierVersions:
    """The earlier studies of a study.

    Parameters
    ----------
    builder : ViewBuilder
    """

    builder: ViewBuilder

    @cached_property
    def all(self) -> tuple[EarlierVersion, ...]:
        """One for each earlier study, in the order in which the study names them."""
        return tuple(EarlierVersion(self.builder, s.builder) for s in self.builder.study.earlier)

    def of_unit(self, unit: str, wave: str, row: int) -> tuple[VersionView, ...]:
        """Return the measurements of a unit with other versions, beside one with this version."""
        found = [version.of_unit(unit, wave, row) for version in self.all]
        return tuple(view for view in found if view is not None)

    def of_cohort(self, units: list[str], rows: list[int]) -> tuple[CohortVersion, ...]:
        """Return how many units changed at each result that can be compared."""
        return tuple(version.of_cohort(units, rows) for version in self.all)


@dataclass(frozen=True)
class EarlierVersion:
    """One earlier study.

    Parameters
    ----------
    now, then : ViewBuilder
        Of the study, and of the earlier one.
    """

    now: ViewBuilder
    then: ViewBuilder

    @cached_property
    def found(self) -> VersionComparison:
        """What corresponds to what."""
        return compare_versions(self.then.instrument, self.now.instrument)

    @cached_property
    def pairs(self) -> dict[str, str]:
        """Code in the earlier version of each result that is compared, in reading order."""
        pairs = self.found.comparable()
        walked = dict.fromkeys(node.code for _, node in self.now.instrument.walk())
        return {code: pairs[code] for code in walked if code in pairs}

    @cached_property
    def note(self) -> str:
        """What the definition says of the correspondence, and why where no source states it."""
        link, instrument = self.found.link, self.now.instrument
        if link is None:
            return ""
        texts = [instrument.text(t, self.now.locale) for t in (link.note, link.reason) if t]
        return " ".join(texts)

    # -- one unit ---------------------------------------------------------------------------------

    def row_of(self, unit: str) -> tuple[str, int] | None:
        """Return the last wave in which the earlier study observed a unit, and its row."""
        if unit not in self._observed:
            return None
        observed = self.then.scores.waves_of(unit)
        wave = next(w for w in self.then.search_order if w in observed)
        return wave, self.then.scores.row(unit, wave)

    @cached_property
    def _observed(self) -> frozenset[str]:
        """Units that the earlier study observed."""
        return frozenset(map(str, self.then.scores.cases.get_level_values("unit")))

    def of_unit(self, unit: str, wave: str, row: int) -> VersionView | None:
        """Return the measurement of a unit with the earlier version; None where there is none."""
        at = self.row_of(unit)
        if at is None:
            return None
        before, then = at
        changes = tuple(
            self._change(code, unit, (before, wave), (then, row)) for code in self.pairs
        )
        spec = self.then.instrument.spec
        return VersionView(
            instrument=(spec.short_title or spec.title).in_(self.now.locale, spec.language),
            version=spec.version,
            declared=self.found.link is not None,
            note=self.note,
            then=_results(self.then, then),
            now=_results(self.now, row),
            stages=(
                self.then.study.stage_title(unit, before) or "",
                self.now.study.stage_title(unit, wave) or "",
            ),
            comparison=ComparisonView(
                before_title=self.then.wave_title(before),
                now_title=self.now.wave_title(wave),
                explained=False,
                remarks=(),
                tiers=self._tiers,
                changes=tuple(c for c in changes if c.outcome != "none"),
            ),
            share=self._share(then, row),
            left_out=self.left_out,
        )

    @cached_property
    def _tiers(self) -> tuple[tuple[str, str], ...]:
        """Id and plural title of each kind of result that is compared."""
        spec, locale = self.now.instrument.spec, self.now.locale
        used = {self.now.changes.tier(code) for code in self.pairs}
        named = [(t.id, t.plural.in_(locale, spec.language)) for t in spec.tiers if t.id in used]
        return (*named, *([(LEAVES, self.now.info.indicator_plural)] if LEAVES in used else []))

    def outcome(self, code: str, then: int, now: int) -> Outcome:
        """Return how a result changed that corresponds to one of the earlier version."""
        old, new = self.then.scores.results[self.pairs[code]], self.now.scores.results[code]
        if self.now.instrument.nodes[code].scale:
            before, after = int(old.level[then]), int(new.level[now])
            if before == after == NO_LEVEL:
                return "none"
            if NO_LEVEL in (before, after):
                return "not_comparable"
            return _by_order(before, after, ("improved", "deteriorated"))
        was, is_ = _value(old, then), _value(new, now)
        if was is None or is_ is None:
            return "none" if was is is_ else "not_comparable"
        return _by_order(was, is_, ("higher", "lower"))

    def _change(
        self, code: str, unit: str, waves: tuple[str, str], rows: tuple[int, int]
    ) -> ChangeView:
        """Return how one result changed."""
        old = self.pairs[code]
        title = self.now.instrument.title(code, self.now.locale)
        return ChangeView(
            code=code,
            title=title if old == code else f"{title} ({old})",
            tier=self.now.changes.tier(code),
            outcome=self.outcome(code, *rows),
            before=self._side(self.then, old, rows[0], code),
            now=self._side(self.now, code, rows[1], code),
            note_before=self.then.recorded.notes.get((unit, waves[0], old), ""),
            note_now=self.now.recorded.notes.get((unit, waves[1], code), ""),
        )

    def _side(self, builder: ViewBuilder, code: str, row: int, now: str) -> Side:
        """Return a result at one measurement; levels are those of the scale of this version."""
        side = builder.changes.side(code, row)
        scale = self.now.instrument.nodes[now].scale
        if scale is not None:
            return side.model_copy(update={"scale": scale})
        unit = getattr(self.now.instrument.nodes[now].spec, "unit", None)
        return side.model_copy(
            update={
                "value": _value(builder.scores.results[code], row),
                "unit": self.now.instrument.text(unit, self.now.locale),
            }
        )

    def _share(self, then: int, now: int) -> SameShare | None:
        """Return how many indicators with a level both times are at their best one."""
        n, before, after = 0, 0, 0
        for code, old in self.pairs.items():
            levels = self.now.instrument.levels_of(code)
            if code in self.now.instrument.groups or not levels:
                continue
            was = int(self.then.scores.results[old].level[then])
            is_ = int(self.now.scores.results[code].level[now])
            if NO_LEVEL not in (was, is_):
                n, best = n + 1, len(levels) - 1
                before, after = before + (was == best), after + (is_ == best)
        return SameShare(n=n, before=before, now=after) if n else None

    # -- what is not compared ---------------------------------------------------------------------

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Indicators that are not compared, by what became of them."""
        by_reason: dict[str, list[str]] = {}
        for part in self.found.parts:
            if not part.comparable and not self.found.is_group(part):
                by_reason.setdefault(part.what, []).append(self._named(part))
        return tuple(LeftOut(why=why, titles=tuple(names)) for why, names in by_reason.items())

    def _named(self, part: Correspondence) -> str:
        """Return the codes and titles of a part, those of this version where it has any."""
        builder, codes = (self.now, part.now) if part.now else (self.then, part.before)
        titles = [f"{c} {builder.instrument.title(c, builder.locale)}" for c in codes]
        return "; ".join(titles)

    # -- the cohort -------------------------------------------------------------------------------

    def of_cohort(self, units: list[str], rows: list[int]) -> CohortVersion:
        """Return how many units changed at each result that is compared."""
        at = [(self.row_of(unit), row) for unit, row in zip(units, rows, strict=True)]
        both = [(then[1], row) for then, row in at if then is not None]
        waves = dict.fromkeys(then[0] for then, _ in at if then is not None)
        spec = self.then.instrument.spec
        moves = []
        for code in self.pairs:
            counts = Counter(self.outcome(code, *pair) for pair in both)
            if set(counts) - {"none"}:
                title = self.now.instrument.title(code, self.now.locale)
                tier = self.now.changes.tier(code)
                moves.append(CohortMove(code=code, title=title, tier=tier, counts=dict(counts)))
        return CohortVersion(
            instrument=(spec.short_title or spec.title).in_(self.now.locale, spec.language),
            version=spec.version,
            wave_title=", ".join(map(self.then.wave_title, waves)),
            declared=self.found.link is not None,
            note=self.note,
            n=len(both),
            moves=tuple(moves),
            left_out=self.left_out,
        )


def _value(result: NodeResult, row: int) -> float | None:
    """Return the value of an indicator, the score of a group; None where there is none."""
    value = float(result.value[row])
    return rounded(result.score[row] if np.isnan(value) else value)


def _by_order(before: float, now: float, words: tuple[Outcome, Outcome]) -> Outcome:
    """Return the word for a rise, for a fall, or that nothing changed."""
    if before == now:
        return "unchanged"
    return words[0] if now > before else words[1]


def _results(builder: ViewBuilder, row: int) -> tuple[VersionResult, ...]:
    """Return the results on page one of a measurement."""
    found = []
    for code in builder.instrument.headline:
        node, result = builder.instrument.nodes[code], builder.scores.results[code]
        level = int(result.level[row])
        levels = builder.instrument.levels_of(code)
        title = builder.instrument.text(levels[level].title, builder.locale) if level >= 0 else ""
        found.append(
            VersionResult(
                title=builder.instrument.title(code, builder.locale),
                score=rounded(result.score[row]),
                level=title,
                decimals=builder.instrument.decimals(code),
                unit=builder.node_unit(node)[0],
            )
        )
    return tuple(found)
