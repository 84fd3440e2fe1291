"""Measurements of the same units in several waves, of which the complete ones are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.language import Counted, Message
from workbench.stats.measured import numeric_frame
from workbench.stats.noise import grain, settled
from workbench.stats.pairs import Floats
from workbench.stats.result import Dropped, Refusal, Result, Sentence, fingerprint, rounded
from workbench.stats.sizes import Sizes, too_few
from workbench.stats.wording import Labels

WAVES = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """Units that were measured in every wave, in the order of their codes.

    Parameters
    ----------
    values : array of float, shape (units, waves)
    units, waves : tuple of str
    dropped : tuple of Dropped
    excluded : int
        Units with some wave missing.
    """

    values: Floats
    units: tuple[str, ...]
    waves: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    excluded: int

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def k(self) -> int:
        """Number of waves."""
        return len(self.waves)

    @property
    def fingerprint(self) -> str:
        """Hash of what is compared."""
        return fingerprint(self.units, self.waves, self.values.ravel())

    def refused(self, question: str, method: Sentence, refusal: Refusal) -> Result:
        """Return a result that holds a refusal and the means of the waves."""
        means = [float(column.mean()) if self.n else None for column in self.values.T]
        return Result(
            question,
            "change",
            self.n,
            method,
            design="panel",
            dropped=self.dropped,
            refusal=refusal,
            details={"n_complete": self.n, "n_excluded": self.excluded, "waves": self.k},
            tables={"waves": pd.DataFrame({"mean": means}, index=_named(self.waves))},
            fingerprint=self.fingerprint,
        )


def _named(waves: tuple[str, ...]) -> pd.Index:
    return pd.Index(waves, name="wave")


def complete_cases(wide: pd.DataFrame, labels: Labels) -> Panel:
    """Return the units that were measured in every wave.

    Parameters
    ----------
    wide : DataFrame of float, index units, columns waves in their order
    labels : Labels

    Raises
    ------
    ValueError
        If a unit or a wave stands twice, or a value is no number.
    """
    for axis, name in ((wide.index, "unit"), (wide.columns, "wave")):
        if axis.has_duplicates:
            raise ValueError(f"{name} {axis[axis.duplicated()][0]} stands twice")
    measured = numeric_frame(wide).dropna(how="all")
    complete = measured.dropna()
    complete = complete.loc[sorted(complete.index, key=str)]
    excluded = len(measured) - len(complete)
    dropped: tuple[Dropped, ...] = ()
    if excluded:
        text = Counted(
            "{n} of the {nouns} was not measured in every round and is left out.",
            "{n} of the {nouns} were not measured in every round and are left out.",
            excluded,
            nouns=labels.nouns,
        )
        dropped = (Dropped(excluded, text),)
    values = complete.to_numpy(dtype=np.float64)
    return Panel(
        settled(values, grain(values)),
        tuple(map(str, complete.index)),
        tuple(map(str, wide.columns)),
        dropped,
        excluded,
    )


def no_panel(panel: Panel, labels: Labels, sizes: Sizes | None) -> Refusal | None:
    """Return the refusal of fewer than three waves, or of too few units measured in all."""
    if panel.k < WAVES:
        return Refusal(
            "too_few_waves",
            Message("Several rounds cannot be compared."),
            Message(
                "There are {k}; at least {needed} are needed.",
                k=rounded(panel.k, 0),
                needed=rounded(WAVES, 0),
            ),
            Message("Two rounds can be compared with each other."),
        )
    return too_few(
        panel.n,
        "complete_waves",
        Message("The rounds cannot be compared.", **labels.values),
        Message("Trajectories can be described with the rounds that each one has."),
        sizes,
    )
