"""The view of a cohort: everybody's results, groups, indicators, and the defects of the data."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.language import printed_difference
from workbench.scoring.evidence import KIND
from workbench.scoring.states import NO_LEVEL, status_names
from workbench.study import views as v
from workbench.study.change_views import CohortMove
from workbench.study.measure_views import CohortMeasure
from workbench.study.measures import cohort_measures
from workbench.study.tallies import count_labels, rank_info

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder
    from workbench.study.wave import WaveArrays

MOST_NAMED = 3


class CohortMaker:
    """Makes the view of all units in the last wave in which the headline has results.

    Parameters
    ----------
    builder : ViewBuilder
    """

    def __init__(self, builder: ViewBuilder) -> None:
        self.builder = builder
        self.instrument = builder.instrument
        self.scores = builder.scores
        self.wave = self._wave()
        self.arrays = builder.wave(self.wave)

    def _wave(self) -> str:
        """Return the last wave in which any headline node (or any node) has a result."""
        codes = self.instrument.headline or self.instrument.groups
        for wave in self.builder.search_order:
            arrays = self.builder.wave(wave)
            known = [~np.isnan(self.scores.results[c].score[arrays.rows]) for c in codes]
            levels = [self.scores.results[c].level[arrays.rows] != NO_LEVEL for c in codes]
            if arrays.units and any(k.any() for k in (*known, *levels)):
                return wave
        return self.builder.search_order[0]

    @property
    def main(self) -> str | None:
        """The node by which the cohort is ordered."""
        return self.instrument.headline[0] if self.instrument.headline else None

    def view(self) -> v.CohortView:
        """Return the view."""
        b, study = self.builder, self.builder.study
        stages = {study.stage_title(u, self.wave) for u in self.arrays.units}
        return v.CohortView(
            info=b.info,
            wave=self.wave,
            wave_title=b.wave_title(self.wave),
            wave_date=b.wave_date(self.wave),
            baseline_title=self._baseline_title(),
            stage=next(iter(stages)) if len(stages) == 1 else None,
            n=len(self.arrays.units),
            nodes=tuple(self._nodes()),
            headline=self.instrument.headline,
            rows=tuple(self._rows()),
            groups=tuple(self._groups()),
            grouped_by=study.spec.peers.by if study.spec.peers else "all",
            group_minimum=study.peers.minimum,
            indicators=tuple(self._indicators()),
            n_both=len(self._units_at_baseline()),
            absent=tuple(self._absent()),
            assumptions=b.assumptions(self.arrays.rows, self._pairs()),
            warnings=tuple(self._warnings()),
            notes=tuple(self._notes()),
            changes=tuple(self._changes()),
            unproved=tuple(self._unproved()),
            moves=tuple(self._moves()),
            measures=self.measures,
            versions=b.earlier.of_cohort(self.arrays.units, self.arrays.rows.tolist()),
            move_tiers=b.changes.tiers if self.instrument.spec.comparison else (),
            change_remarks=tuple(
                self.instrument.text(t, b.locale)
                for t in (
                    self.instrument.spec.comparison.remarks
                    if self.instrument.spec.comparison
                    else ()
                )
            ),
            certainty=b.certainty.of_cohort(self.wave, self._baseline()),
            has_roadmap=study.spec.roadmap is not None,
        )

    def _baseline(self) -> str | None:
        """Return the dated wave with which this one is compared, if there is one."""
        return next(iter(self.builder.before(self.wave)), None)

    def _baseline_title(self) -> str | None:
        """Return the title of the baseline."""
        wave = self._baseline()
        return self.builder.wave_title(wave) if wave else None

    def _nodes(self) -> list[v.NodeView]:
        """Return the groups with the medians of the cohort; their own score is not set."""
        b, seen, found = self.builder, set(), []
        for depth, node in self.instrument.walk():
            if node.is_indicator or node.code in seen or node.tier is None:
                continue
            seen.add(node.code)
            scores = self.scores.results[node.code].score[self.arrays.rows]
            known = scores[~np.isnan(scores)]
            enough = known.size >= b.study.peers.minimum
            unit, maximum = b.node_unit(node)
            found.append(
                v.NodeView(
                    code=node.code,
                    title=self.instrument.title(node.code, b.locale),
                    tier=node.tier.id,
                    tier_title=node.tier.title.in_(b.locale, self.instrument.spec.language),
                    depth=depth,
                    parents=node.parents,
                    n_indicators=len(node.leaves),
                    score=None,
                    low=v.rounded(np.quantile(known, 0.25)) if enough else None,
                    high=v.rounded(np.quantile(known, 0.75)) if enough else None,
                    computed=None,
                    decimals=node.tier.decimals,
                    unit=unit,
                    maximum=maximum,
                    scale=node.scale,
                    level=None,
                    level_low=None,
                    level_high=None,
                    status=status_names()[1],
                    coverage=float(known.size / len(scores)) if len(scores) else 0.0,
                    counts=self._level_counts(node.code),
                    cohort=v.rounded(np.median(known)) if known.size else None,
                    less_is_better=node.spec.direction == -1,
                    own_wave=self.instrument.own_wave.get(node.code),
                    n_units=int(known.size),
                )
            )
        return found

    def _level_counts(self, code: str) -> dict[str, float | None]:
        """Return how many units are at each level of a node."""
        levels = self.scores.results[code].level[self.arrays.rows]
        ids = [level.id for level in self.instrument.levels_of(code)]
        if (levels == NO_LEVEL).all():
            return {}
        return {name: float((levels == i).sum()) for i, name in enumerate(ids)}

    def _rows(self) -> list[v.CohortRow]:
        """Return the units, best first, units without a score last."""
        shown = ("", self.wave, self._baseline())  # what the table of all units shows
        counted = Counter(w.unit for w in self.builder.contradictions if w.wave in shown)
        rows = [self._row(i, counted) for i in range(len(self.arrays.units))]
        return sorted(rows, key=self._order)

    def _order(self, row: v.CohortRow) -> tuple[bool, int, int, str, str]:
        """Return what rows are sorted by: their place, else their level, best first, then name."""
        rank = row.rank
        level = row.levels.get(self.main) if self.main else None
        ids = [entry.id for entry in self.instrument.levels_of(self.main)] if self.main else []
        place = ids.index(level) if level in ids else -1
        return rank is None, rank.rank if rank else 0, -place, row.name, row.code

    def _row(self, position: int, counted: Counter[str]) -> v.CohortRow:
        """Return one unit."""
        b, study = self.builder, self.builder.study
        unit, row = self.arrays.units[position], int(self.arrays.rows[position])
        group = str(study.peers.group[unit])
        results = {c: self.scores.results[c] for c in self.instrument.groups}
        heads = self.instrument.headline
        return v.CohortRow(
            code=unit,
            name=study.names[unit],
            population=b.population(unit),
            peer=study.peers.titles[group].in_(b.locale) if group else "",
            groups=tuple(str(study.units[g][unit]) for g in study.spec.units.groups),
            scores={c: v.rounded(r.score[row]) for c, r in results.items()},
            levels={c: b.level_id(c, int(r.level[row])) for c, r in results.items()},
            levels_low={c: b.level_id(c, int(results[c].level_low[row])) for c in heads},
            levels_high={c: b.level_id(c, int(results[c].level_high[row])) for c in heads},
            low={c: v.rounded(results[c].low[row]) for c in heads},
            high={c: v.rounded(results[c].high[row]) for c in heads},
            rank=self._rank(position),
            counts=count_labels(self.scores, self.main, row) if self.main else {},
            earlier=self._earlier(unit),
            earlier_rank=self._earlier_rank(unit),
            values={
                m.code: v.rounded(self.scores.results[m.code].value[row]) for m in self.measures
            },
            n_warnings=counted[unit],
            known=self.main is None or bool(self.arrays.parts_known[self.main][position]),
        )

    def _rank(self, position: int) -> v.RankInfo | None:
        """Return the place of a unit by the main node."""
        if self.main is None:
            return None
        known = self.arrays.places_known(self.main)
        return rank_info(self.arrays.ranks[self.main], position, known=known)

    @cached_property
    def measures(self) -> tuple[CohortMeasure, ...]:
        """Raw indicators, of which nothing makes a result."""
        baseline = self._baseline()
        then = self.builder.wave(baseline) if baseline else None
        return tuple(cohort_measures(self.builder, self.arrays, then))

    def _pairs(self) -> list[tuple[int, int]]:
        """Return the rows at the baseline and now of the units measured both times."""
        baseline = self._baseline()
        if baseline is None:
            return []
        then = self.builder.wave(baseline)
        at = dict(zip(then.units, then.rows.tolist(), strict=True))
        now = zip(self.arrays.units, self.arrays.rows.tolist(), strict=True)
        return [(at[unit], row) for unit, row in now if unit in at]

    def _moves(self) -> list[CohortMove]:
        """Return how many units changed at each result; none without rules of the instrument."""
        changes, pairs = self.builder.changes, self._pairs()
        if self.instrument.spec.comparison is None or not pairs:
            return []
        found = []
        for code in changes.codes:
            counts = Counter(changes.outcome(code, *pair)[0] for pair in pairs)
            if set(counts) - {"none"}:
                title = self.instrument.title(code, self.builder.locale)
                tier = changes.tier(code)
                found.append(CohortMove(code=code, title=title, tier=tier, counts=dict(counts)))
        return found

    def _changes(self) -> list[v.CohortChange]:
        """Return how the headline and what it is made of changed, in the units measured twice."""
        baseline = self._baseline()
        if baseline is None:
            return []
        heads = self.instrument.headline
        shown = [
            c
            for c in self.instrument.groups
            if c in heads
            or set(self.instrument.nodes[c].parents) & set(heads)
            or c in self.instrument.roots
        ]
        shown = [c for c in shown if self.instrument.own_wave.get(c) != "whole"]
        # In the order of the instrument, never of a set: that differs from process to process.
        codes = sorted(shown, key=lambda c: c not in heads)
        found = [self._change(code, self.builder.wave(baseline)) for code in codes]
        return [change for change in found if change is not None]

    def _change(self, code: str, earlier: WaveArrays) -> v.CohortChange | None:
        """Return how one result changed; None where no unit has it both times."""
        at = earlier.position
        pairs = [(i, at[u]) for i, u in enumerate(self.arrays.units) if u in at]
        now = self.arrays.rows[[i for i, _ in pairs]]
        then = earlier.rows[[j for _, j in pairs]]
        score = self.scores.results[code].score
        both = np.flatnonzero(~np.isnan(score[now]) & ~np.isnan(score[then]))
        if not both.size:
            return None
        now, then = now[both], then[both]
        after, before = score[now], score[then]
        same = self.builder.like_for_like.compare(code, then, now)
        adjusted = np.zeros(both.size, dtype=bool)
        if same is not None:
            adjusted = same.known & (same.left + same.joined > 0) & (same.n > 0)
            after = np.where(adjusted, same.now, after)
            before = np.where(adjusted, same.before, before)
        decimals = self.instrument.decimals(code)
        moved = [printed_difference(a, z, decimals) for z, a in zip(before, after, strict=True)]
        names = [self.builder.study.names[str(self.scores.cases[r][0])] for r in now]
        by_size = sorted(zip(names, moved, strict=True), key=lambda m: (-abs(m[1]), m[0]))
        return v.CohortChange(
            code=code,
            n=len(moved),
            before=v.rounded(np.median(score[then])),
            now=v.rounded(np.median(score[now])),
            rose=sum(m > 0 for m in moved),
            fell=sum(m < 0 for m in moved),
            adjusted=int(adjusted.sum()),
            most=tuple((name, m) for name, m in by_size[:MOST_NAMED] if m),
        )

    def _earlier(self, unit: str) -> float | None:
        """Return the baseline's score of a unit."""
        baseline = self._baseline()
        if baseline is None or self.main is None or baseline not in self.scores.waves_of(unit):
            return None
        return v.rounded(self.scores.results[self.main].score[self.scores.row(unit, baseline)])

    def _earlier_rank(self, unit: str) -> v.RankInfo | None:
        """Return the place of a unit at the baseline, among those measured then."""
        baseline = self._baseline()
        if baseline is None or self.main is None:
            return None
        then = self.builder.wave(baseline)
        if unit not in then.position:
            return None
        known = then.places_known(self.main)
        return rank_info(then.ranks[self.main], then.position[unit], known=known)

    def _groups(self) -> list[v.CohortGroup]:
        """Return the peer groups with their medians and quartiles."""
        if self.main is None:
            return []
        study = self.builder.study
        scores = self.scores.results[self.main].score[self.arrays.rows]
        group = study.peers.group.reindex(self.arrays.units).to_numpy(dtype=object)
        found = []
        for name, title in study.peers.titles.items():
            own = scores[(group == name) & ~np.isnan(scores)]
            enough = own.size >= study.peers.minimum
            quartiles = np.quantile(own, [0.25, 0.5, 0.75]) if enough else [np.nan] * 3
            found.append(
                v.CohortGroup(
                    title=title.in_(self.builder.locale),
                    n=int(own.size),
                    lower=v.rounded(quartiles[0]),
                    median=v.rounded(quartiles[1]),
                    upper=v.rounded(quartiles[2]),
                )
            )
        return found

    def _indicators(self) -> list[v.CohortIndicator]:
        """Return how many units are at each level of each indicator, where any has one."""
        found = []
        for code in self.instrument.indicators:
            levels = self.scores.results[code].level[self.arrays.rows]
            ids = [level.id for level in self.instrument.levels_of(code)]
            if not ids or (levels == NO_LEVEL).all():
                continue
            node = self.instrument.nodes[code]
            counts = {name: int((levels == i).sum()) for i, name in enumerate(ids)}
            counts["none"] = int((levels == NO_LEVEL).sum())
            found.append(
                v.CohortIndicator(
                    code=code,
                    title=self.instrument.title(code, self.builder.locale),
                    kind=node.kind,
                    parents=node.parents,
                    scale=node.scale,
                    counts=counts,
                )
            )
        return found

    def _unproved(self) -> list[tuple[str, int]]:
        """Return how many statements are said to hold without evidence, by unit."""
        names = self.builder.study.names
        told = [r for r in self.scores.remarks if r.kind == KIND]
        found = []
        for unit, row in zip(self.arrays.units, self.arrays.rows, strict=True):
            n = sum(bool(r.where[row]) for r in told)
            if n:
                found.append((str(names[unit]), n))
        return found

    def _units_at_baseline(self) -> list[str]:
        """Return the units that were measured at the baseline too."""
        baseline = self._baseline()
        there = set(self.builder.wave(baseline).units) if baseline else set()
        return [u for u in self.arrays.units if u in there]

    def _absent(self) -> list[str]:
        """Return the names of units that were measured in other waves only."""
        study, here = self.builder.study, set(self.arrays.units)
        return sorted(study.names[u] for u in study.observed_units() if u not in here)

    def _notes(self) -> list[str]:
        """Return the study's notes on its data, those on one unit after its name."""
        study, locale = self.builder.study, self.builder.locale
        return [
            note.text.in_(locale)
            if note.unit is None
            else f"{study.names[note.unit]}: {note.text.in_(locale)}"
            for note in study.spec.notes
        ]

    def _warnings(self) -> list[v.CohortWarning]:
        """Return the defects of the data by unit, those of all first."""
        b, study = self.builder, self.builder.study
        by_unit: dict[str, list[v.WarningView]] = {}
        for warning in self.builder.contradictions:
            by_unit.setdefault(warning.unit, []).append(b.warning(warning, self.wave))
        names = study.names
        return [
            v.CohortWarning(
                name=str(names[unit]) if unit else "",
                text=" ".join(w.text for w in own),
                changes=v.worst_of(w.changes for w in own),
            )
            for unit, own in sorted(by_unit.items())
        ]
