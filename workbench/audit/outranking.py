"""Outranking: how much of the weight speaks for one unit rather than another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.audit.index.structure import by_code
from workbench.errors import Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.outranking import TOLERANCE
from workbench.scoring.outranking import outranking as pairwise
from workbench.stats.measured import Floats, numeric_frame


@dataclass(frozen=True, slots=True, eq=False)
class Outranking:
    """Pairs of units compared indicator by indicator.

    Parameters
    ----------
    matrix : DataFrame
        Units by units: share of the weight in which the row's unit is above the column's, equal
        values counted by half; 0 on the diagonal.
    dominant : int
        Pairs in which one unit is above in everything.
    """

    matrix: pd.DataFrame
    dominant: int

    @property
    def share_dominant(self) -> float:
        """Share of all pairs in which one unit is above in everything."""
        n = len(self.matrix)
        return self.dominant / (n * (n - 1) / 2) if n > 1 else float("nan")

    @property
    def scores(self) -> pd.Series:
        """Sum of the shares over all other units."""
        return self.matrix.sum(axis=1).rename("score")

    def copeland(self, *, ties: float = 0.0) -> pd.Series:
        """Return how many units each beats, less how many beat it.

        Parameters
        ----------
        ties : float
            What a unit counts that it neither beats nor is beaten by.

        Notes
        -----
        As the rule ``copeland`` of a group, and COINr's ``a_copeland`` where nothing is missing and
        nobody ties: its help page says 0 for a tie, its code made it -1 for both.
        """
        lead = self.matrix.to_numpy() - 0.5
        won = np.where(np.abs(lead) <= TOLERANCE, ties, np.sign(lead))
        np.fill_diagonal(won, 0.0)
        return pd.Series(np.nansum(won, axis=1), index=self.matrix.index, name="score")


def outranking(
    values: pd.DataFrame, weights: pd.Series | Mapping[str, float] | None = None
) -> Outranking:
    """Return for each pair of units how much of the weight speaks for the first.

    Parameters
    ----------
    values : DataFrame of float
        Units by indicators, more is better. What both units of a pair have counts.
    weights : Series or mapping of float, optional
        By indicator; equal if left out.

    Raises
    ------
    ScoringError
        If weights do not fit the indicators, are negative, or all 0.

    Notes
    -----
    Weights of what a pair does not have are left out and the others brought to 1, so that both
    shares of a pair add up to 1 and no result depends on the order of units. COINr leaves missing
    weights on one side of the diagonal and takes the rest to 1 for the other.
    """
    frame = numeric_frame(values)
    w = _weights(frame, weights)
    x = frame.to_numpy()
    shares = pairwise(x, x, w)
    np.fill_diagonal(shares, 0.0)
    dominant = int((shares > 1 - TOLERANCE).sum())
    return Outranking(pd.DataFrame(shares, index=frame.index, columns=frame.index), dominant)


def _weights(frame: pd.DataFrame, given: pd.Series | Mapping[str, float] | None) -> Floats:
    """Return one weight a column."""
    if given is None:
        return np.ones(frame.shape[1])
    by_code("weights", given)
    weights = pd.Series(given)
    absent = [str(code) for code in frame if code not in weights.index]
    if absent:
        what = Message("there is no weight of {codes}", codes=", ".join(absent[:12]))
        raise ScoringError(Problem(Reason.SPEC_VALUE, what))
    idle = [str(code) for code in weights.index if code not in frame]
    if idle:
        what = Message("there are no values of {codes}", codes=", ".join(idle[:12]))
        fix = Message("Leave out their weights.")
        raise ScoringError(Problem(Reason.NODE_UNKNOWN, what, fix=fix))
    found = weights.reindex(frame.columns).to_numpy(dtype=np.float64)
    if not (found >= 0).all() or found.sum() <= 0:
        what = Message("weights are numbers of 0 or more, not all of them 0")
        got = ", ".join(f"{value:g}" for value in found[:12])
        raise ScoringError(Problem(Reason.SPEC_VALUE, what, got=got))
    return found
