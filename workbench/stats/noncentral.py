"""Intervals of standardised differences by the noncentral t distribution."""

from __future__ import annotations

import numpy as np
import scipy.optimize as opt
import scipy.special as special
import scipy.stats as sp

LARGEST_T = 1000.0


def noncentrality(t: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Return the noncentralities under which ``t`` lies at the upper and lower tail.

    Parameters
    ----------
    t : float
        Observed statistic.
    df : float
    level : float

    Notes
    -----
    Solves P(T <= t | df, delta) = 1 - a/2 and a/2 for delta, by bracketing (Steiger and Fouladi
    1997). Beyond a t of 1000, where the distribution function loses its digits, by the normal
    approximation with variance 1 + t^2 / (2 df).
    """
    tail = (1 - level) / 2
    if abs(t) > LARGEST_T:
        reach = float(sp.norm.ppf(1 - tail) * np.sqrt(1 + t**2 / (2 * df)))
        return t - reach, t + reach

    def end(p: float) -> float:
        def gap(delta: float) -> float:
            return float(special.nctdtr(df, delta, t) - p)

        reach = 1.0
        while gap(t - reach) * gap(t + reach) > 0 and reach < 1e6:
            reach *= 2.0
        return float(opt.brentq(gap, t - reach, t + reach, xtol=1e-13, rtol=1e-13))

    return end(1 - tail), end(tail)


def small_sample_factor(df: float) -> float:
    """Return Hedges' exact factor J that takes the bias out of a standardised difference.

    Notes
    -----
    J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)) (Hedges 1981).
    """
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))
