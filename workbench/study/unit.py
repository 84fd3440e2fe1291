"""The view of one unit: its results, its peers, its changes, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.instruments import Node
from workbench.instruments.own_wave import levels_of_own_wave
from workbench.scoring import Scores
from workbench.scoring.remarks import Remark
from workbench.scoring.results import NodeResult
from workbench.scoring.states import EFFECTS, NO_LEVEL, State, is_excluded, status_names, status_of
from workbench.specs.instrument import Checklist
from workbench.study import views as v
from workbench.study.asked import conditions
from workbench.study.beside import beside
from workbench.study.bins import bin_edges
from workbench.study.programme import benchmark_of, change_of, pipelines_of
from workbench.study.surveys import surveys_of
from workbench.study.tallies import base_of, count_labels, parts_known, rank_info

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder

# Beyond this many units a spread is counted in bins, so that a view stays small.
MOST_LISTED = 300
PEERS_NAMED = 3


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
        nodes = tuple(self._node(depth, node) for depth, node in self._groups())
        by_code = {n.code: n for n in nodes}
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
            n_peers=len(self._peer_rows(self.wave)),
            peer_minimum=peers.minimum,
            n_cohort=len(b.wave(self.wave).units),
            headline=tuple(by_code[c] for c in b.instrument.headline if c in by_code),
            spread={
                c: self._spread(c, by_code[c].wave or self.wave)
                for c in b.instrument.headline
                if c in by_code
            },
            nodes=nodes,
            indicators=tuple(self._indicator(c) for c in b.instrument.indicators),
            stages=self._stages(),
            facts=self._facts(),
            assumptions=self._assumptions(),
            warnings=self._warnings(),
            notes=tuple(
                note.text.in_(b.locale) for note in spec.notes if note.unit in (None, self.code)
            ),
            roadmap=study.roadmap_view(),
            pipelines=pipelines_of(b, self.rows_by_wave, self.code),
            surveys=surveys_of(b, self.code, self.wave),
            comparison=b.changes.comparison(self.code, self.baseline, self.wave)
            if self.baseline
            else None,
            versions=b.earlier.of_unit(self.code, self.wave, self.row),
            certainty=b.certainty.of_unit(self.code, self._compared()),
            later_title=self._later_title(),
        )

    def _later_title(self) -> str | None:
        """Return the last dated wave, if others were measured in it and this unit was not."""
        b = self.builder
        if self.wave not in b.dated:
            return None
        later = [w for w in b.dated[b.dated.index(self.wave) + 1 :] if b.wave(w).units]
        return b.wave_title(later[-1]) if later else None

    def _groups(self) -> list[tuple[int, Node]]:
        """Return the groups in reading order, each once, with their depth."""
        seen: set[str] = set()
        found = []
        for depth, node in self.builder.instrument.walk():
            if not node.is_indicator and node.code not in seen:
                seen.add(node.code)
                found.append((depth, node))
        return found

    def _where(self, result: NodeResult) -> tuple[str, int]:
        """Return the wave and row of a result: the view's wave, else the nearest that observed it.

        A state is a result: what is not measurable this year is not shown with last year's value.
        """
        for wave, row in self.rows_by_wave.items():
            if result.state[row] not in (State.MISSING, State.NOT_AGGREGATED):
                return wave, row
        return self.wave, self.row

    def _compared(self) -> dict[str, tuple[str, str | None]]:
        """Return the wave of each result that is judged, and the one it is compared with."""
        found: dict[str, tuple[str, str | None]] = {}
        certainty = self.builder.certainty
        for code in certainty.codes:
            wave = self._where(self.scores.results[code])[0]
            earlier = self._earlier(code, wave) if code in certainty.precise else None
            found[code] = wave, earlier.wave if earlier else None
        return found

    def _earlier(self, code: str, wave: str) -> v.Earlier | None:
        """Return the baseline's result of a node, if it has one and is not this wave's."""
        b = self.builder
        result = self.scores.results[code]
        own = levels_of_own_wave(b.instrument.nodes[code])  # each wave has its own levels
        for candidate in b.before(wave):
            row = self.rows_by_wave.get(candidate)
            if row is not None and result.state[row] in (State.VALUED, State.INSUFFICIENT):
                return v.Earlier(
                    wave=candidate,
                    wave_title=b.wave_title(candidate),
                    score=v.rounded(result.score[row]),
                    level=b.level_id(code, NO_LEVEL if own else int(result.level[row])),
                    value=v.rounded(result.value[row]),
                    base=base_of(self.scores, code, row, b.instrument.decimals(code))[0],
                    state=self._state_title(code, candidate, int(result.state[row])) or "",
                    rank=self._rank(code, candidate),
                )
        return None

    @cached_property
    def _peers(self) -> frozenset[str]:
        """The other units of the unit's group."""
        return frozenset(self.builder.study.peers.members(self.code))

    def _peer_rows(self, wave: str) -> np.ndarray:
        """Return positions, within a wave's arrays, of the peers of the unit."""
        if wave not in self._rows_of_peers:
            units = self.builder.wave(wave).units
            found = [i for i, u in enumerate(units) if u in self._peers]
            self._rows_of_peers[wave] = np.array(found, dtype=np.int64)
        return self._rows_of_peers[wave]

    @cached_property
    def _rows_of_peers(self) -> dict[str, np.ndarray]:
        """Positions of the peers, by wave."""
        return {}

    def _medians(self, wave: str) -> tuple[dict[str, float], dict[str, int], dict[str, float]]:
        """Return, for each group, the median and number of peers, and the median of the cohort."""
        arrays = self.builder.wave(wave)
        peers = arrays.scores[self._peer_rows(wave)]
        codes = self.builder.instrument.groups
        n = (~np.isnan(peers)).sum(axis=0)
        enough = n >= self.builder.study.peers.minimum
        own = {c: float(np.nanmedian(peers[:, i])) for i, c in enumerate(codes) if enough[i]}
        others = arrays.scores
        some = (~np.isnan(others)).sum(axis=0) >= self.builder.study.peers.minimum
        cohort = {c: float(np.nanmedian(others[:, i])) for i, c in enumerate(codes) if some[i]}
        return own, dict(zip(codes, n.tolist(), strict=True)), cohort

    @cached_property
    def _medians_by_wave(
        self,
    ) -> dict[str, tuple[dict[str, float], dict[str, int], dict[str, float]]]:
        """Medians of every wave in which the unit was observed."""
        return {wave: self._medians(wave) for wave in self.rows_by_wave}

    def _node(self, depth: int, node: Node) -> v.NodeView:
        """Return the view of a group."""
        b, code = self.builder, node.code
        result = self.scores.results[code]
        wave, row = self._where(result)
        own, n_peers, cohort = self._medians_by_wave[wave]
        unit, maximum = b.node_unit(node)
        nothing = result.state[row] == State.MISSING
        earlier = self._earlier(code, wave)
        base, deduced = base_of(self.scores, code, row, b.instrument.decimals(code))
        assert node.tier is not None  # noqa: S101  # groups have a tier
        return v.NodeView(
            code=code,
            title=b.instrument.title(code, b.locale),
            tier=node.tier.id,
            tier_title=node.tier.title.in_(b.locale, b.instrument.spec.language),
            depth=depth,
            parents=node.parents,
            n_indicators=len(node.leaves),
            score=v.rounded(result.score[row]),
            low=None if nothing else v.rounded(result.low[row]),
            high=None if nothing else v.rounded(result.high[row]),
            computed=None if nothing else v.rounded(result.computed[row]),
            decimals=node.tier.decimals,
            unit=unit,
            maximum=maximum,
            scale=node.scale,
            level=b.level_id(code, int(result.level[row])),
            level_low=b.level_id(code, int(result.level_low[row])),
            level_high=b.level_id(code, int(result.level_high[row])),
            status=status_names()[int(status_of(result.state, result.basis)[row])],
            coverage=v.rounded(result.coverage[row]) or 0.0,
            counts={} if nothing else count_labels(self.scores, code, row),
            peers=v.rounded(own[code]) if code in own else None,
            n_peers=n_peers[code],
            cohort=v.rounded(cohort[code]) if code in cohort else None,
            rank=self._rank(code, wave),
            earlier=earlier,
            wave=None if wave == self.wave else b.wave_title(wave),
            same=self._same(code, earlier, row),
            base=None if nothing else base,
            base_deduced=deduced and not nothing,
            level_assumed=self._level_assumed(node, row),
            parts_known=bool(parts_known(self.scores, code, np.array([row]))[0]),
            less_is_better=node.spec.direction == -1,
            own_wave=b.instrument.own_wave.get(code),
            conditions=conditions(b, code, row),
        )

    def _same(self, code: str, earlier: v.Earlier | None, row: int) -> v.SameIndicators | None:
        """Return a share then and now over the same indicators, where both are known one by one."""
        if earlier is None:
            return None
        then = np.array([self.rows_by_wave[earlier.wave]])
        found = self.builder.like_for_like.compare(code, then, np.array([row]))
        return found.view(0) if found is not None else None

    def _level_assumed(self, node: Node, row: int) -> bool:
        """Return whether the cut-points behind a node's level are assumed."""
        if node.bands is None:
            return False
        assumed = self.builder.instrument.assumed
        return any(
            r.node == node.code
            and r.kind == "rule"
            and bool(r.where[row])
            and r.path.startswith(node.bands.path)
            and assumed[r.path].status == "assumed"
            for r in self.scores.remarks
        )

    def _rank(self, code: str, wave: str) -> v.RankInfo | None:
        """Return the place of the unit by a headline node; None for one unit alone."""
        arrays = self.builder.wave(wave)
        ranks = arrays.ranks.get(code)
        if ranks is None or self.code not in arrays.units:
            return None
        known = arrays.places_known(code)
        return rank_info(ranks, arrays.units.index(self.code), known=known)

    def _spread(self, code: str, wave: str) -> dict[str, tuple[float, ...]]:
        """Return the scores of peers and others: listed, or counted in bins where they are many."""
        b = self.builder
        arrays = b.wave(wave)
        node = b.instrument.nodes[code]
        decimals = node.tier.decimals if node.tier else 1
        values = np.round(arrays.scores[:, b.instrument.groups.index(code)], decimals)
        peers = np.zeros(len(values), dtype=bool)
        peers[self._peer_rows(wave)] = True
        own = np.array([u == self.code for u in arrays.units])
        known = ~np.isnan(values)
        if known.sum() <= MOST_LISTED:

            def pick(mask: NDArray[np.bool_]) -> tuple[float, ...]:
                return tuple(sorted(values[mask & known].tolist()))

            return {"peers": pick(peers & ~own), "others": pick(~peers & ~own)}
        edges = bin_edges(float(np.nanmin(values)), float(np.nanmax(values)))

        def count(mask: NDArray[np.bool_]) -> tuple[float, ...]:
            return tuple(float(c) for c in np.histogram(values[mask & known], edges)[0])

        return {
            "edges": tuple(edges.tolist()),
            "peers": count(peers),
            "others": count(~peers & ~own),
        }

    def _indicator(self, code: str) -> v.IndicatorView:
        """Return the view of an indicator."""
        b = self.builder
        node, result = b.instrument.nodes[code], self.scores.results[code]
        wave, row = self._where(result)
        spec = node.spec
        lacking, known, unrecorded = self._lacking(node, row)
        top_n, n, there = self._peers_at_top(code, wave, row)
        touching = [r for r in self.scores.remarks if r.node == code and bool(r.where[row])]
        if is_excluded(result.state[[row]])[0]:
            # A rule for missing data says nothing of what is not measured at all.
            touching = [r for r in touching if r.kind not in ("when_missing", "undefined")]
        unit = getattr(spec, "unit", None)
        earlier = self._earlier(code, wave)
        return v.IndicatorView(
            code=code,
            title=b.instrument.title(code, b.locale),
            kind=node.kind,
            parents=node.parents,
            scale=node.scale,
            level=b.level_id(code, int(result.level[row])),
            level_low=b.level_id(code, int(result.level_low[row])),
            level_high=b.level_id(code, int(result.level_high[row])),
            status=status_names()[int(status_of(result.state, result.basis)[row])],
            state_title=self._state_title(code, wave, int(result.state[row])),
            value=v.rounded(result.value[row]),
            full=self._full(node, row),
            unit=b.instrument.text(unit, b.locale) or None,
            review=spec.review,  # type: ignore[union-attr]
            lacking=lacking,
            lacking_known=known,
            unrecorded=unrecorded,
            needed=self._needed(node, row),
            ranges=b.ranges[code],
            weightless=bool(node.parents) and not any(map(node.weight_under, node.parents)),
            remarks=tuple(dict.fromkeys(self._kind(r) for r in touching)),
            because=tuple(
                b.instrument.text(b.instrument.supposition(r.path), b.locale)
                for r in touching
                if r.kind == "supposition"
            ),
            note=b.instrument.text(spec.note, b.locale),
            peers_top=top_n,
            peers_n=n,
            peers_there=there,
            earlier=earlier,
            wave=None if wave == self.wave else b.wave_title(wave),
            beside=beside(
                b,
                node,
                (self.code, wave, row),
                self._peer_rows(wave),
                earlier.wave if earlier else None,
            ),
            benchmark=benchmark_of(b, node, (self.code, wave, row)),
            change=change_of(b, node, (self.code, wave, row)),
        )

    def _kind(self, remark: Remark) -> str:
        """Return the kind of a remark; for a rule that no source prints, its status."""
        if remark.kind != "rule":
            return remark.kind
        return self.builder.instrument.assumed[remark.path].status

    def _full(self, node: Node, row: int) -> float | None:
        """Return the value that stands for the whole, for checklists, points and scores."""
        if node.kind not in ("checklist", "points", "score"):
            return None
        return v.rounded(self.scores.results[node.code].full[row])

    def _state_title(self, code: str, wave: str, state: int) -> str | None:
        """Return the instrument's name for a state without a level: the one recorded, if any."""
        b = self.builder
        states = [s for s in b.instrument.spec.states if EFFECTS[s.effect] == state]
        word = b.recorded.words.get((self.code, wave, code))
        # Several states may have one effect; the first stands for those that were not recorded.
        entry = next((s for s in states if s.id == word), states[0] if states else None)
        return entry.title.in_(b.locale, b.instrument.spec.language) if entry else None

    def _needed(self, node: Node, row: int) -> int | None:
        """Return how many more elements of a checklist lead to its best level; None if not known.

        None too where a condition beside the elements holds the level back.
        """
        result = self.scores.results[node.code]
        value, full = result.value[row], result.full[row]
        if not isinstance(node.spec, Checklist) or node.bands is None or np.isnan(value + full):
            return None
        best = len(self.builder.instrument.levels_of(node.code)) - 1
        steps = np.arange(0.0, full - value + 1.0)
        reached = node.bands.level_of(value + steps, np.full(len(steps), full)) == best
        held = reached[0] and result.level[row] != best
        return int(np.argmax(reached)) if reached.any() and not held else None

    def _lacking(self, node: Node, row: int) -> tuple[tuple[str, ...], bool, int]:
        """Return the elements not met, whether any is known, and how many are not recorded."""
        if not isinstance(node.spec, Checklist):
            return (), False, 0
        ticks = [float(self.scores.parts[f"{node.code}.{e.id}"][row]) for e in node.spec.elements]
        b = self.builder
        lacking = tuple(
            e.title.in_(b.locale, b.instrument.spec.language)
            for e, tick in zip(node.spec.elements, ticks, strict=True)
            if tick == 0.0
        )
        away = len(ticks) - np.nan_to_num(self.scores.results[node.code].full[row])
        unrecorded = max(int(np.isnan(ticks).sum() - away), 0)
        return lacking, not all(np.isnan(ticks)), unrecorded

    def _peers_at_top(
        self, code: str, wave: str, row: int
    ) -> tuple[int | None, int, tuple[str, ...]]:
        """Return peers at the best level, peers with any level, and some of their names."""
        b = self.builder
        levels = b.instrument.levels_of(code)
        positions = self._peer_rows(wave)
        if not levels or not positions.size:
            return None, 0, ()
        arrays = b.wave(wave)
        column = b.instrument.indicators.index(code)
        n = int(arrays.known[positions, column].sum())
        there = positions[arrays.top[positions, column]]
        if n < b.study.peers.minimum:
            return None, n, ()
        own = int(self.scores.results[code].level[row])
        if own == len(levels) - 1 or not there.size:
            return int(there.size), n, ()
        names = b.study.nearest_in_size(self.code, [arrays.units[i] for i in there], PEERS_NAMED)
        return int(there.size), n, tuple(names)

    def _stages(self) -> tuple[v.StageView, ...]:
        """Return every stage of the measurement, where there are several."""
        b = self.builder
        by_stage = b.study.scores_by_stage
        found = []
        for stage, scores in by_stage.items():
            if (self.code, self.wave) not in scores.cases:
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
        b = self.builder
        found = []
        for code in b.instrument.indicators:
            theirs = int(other.results[code].level[row])
            own = int(self.scores.results[code].level[self.row])
            if theirs != own:
                title = b.instrument.title(code, b.locale)
                found.append((code, title, b.level_id(code, theirs), b.level_id(code, own)))
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
        return tuple(b.warning(w, self.wave) for w in b.contradictions if w.unit in ("", self.code))
