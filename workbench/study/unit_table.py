"""Numbers of thousands of units, for looking up one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Columns of numbers by unit.

    Parameters
    ----------
    rows : mapping of str to int
        Row of each unit.
    columns : mapping of str to array, each shape (units,)
    """

    rows: Mapping[str, int]
    columns: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> UnitTable:
        """Return a frame as a table."""
        columns = {str(name): frame[name].to_numpy() for name in frame}
        return cls({str(unit): i for i, unit in enumerate(frame.index)}, columns)

    def get(self, unit: str) -> dict[str, Any] | None:
        """Return what the columns say of a unit, None where it is not there."""
        row = self.rows.get(unit)
        return None if row is None else {name: x[row] for name, x in self.columns.items()}
