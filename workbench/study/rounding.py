"""What numbers allow that are printed rounded: 1.95 may stand for anything from 1.945 to 1.955."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import product

import numpy as np

from workbench.instruments.arithmetic import Array
from workbench.instruments.evaluation import Context
from workbench.instruments.formula import Formula


class _Rounded(Context):
    """Names of a formula with the ends between which each number lies."""

    def __init__(self, values: Mapping[str, Array]) -> None:
        self.values = values

    def name(self, name: str) -> Array:
        """Return the numbers of a name."""
        return self.values[name]


def half_of_last_digit(value: float) -> float:
    """Return half a unit of the last digit of a number as it is written: 0.005 for 1.95."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), 0)


def allowed(formula: Formula, numbers: Mapping[str, float]) -> tuple[float, float] | None:
    """Return the lowest and highest value of a formula that rounded numbers allow.

    Parameters
    ----------
    formula : Formula
        One that rises or falls with each number alone, as a change between two numbers does: its
        ends then lie where each number is at one of its own.
    numbers : mapping of str to float
        Every name that the formula reads, as printed.

    Returns
    -------
    tuple of float or None
        None where the formula reads something else, or a number that may be zero divides.

    Examples
    --------
    >>> from workbench.instruments.formula import parse
    >>> low, high = allowed(parse("(b / a - 1) * 100"), {"a": 1.95, "b": 2.47})
    >>> round(low, 2), round(high, 2)
    (26.09, 27.25)
    """
    if formula.names - set(numbers) or formula.codes or formula.across or formula.tables:
        return None
    ends = [(x - half_of_last_digit(x), x + half_of_last_digit(x)) for x in numbers.values()]
    corners = np.array(list(product(*ends)), dtype=float).T
    found = formula.evaluate(_Rounded(dict(zip(numbers, corners, strict=True))))
    return None if np.isnan(found).any() else (float(found.min()), float(found.max()))
