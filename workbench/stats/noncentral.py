"""Intervals of standardised differences by the noncentral t distribution."""

from __future__ import annotations

import numpy as np
import scipy.optimize as opt
import scipy.special as special


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
    1997).
    """
    tail = (1 - level) / 2

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
