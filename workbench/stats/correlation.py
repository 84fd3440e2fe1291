"""Intervals of correlations by Fisher's z."""

from __future__ import annotations

import numpy as np
import scipy.special as special

# Variance of Fisher's z over the degrees of freedom; that of Spearman's depends on its size.
PEARSON, KENDALL, SPEARMAN_FIELLER = 1.0, 0.437, 1.06


def bonett_wright(rho: float) -> float:
    """Return the variance of Fisher's z of a Spearman correlation, for n - 3 degrees of freedom.

    Notes
    -----
    ``1 + rho^2 / 2`` (Bonett and Wright 2000); with 1 alone the interval is too narrow.
    """
    return 1.0 + rho**2 / 2.0


def fisher_interval(r: float, variance: float, df: int, level: float) -> tuple[float, float]:
    """Return the interval of a correlation.

    Parameters
    ----------
    r : float
        The correlation. At -1 or 1 the interval has no width, as z is infinite there.
    variance : float
        Of Fisher's z, times its degrees of freedom.
    df : int
        ``n - 3`` (Pearson, Spearman) or ``n - 4`` (Kendall); without any, all from -1 to 1.
    level : float
    """
    if df <= 0:
        return -1.0, 1.0
    if abs(r) >= 1:
        return r, r
    reach = special.ndtri(0.5 + level / 2) * np.sqrt(variance / df)
    centre = np.arctanh(r)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))
