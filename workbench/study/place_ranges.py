"""Ranges of places: by measurement error, and over choices where the study asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench import stats
from workbench.stats import Result
from workbench.study.certainty_views import PlacesView
from workbench.study.compared import Compared
from workbench.study.robustness import share_of_weights, weight_robustness
from workbench.study.unit_table import UnitTable

LEVEL = 0.95


@dataclass
class PlaceRanges:
    """The places of all units of a wave, each with its ranges.

    Parameters
    ----------
    data : Compared
    """

    data: Compared
    _places: dict[tuple[str, str], tuple[tuple[PlacesView, UnitTable], ...]] = field(
        default_factory=dict
    )

    def of_unit(self, code: str, wave: str, unit: str) -> tuple[PlacesView, ...]:
        """Return the ranges of a unit's place: by error, and over choices if the study asks."""
        found = []
        for like, table in self.of_all(code, wave):
            row = table.get(unit)
            if row is not None:
                ends = {"low": int(np.floor(row["low"])), "high": int(np.ceil(row["high"]))}
                found.append(like.model_copy(update=ends))
        return tuple(found)

    def of_all(self, code: str, wave: str) -> tuple[tuple[PlacesView, UnitTable], ...]:
        """Return the ranges of the places of all units, by what they rest on."""
        key = (code, wave)
        if key not in self._places:
            both = (self._by_error(code, wave), self._by_choices(code, wave))
            self._places[key] = tuple(x for x in both if x is not None)
        return self._places[key]

    def _by_error(self, code: str, wave: str) -> tuple[PlacesView, UnitTable] | None:
        """Return the places that measurement error leaves open, for all units at once."""
        errors = self.data.precisions.errors(code, wave)
        scores = self.data.scores(code, wave).dropna().sort_index()
        if errors is None or len(scores) < self.data.sizes["ranked_units"].refuse:
            return None
        known = errors.reindex(scores.index).to_numpy(dtype=np.float64)
        if np.isnan(known).any():
            # A place among units of which some have no error would be a place among others.
            return None
        x = self.data.direction(code) * scores.to_numpy(dtype=np.float64)
        found = stats.ranges_apart(x, known, LEVEL)
        table = pd.DataFrame({"low": found.low, "high": found.high}, index=scores.index)
        return PlacesView(basis="error", low=1, high=1, share=LEVEL), UnitTable.of(table)

    def _by_choices(self, code: str, wave: str) -> tuple[PlacesView, UnitTable] | None:
        """Return the places that other weights would give, where the study asks for them."""
        asked = self.data.spec.robustness
        found = self._robustness(code, wave)
        if asked is None or found is None or found.refusal is not None:
            return None
        units = found.tables["units"]
        like = PlacesView(
            basis="choices",
            low=1,
            high=1,
            share=asked.share,
            weight_share=share_of_weights(self.data, code),
            one_out="one_out" in found.tables,
        )
        # A place of its own belongs to its range, though few draws give it.
        low, high = units[["low", "rank"]].min(axis=1), units[["high", "rank"]].max(axis=1)
        return like, UnitTable.of(pd.DataFrame({"low": low, "high": high}))

    def _robustness(self, code: str, wave: str) -> Result | None:
        """Return how far places move under other weights; None where that can't be asked."""
        return weight_robustness(self.data, code, wave) if self.data.spec.robustness else None

    def without_choices(self, asked: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Return the codes of results whose weights the study would vary, and can't."""
        if self.data.spec.robustness is None:
            return ()
        return tuple(
            code
            for code, wave in asked
            if not any(like.basis == "choices" for like, _ in self.of_all(code, wave))
        )
