"""Two measurements of the same units, matched by code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.language import Counted
from workbench.stats.measured import numeric, once
from workbench.stats.noise import grain, settled
from workbench.stats.result import Dropped, Sentence, fingerprint
from workbench.stats.wording import Labels

Floats = NDArray[np.float64]


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
        """Follow-up less baseline, without binary noise: equal changes are the same number."""
        return settled(self.after - self.before, grain(self.before, self.after))

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
        If a code stands twice in one of them, or a value is no number.
    """
    for series in (before, after):
        once(series.index)
    first = numeric(before, "before").dropna()
    second = numeric(after, "after").dropna()
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
