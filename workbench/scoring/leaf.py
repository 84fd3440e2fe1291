"""The result of one indicator in every case, and how numbers, levels and states are put in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.scoring.states import (
    NO_LEVEL,
    Basis,
    Bools,
    Floats,
    Ints,
    State,
    is_settled,
)


@dataclass(slots=True)
class Leaf:
    """One indicator in every case; all arrays have shape (cases,).

    Arrays are replaced, never changed in place: several names may hold the same one.

    Parameters
    ----------
    value : array of float
        What was measured: elements met, result of a formula, points; NaN where there is none.
    low, high : array of float
        Least and most that the value could be where it is known in part; NaN elsewhere.
    level, level_low, level_high : array of int
        Level as an index of the scale, and the lowest and highest it could be; -1 for none.
    state : array of int
        :class:`~workbench.scoring.states.State`.
    basis : array of int
        :class:`~workbench.scoring.states.Basis`.
    computed, computed_low, computed_high : array of float
        Value computed from parts and what it could be, also where a reported one stands.
    computed_level, computed_level_low, computed_level_high : array of int
        Level of the computed value, and the lowest and highest it could be.
    full : array of float
        Value that stands for the whole: elements asked for, maximum of points; NaN for others.
    """

    value: Floats
    low: Floats
    high: Floats
    level: Ints
    level_low: Ints
    level_high: Ints
    state: NDArray[np.int8]
    basis: NDArray[np.int8]
    computed: Floats
    computed_low: Floats
    computed_high: Floats
    computed_level: Ints
    computed_level_low: Ints
    computed_level_high: Ints
    full: Floats

    @classmethod
    def empty(cls, n: int) -> Leaf:
        """Return a result in which nothing is known of ``n`` cases."""
        nothing, none = np.full(n, np.nan), np.full(n, NO_LEVEL, dtype=np.int16)
        return cls(
            nothing, nothing, nothing, none, none, none,
            np.full(n, State.MISSING, dtype=np.int8), np.full(n, Basis.NONE, dtype=np.int8),
            nothing, nothing, nothing, none, none, none, nothing,
        )  # fmt: skip

    @property
    def settled(self) -> Bools:
        """Cases that have a value or level."""
        return is_settled(self.state)

    def put(
        self,
        where: Bools,
        state: State,
        basis: Basis,
        value: Floats | float = np.nan,
        level: Ints | int = NO_LEVEL,
    ) -> None:
        """Put a value and a level, each sure, and a state in some cases."""
        everywhere = bool(where.all())
        if not everywhere and not where.any():
            return

        def changed(new: Any, old: NDArray[Any]) -> NDArray[Any]:
            if not everywhere:
                return over(where, new, old)
            return _spread(new, old)

        self.value = changed(value, self.value)
        same = self.low is self.high
        self.low = changed(np.nan, self.low)
        self.high = self.low if same else changed(np.nan, self.high)
        self.state, self.basis = changed(state, self.state), changed(basis, self.basis)
        one = self.level is self.level_low is self.level_high
        self.level = changed(level, self.level)
        self.level_low = self.level if one else changed(level, self.level_low)
        self.level_high = self.level if one else changed(level, self.level_high)

    def settle(self) -> None:
        """Give a level to what is known in part, where the rest can't change it."""
        here = (self.state == State.BOUNDED) & (self.level_low == self.level_high)
        here &= self.level_low != NO_LEVEL
        self.level = over(here, self.level_low, self.level)
        self.state = over(here, State.VALUED, self.state)
        self.basis = over(here, Basis.COMPUTED, self.basis)

    def carry(self, cases: NDArray[np.intp], source: NDArray[np.intp]) -> None:
        """Give some cases the value and level of others, as carried over from a review."""
        moved: dict[int, NDArray[Any]] = {}
        for name in ("value", "low", "high", "full", "level", "level_low", "level_high"):
            old = getattr(self, name)
            if id(old) not in moved:
                moved[id(old)] = old.copy()
                moved[id(old)][cases] = old[source]
            setattr(self, name, moved[id(old)])
        self.state, self.basis = self.state.copy(), self.basis.copy()
        self.state[cases], self.basis[cases] = State.VALUED, Basis.CARRIED

    def keep_computed(self) -> None:
        """Keep what the parts give, beside whatever is reported of the indicator itself."""
        unknown = np.isnan(self.value)
        self.computed = self.computed_low = self.computed_high = self.value
        if unknown.any():
            self.computed_low = over(unknown, self.low, self.value)
            self.computed_high = over(unknown, self.high, self.value)
        self.computed_level = self.level
        self.computed_level_low, self.computed_level_high = self.level_low, self.level_high


def over(where: Bools, new: Any, old: NDArray[Any]) -> NDArray[Any]:
    """Return what is new in some cases and old in the others, in the type of the old."""
    if not where.any():
        return old
    if isinstance(new, np.ndarray) and where.all():
        return _spread(new, old)
    return np.where(where, np.asarray(new, dtype=old.dtype), old)


def _spread(new: Any, old: NDArray[Any]) -> NDArray[Any]:
    """Return what is new in all cases, in the type of the old."""
    if isinstance(new, np.ndarray):
        return new.astype(old.dtype, copy=False)
    return np.full(old.shape, new, dtype=old.dtype)
