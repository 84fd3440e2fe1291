"""Binary noise in the last digits of numbers, which would create ties or hide them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Digits kept: enough for what is measured, too few for the noise of a sum of a hundred terms.
DIGITS = 13
# Magnitude to which the digits belong: that of the ninth decile, which a few outliers don't move.
_DECILE = 0.9
# Powers of ten up to this are exact in binary.
_EXACT_POWER = 22


def grain(*values: Floats) -> int:
    """Return the decimal to which numbers can be told apart, given how large they are.

    Parameters
    ----------
    values : array of float
        All numbers that a difference is made of; negative for large ones.

    Notes
    -----
    0.3 - 0.1 is unlike 0.2, by about 1e-16 of the numbers themselves. The thirteenth digit of the
    ninth decile of the sizes is coarser than that noise and finer than any measurement, on a scale
    of 1e-9 as on one of 1e9.
    """
    sizes = np.abs(np.concatenate([np.ravel(part) for part in values]))
    sizes = sizes[(sizes > 0) & np.isfinite(sizes)]
    if not len(sizes):
        return DIGITS
    at = min(len(sizes) - 1, int(_DECILE * len(sizes)))
    return DIGITS - 1 - int(np.floor(np.log10(np.partition(sizes, at)[at])))


def settled(values: Floats, decimals: int) -> Floats:
    """Return numbers rounded to a decimal, which may be negative: equal ones become the same."""
    up = min(decimals, _EXACT_POWER)
    # Beyond the exact powers in two steps, the first the same for all.
    first = 10.0 ** (decimals - up)
    return np.asarray(np.round(values * first, up) / first, dtype=np.float64)


def spread_out(values: Floats) -> bool:
    """Return whether numbers differ by more than noise; fewer than two do not."""
    if len(values) < 2:
        return False
    return bool(np.ptp(settled(values, grain(values))) > 0)
