"""Cases: units in waves, and how one finds the same unit in another wave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from workbench.scoring.states import Floats


class Cases(Protocol):
    """Units in waves with what is known of them; arrays have shape (cases,)."""

    @property
    def cases(self) -> pd.MultiIndex:
        """``unit, wave`` of each case."""
        ...

    @property
    def facts(self) -> Mapping[str, Floats]:
        """Facts of each case; NaN where unknown."""
        ...

    @property
    def previous(self) -> np.ndarray:
        """Row of the same unit in the dated wave before; -1 where there is none."""
        ...


def in_wave_before(table: Cases, x: Floats) -> Floats:
    """Return the numbers of the same unit in the dated wave before; NaN where there is none."""
    return _taken(x, table.previous)


def in_year(table: Cases, year: Floats, x: Floats) -> Floats:
    """Return the numbers of the same unit in the wave of a year, the last one if there are several.

    Parameters
    ----------
    table : Cases
    year : array of float, shape () or (cases,)
        Year wanted for each case.
    x : array of float, shape (), (cases,) or (values, cases)
    """
    n = len(table.cases)
    units = table.cases.get_level_values("unit").astype(str)
    own = pd.DataFrame({"unit": units, "year": table.facts["year"], "row": np.arange(n)})
    found = own.dropna().drop_duplicates(["unit", "year"], keep="last")
    wanted = pd.DataFrame({"unit": units, "year": np.broadcast_to(year, (n,))})
    rows = wanted.merge(found, on=["unit", "year"], how="left")["row"]
    return _taken(x, rows.fillna(-1).to_numpy(dtype=np.int64))


def _taken(x: Floats, rows: np.ndarray) -> Floats:
    """Return the numbers of other cases; NaN where the row is -1."""
    full = np.broadcast_to(x, (*np.shape(x)[:-1], len(rows)))
    return np.where(rows < 0, np.nan, full[..., rows])
