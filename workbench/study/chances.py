"""Shares of counted cases against what chance gives for so many of them (funnel)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import stats
from workbench.instruments.proportions import multiple
from workbench.stats import Result
from workbench.study.certainty_views import ChanceView, CohortChance, NoChance
from workbench.study.compared import Compared
from workbench.study.unit_table import UnitTable
from workbench.study.views import rounded

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder


@dataclass
class Chances:
    """The indicators of a study that count cases.

    Parameters
    ----------
    builder : ViewBuilder
    data : Compared
    """

    builder: ViewBuilder
    data: Compared
    _chances: dict[tuple[str, str], Result] = field(default_factory=dict)
    _tables: dict[tuple[str, str], UnitTable] = field(default_factory=dict)

    @cached_property
    def multiples(self) -> dict[str, float]:
        """What the ratio of its counts is multiplied by in each indicator that counts cases."""
        nodes = self.builder.instrument.nodes
        found = {code: multiple(nodes[code]) for code in self.builder.instrument.indicators}
        return {code: factor for code, factor in found.items() if factor is not None}

    @property
    def codes(self) -> tuple[str, ...]:
        """Indicators that are shares of counted cases."""
        return tuple(self.multiples)

    def of_unit(self, code: str, wave: str, unit: str) -> ChanceView | NoChance | None:
        """Return a share against what chance gives; None where the unit has no counts."""
        found = self.funnel(code, wave)
        node, title = self.builder.instrument.nodes[code], self._title(code)
        table = found.tables.get("units")
        needed = int(self.data.sizes["funnel_units"].refuse)
        if found.refusal is not None or found.n < needed or table is None:
            known = self.counts(code, wave)[0].get(unit, np.nan)
            return (
                None
                if np.isnan(known)
                else NoChance(code=code, title=title, n=found.n, needed=needed)
            )
        if (code, wave) not in self._tables:
            self._tables[code, wave] = UnitTable.of(table)
        row = self._tables[code, wave].get(unit)
        if row is None:
            return None
        factor = self.multiples[code]
        phi = found["phi_winsorised10"] or 1.0
        return ChanceView(
            code=code,
            title=title,
            unit=self._unit(code),
            events=int(row["x"]),
            cases=int(row["n"]),
            value=_number(factor * row["p"]),
            centre=_number(factor * float(found["theta"] or 0.0)),
            low=_number(factor * row["wide_low95"]),
            high=_number(factor * row["wide_high95"]),
            outer_low=_number(factor * row["wide_low998"]),
            outer_high=_number(factor * row["wide_high998"]),
            place=row["flag95_wide"],
            beyond=row["flag998_wide"] != "inside",
            n=found.n,
            outside=int((found["n_above95"] or 0) + (found["n_below95"] or 0)),
            far=int((found["n_above998"] or 0) + (found["n_below998"] or 0)),
            factor=_number(max(1.0, phi) ** 0.5),
            less_is_better=node.spec.direction == -1,
        )

    def funnel(self, code: str, wave: str) -> Result:
        """Return the funnel of an indicator over all units of a wave."""
        key = (code, wave)
        if key not in self._chances:
            events, cases = self.counts(code, wave)
            self._chances[key] = stats.funnel(events, cases, sizes=self.data.sizes)
        return self._chances[key]

    def counts(self, code: str, wave: str) -> tuple[pd.Series, pd.Series]:
        """Return how many and of how many, missing where either is not known or is no count.

        Parameters
        ----------
        code : str
            One of ``codes``.
        wave : str

        Returns
        -------
        events, cases : Series of float
            By unit of the wave.
        """
        arrays, scores = self.builder.wave(wave), self.builder.scores
        spec = self.builder.instrument.nodes[code].spec
        names: tuple[str, str] = spec.counted  # type: ignore[union-attr,assignment]
        both = np.column_stack([scores.parts[f"{code}.{name}"][arrays.rows] for name in names])
        valued = ~np.isnan(scores.results[code].value[arrays.rows])
        usable = valued & (both == np.round(both)).all(axis=1)
        both = np.where(usable[:, None], both, np.nan)
        index = pd.Index(arrays.units)
        return pd.Series(both[:, 0], index=index), pd.Series(both[:, 1], index=index)

    def _title(self, code: str) -> str:
        """Return the title of a node."""
        return self.builder.instrument.title(code, self.builder.locale)

    def _unit(self, code: str) -> str:
        """Return the unit of an indicator."""
        spec = self.builder.instrument.nodes[code].spec
        return self.builder.instrument.text(getattr(spec, "unit", None), self.builder.locale)

    def of_cohort(self, code: str, wave: str) -> CohortChance | NoChance | None:
        """Return which units lie outside what chance gives; None where nothing was counted."""
        found = self.funnel(code, wave)
        needed = int(self.data.sizes["funnel_units"].refuse)
        if not found.n:
            return None
        if found.refusal is not None or found.n < needed:
            return NoChance(code=code, title=self._title(code), n=found.n, needed=needed)
        table, names = found.tables["units"], self.builder.study.names
        far = {
            side: tuple(names[str(unit)] for unit in table.index[table["flag998_wide"] == side])
            for side in ("above", "below")
        }
        return CohortChance(
            code=code,
            title=self._title(code),
            unit=self._unit(code),
            n=found.n,
            centre=_number(self.multiples[code] * float(found["theta"] or 0.0)),
            factor=_number(max(1.0, found["phi_winsorised10"] or 1.0) ** 0.5),
            outside=int((found["n_above95"] or 0) + (found["n_below95"] or 0)),
            **far,
        )


def _number(value: float) -> float:
    """Return a number without the noise of its last bits."""
    return rounded(value) or 0.0
