"""The exact interval of the share of variance between groups."""

from __future__ import annotations

import numpy as np
import scipy.stats as sp
from scipy.optimize import brentq

from workbench.stats.mixed_fit import Floats, Ints


def share_between(
    y: Floats, x: Floats, group: Ints, level: float
) -> tuple[float, float, float, float]:
    """Return the ends of the share, and the exact test that it is zero (F and p).

    Parameters
    ----------
    y : array, shape (n,)
    x : array, shape (n, p)
        Fixed columns, the first of ones.
    group : array of int, shape (n,)
        Positions of groups from 0.
    level : float

    Notes
    -----
    With M the projection off X, d and v the eigenvalues above zero and vectors of Z' M Z (r of
    them), u_i = v_i' Z' M y / sqrt(d_i) has variance s2 (1 + d_i g), where g is the variance
    between groups over the residual one. So (sum u_i^2 / (1 + d_i g) / r) / MSE is F with r and
    n - p - r degrees of freedom at the true g, and falls with g: the interval holds the g for which
    it lies between the two tails (Wald 1947, doi:10.1214/aoms/1177730345; Seely and El-Bassiouni
    1983). The share is g / (1 + g). Exact for normal effects and errors, whatever the sizes of
    groups.
    """
    basis = np.linalg.qr(x)[0]
    groups = int(group.max()) + 1
    z = np.zeros((len(y), groups))
    z[np.arange(len(y)), group] = 1.0
    z -= basis @ (basis.T @ z)
    left = y - basis @ (basis.T @ y)
    d, v = np.linalg.eigh(z.T @ z)
    keep = d > 1e-9 * d[-1]
    d = d[keep]
    squares = (v[:, keep].T @ (z.T @ left)) ** 2 / d
    r = len(d)
    df = len(y) - x.shape[1] - r
    error = max(float(left @ left - squares.sum()), 0.0) / df

    def f(ratio: float) -> float:
        return float((squares / (1 + d * ratio)).sum() / r / error)

    def end(at: float) -> float:
        if f(0.0) <= at:
            return 0.0
        most = 1.0
        while f(most) > at and most < 1e12:
            most *= 4.0
        ratio = float(brentq(lambda g: f(g) - at, 0.0, most, xtol=1e-12, rtol=1e-12))
        return ratio / (1 + ratio)

    tail = (1 - level) / 2
    low, high = (end(float(sp.f.isf(p, r, df))) for p in (tail, 1 - tail))
    return low, high, f(0.0), float(sp.f.sf(f(0.0), r, df))
