"""Cumulative logit on arrays: one odds ratio for every threshold, or one for each.

Written here because one likelihood must bear frequencies as weights and effects that differ by
threshold, for the test of proportional odds, which the library at hand has not. The tests compare
with R's ordinal and MASS, and with statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.special as special
from numpy.typing import NDArray

from workbench.stats.linear import Codes, centred, inverse_root
from workbench.stats.logistic import levelled, recession
from workbench.stats.pairs import Floats

_STEPS = 200
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class OrderedData:
    """Units by level, with what may go with it.

    Attributes
    ----------
    columns : array of float, shape (n, k)
        Without a column of ones.
    levels : array of int, shape (n,)
        Number of the level, from 0; none is empty.
    weights : array of float, shape (n,)
        How many times each row was seen.
    """

    columns: Floats
    levels: Codes
    weights: Floats

    @property
    def thresholds(self) -> int:
        """Thresholds between levels."""
        return int(self.levels.max())

    @property
    def k(self) -> int:
        """Number of columns."""
        return int(self.columns.shape[1])


@dataclass(frozen=True, slots=True)
class CumulativeFit:
    """A fit of ordered levels.

    Attributes
    ----------
    values : array of float, shape (p,)
        Thresholds, then coefficients, then what each threshold after the first adds to the
        coefficients of the freed columns.
    root : array of float, shape (p, p)
        Of the covariance, which is ``root @ root.T``.
    loglik : float
    converged : bool
    """

    values: Floats
    root: Floats
    loglik: float
    converged: bool

    @property
    def covariance(self) -> Floats:
        """Inverse of the observed information, shape (p, p)."""
        return np.asarray(self.root @ self.root.T)


def fit_cumulative(ordered: OrderedData, freed: tuple[int, ...] = ()) -> CumulativeFit:
    """Return the fit of P(Y <= j) = logistic(threshold_j - x b).

    Parameters
    ----------
    ordered : OrderedData
    freed : tuple of int
        Columns whose coefficient differs by threshold (partial proportional odds).

    Notes
    -----
    Newton's method with the analytic Hessian; steps are halved until the likelihood rises and every
    probability is positive. The log-likelihood is concave (Pratt 1981).
    """
    columns, middle, size = centred(ordered.columns, ordered.weights)
    scaled = OrderedData(columns, ordered.levels, ordered.weights)
    upper, lower = gradients_of_ends(scaled, scaled.levels, freed)
    values = np.zeros(upper.shape[1])
    share = np.bincount(ordered.levels, ordered.weights).cumsum()[:-1] / ordered.weights.sum()
    values[: ordered.thresholds] = special.logit(share)
    loglik, gradient, hessian = _likelihood(values, upper, lower, scaled)
    converged = False
    for _ in range(_STEPS):
        step = np.linalg.lstsq(-hessian, gradient, rcond=None)[0]
        found = False
        for _ in range(60):
            tried = _likelihood(values + step, upper, lower, scaled)
            found = tried[0] >= loglik - 1e-12 * abs(loglik)
            if found:
                break
            step = step / 2
        if not found:
            break
        values = values + step
        loglik, gradient, hessian = tried
        if np.abs(step).max() < _CLOSE:
            converged = True
            break
    back = _way_back(ordered.thresholds, middle, size, freed)
    return CumulativeFit(back @ values, back @ inverse_root(-hessian), loglik, converged)


def _way_back(thresholds: int, middle: Floats, size: Floats, freed: tuple[int, ...]) -> Floats:
    """Return what takes parameters of scaled columns to the units as they came, shape (p, p)."""
    at = list(freed)
    further = thresholds - 1
    back = np.diag(
        np.concatenate([np.ones(thresholds), 1 / size, np.repeat(1 / size[at], further)])
    )
    # A threshold less (x - m) / s times a coefficient is one that is m / s times it higher.
    first = thresholds + len(size)
    back[:thresholds, thresholds:first] = middle / size
    for i, c in enumerate(at):
        for j in range(further):
            back[1 + j, first + i * further + j] = middle[c] / size[c]
    return back


def gradients_of_ends(
    ordered: OrderedData, levels: Codes, freed: tuple[int, ...] = ()
) -> tuple[Floats, Floats]:
    """Return how the ends of the level of each row depend on the parameters.

    Parameters
    ----------
    ordered : OrderedData
    levels : array of int, shape (n,)
        Level whose ends are asked for.
    freed : tuple of int

    Returns
    -------
    upper, lower : array of float, shape (n, p)
        Derivatives of threshold - x b above and below the level; zeros where there is no threshold.
    """
    last = ordered.thresholds
    ends = []
    for place in (levels, levels - 1):
        there = (place >= 0) & (place < last)
        at = (place[:, None] == np.arange(last)).astype(np.float64)
        extra = [-at[:, 1:] * ordered.columns[:, [c]] for c in freed]
        ends.append(np.column_stack([at, -ordered.columns * there[:, None], *extra]))
    return ends[0], ends[1]


def separated(ordered: OrderedData) -> bool:
    """Return whether a direction parts the levels, so that the likelihood has no maximum."""
    level = OrderedData(levelled(ordered.columns), ordered.levels, ordered.weights)
    upper, lower = gradients_of_ends(level, ordered.levels)
    rows = np.vstack([upper, -lower])
    return recession(rows[np.abs(rows).max(axis=1) > 0]) is not None


def expected_shares(
    ordered: OrderedData, fit: CumulativeFit, columns: Floats
) -> tuple[Floats, Floats]:
    """Return the average share of each level if the columns were others, with its gradient.

    Parameters
    ----------
    ordered : OrderedData
    fit : CumulativeFit
        With proportional odds.
    columns : array of float, shape (n, k)

    Returns
    -------
    share : array of float, shape (levels,)
    gradient : array of float, shape (levels, p)
    """
    other = OrderedData(columns, ordered.levels, ordered.weights)
    weight = ordered.weights / ordered.weights.sum()
    shares, gradients = [], []
    for level in range(ordered.thresholds + 1):
        upper, lower = gradients_of_ends(other, np.full_like(ordered.levels, level))
        above, below = (
            _at(fit.values, upper, level < ordered.thresholds, 1.0),
            _at(fit.values, lower, level > 0, 0.0),
        )
        shares.append(weight @ (above[0] - below[0]))
        gradients.append((weight * above[1]) @ upper - (weight * below[1]) @ lower)
    return np.array(shares), np.array(gradients)


def _at(values: Floats, ends: Floats, there: bool, otherwise: float) -> tuple[Floats, Floats]:
    """Return the logistic function and its density at ends; a constant where there is none."""
    if not there:
        return np.full(len(ends), otherwise), np.zeros(len(ends))
    chance = special.expit(ends @ values)
    return chance, chance * (1 - chance)


def _likelihood(
    values: Floats, upper: Floats, lower: Floats, ordered: OrderedData
) -> tuple[float, Floats, Floats]:
    """Return the log-likelihood with its gradient and Hessian; minus infinity where impossible."""
    top, bottom = ordered.levels == ordered.thresholds, ordered.levels == 0
    above, below = special.expit(upper @ values), special.expit(lower @ values)
    # Differences of the upper tails are exact where both lie close to one.
    rest_above, rest_below = special.expit(-(upper @ values)), special.expit(-(lower @ values))
    chance = np.where(above + below > 1, rest_below - rest_above, above - below)
    chance = np.where(top, rest_below, np.where(bottom, above, chance))
    if (chance <= 0).any():
        return -np.inf, np.zeros(0), np.zeros((0, 0))
    d_above, d_below = _density(above, rest_above, ~top), _density(below, rest_below, ~bottom)
    first = (d_above / chance)[:, None] * upper - (d_below / chance)[:, None] * lower
    bent_above = d_above * (rest_above - above) / chance * ordered.weights
    bent_below = d_below * (rest_below - below) / chance * ordered.weights
    hessian = (upper * bent_above[:, None]).T @ upper - (lower * bent_below[:, None]).T @ lower
    hessian -= (first * ordered.weights[:, None]).T @ first
    return float(ordered.weights @ np.log(chance)), ordered.weights @ first, hessian


def _density(chance: Floats, rest: Floats, there: NDArray[np.bool_]) -> Floats:
    """Return the logistic density, 0 where there is no threshold."""
    return np.where(there, chance * rest, 0.0)
