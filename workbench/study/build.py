"""Building views from scores: one unit or the cohort, in the language of the study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.instruments import Node
from workbench.language import Message
from workbench.observations import DataWarning
from workbench.scoring import Ranks, Scores, rank_units
from workbench.scoring.groups import maximum_points
from workbench.scoring.states import NO_LEVEL
from workbench.specs.instrument import Level, Points, Share, State
from workbench.study import views as v
from workbench.study.assumptions import assumptions_of
from workbench.study.cohort import CohortMaker
from workbench.study.info import study_info
from workbench.study.unit import UnitMaker

if TYPE_CHECKING:
    from workbench.study.facade import Study


@dataclass(frozen=True)
class WaveArrays:
    """One wave of scores by unit.

    Parameters
    ----------
    units : list of str
        Units observed, in the order of ``rows``.
    rows : array of int
        Their rows in the scores.
    scores : array of float, shape (units, groups)
    top : array of bool, shape (units, indicators)
        Whether each is at its best level.
    known : array of bool, shape (units, indicators)
        Whether each has a level at all.
    ranks : mapping of str to Ranks
        For the headline nodes.
    """

    units: list[str]
    rows: np.ndarray
    scores: np.ndarray
    top: np.ndarray
    known: np.ndarray
    ranks: dict[str, Ranks]


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
                direction=instrument.nodes[code].spec.direction,
            )
            for code in instrument.headline
        }
        return WaveArrays(units, rows, scores, top, levels != NO_LEVEL, ranks)

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
        earlier = [w for w in self.dated if w in observed and w != wave]
        baseline = earlier[0] if earlier and wave in self.dated else None
        return UnitMaker(self, code, wave, row, baseline).view()

    # -- the cohort -------------------------------------------------------------------------------

    def cohort(self) -> v.CohortView:
        """Return the view of all units in the last wave."""
        return CohortMaker(self).view()

    def level_id(self, code: str, index: int) -> str | None:
        """Return the id of a level, None for none."""
        return None if index == NO_LEVEL else self.instrument.levels_of(code)[index].id

    def warning_text(self, warning: DataWarning) -> str:
        """Return a warning in the language of the study, with titles instead of codes."""
        values = dict(warning.message.values)
        if "node" in values:
            values["node"] = self.instrument.title(str(values["node"]), self.locale)
        if "state" in values:
            values["state"] = self.label_title(str(values["state"]))
        return Message(warning.message.source, **values).text(self.locale)

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

    def assumptions(self, rows: np.ndarray) -> tuple[v.AssumptionView, ...]:
        """Return the rules that no source prints and that touch some cases."""
        language = self.instrument.spec.language
        return tuple(
            v.AssumptionView(status=a.status, reason=a.reason.in_(self.locale, language))
            for a in assumptions_of(self.scores, rows)
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
