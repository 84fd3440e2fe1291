"""One measurement of each unit, in the order of their codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted
from workbench.stats.result import Dropped, fingerprint
from workbench.stats.wording import Labels

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """Units that were measured, in the order of their codes.

    Parameters
    ----------
    values : array of float, shape (units,)
    units : tuple of str
    dropped : tuple of Dropped
        Units without a number.
    """

    values: Floats
    units: tuple[str, ...]
    dropped: tuple[Dropped, ...]

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def fingerprint(self) -> str:
        """Hash of the units and values."""
        return fingerprint(self.units, self.values)


def measured(values: pd.Series, labels: Labels) -> Measured:
    """Return the units that have a number.

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by its code; missing where it was not measured.
    labels : Labels

    Raises
    ------
    ValueError
        If a code stands twice.
    """
    once(values.index)
    numbers = values.astype("float64").replace([np.inf, -np.inf], np.nan)
    there = numbers.dropna()
    order = sorted(there.index, key=str)
    missing = len(numbers) - len(there)
    dropped = (left_out(missing, labels),) if missing else ()
    return Measured(np.asarray(there.loc[order], dtype=np.float64), tuple(map(str, order)), dropped)


def once(index: pd.Index) -> None:
    """Refuse an index in which a code stands twice.

    Raises
    ------
    ValueError
    """
    if index.has_duplicates:
        again = index[index.duplicated()][0]
        raise ValueError(f"unit {again} stands twice")


def left_out(n: int, labels: Labels) -> Dropped:
    """Return units without a number as left out."""
    why = Counted(
        "{n} of the {nouns} was not measured and is left out.",
        "{n} of the {nouns} were not measured and are left out.",
        n,
        nouns=labels.nouns,
    )
    return Dropped(n, why)


def row(frame: pd.DataFrame, name: str) -> dict[str, float]:
    """Return the numbers of one row of a table, by column."""
    numeric = frame.select_dtypes("number")
    at = [str(code) for code in frame.index].index(name)
    return {str(c): float(v) for c, v in zip(numeric, numeric.to_numpy()[at], strict=True)}
