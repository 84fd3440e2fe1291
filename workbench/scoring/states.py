"""What can be the matter with a node: the states that scoring tells apart."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from workbench.language import marked

Floats = NDArray[np.float64]
Ints = NDArray[np.int16]
Bools = NDArray[np.bool_]

NO_LEVEL = -1


class State(IntEnum):
    """State of a node in one case.

    Only VALUED and INSUFFICIENT have a value or level. NOT_MEASURABLE and NOT_APPLICABLE leave
    every denominator; the others stay in it.
    """

    VALUED = 0
    MISSING = 1
    NOT_AVAILABLE = 2
    NOT_MEASURABLE = 3
    NOT_APPLICABLE = 4
    INSUFFICIENT = 5
    UNDETERMINED = 6
    WITHHELD = 7
    BOUNDED = 8
    NOT_AGGREGATED = 9


STATE_TITLES = {
    State.MISSING: marked("No data"),
    State.NOT_AVAILABLE: marked("Not available"),
    State.NOT_MEASURABLE: marked("Not measurable"),
    State.NOT_APPLICABLE: marked("Not applicable"),
    State.INSUFFICIENT: marked("Insufficient information"),
    State.UNDETERMINED: marked("No published rule"),
    State.WITHHELD: marked("Withheld"),
    State.BOUNDED: marked("Known only in part"),
    State.NOT_AGGREGATED: marked("Not aggregated"),
}

EFFECTS = {
    "not_available": State.NOT_AVAILABLE,
    "not_measurable": State.NOT_MEASURABLE,
    "not_applicable": State.NOT_APPLICABLE,
    "insufficient": State.INSUFFICIENT,
    "undetermined": State.UNDETERMINED,
}


class Basis(IntEnum):
    """Where the result of a node comes from."""

    NONE = 0
    OBSERVED = 1
    COMPUTED = 2
    REPORTED = 3
    MIXED = 4
    CARRIED = 5


# To look up and convert a member of an enumeration costs more than to compare a thousand cases.
_VALUED, _INSUFFICIENT = np.int8(State.VALUED), np.int8(State.INSUFFICIENT)
_NOT_MEASURABLE, _NOT_APPLICABLE = np.int8(State.NOT_MEASURABLE), np.int8(State.NOT_APPLICABLE)


def is_settled(state: NDArray[np.int8]) -> Bools:
    """Return which states have a value or level."""
    settled: Bools = (state == _VALUED) | (state == _INSUFFICIENT)
    return settled


def is_excluded(state: NDArray[np.int8]) -> Bools:
    """Return which states leave the denominator."""
    excluded: Bools = (state == _NOT_MEASURABLE) | (state == _NOT_APPLICABLE)
    return excluded


def status_names() -> list[str]:
    """Return every word that the ``status`` column of scores can hold."""
    bases = [b.name.lower() for b in Basis if b is not Basis.NONE]
    return [*bases, *(s.name.lower() for s in State if s is not State.VALUED)]


def status_name(state: int, basis: int) -> str:
    """Return the word for one case: the basis of a value, else its state."""
    return _STATUS[basis - 1 if state == State.VALUED else len(Basis) + state - 2]


def status_of(state: NDArray[np.int8], basis: NDArray[np.int8]) -> NDArray[np.int16]:
    """Return the index into :func:`status_names`: the basis of a value, else its state."""
    offset = len(Basis) - 1
    return np.where(state == State.VALUED, basis.astype(np.int16) - 1, offset + state - 1).astype(
        np.int16
    )


_STATUS = status_names()
