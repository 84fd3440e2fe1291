"""Quantile regression on arrays: the exact optimum, and its errors.

Written here because the library at hand stops near the optimum and not at it; a linear programme
reaches it. The tests compare the objective with R's quantreg.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize as opt
import scipy.stats as sp

from workbench.stats.pairs import Floats

# Residuals below this share of the spread count as zero: points on the line.
_ON_LINE = 1e-9
# Quartile distance to which outcomes are brought: the tolerance of the solver is 1e-7 in any unit.
_SPREAD = 100.0


@dataclass(frozen=True, slots=True)
class Scaled:
    """A design and an outcome on a scale that the solver bears, and the way back.

    Attributes
    ----------
    design : array of float, shape (n, k)
        Every column but the first, of ones, centred and divided by its deviation.
    outcome : array of float, shape (n,)
    back : array of float, shape (k, k)
        Takes coefficients to the units as they came, but for ``centre``.
    centre : float
        Of the outcome: belongs to the intercept.
    """

    design: Floats
    outcome: Floats
    back: Floats
    centre: float

    def restored(self, beta: Floats) -> Floats:
        """Return coefficients in the units as they came, shape (..., k)."""
        found: Floats = beta @ self.back.T
        found[..., 0] += self.centre
        return found


def scaled(design: Floats, outcome: Floats) -> Scaled:
    """Return a design and an outcome on a scale that the solver bears.

    Parameters
    ----------
    design : array of float, shape (n, k)
        The first column of ones, no other constant.
    outcome : array of float, shape (n,)

    Notes
    -----
    Quantile regression follows shifts and changes of scale (Koenker 2005, section 2.2.3), so the
    way back is exact: populations in millions and shares of a thousandth stand side by side.
    """
    middle, size = design[:, 1:].mean(axis=0), design[:, 1:].std(axis=0)
    centre = float(np.median(outcome))
    distance = float(np.subtract(*np.quantile(outcome, (0.75, 0.25)))) or float(np.ptp(outcome))
    unit = (distance or 1.0) / _SPREAD
    back = np.diag(np.concatenate([[1.0], 1 / size])) * unit
    back[0, 1:] = -middle / size * unit
    columns = np.column_stack([np.ones(len(design)), (design[:, 1:] - middle) / size])
    return Scaled(columns, (outcome - centre) / unit, back, centre)


def fit_quantile(
    design: Floats, outcome: Floats, tau: float, counts: Floats | None = None
) -> Floats:
    """Return coefficients that minimise the quantile loss.

    Parameters
    ----------
    design : array of float, shape (n, k)
        The first column of ones.
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
    own = scaled(design, outcome)
    weight = np.ones(len(outcome)) if counts is None else counts
    return own.restored(_optimum(own.design, own.outcome, tau, weight))


def _optimum(design: Floats, outcome: Floats, tau: float, weight: Floats) -> Floats:
    """Return the coefficients of a scaled design (:func:`fit_quantile`)."""
    kept = weight > 0
    x, y, w = design[kept], outcome[kept], weight[kept]
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
    return -np.asarray(found.eqlin.marginals, dtype=np.float64)


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
    own = scaled(design, outcome)
    # Rows of this root of the inverse give its diagonal without a negative one by rounding.
    root = own.back @ np.linalg.inv(np.linalg.qr(own.design)[1])
    lengths: Floats = np.sqrt(np.square(root).sum(axis=1))
    errors: Floats = lengths / own.back[0, 0] * abs(sparsity) * np.sqrt(tau * (1 - tau))
    return errors


def se_nid(design: Floats, outcome: Floats, tau: float) -> Floats:
    """Return errors when the spread differs from place to place, shape (k,); NaN if it is none.

    Notes
    -----
    Density by the difference of two neighbouring quantiles (Hendricks and Koenker 1992), in the
    sandwich of Huber.
    """
    own, n = scaled(design, outcome), len(outcome)
    wide = bandwidth(tau, n)
    while tau - wide <= 0 or tau + wide >= 1:
        wide /= 2
    ends = [_optimum(own.design, own.outcome, tau + side * wide, np.ones(n)) for side in (1, -1)]
    apart = own.design @ (ends[0] - ends[1])
    # Where both lines meet, what is left between them is the error of the arithmetic.
    clear = apart > _ON_LINE * _SPREAD
    density = np.where(clear, 2 * wide / np.where(clear, apart, 1.0), 0.0)
    bread = own.design.T @ (own.design * density[:, None])
    if np.linalg.matrix_rank(bread) < design.shape[1]:
        return np.full(design.shape[1], np.nan)
    half = own.design @ np.linalg.inv(bread) @ own.back.T
    errors: Floats = np.sqrt(tau * (1 - tau) * np.square(half).sum(axis=0))
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
    rng, own = np.random.default_rng(seed), scaled(design, outcome)
    n, k = design.shape
    found = np.empty((replicates, len(taus), k))
    for b in range(replicates):
        counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        while np.linalg.matrix_rank(own.design[counts > 0]) < k:
            counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for i, tau in enumerate(taus):
            found[b, i] = _optimum(own.design, own.outcome, tau, counts)
    return own.restored(found)
