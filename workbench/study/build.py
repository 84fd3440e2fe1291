"""Building views from scores: one unit or the cohort, in the language of the study."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.instruments import Node
from workbench.language import Message, marked
from workbench.observations import DataWarning
from workbench.observations.surveyed import KINDS
from workbench.scoring import Scores, rank_units
from workbench.scoring.conditions import ConditionReader
from workbench.scoring.evidence import KIND
from workbench.scoring.groups import maximum_points
from workbench.scoring.remarks import Remark
from workbench.scoring.states import NO_LEVEL, Basis
from workbench.specs.instrument import Level, Points, Share, State
from workbench.study import views as v
from workbench.study.assumptions import assumptions_of
from workbench.study.case import Cases
from workbench.study.certainty import CertaintyReader
from workbench.study.changes import ChangeReader
from workbench.study.cohort import CohortMaker
from workbench.study.defects import is_explained
from workbench.study.earlier import EarlierVersions
from workbench.study.fixed import FixedParts
from workbench.study.info import study_info
from workbench.study.others import WavePeers
from workbench.study.recorded import Recorded
from workbench.study.same import Comparison, LikeForLike
from workbench.study.tallies import agrees, parts_known
from workbench.study.unit import UnitMaker
from workbench.study.wave import WaveArrays

if TYPE_CHECKING:
    from workbench.study.facade import Study


# What a reader of a report understands, where the warning speaks to those who know the files.
PLAIN = {
    "tally_total": marked(
        "The source's counts for {node} add up to {total} indicators; the instrument has {n}."
    ),
    "tally_mismatch": marked(
        "The source counts {given} indicators in {state} for {node}, but the tables of its areas "
        "hold {added}."
    ),
}


# What a rule of the instrument settles, whatever was recorded: the result is the same with it.
SETTLED = frozenset({"carried_over", "set_aside"})


class ViewBuilder:
    """Builds the views of a study; what is the same for all units is computed once.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.scores: Scores = study.scores
        self.instrument = study.instrument
        self.locale = study.locale.tag
        self.info = study_info(study)
        self._waves: dict[str, WaveArrays] = {}

    # -- shared by all units ----------------------------------------------------------------------

    @cached_property
    def dated(self) -> list[str]:
        """Waves with a date or place in time, in order."""
        return [w.id for w in self.study.spec.waves if not w.undated]

    @cached_property
    def search_order(self) -> list[str]:
        """Waves in which a result is looked for: the last dated one first, undated ones last."""
        undated = [w.id for w in self.study.spec.waves if w.undated]
        return [*reversed(self.dated), *undated]

    @cached_property
    def like_for_like(self) -> LikeForLike:
        """Comparison of shares over the same indicators."""
        return LikeForLike(self.scores)

    def before(self, wave: str) -> list[str]:
        """Return the waves with which one is compared, best first; none for undated ones."""
        if wave not in self.dated:
            return []
        rule = self.instrument.spec.comparison
        earlier = self.dated[: self.dated.index(wave)]
        return earlier[::-1] if rule is not None and rule.against == "previous" else earlier

    @cached_property
    def changes(self) -> ChangeReader:
        """Changes between two waves, result by result."""
        return ChangeReader(self)

    @cached_property
    def earlier(self) -> EarlierVersions:
        """Measurements with other versions of the instrument."""
        return EarlierVersions(self)

    @cached_property
    def certainty(self) -> CertaintyReader:
        """How sure single statements are."""
        return CertaintyReader(self)

    @cached_property
    def conditions(self) -> ConditionReader:
        """Conditions of levels, read part by part."""
        return ConditionReader(self.scores)

    @cached_property
    def cases(self) -> Cases:
        """Results case by case."""
        return Cases(self.scores)

    @cached_property
    def fixed(self) -> FixedParts:
        """Parts of views that are the same for all units."""
        return FixedParts(self)

    @cached_property
    def _same(self) -> dict[tuple[str, str, str], tuple[Comparison, dict[int, int]] | None]:
        """Shares over the same indicators by node and waves, with the place of each row."""
        return {}

    def same(self, code: str, then: str, now: str, row: int) -> v.SameIndicators | None:
        """Return a share then and now over the same indicators, where both are known one by one.

        Parameters
        ----------
        code : str
        then, now : str
            Waves in which the unit was measured.
        row : int
            Of the unit in the later one.
        """
        key = code, then, now
        if key not in self._same:
            earlier, later = self.wave(then), self.wave(now)
            pairs = [
                (earlier.rows[earlier.position[unit]], later.rows[place])
                for unit, place in later.position.items()
                if unit in earlier.position
            ]
            rows = np.array(pairs, dtype=np.intp).reshape(-1, 2)
            found = self.like_for_like.compare(code, rows[:, 0], rows[:, 1])
            places = {int(r): i for i, r in enumerate(rows[:, 1])}
            self._same[key] = None if found is None else (found, places)
        known = self._same[key]
        return None if known is None else known[0].view(known[1][row])

    @cached_property
    def _parts_known(self) -> dict[str, np.ndarray]:
        """What :meth:`parts_known` found before."""
        return {}

    def parts_known(self, code: str) -> np.ndarray:
        """Return in which cases a result is more than a number its source reports."""
        if code not in self._parts_known:
            every_row = np.arange(self.scores.n_cases)
            self._parts_known[code] = parts_known(self.scores, code, every_row)
        return self._parts_known[code]

    def wave_date(self, wave: str) -> str | None:
        """Return when a wave was: a day or a month in ISO form, None where neither is known."""
        return next(w for w in self.study.spec.waves if w.id == wave).iso

    @property
    def recorded(self) -> Recorded:
        """What was recorded in words."""
        return self.study.recorded

    def wave_title(self, wave: str) -> str:
        """Return the title of a wave."""
        spec = next(w for w in self.study.spec.waves if w.id == wave)
        return spec.title.in_(self.locale) if spec.title else wave

    def wave(self, wave: str) -> WaveArrays:
        """Return the arrays of a wave."""
        if wave not in self._waves:
            self._waves[wave] = self._wave_arrays(wave)
        return self._waves[wave]

    def _wave_arrays(self, wave: str) -> WaveArrays:
        """Return the arrays of a wave, computed."""
        rows = np.flatnonzero(self.scores.cases.get_level_values("wave") == wave)
        units = [str(u) for u in self.scores.cases.get_level_values("unit")[rows]]
        results, instrument = self.scores.results, self.instrument
        scores = (
            np.column_stack([results[c].score[rows] for c in instrument.groups])
            if instrument.groups
            else np.empty((len(rows), 0))
        )
        levels = np.column_stack([results[c].level[rows] for c in instrument.indicators])
        tops = np.array([len(instrument.levels_of(c)) - 1 for c in instrument.indicators])
        top = (levels == tops) & (tops >= 0)
        ranks = {
            code: rank_units(
                results[code].score[rows],
                results[code].low[rows],
                results[code].high[rows],
                direction=instrument.nodes[code].sense,
            )
            for code in instrument.headline
        }
        bare = {code: self.parts_known(code)[rows] for code in instrument.headline}
        study = self.study
        peers = WavePeers(study.peers, units, study.units["population"], study.names)
        return WaveArrays(self.scores, rows, peers, scores, top, levels != NO_LEVEL, ranks, bare)

    @cached_property
    def group_columns(self) -> dict[str, int]:
        """Column of each group in the arrays of a wave."""
        return {code: i for i, code in enumerate(self.instrument.groups)}

    @cached_property
    def indicator_columns(self) -> dict[str, int]:
        """Column of each indicator in the arrays of a wave."""
        return {code: i for i, code in enumerate(self.instrument.indicators)}

    @cached_property
    def contradictions(self) -> tuple[DataWarning, ...]:
        """Warnings of the study, less those told as remarks on indicators or explained by it."""
        declared = self.study.spec.replication
        return tuple(
            w
            for w in self.study.warnings
            if w.kind not in {KIND, *KINDS} and not is_explained(w, declared)
        )

    @cached_property
    def contradictions_by_unit(self) -> dict[str, list[DataWarning]]:
        """The same by unit, each with those of all units among them; under "" these alone."""
        found: dict[str, list[DataWarning]] = {"": []}
        found |= {w.unit: [] for w in self.contradictions}
        for warning in self.contradictions:
            for unit in found if warning.unit == "" else (warning.unit,):
                found[unit].append(warning)
        return found

    @cached_property
    def remarks(self) -> dict[str, list[Remark]]:
        """Remarks of scoring by node."""
        found: dict[str, list[Remark]] = {}
        for remark in self.scores.remarks:
            found.setdefault(remark.node, []).append(remark)
        return found

    # -- one unit ---------------------------------------------------------------------------------

    def unit(self, code: str) -> v.UnitView:
        """Return the view of one unit.

        Raises
        ------
        ScoringError
            If the unit was not observed.
        """
        observed = self.scores.waves_of(code)
        wave = next((w for w in self.search_order if w in observed), "")
        row = self.scores.row(code, wave)
        baseline = next((w for w in self.before(wave) if w in observed), None)
        return UnitMaker(self, code, wave, row, baseline).view()

    # -- the cohort -------------------------------------------------------------------------------

    def cohort(self) -> v.CohortView:
        """Return the view of all units in the last wave."""
        return CohortMaker(self).view()

    def level_id(self, code: str, index: int) -> str | None:
        """Return the id of a level, None for none."""
        return None if index == NO_LEVEL else self.instrument.levels_of(code)[index].id

    def warning(self, warning: DataWarning, shown: str) -> v.WarningView:
        """Return a defect of the data for a view of one wave, dated where it is of another."""
        text = self._warning_text(warning)
        if warning.wave not in ("", shown):
            text = f"{self.wave_title(warning.wave)}: {text}"
        return v.WarningView(kind=warning.kind, text=text, changes=self._changes(warning))

    def _changes(self, warning: DataWarning) -> bool | None:
        """Return whether the result depends on a defect; None where that can't be told.

        A share of a level depends on the count of that level and on what is left out of the
        denominator. Where a source prints the share and its counts give the same one, neither a
        count of another level nor a sum that falls short touches it.
        """
        if warning.kind in SETTLED:
            return False
        rules = [self.instrument.nodes[c].aggregate for c in self.instrument.headline]
        levels = {rule.level for rule in rules if isinstance(rule, Share)}
        if not levels or len(levels) < len(rules):
            return None
        if warning.kind == "tally_mismatch":
            state = str(dict(warning.message.values)["state"])
            effect = self.instrument.state_effects.get(state)
            return state in levels or effect in ("not_measurable", "not_applicable")
        if warning.kind == "tally_total":
            return None if self._reported_apart(warning) else False
        return None

    def _reported_apart(self, warning: DataWarning) -> bool:
        """Return whether the score of a node is not reported as its counts give it."""
        row = self.scores.row(warning.unit, warning.wave)
        result, decimals = self.scores.results[warning.node], self.instrument.decimals(warning.node)
        score, computed = result.score[row], result.computed[row]
        if result.basis[row] != Basis.REPORTED or np.isnan(score + computed):
            return True
        return not agrees(computed, score, decimals)

    def _warning_text(self, warning: DataWarning) -> str:
        """Return a warning in the language of the study, with titles instead of codes."""
        values = dict(warning.message.values)
        if "node" in values:
            values["node"] = self.instrument.title(str(values["node"]), self.locale)
        if "state" in values:
            values["state"] = self.label_title(str(values["state"]))
        return Message(PLAIN.get(warning.kind, warning.message.source), **values).text(self.locale)

    def label_title(self, label: str) -> str:
        """Return the title of a level or state by its id."""
        spec = self.instrument.spec
        entries: list[State | Level] = [
            *spec.states,
            *(level for scale in spec.scales for level in scale.levels),
        ]
        for entry in entries:
            if entry.id == label:
                return entry.title.in_(self.locale, spec.language)
        return label

    def assumptions(
        self, rows: np.ndarray, pairs: list[tuple[int, int]]
    ) -> tuple[v.AssumptionView, ...]:
        """Return the rules that no source prints and that touch some cases, or pairs compared."""
        language = self.instrument.spec.language
        compared = [s for s in self.changes.touched(pairs) if s.status != "published"]
        found = [(a.status, a.reason) for a in assumptions_of(self.scores, rows)]
        found += [(s.status, s.reason) for s in compared if s.reason is not None]
        return tuple(
            v.AssumptionView(status=status, reason=reason.in_(self.locale, language))
            for status, reason in dict.fromkeys(found)
        )

    def node_unit(self, node: Node) -> tuple[str | None, float | None]:
        """Return the unit of a node's score (percent, points, none) and the maximum of points."""
        rule = node.aggregate
        if isinstance(rule, Points):
            maximum = maximum_points(self.instrument, node.code)
            return "points", v.rounded(maximum)
        if isinstance(rule, Share):
            return "percent", 100.0
        if node.tier is not None and node.tier.unit is not None:
            return self.instrument.text(node.tier.unit, self.locale), None
        return None, None

    def population(self, unit: str) -> int | None:
        """Return the population of a unit, None where it is unknown."""
        value = self.study.units["population"].get(unit, np.nan)
        return None if pd.isna(value) else int(value)
