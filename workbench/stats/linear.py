"""Least squares on arrays, with errors that hold under unequal spread and within clusters.

Written here because one fit must serve the classic, HC0-HC3, CR0, CR1 and CR2 errors, and no
library of this project has CR2 with its degrees of freedom. The tests compare it with R's sandwich
and clubSandwich, and with statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.stats.pairs import Floats

Codes = NDArray[np.intp]
Hc = Literal["classic", "HC0", "HC1", "HC2", "HC3"]
HC_KINDS: tuple[Hc, ...] = ("classic", "HC0", "HC1", "HC2", "HC3")
# A leverage of one: the unit alone decides a coefficient, and its residual says nothing.
ALONE = 1e-10
# Eigenvalues below count as zero, as in clubSandwich.
ZERO = 1e-12
# Share of the size of a column that may be noise of its last digits.
NOISE = 1e-14


@dataclass(frozen=True, slots=True)
class OlsFit:
    """A least squares fit.

    Attributes
    ----------
    design : array of float, shape (n, k)
    beta : array of float, shape (k,)
    residuals : array of float, shape (n,)
    basis : array of float, shape (n, k)
        Orthonormal columns that span the design (Q of its QR decomposition).
    bread : array of float, shape (k, k)
        Inverse of X'X.
    """

    design: Floats
    beta: Floats
    residuals: Floats
    basis: Floats
    bread: Floats

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.design)

    @property
    def k(self) -> int:
        """Number of coefficients."""
        return len(self.beta)

    @property
    def rss(self) -> float:
        """Sum of squared residuals."""
        return float(self.residuals @ self.residuals)

    @property
    def leverage(self) -> Floats:
        """Diagonal of the hat matrix, shape (n,)."""
        leverage: Floats = np.square(self.basis).sum(axis=1)
        return leverage


def fit_ols(design: Floats, outcome: Floats) -> OlsFit:
    """Return the least squares fit of a design of full rank.

    Parameters
    ----------
    design : array of float, shape (n, k)
        With its column of ones, if there is to be one.
    outcome : array of float, shape (n,)
    """
    basis, triangle = np.linalg.qr(design)
    root = np.linalg.inv(triangle)
    beta = root @ (basis.T @ outcome)
    return OlsFit(design, beta, outcome - design @ beta, basis, root @ root.T)


def centred(columns: Floats, weights: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """Return columns less their mean over their deviation, with these means and deviations.

    Populations in millions and shares of a thousandth then stand side by side, and years do not
    look like the column of ones. A column that does not vary has deviation 1.

    Parameters
    ----------
    columns : array of float, shape (n, k)
    weights : array of float, shape (n,), optional
    """
    if columns.size == 0:
        return columns, np.zeros(columns.shape[1]), np.ones(columns.shape[1])
    middle = np.average(columns, axis=0, weights=weights)
    size = np.sqrt(np.average(np.square(columns - middle), axis=0, weights=weights))
    size = np.where(size > 0, size, 1.0)
    return (columns - middle) / size, middle, size


def aliased(design: Floats, tolerance: float = 1e-9) -> list[int]:
    """Return the columns that those before them determine, in order.

    Parameters
    ----------
    design : array of float, shape (n, k)
    tolerance : float
        Share of the spread of a column that must remain when the others are taken out; of columns
        far from zero also more than the noise of their size.
    """
    kept = np.zeros((design.shape[0], 0))
    found = []
    for j, column in enumerate(design.T if len(design) else ()):
        around = float(np.linalg.norm(column - column.mean()))
        whole = float(np.linalg.norm(column))
        length = max(around, whole * NOISE / tolerance) if around else whole
        rest = column - kept @ (kept.T @ column)
        # Twice, since one pass loses digits when columns are nearly parallel.
        rest = rest - kept @ (kept.T @ rest)
        left = float(np.linalg.norm(rest))
        if length == 0 or left <= tolerance * length:
            found.append(j)
        else:
            kept = np.column_stack([kept, rest / left])
    return found


def hc_covariance(fit: OlsFit, kind: Hc, *, df: float | None = None) -> Floats:
    """Return the covariance of the coefficients.

    Parameters
    ----------
    fit : OlsFit
    kind : {"classic", "HC0", "HC1", "HC2", "HC3"}
    df : float, optional
        Residual degrees of freedom for ``classic`` and ``HC1``; n - k if left out. To be given
        where fixed effects were taken out before.

    Returns
    -------
    array of float, shape (k, k)
        NaN for HC2 and HC3 where a unit alone decides a coefficient.

    Notes
    -----
    White 1980 (HC0), MacKinnon and White 1985 (HC1 to HC3): meat X' diag(w e^2) X with w = 1,
    n/(n - k), 1/(1 - h), 1/(1 - h)^2.
    """
    rest = fit.n - fit.k if df is None else df
    if kind == "classic":
        return fit.bread * (fit.rss / rest)
    weight = np.ones(fit.n)
    if kind in ("HC2", "HC3"):
        free = 1 - fit.leverage
        if free.min() < ALONE:
            return np.full_like(fit.bread, np.nan)
        weight = free ** (-1.0 if kind == "HC2" else -2.0)
    covariance = sandwich(fit.design * (fit.residuals * np.sqrt(weight))[:, None], fit.bread)
    return covariance * (fit.n / rest) if kind == "HC1" else covariance


def inverse_root(information: Floats) -> Floats:
    """Return a root of the inverse of a matrix, without the directions in which it is zero.

    With it the variance of a combination is the square of a length, which rounding can't make
    negative.
    """
    sizes, directions = np.linalg.eigh(information)
    large = sizes > sizes.max(initial=0.0) * len(sizes) * np.finfo(float).eps
    return np.asarray(directions * np.where(large, np.where(large, sizes, 1.0) ** -0.5, 0.0))


def sandwich(scores: Floats, bread: Floats) -> Floats:
    """Return bread times the sum of squared scores times bread, shape (k, k).

    Formed as a square, so that rounding can't turn a variance negative.

    Parameters
    ----------
    scores : array of float, shape (m, k)
    bread : array of float, shape (k, k)
    """
    half = scores @ bread
    covariance: Floats = half.T @ half
    return covariance


def cluster_scores(fit: OlsFit, clusters: Codes) -> Floats:
    """Return the sum of the scores of each cluster, shape (clusters, k)."""
    scores = np.zeros((int(clusters.max()) + 1, fit.k))
    np.add.at(scores, clusters, fit.design * fit.residuals[:, None])
    return scores


def cr0_covariance(fit: OlsFit, clusters: Codes) -> Floats:
    """Return the clustered covariance without a factor for small samples (CR0).

    Parameters
    ----------
    fit : OlsFit
    clusters : array of int, shape (n,)
        Number of the cluster of each row, from 0.
    """
    return sandwich(cluster_scores(fit, clusters), fit.bread)


def cr1_factor(clusters: int, n: int, k: int) -> float:
    """Return the small-sample factor G/(G - 1) (N - 1)/(N - K), as Stata's."""
    return clusters / (clusters - 1) * (n - 1) / (n - k)


@dataclass(frozen=True, slots=True)
class Cr2:
    """Bias-reduced clustered covariance, with degrees of freedom of each coefficient.

    Attributes
    ----------
    covariance : array of float, shape (k, k)
    df : array of float, shape (k,)
    """

    covariance: Floats
    df: Floats


def cr2_covariance(fit: OlsFit, clusters: Codes) -> Cr2:
    """Return the bias-reduced clustered covariance (CR2) with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    fit : OlsFit
    clusters : array of int, shape (n,)

    Notes
    -----
    The residuals of cluster g are multiplied by A_g = (I - H_gg)^(-1/2), which makes the covariance
    unbiased when the errors are independent and equally spread (Bell and McCaffrey 2002). With
    a_g = A_g X_g M c, M the inverse of X'X and c a coefficient, the degrees of freedom are
    (sum P_gg)^2 / sum P_gh^2, P_gh = [g = h] a_g'a_g - (X_g'a_g)' M (X_h'a_h) (Pustejovsky and
    Tipton 2018). A_g is applied through the singular values of the rows of Q, so that a large
    cluster costs n_g k^2 and not n_g^3.
    """
    groups = int(clusters.max()) + 1
    order = np.argsort(clusters, kind="stable")
    ends = np.searchsorted(clusters[order], np.arange(groups + 1))
    scores = np.empty((groups, fit.k))
    lengths = np.empty((groups, fit.k))
    sums = np.empty((groups, fit.k, fit.k))
    for g in range(groups):
        rows = order[ends[g] : ends[g + 1]]
        x = fit.design[rows]
        left, singular, _ = np.linalg.svd(fit.basis[rows], full_matrices=False)
        free = 1 - np.square(singular)
        stretch = np.where(free > ZERO, np.maximum(free, ZERO) ** -0.5, 0.0) - 1
        scaled = x + left @ (stretch[:, None] * (left.T @ x))
        scores[g] = scaled.T @ fit.residuals[rows]
        adjusted = scaled @ fit.bread
        lengths[g] = np.square(adjusted).sum(axis=0)
        sums[g] = x.T @ adjusted
    covariance = sandwich(scores, fit.bread)
    df = np.empty(fit.k)
    for j in range(fit.k):
        own, part = lengths[:, j], sums[:, :, j]
        spread = fit.bread @ (part.T @ part)
        shared = np.einsum("gk,kl,gl->g", part, fit.bread, part)
        # Sum of the squares of every P_gh, without the matrix of clusters by clusters.
        squares = own @ own - 2 * (own @ shared) + np.trace(spread @ spread)
        df[j] = (own.sum() - np.trace(spread)) ** 2 / squares if squares > 0 else np.nan
    return Cr2(covariance, df)


def std_errors(covariance: Floats) -> Floats:
    """Return the roots of the diagonal, shape (k,)."""
    errors: Floats = np.sqrt(np.diag(covariance))
    return errors
