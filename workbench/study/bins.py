"""Bins of scores, for pictures of so many units that dots would hide each other."""

from __future__ import annotations

from math import floor, log10

import numpy as np
from numpy.typing import NDArray

MOST_BINS = 50


def bin_edges(low: float, high: float) -> NDArray[np.float64]:
    """Return the edges of at most about fifty bins of a round width that hold all scores.

    Parameters
    ----------
    low, high : float
        Lowest and highest score, on any scale.

    Examples
    --------
    >>> [float(x) for x in bin_edges(31.2, 98.4)[[0, 1, -1]]]
    [30.0, 32.0, 100.0]
    >>> [float(x) for x in bin_edges(0.385, 0.962)[[0, 1, -1]]]
    [0.38, 0.4, 0.98]
    """
    least = max(high - low, 1e-9) / MOST_BINS
    power = 10.0 ** floor(log10(least))
    width = next(k * power for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9))
    first, last = floor(low / width + 1e-9), floor(high / width + 1e-9) + 1
    return np.round(np.arange(first, last + 1) * width, 12)
