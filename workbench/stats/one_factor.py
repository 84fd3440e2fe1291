"""One factor behind several items: maximum likelihood and least squares, with omega."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from statsmodels.multivariate.factor import Factor

from workbench.stats.measured import Floats

# A uniqueness below this is a Heywood case: the factor would explain an item wholly.
SMALLEST_UNIQUENESS = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """A model of one factor.

    Parameters
    ----------
    loadings : array of float, shape (items,)
        In units of the items, their sum not negative.
    uniqueness : array of float, shape (items,)
        Variance of each item that the factor leaves.
    omega : float
        Part of the variance of the sum that the factor makes.
    proper : bool
        Whether every uniqueness is above its bound and the fit converged.
    """

    loadings: Floats
    uniqueness: Floats
    omega: float
    proper: bool


def by_likelihood(covariance: Floats, n: int) -> OneFactor:
    """Return the model by maximum likelihood.

    Parameters
    ----------
    covariance : array of float, shape (items, items)
        With divisor n, as likelihood has it.
    n : int
        Units.

    Notes
    -----
    omega = (sum of loadings)^2 / ((sum of loadings)^2 + sum of uniqueness) (McDonald 1999).
    """
    sd = np.sqrt(np.diag(covariance))
    loadings, good = _fitted(covariance / np.outer(sd, sd), n, "ml")
    uniqueness = (1 - loadings**2) * sd**2
    common = float((loadings * sd).sum() ** 2)
    omega = common / (common + float(uniqueness.sum()))
    return OneFactor(loadings * sd, uniqueness, omega, good)


def by_residuals(correlation: Floats, n: int) -> OneFactor:
    """Return the model by least squares of residual correlations (iterated principal axes).

    Notes
    -----
    omega = 1 - sum of uniqueness / sum of all correlations, as in R's psych.
    """
    loadings, good = _fitted(correlation, n, "pa")
    uniqueness = 1 - loadings**2
    return OneFactor(loadings, uniqueness, 1 - float(uniqueness.sum() / correlation.sum()), good)


def _fitted(correlation: Floats, n: int, method: str) -> tuple[Floats, bool]:
    """Return standardised loadings of one factor, and whether they are proper."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = Factor(endog=None, n_factor=1, corr=correlation, method=method, nobs=n)
        found = model.fit(maxiter=5000, tol=1e-12)
    loadings = np.asarray(found.loadings, dtype=np.float64)[:, 0]
    loadings = loadings if loadings.sum() >= 0 else -loadings
    proper = not said and bool((1 - loadings**2 > SMALLEST_UNIQUENESS).all())
    return loadings, proper
