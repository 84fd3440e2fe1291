"""Spread between units beyond their standard errors: the normal-normal model, by three methods.

Every function works with ``y`` (units,), ``v`` the squared standard errors (units,), and ``x`` the
columns of a linear model (units, coefficients), of which the first is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.optimize as opt
import scipy.stats as sp

from workbench.stats.measured import Floats

Method = Literal["REML", "PM", "DL"]
METHODS: tuple[Method, ...] = ("DL", "PM", "REML")


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A fitted model.

    Parameters
    ----------
    tau2 : float
        Variance between units beyond their standard errors.
    beta : array of float, shape (coefficients,)
    covariance : array of float, shape (coefficients, coefficients)
        Of ``beta``, with ``tau2`` taken as known.
    fitted : array of float, shape (units,)
        What the linear model says of each unit.
    weights : array of float, shape (units,)
        1 / (v + tau2).
    """

    tau2: float
    beta: Floats
    covariance: Floats
    fitted: Floats
    weights: Floats


def fit_spread(y: Floats, v: Floats, x: Floats, method: Method) -> Spread:
    """Return the model fitted by one method.

    Parameters
    ----------
    y, v : array of float, shape (units,)
        Scores and squared standard errors.
    x : array of float, shape (units, coefficients)
    method : {"REML", "PM", "DL"}

    Notes
    -----
    DL, DerSimonian and Laird 1986: (Q - (k - p)) / tr(P) at tau2 = 0. PM, Paule and Mandel 1982
    (the moment estimator of Fay and Herriot 1979): the root of sum((y - xb)^2 / (v + tau2)) =
    k - p. REML: the highest restricted likelihood. None is below 0.
    """
    tau2 = {"DL": _dl, "PM": _pm, "REML": _reml}[method](y, v, x)
    return spread_at(tau2, y, v, x)


def spread_at(tau2: float, y: Floats, v: Floats, x: Floats) -> Spread:
    """Return the model with a given variance between units (weighted least squares)."""
    weights = 1 / (v + tau2)
    covariance = np.linalg.inv(x.T @ (x * weights[:, None]))
    beta = covariance @ (x.T @ (weights * y))
    fitted = np.asarray(x @ beta, dtype=np.float64)
    return Spread(tau2, beta, np.asarray(covariance, dtype=np.float64), fitted, weights)


def heterogeneity(y: Floats, v: Floats, x: Floats) -> tuple[float, int, float]:
    """Return Q, its degrees of freedom and p: whether units differ beyond their errors."""
    at = spread_at(0.0, y, v, x)
    q = float((at.weights * (y - at.fitted) ** 2).sum())
    df = len(y) - x.shape[1]
    return q, df, float(sp.chi2.sf(q, df))


def typical_variance(v: Floats, x: Floats) -> float:
    """Return the typical squared standard error, (k - p) / tr(P) (Higgins and Thompson 2002)."""
    return float((len(v) - x.shape[1]) / _trace(v, x))


def _trace(v: Floats, x: Floats) -> float:
    """Return tr(P), P = W - W X (X' W X)^-1 X' W, at tau2 = 0."""
    w = 1 / v
    inner = np.linalg.inv(x.T @ (x * w[:, None]))
    return float(w.sum() - np.trace(inner @ (x.T @ (x * (w**2)[:, None]))))


def _dl(y: Floats, v: Floats, x: Floats) -> float:
    q, df, _ = heterogeneity(y, v, x)
    return float(max(0.0, (q - df) / _trace(v, x)))


def _pm(y: Floats, v: Floats, x: Floats) -> float:
    df = len(y) - x.shape[1]

    def excess(tau2: float) -> float:
        at = spread_at(tau2, y, v, x)
        return float((at.weights * (y - at.fitted) ** 2).sum() - df)

    if excess(0.0) <= 0:
        return 0.0
    top = float(np.var(y)) + float(v.max())
    while excess(top) > 0:
        top *= 2
    return float(opt.brentq(excess, 0.0, top, xtol=1e-14 * top, rtol=1e-14))


def _reml(y: Floats, v: Floats, x: Floats) -> float:
    """Return where the restricted likelihood is highest: a look over a grid, then the root."""

    def slope(tau2: float) -> float:
        # Twice the derivative: y' P P y - tr(P).
        at = spread_at(tau2, y, v, x)
        residual = at.weights * (y - at.fitted)
        inner = at.covariance @ (x.T @ (x * (at.weights**2)[:, None]))
        return float((residual**2).sum() - (at.weights.sum() - np.trace(inner)))

    def likelihood(tau2: float) -> float:
        at = spread_at(tau2, y, v, x)
        misfit = float((at.weights * (y - at.fitted) ** 2).sum())
        return 0.5 * (
            float(np.log(at.weights).sum()) + float(np.linalg.slogdet(at.covariance)[1]) - misfit
        )

    top = 10 * (float(np.var(y)) + float(v.max()))
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-8, top, 200)])
    best = int(np.argmax([likelihood(t) for t in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    if best == 0 and slope(0.0) <= 0:
        return 0.0
    if slope(low) > 0 > slope(high):
        return float(opt.brentq(slope, low, high, xtol=1e-14 * top, rtol=1e-14))
    return float(grid[best])
