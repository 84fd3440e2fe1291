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


def numeric(series: pd.Series, what: str = "values") -> pd.Series:
    """Return a column as numbers: missing, and infinite, as NaN; digits in a text as their number.

    Parameters
    ----------
    series : Series
        One value a unit, indexed by its code.
    what : str
        How the column is called in errors.

    Raises
    ------
    ValueError
        If a value is no number.
    """
    found = series
    if not pd.api.types.is_numeric_dtype(series.dtype):
        found = pd.to_numeric(series.astype(object), errors="coerce")
        odd = (found.isna() & series.notna()).to_numpy()
        if odd.any():
            at = int(odd.argmax())
            raise ValueError(
                f"{what}: {series.iloc[at]!r} of unit {series.index[at]} is no number; expected "
                "numbers, empty where not measured"
            )
    numbers = found.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    numbers[~np.isfinite(numbers)] = np.nan
    return pd.Series(numbers, index=series.index)


def numeric_frame(frame: pd.DataFrame, what: str = "values") -> pd.DataFrame:
    """Return a table as numbers, column by column (:func:`numeric`)."""
    columns = [numeric(frame.iloc[:, j], what) for j in range(frame.shape[1])]
    found = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=frame.index)
    return found.set_axis(frame.columns, axis=1)


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
        If a code stands twice, or a value is no number.
    """
    once(values.index)
    numbers = numeric(values)
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
