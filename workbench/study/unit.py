"""The view of one unit: its results, its peers, its changes, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.instruments import Node
from workbench.scoring import Scores
from workbench.scoring.states import NO_LEVEL, State
from workbench.study import views as v
from workbench.study.asked import conditions
from workbench.study.case import Case
from workbench.study.indicator import IndicatorMaker
from workbench.study.made_of import made_of
from workbench.study.programme import pipelines_of
from workbench.study.roadmap import roadmap_view
from workbench.study.surveys import surveys_of
from workbench.study.tallies import base_of, count_labels, rank_info

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder

# Plain numbers: to compare with a member of an enumeration costs ten times as much.
_MISSING = int(State.MISSING)
_NOTHING = frozenset({_MISSING, int(State.NOT_AGGREGATED)})
_SETTLED = frozenset({int(State.VALUED), int(State.INSUFFICIENT)})


@dataclass
class UnitMaker:
    """Makes the view of one unit."""

    builder: ViewBuilder
    code: str
    wave: str
    row: int
    baseline: str | None

    @property
    def scores(self) -> Scores:
        """The scores of the study."""
        return self.builder.scores

    @cached_property
    def rows_by_wave(self) -> dict[str, int]:
        """Row of the unit in each wave, in the order in which results are looked for."""
        observed = set(self.scores.waves_of(self.code))
        first = [self.wave] + [w for w in self.builder.search_order if w != self.wave]
        return {w: self.scores.row(self.code, w) for w in first if w in observed}

    def view(self) -> v.UnitView:
        """Return the view."""
        b, study = self.builder, self.builder.study
        spec = study.spec
        by_code = self.group_views
        nodes = tuple(by_code.values())
        groups = tuple(
            (title.in_(b.locale), str(study.units[column][self.code]))
            for column, title in spec.units.groups.items()
            if str(study.units[column][self.code])
        )
        peers = study.peers
        own_group = str(peers.group[self.code])
        return v.UnitView(
            info=b.info,
            code=self.code,
            name=str(study.units["name"][self.code]),
            groups=groups,
            population=b.population(self.code),
            wave=self.wave,
            wave_title=b.wave_title(self.wave),
            wave_date=b.wave_date(self.wave),
            baseline=self.baseline,
            baseline_title=b.wave_title(self.baseline) if self.baseline else None,
            stage=study.stage_title(self.code, self.wave),
            peer_title=peers.titles[own_group].in_(b.locale) if own_group else "",
            grouped_by=spec.peers.by if spec.peers else "all",
            n_peers=len(b.wave(self.wave).peers.of_unit(self.code)),
            peer_minimum=peers.minimum,
            n_cohort=len(b.wave(self.wave).units),
            headline=tuple(by_code[c] for c in b.instrument.headline if c in by_code),
            spread={
                c: self._spread(c, by_code[c].wave or self.wave)
                for c in b.instrument.headline
                if c in by_code
            },
            nodes=nodes,
            indicators=tuple(map(IndicatorMaker(self).view, b.instrument.indicators)),
            stages=self._stages(),
            facts=self._facts(),
            assumptions=self._assumptions(),
            warnings=self._warnings(),
            notes=tuple(
                note.text.in_(b.locale) for note in spec.notes if note.unit in (None, self.code)
            ),
            roadmap=roadmap_view(self),
            pipelines=pipelines_of(b, self.rows_by_wave, self.code),
            surveys=surveys_of(b, self.code, self.wave),
            comparison=b.changes.comparison(self.code, self.baseline, self.wave)
            if self.baseline
            else None,
            versions=b.earlier.of_unit(self.code, self.wave, self.row),
            certainty=b.certainty.of_unit(self.code, self._compared()),
            later_title=self._later_title(),
            made_of={
                code: found
                for code in b.instrument.headline
                if code in by_code and (found := made_of(self, by_code[code]))
            },
        )

    @cached_property
    def group_views(self) -> dict[str, v.NodeView]:
        """Views of the groups of the instrument, in reading order."""
        return {code: self._node(code) for code in self.builder.fixed.groups}

    def _later_title(self) -> str | None:
        """Return the last dated wave, if others were measured in it and this unit was not."""
        b = self.builder
        if self.wave not in b.dated:
            return None
        later = [w for w in b.dated[b.dated.index(self.wave) + 1 :] if b.wave(w).units]
        return b.wave_title(later[-1]) if later else None

    @cached_property
    def cases(self) -> dict[str, Case]:
        """Results of the unit by wave."""
        return {wave: self.builder.cases.of_row(row) for wave, row in self.rows_by_wave.items()}

    def where(self, code: str) -> tuple[str, int]:
        """Return the wave and row of a result: the view's wave, else the nearest that observed it.

        A state is a result: what is not measurable this year is not shown with last year's value.
        """
        place = self.builder.cases.place[code]
        for wave, row in self.rows_by_wave.items():
            if self.cases[wave].state[place] not in _NOTHING:
                return wave, row
        return self.wave, self.row

    def _compared(self) -> dict[str, tuple[str, str | None]]:
        """Return the wave of each result that is judged, and the one it is compared with."""
        found: dict[str, tuple[str, str | None]] = {}
        certainty = self.builder.certainty
        for code in certainty.codes:
            wave = self.where(code)[0]
            earlier = self.earlier(code, wave) if code in certainty.precise else None
            found[code] = wave, earlier.wave if earlier else None
        return found

    def earlier(self, code: str, wave: str) -> v.Earlier | None:
        """Return the baseline's result of a node, if it has one and is not this wave's."""
        b = self.builder
        place = b.cases.place[code]
        for candidate in b.before(wave):
            case = self.cases.get(candidate)
            if case is not None and case.state[place] in _SETTLED:
                level = NO_LEVEL if code in b.fixed.levels_of_own_wave else case.level[place]
                return v.Earlier(
                    wave=candidate,
                    wave_title=b.wave_title(candidate),
                    score=v.rounded(case.score[place]),
                    level=b.fixed.levels[code][level],
                    value=v.rounded(case.value[place]),
                    base=self._base(code, self.rows_by_wave[candidate])[0],
                    state=self.state_title(code, candidate, case.state[place]) or "",
                    rank=self._rank(code, candidate),
                )
        return None

    def _base(self, code: str, row: int) -> tuple[int | None, bool]:
        """Return the indicators that a share divides by, and whether that number is deduced."""
        if code not in self.scores.counts:
            return None, False
        return base_of(self.scores, code, row, self.builder.instrument.decimals(code))

    def _peer_median(self, column: int, wave: str) -> tuple[int, float | None]:
        """Return how many peers have a score of a group, and their median; None for too few."""
        others = self.builder.wave(wave).scores_of_peers(column, self.code)
        enough = others.n >= self.builder.study.peers.minimum
        return others.n, v.rounded(others.median()) if enough else None

    def _cohort_median(self, column: int, wave: str) -> float | None:
        """Return the median score of all units in a group; None for too few."""
        n, median = self.builder.wave(wave).medians[column]
        return v.rounded(median) if n >= self.builder.study.peers.minimum else None

    def _node(self, code: str) -> v.NodeView:
        """Return the view of a group."""
        b = self.builder
        place, column = b.cases.place[code], b.group_columns[code]
        wave, row = self.where(code)
        case, ids = self.cases[wave], b.fixed.levels[code]
        nothing = case.state[place] == _MISSING
        n_peers, peers = self._peer_median(column, wave)
        earlier = self.earlier(code, wave)
        base, deduced = self._base(code, row)
        return v.NodeView(
            **b.fixed.groups[code],
            score=v.rounded(case.score[place]),
            low=None if nothing else v.rounded(case.low[place]),
            high=None if nothing else v.rounded(case.high[place]),
            computed=None if nothing else v.rounded(case.computed[place]),
            level=ids[case.level[place]],
            level_low=ids[case.level_low[place]],
            level_high=ids[case.level_high[place]],
            status=case.status(place),
            coverage=v.rounded(case.coverage[place]) or 0.0,
            counts={} if nothing else count_labels(self.scores, code, row),
            peers=peers,
            n_peers=n_peers,
            cohort=self._cohort_median(column, wave),
            rank=self._rank(code, wave),
            earlier=earlier,
            wave=None if wave == self.wave else b.wave_title(wave),
            same=b.same(code, earlier.wave, wave, row) if earlier else None,
            base=None if nothing else base,
            base_deduced=deduced and not nothing,
            level_assumed=self._level_assumed(b.instrument.nodes[code], row),
            parts_known=bool(b.parts_known(code)[row]),
            conditions=conditions(b, code, row),
        )

    def _level_assumed(self, node: Node, row: int) -> bool:
        """Return whether the cut-points behind a node's level are assumed."""
        if node.bands is None:
            return False
        assumed = self.builder.instrument.assumed
        return any(
            r.kind == "rule"
            and bool(r.where[row])
            and r.path.startswith(node.bands.path)
            and assumed[r.path].status == "assumed"
            for r in self.builder.remarks.get(node.code, ())
        )

    def _rank(self, code: str, wave: str) -> v.RankInfo | None:
        """Return the place of the unit by a headline node; None for one unit alone."""
        arrays = self.builder.wave(wave)
        ranks = arrays.ranks.get(code)
        if ranks is None or self.code not in arrays.position:
            return None
        known = arrays.places_known(code)
        return rank_info(ranks, arrays.position[self.code], known=known)

    def _spread(self, code: str, wave: str) -> dict[str, tuple[float, ...]]:
        """Return the scores of peers and others: listed, or counted in bins where they are many."""
        node = self.builder.instrument.nodes[code]
        decimals = node.tier.decimals if node.tier else 1
        column = self.builder.group_columns[code]
        return self.builder.wave(wave).spread(column, decimals).of_unit(self.code)

    def state_title(self, code: str, wave: str, state: int) -> str | None:
        """Return the instrument's name for a state without a level: the one recorded, if any."""
        b = self.builder
        states = b.fixed.states.get(state)
        if not states:
            return None
        word = b.recorded.words.get((self.code, wave, code))
        # Several states may have one effect; the first stands for those that were not recorded.
        entry = next((s for s in states if s.id == word), states[0])
        return entry.title.in_(b.locale, b.instrument.spec.language)

    def _stages(self) -> tuple[v.StageView, ...]:
        """Return every stage of the measurement, where there are several."""
        b = self.builder
        by_stage = b.study.scores_by_stage
        found = []
        for stage, scores in by_stage.items():
            if self.wave not in scores.waves_of(self.code):
                continue
            row = scores.row(self.code, self.wave)
            head = b.instrument.headline[0] if b.instrument.headline else None
            counts = count_labels(scores, head, row) if head else {}
            found.append(
                v.StageView(
                    id=stage,
                    title=b.study.stage_name(stage),
                    score=v.rounded(scores.results[head].score[row]) if head else None,
                    counts=counts,
                    differs=self._differs(scores, row),
                )
            )
        return tuple(found) if len(found) > 1 else ()

    def _differs(
        self, other: Scores, row: int
    ) -> tuple[tuple[str, str, str | None, str | None], ...]:
        """Return indicators whose level in another stage is not that of the view."""
        b, own = self.builder, self.cases[self.wave].level
        found = []
        for code in b.instrument.indicators:
            theirs, ours = int(other.results[code].level[row]), own[b.cases.place[code]]
            if theirs != ours:
                ids = b.fixed.levels[code]
                found.append((code, b.fixed.indicators[code]["title"], ids[theirs], ids[ours]))
        return tuple(found)

    def _facts(self) -> tuple[v.FactView, ...]:
        """Return the facts the instrument wants printed, from the nearest wave that has them."""
        b = self.builder
        found = []
        for fact in b.instrument.spec.facts:
            if not fact.shown:
                continue
            values = self.scores.facts[fact.id]
            for wave, row in self.rows_by_wave.items():
                if not np.isnan(values[row]):
                    found.append(
                        v.FactView(
                            title=fact.title.in_(b.locale, b.instrument.spec.language),
                            value=float(values[row]),
                            unit=b.instrument.text(fact.unit, b.locale) or None,
                            boolean=fact.boolean,
                            wave_title=None if wave == self.wave else b.wave_title(wave),
                        )
                    )
                    break
        return tuple(found)

    def _assumptions(self) -> tuple[v.AssumptionView, ...]:
        """Return the rules that no source prints and that touch this unit."""
        rows = self.rows_by_wave
        pairs = [(rows[self.baseline], self.row)] if self.baseline else []
        return self.builder.assumptions(np.array(list(rows.values())), pairs)

    def _warnings(self) -> tuple[v.WarningView, ...]:
        """Return defects of the data of this unit."""
        b = self.builder
        by_unit = b.contradictions_by_unit
        return tuple(b.warning(w, self.wave) for w in by_unit.get(self.code, by_unit[""]))
