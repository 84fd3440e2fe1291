"""The result of one node in every case: what scoring hands on, level by level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.scoring.states import NO_LEVEL, Basis, Floats, Ints, State


@dataclass(slots=True)
class NodeResult:
    """One node in every case; all arrays have shape (cases,).

    Parameters
    ----------
    value : array of float
        Raw value before normalisation; for groups, before their own.
    score, low, high : array of float
        Score, and the least and most it could be given what is missing. NaN where there is none.
    level, level_low, level_high : array of int
        Index in the node's scale; -1 for none.
    state, basis : array of int
        :class:`~workbench.scoring.states.State`, :class:`~workbench.scoring.states.Basis`.
    coverage : array of float
        Share of the weight (or of the indicators) that has an outcome; NaN where it is not known.
    computed, computed_low, computed_high : array of float
        Score computed from the parts and its bounds, also where a reported one stands.
    computed_level, computed_level_low, computed_level_high : array of int
        Level computed from the parts, and the lowest and highest it could be.
    computed_value : array of float
        What the parts give before limits and the node's own normalisation.
    full : array of float
        Value of an indicator that stands for the whole; NaN where there is none, as for groups.
    cut_level : array of int
        Level that the cut-points give to the number that stands, whatever level was reported.
    """

    value: Floats
    score: Floats
    low: Floats
    high: Floats
    level: Ints
    level_low: Ints
    level_high: Ints
    state: np.ndarray
    basis: np.ndarray
    coverage: Floats
    computed: Floats
    computed_low: Floats
    computed_high: Floats
    computed_level: Ints
    computed_level_low: Ints
    computed_level_high: Ints
    computed_value: Floats
    full: Floats
    cut_level: Ints


def blank(n: int) -> NodeResult:
    """Return a result in which nothing is known of ``n`` cases."""
    nothing, none = np.full(n, np.nan), np.full(n, NO_LEVEL, dtype=np.int16)
    return NodeResult(
        nothing, nothing, nothing, nothing, none, none, none,
        np.full(n, State.MISSING, dtype=np.int8), np.full(n, Basis.NONE, dtype=np.int8),
        np.zeros(n), nothing, nothing, nothing, none, none, none, nothing, nothing, none,
    )  # fmt: skip
