"""How sure single statements are: what is computed for all units of a wave at once, then looked up.

Three kinds, never mixed: what missing data could change (positions), what other choices would
change (places), and intervals, only where an error is declared or cases are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import stats
from workbench.stats import Verdict
from workbench.study import certainty_views as c
from workbench.study.chances import Chances
from workbench.study.compared import Compared
from workbench.study.measures import stands_alone
from workbench.study.place_ranges import LEVEL, PlaceRanges
from workbench.study.unit_table import UnitTable
from workbench.study.views import rounded

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder


@dataclass
class CertaintyReader:
    """Says how sure statements about units are.

    Parameters
    ----------
    builder : ViewBuilder
    """

    builder: ViewBuilder
    _changes: dict[tuple[str, str, str], UnitTable | None] = field(default_factory=dict)
    _measured: dict[tuple[str, str], UnitTable] = field(default_factory=dict)
    _positions: dict[tuple[str, str], UnitTable] = field(default_factory=dict)

    @cached_property
    def data(self) -> Compared:
        """The data of the study in the form that comparisons take."""
        return Compared(self.builder.study)

    @cached_property
    def places(self) -> PlaceRanges:
        """Ranges of places."""
        return PlaceRanges(self.data)

    @cached_property
    def chances(self) -> Chances:
        """Shares of counted cases."""
        return Chances(self.builder, self.data)

    @cached_property
    def precise(self) -> frozenset[str]:
        """Codes of results with an error, declared or in the data; those from answers apart.

        Of answers the same people may have been asked both times, which errors do not say.
        """
        frame, surveyed = self.data.study.scored_observations.frame, self.data.study.observations
        observed = set(frame.loc[frame["std_error"] > 0, "code"].astype(str))
        answers = set(surveyed.surveyed["code"]) if not surveyed.surveyed.empty else set()
        return frozenset({*self.data.precisions.declared, *(observed - answers)})

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of the results of which something is told here."""
        told = (*self.shown, *sorted(self.precise), *self.data.spec.targets, *self.chances.codes)
        return tuple(dict.fromkeys(told))

    @cached_property
    def precisions(self) -> tuple[c.PrecisionView, ...]:
        """What is declared of the precision of results, in the order of the instrument."""
        found = self.data.precisions
        return tuple(
            self._precision(code)
            for code in self.builder.instrument.nodes
            if code in found.declared
        )

    def _precision(self, code: str) -> c.PrecisionView:
        """Return what is declared of one result."""
        declared = self.data.precisions.declared[code]
        error = self.data.precisions.found(code)
        refusal = error.refusal if error is not None else None
        return c.PrecisionView(
            code=code,
            title=self.builder.instrument.title(code, self.builder.locale),
            kind=declared.kind,
            source=declared.source.in_(self.builder.locale),
            reliability=declared.value,
            std_error=None if error is None else rounded_or_none(error.estimate),
            refusal=refusal.reason if refusal else "",
            n=error.n if error is not None else 0,
        )

    # -- one unit ---------------------------------------------------------------------------------

    def of_unit(self, unit: str, where: Mapping[str, tuple[str, str | None]]) -> c.CertaintyView:
        """Return how sure the statements about one unit are.

        Parameters
        ----------
        unit : str
        where : mapping
            By code: the wave in which the result stands, and the one with which it is compared.
        """
        changes = {
            code: self.change(code, before, wave, unit)
            for code, (wave, before) in where.items()
            if before is not None and code in self.precise
        }
        positions = {
            code: self.position(code, where[code][0], unit) for code in self.shown if code in where
        }
        places = {
            code: self.places.of_unit(code, where[code][0], unit)
            for code in self.builder.instrument.headline
            if code in where
        }
        targets = {
            code: self.target(code, where[code][0], unit)
            for code in self.data.spec.targets
            if code in where
        }
        counted = [(code, where[code][0]) for code in self.chances.codes if code in where]
        chances = [self.chances.of_unit(code, wave, unit) for code, wave in counted]
        return c.CertaintyView(
            precisions=self.precisions,
            changes={k: x for k, x in changes.items() if x is not None},
            positions={k: x for k, x in positions.items() if x is not None},
            places={k: x for k, x in places.items() if x},
            no_choices=self._without_choices([(k, where[k][0]) for k in places]),
            targets={k: x for k, x in targets.items() if x is not None},
            chances=tuple(x for x in chances if isinstance(x, c.ChanceView)),
            no_chances=tuple(x for x in chances if isinstance(x, c.NoChance)),
        )

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Results whose position is told: the headline and its parts, and what stands alone."""
        instrument = self.builder.instrument
        heads = set(instrument.headline)
        groups = [
            code
            for code in instrument.groups
            if code in heads
            or code in instrument.roots
            or heads & set(instrument.nodes[code].parents)
        ]
        nodes = (instrument.nodes[code] for code in instrument.indicators)
        return (*groups, *(n.code for n in nodes if stands_alone(self.builder, n)))

    def _without_choices(self, asked: list[tuple[str, str]]) -> tuple[str, ...]:
        """Return the titles of results whose weights the study would vary, and can't."""
        codes = self.places.without_choices(asked)
        return tuple(self.builder.instrument.title(k, self.builder.locale) for k in codes)

    # -- change beyond measurement error ----------------------------------------------------------

    def change(self, code: str, before: str, wave: str, unit: str) -> c.ReliableView | None:
        """Return the change of a unit beside measurement error; None where none is known."""
        found = self.changes(code, before, wave)
        row = found.get(unit) if found is not None else None
        if row is None:
            return None
        outcome: c.Beyond = "within"
        if row["change"] > row["reach"]:
            outcome = "rose"
        elif row["change"] < -row["reach"]:
            outcome = "fell"
        return c.ReliableView(
            change=rounded(row["change"]) or 0.0,
            reach=rounded(row["reach"]) or 0.0,
            outcome=outcome,
        )

    def changes(self, code: str, before: str, wave: str) -> UnitTable | None:
        """Return the changes of all units measured in two waves beside measurement error."""
        key = (code, before, wave)
        if key not in self._changes:
            self._changes[key] = self._reliable(code, before, wave)
        return self._changes[key]

    def _reliable(self, code: str, before: str, wave: str) -> UnitTable | None:
        """Return changes beside measurement error, computed; None without a source of error.

        None too of results that are measured against their own wave, which are not subtracted.
        """
        data = self.data
        if data.own_wave(code) == "whole":
            return None
        errors = [data.precisions.errors(code, w) for w in (before, wave)]
        first, second = errors
        if first is None or second is None:
            return None
        found = stats.reliable_change(
            data.scores(code, before),
            data.scores(code, wave),
            std_error=(first, second),
            level=LEVEL,
            labels=data.labels(code, before, wave),
            sizes=data.sizes,
        )
        return None if found.refusal is not None else UnitTable.of(found.tables["units"])

    # -- position among peers ---------------------------------------------------------------------

    def position(self, code: str, wave: str, unit: str) -> c.PositionView | None:
        """Return where a unit stands among its peers; None without a score or without peers."""
        key = (code, wave)
        if key not in self._positions:
            self._positions[key] = self._standings(code, wave)
        row = self._positions[key].get(unit)
        if row is None or not row["n_peers"]:
            return None
        needed = int(self.data.sizes["peers"].refuse)
        enough = row["n_peers"] >= needed
        arrays = self.builder.wave(wave)
        return c.PositionView(
            n=int(row["n_peers"]),
            worse=int(row["peers_worse"]),
            same=int(row["peers_same"]),
            better=int(row["peers_better"]),
            percentile=rounded(row["percentile"]) if enough else None,
            low=rounded(row["percentile_low"]) if enough else None,
            high=rounded(row["percentile_high"]) if enough else None,
            known=code not in arrays.ranks or arrays.places_known(code),
            needed=needed,
            values=() if enough else self._values_of_peers(code, wave, unit),
        )

    def _standings(self, code: str, wave: str) -> UnitTable:
        """Return where all units of a wave stand among their peers."""
        group = self.builder.study.peers.group
        found = stats.peer_standings(
            self._scores(code, wave),
            group.where(group != "", None),
            bounds=self.data.bounds(code, wave),
            direction=self.data.direction(code),
        )
        return UnitTable.of(found)

    def _scores(self, code: str, wave: str) -> pd.Series:
        """Return the scores of a wave as they are printed, so that equal ones are level."""
        instrument, scores = self.builder.instrument, self.data.scores(code, wave)
        if instrument.nodes[code].is_indicator:
            return scores
        return scores.round(instrument.decimals(code))

    def _values_of_peers(self, code: str, wave: str, unit: str) -> tuple[float, ...]:
        """Return the scores of the peers, lowest first."""
        scores = self._scores(code, wave)
        known = scores.reindex(self.builder.study.peers.members(unit)).dropna()
        return tuple(sorted(round(float(x), 10) for x in known))

    # -- target -----------------------------------------------------------------------------------

    def target(self, code: str, wave: str, unit: str) -> c.TargetView | None:
        """Return a result against the target of the study; None where it was not measured."""
        data, key = self.data, (code, wave)
        if key not in self._measured:
            self._measured[key] = self._with_errors(code, wave)
        row = self._measured[key].get(unit)
        if row is None:
            return None
        goal, direction = data.spec.targets[code], data.direction(code)
        found = stats.unit_against_target(
            row["value"],
            goal,
            std_error=None if np.isnan(row["error"]) else row["error"],
            direction=direction,
            margin=data.spec.margin_of(code),
        )
        ends = found.interval
        return c.TargetView(
            target=goal,
            gap=rounded(found.estimate) or 0.0,
            low=rounded(goal + ends.low) if ends else None,
            high=rounded(goal + ends.high) if ends else None,
            verdict=str(found.verdict) if found.verdict else None,
            met=direction * (found.estimate or 0.0) >= 0,
            margin=found.margin if found.verdict is Verdict.NEGLIGIBLE else None,
        )

    def _with_errors(self, code: str, wave: str) -> UnitTable:
        """Return the scores of all units that have one, with their standard errors."""
        values = self.data.scores(code, wave).dropna()
        errors = self.data.precisions.errors(code, wave)
        known = np.nan if errors is None else errors.reindex(values.index)
        return UnitTable.of(pd.DataFrame({"value": values, "error": known}))

    # -- the cohort -------------------------------------------------------------------------------

    def of_cohort(self, wave: str, before: str | None) -> c.CohortCertainty:
        """Return how sure the statements about all units of a wave are.

        Parameters
        ----------
        wave : str
        before : str or None
            Wave with which it is compared.
        """
        units, heads = self.builder.wave(wave).units, self.builder.instrument.headline
        main = heads[:1]
        chances = [self.chances.of_cohort(code, wave) for code in self.chances.codes]
        return c.CohortCertainty(
            precisions=self.precisions,
            changes={
                code: counts
                for code in self.builder.instrument.nodes
                if before is not None
                and code in self.precise
                and (counts := self._moved(code, before, wave)) is not None
            },
            places={
                unit: ranges
                for code in main
                if self.places.of_all(code, wave)
                for unit in units
                if (ranges := self.places.of_unit(code, wave, unit))
            },
            no_choices=self._without_choices([(code, wave) for code in main]),
            chances=tuple(x for x in chances if isinstance(x, c.CohortChance)),
            no_chances=tuple(x for x in chances if isinstance(x, c.NoChance)),
        )

    def _moved(self, code: str, before: str, wave: str) -> tuple[int, int, int] | None:
        """Return how many units rose and fell beyond measurement error, and how many did not."""
        found = self.changes(code, before, wave)
        if found is None:
            return None
        change, reach = found.columns["change"], found.columns["reach"]
        rose, fell = int((change > reach).sum()), int((change < -reach).sum())
        return rose, fell, len(change) - rose - fell


def rounded_or_none(value: float | None) -> float | None:
    """Return a number without the noise of its last bits, None for none."""
    return None if value is None else rounded(value)


def _number(value: float) -> float:
    """Return a number without the noise of its last bits."""
    return rounded(value) or 0.0
