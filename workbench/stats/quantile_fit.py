"""Quantile regression on arrays: the exact optimum, and its errors.

Written here because the library at hand stops near the optimum and not at it; a linear programme
reaches it. The tests compare the objective with R's quantreg.
"""

from __future__ import annotations

import numpy as np
import scipy.optimize as opt
import scipy.stats as sp

from workbench.stats.pairs import Floats

# Residuals below this share of the spread count as zero: points on the line.
_ON_LINE = 1e-9


def fit_quantile(
    design: Floats, outcome: Floats, tau: float, counts: Floats | None = None
) -> Floats:
    """Return coefficients that minimise the quantile loss.

    Parameters
    ----------
    design : array of float, shape (n, k)
    outcome : array of float, shape (n,)
    tau : float
        Quantile, 0-1.
    counts : array of float, shape (n,), optional
        How many times each row counts; once if left out.

    Returns
    -------
    array of float, shape (k,)
        One of the optima where there are several.

    Notes
    -----
    Solves the dual, max y'a with X'a = (1 - tau) X'w and 0 <= a <= w, whose multipliers are the
    coefficients (Koenker 2005, section 6.2): k rows only, whatever n.
    """
    weight = np.ones(len(outcome)) if counts is None else counts
    kept = weight > 0
    x, y, w = design[kept], outcome[kept], weight[kept]
    scale = np.abs(x).max(axis=0)
    x = x / scale
    found = opt.linprog(
        -y,
        A_eq=x.T,
        b_eq=(1 - tau) * (x.T @ w),
        bounds=[(0.0, float(most)) for most in w],
        method="highs-ds",
    )
    # The programme is feasible (a = (1 - tau) w) and bounded, so only a bug leads here.
    if found.status != 0:
        raise RuntimeError(found.message)
    beta: Floats = -np.asarray(found.eqlin.marginals, dtype=np.float64) / scale
    return beta


def loss(design: Floats, outcome: Floats, beta: Floats, tau: float) -> float:
    """Return the quantile loss: residuals weighted by tau above the line and 1 - tau below."""
    rest = outcome - design @ beta
    return float((rest * (tau - (rest < 0))).sum())


def bandwidth(tau: float, n: int, level: float = 0.95) -> float:
    """Return the bandwidth of Hall and Sheather (1988) for the density at a quantile."""
    z = float(sp.norm.ppf(tau))
    density = float(sp.norm.pdf(z))
    top = float(sp.norm.ppf(0.5 + level / 2)) ** (2 / 3)
    return float(n ** (-1 / 3) * top * (1.5 * density**2 / (2 * z**2 + 1)) ** (1 / 3))


def se_iid(design: Floats, outcome: Floats, beta: Floats, tau: float) -> Floats:
    """Return errors when the spread is the same everywhere, shape (k,); NaN if it is none.

    Notes
    -----
    Sparsity by a median line through the ordered residuals nearest to zero, as quantreg's ``iid``
    (Koenker 2005, section 3.4.1 and 4.10).
    """
    n, k = design.shape
    rest = outcome - design @ beta
    on_line = int((np.abs(rest) < _ON_LINE * max(float(np.ptp(outcome)), 1e-300)).sum())
    wide = max(k + 1, int(np.ceil(n * bandwidth(tau, n))))
    places = np.arange(on_line + 1, min(wide + on_line + 1, n) + 1)
    if len(places) < 2:
        return np.full(k, np.nan)
    nearest = np.sort(rest[np.argsort(np.abs(rest), kind="stable")][places - 1])
    line = np.column_stack([np.ones(len(places)), places / (n - k)])
    sparsity = float(fit_quantile(line, nearest, 0.5)[1])
    inverse = np.linalg.inv(design.T @ design)
    errors: Floats = np.sqrt(np.diag(inverse) * sparsity**2 * tau * (1 - tau))
    return errors


def se_nid(design: Floats, outcome: Floats, tau: float) -> Floats:
    """Return errors when the spread differs from place to place, shape (k,); NaN if it is none.

    Notes
    -----
    Density by the difference of two neighbouring quantiles (Hendricks and Koenker 1992), in the
    sandwich of Huber.
    """
    n = len(outcome)
    wide = bandwidth(tau, n)
    while tau - wide <= 0 or tau + wide >= 1:
        wide /= 2
    ends = [fit_quantile(design, outcome, tau + side * wide) for side in (1, -1)]
    apart = design @ (ends[0] - ends[1])
    density = np.where(apart > 0, 2 * wide / np.where(apart > 0, apart, 1.0), 0.0)
    bread = design.T @ (design * density[:, None])
    if np.linalg.matrix_rank(bread) < design.shape[1]:
        return np.full(design.shape[1], np.nan)
    inverse = np.linalg.inv(bread)
    errors: Floats = np.sqrt(tau * (1 - tau) * np.diag(inverse @ (design.T @ design) @ inverse))
    return errors


def bootstrap(
    design: Floats, outcome: Floats, taus: tuple[float, ...], replicates: int, seed: int
) -> Floats:
    """Return coefficients of units drawn again, shape (replicates, taus, k).

    Parameters
    ----------
    design : array of float, shape (n, k)
    outcome : array of float, shape (n,)
    taus : tuple of float
    replicates : int
    seed : int

    Notes
    -----
    Whole rows are drawn with replacement, the same ones for every quantile. A draw that loses the
    rank of the design is drawn again.
    """
    rng = np.random.default_rng(seed)
    n, k = design.shape
    found = np.empty((replicates, len(taus), k))
    for b in range(replicates):
        counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        while np.linalg.matrix_rank(design[counts > 0]) < k:
            counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for i, tau in enumerate(taus):
            found[b, i] = fit_quantile(design, outcome, tau, counts)
    return found
