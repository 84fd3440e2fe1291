"""Two measurements of the same units, matched by code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted
from workbench.stats.result import Dropped, Sentence, fingerprint
from workbench.stats.wording import Labels

Floats = NDArray[np.float64]
# Binary arithmetic makes 0.3 - 0.1 unlike 0.2, which would create or hide ties.
DECIMALS = 10


@dataclass(frozen=True, slots=True)
class Pairs:
    """Units that were measured both times, in the order of their codes.

    Parameters
    ----------
    before, after : array of float, shape (pairs,)
    units : tuple of str
    dropped : tuple of Dropped
        Units measured once only.
    """

    before: Floats
    after: Floats
    units: tuple[str, ...]
    dropped: tuple[Dropped, ...]

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.units)

    @property
    def change(self) -> Floats:
        """Follow-up less baseline."""
        return np.round(self.after - self.before, DECIMALS)

    @property
    def fingerprint(self) -> str:
        """Hash of the pairs."""
        return fingerprint(self.units, self.before, self.after)


def matched(before: pd.Series, after: pd.Series, labels: Labels) -> Pairs:
    """Return the pairs of two measurements.

    Parameters
    ----------
    before, after : Series of float
        One number a unit, indexed by its code; missing where it was not measured. Order is of no
        account.
    labels : Labels

    Raises
    ------
    ValueError
        If a code stands twice in one of them.
    """
    for series in (before, after):
        if series.index.has_duplicates:
            again = series.index[series.index.duplicated()][0]
            raise ValueError(f"unit {again} stands twice")
    first = before.astype("float64").dropna()
    second = after.astype("float64").dropna()
    units = sorted(set(first.index) & set(second.index), key=str)
    dropped = [
        Dropped(n, _missed(n, labels, place))
        for n, place in (
            (len(first) - len(units), labels.after),
            (len(second) - len(units), labels.before),
        )
        if n
    ]
    return Pairs(
        np.asarray(first.loc[units], dtype=np.float64),
        np.asarray(second.loc[units], dtype=np.float64),
        tuple(map(str, units)),
        tuple(dropped),
    )


def _missed(n: int, labels: Labels, place: object) -> Sentence:
    """Return who was measured once only."""
    return Counted(
        "{n} of the {nouns} was not measured in {place} and is left out.",
        "{n} of the {nouns} were not measured in {place} and are left out.",
        n,
        nouns=labels.nouns,
        place=place,
    )
