"""Intervals of correlations and of coefficients like them, by Fisher's z."""

from __future__ import annotations

import numpy as np
import scipy.special as special

from workbench.stats.measured import Floats

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


def spearman_interval(rho: float, n: int, level: float) -> tuple[float, float]:
    """Return the interval of a Spearman correlation of n units after Bonett and Wright.

    Notes
    -----
    At -1 or 1 it reaches from the order that is one exchange of neighbours short of that.
    Found for figures that go together as normal ones do; of others, such as answers from 1 to 5
    that agree more at the ends, 95 % are 92 to 93 of 100, and that of Kendall's tau holds.
    """
    below = 1 - 12 / (n * (n**2 - 1))
    variance = bonett_wright(rho)
    low, high = fisher_interval(float(np.clip(rho, -below, below)), variance, n - 3, level)
    return (-1.0 if rho <= -1 else low), (1.0 if rho >= 1 else high)


def interval_by_error(r: float, error: float, df: float, level: float) -> tuple[float, float]:
    """Return the interval of a coefficient of at most 1 from its standard error.

    Notes
    -----
    ``tanh(atanh r -+ t error / (1 - r^2))``: on its own scale the interval would pass 1, and be too
    short where the coefficient is high and the units few.
    """
    reach = special.stdtrit(df, 0.5 + level / 2) * error / (1 - r**2)
    centre = np.arctanh(r)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def kendall_interval(x: Floats, y: Floats, level: float) -> tuple[float, float]:
    """Return the interval of Kendall's tau-b, whatever the ties.

    Notes
    -----
    Fisher's scale, the error by the jackknife (Arvesen 1969, doi:10.1214/aoms/1177697286), t(n -
    2), and no shorter than by the variance of Fieller, Hartley and Pearson (1957), 0.437 / (n - 4).
    That one holds for normal figures without ties: with answers from 1 to 5 its interval of 95 %
    holds the truth 81 times of 100, whatever the number of units. Where every pair points one way
    there is no error to be seen, and the interval reaches from the order that is one exchange of
    neighbours short of that.
    """
    n = len(x)
    if n < 5:
        return -1.0, 1.0
    tau, without = _kendall(x, y)
    below = 1 - 4 / (n * (n - 1))
    error = float(np.sqrt((n - 1) * without.var()))
    inside = float(np.clip(tau, -below, below))
    plain = fisher_interval(inside, KENDALL, n - 4, level)
    seen = interval_by_error(inside, error, n - 2, level)
    low, high = min(plain[0], seen[0]), max(plain[1], seen[1])
    return (-1.0 if tau <= -below else low), (1.0 if tau >= below else high)


def _kendall(x: Floats, y: Floats) -> tuple[float, Floats]:
    """Return tau-b, and tau-b without each of the units, shape (n,)."""
    ahead, apart_x, apart_y = (np.empty(len(x)) for _ in range(3))
    # Row by row: all pairs at once are too many for a nation of municipalities.
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        by_x, by_y = np.sign(x - a), np.sign(y - b)
        ahead[i], apart_x[i], apart_y[i] = by_x @ by_y, np.abs(by_x).sum(), np.abs(by_y).sum()
    total, all_x, all_y = ahead.sum(), apart_x.sum(), apart_y.sum()
    tau = float(total / np.sqrt(all_x * all_y))
    scale = np.sqrt((all_x - 2 * apart_x) * (all_y - 2 * apart_y))
    rest = np.divide(total - 2 * ahead, scale, out=np.full(len(x), tau), where=scale > 0)
    return tau, rest


def biserial_interval(r: float, n: int, m: int, level: float) -> tuple[float, float] | None:
    """Return the interval of a rank-biserial correlation; none where all pairs point one way.

    Notes
    -----
    ``tanh(atanh r -+ z sqrt((n + m + 1) / (3 n m)))``, as the R package effectsize has it.
    """
    if abs(r) >= 1:
        return None
    reach = special.ndtri(0.5 + level / 2) * np.sqrt((n + m + 1) / (3 * n * m))
    centre = np.arctanh(r)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))
