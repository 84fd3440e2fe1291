"""The result of one node in every case: what scoring hands on, level by level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.scoring.states import NO_LEVEL, Basis, Floats, Ints, State, is_excluded, status_name


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

    def status(self, row: int) -> str:
        """Return the word for one case: the basis of a value, else its state."""
        return status_name(int(self.state[row]), int(self.basis[row]))


def blank(n: int) -> NodeResult:
    """Return a result in which nothing is known of ``n`` cases."""
    nothing, none = np.full(n, np.nan), np.full(n, NO_LEVEL, dtype=np.int16)
    return NodeResult(
        nothing, nothing, nothing, nothing, none, none, none,
        np.full(n, State.MISSING, dtype=np.int8), np.full(n, Basis.NONE, dtype=np.int8),
        np.zeros(n), nothing, nothing, nothing, none, none, none, nothing, nothing, none,
    )  # fmt: skip


def nothing_there(states: np.ndarray) -> np.ndarray:
    """Return the state of groups without any result below: missing, not available, or withheld."""
    left = ~is_excluded(states)
    unavailable = (~left | (states == State.NOT_AVAILABLE)).all(axis=1) & left.any(axis=1)
    known = np.isin(states, (State.WITHHELD, State.BOUNDED, State.UNDETERMINED)).any(axis=1)
    return np.where(
        known, State.WITHHELD, np.where(unavailable, State.NOT_AVAILABLE, State.MISSING)
    )


def excluded_state(states: np.ndarray) -> np.ndarray:
    """Return the state of groups all of whose children leave the denominator."""
    nowhere = (states == State.NOT_APPLICABLE).all(axis=1)
    return np.where(nowhere, State.NOT_APPLICABLE, State.NOT_MEASURABLE)


def parent_basis(children: list[NodeResult], state: np.ndarray) -> np.ndarray:
    """Return computed, or mixed where only some of the parts were reported as they are."""
    if not children:  # made of facts alone
        return np.where(state == State.VALUED, Basis.COMPUTED, Basis.NONE).astype(np.int8)
    bases = np.column_stack([c.basis for c in children])
    used = bases != Basis.NONE
    reported = used & (bases == Basis.REPORTED)
    mixed = (bases == Basis.MIXED).any(axis=1) | (
        reported.any(axis=1) & (used & ~reported).any(axis=1)
    )
    basis = np.where(mixed, Basis.MIXED, Basis.COMPUTED)
    return np.where(state == State.VALUED, basis, Basis.NONE).astype(np.int8)
