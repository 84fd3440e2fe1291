"""Linear mixed models with random intercepts, slopes and nested groups, by restricted likelihood.

Written here because statsmodels' MixedLM misses variances of zero: it stops short of the boundary,
with a wrong likelihood, or fails. The profiled likelihood is that of Bates, Maechler, Bolker and
Walker (2015, doi:10.18637/jss.v067.i01), the errors of coefficients those of Kenward and Roger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# A relative deviation below this is as good as zero (the tolerance of lme4's isSingular).
AT_ZERO = 1e-4
AGREED = 1e-6


@dataclass(frozen=True, slots=True)
class Layout:
    """How random effects stand in a group: its own first, then those of each group inside it.

    Parameters
    ----------
    outer, inner : int
        Effects of the group itself and of each group inside: 0, 1 (intercept) or 2 (and slope).
    most : int
        Groups inside the largest group.
    """

    outer: int
    inner: int = 0
    most: int = 0

    @property
    def q(self) -> int:
        """Columns of random effects of a group."""
        return self.outer + self.inner * self.most

    @property
    def terms(self) -> tuple[tuple[int, int, int], ...]:
        """First column, effects and copies of each term."""
        found = ((0, self.outer, 1), (self.outer, self.inner, self.most))
        return tuple(term for term in found if term[1])

    def patterns(self, *, symmetric: bool) -> Floats:
        """Return where each parameter stands, shape (parameters, q, q).

        Lower triangles for the factor of the covariance; symmetric ones for the covariance.
        """
        return _patterns(self, symmetric)

    @property
    def diagonal(self) -> NDArray[np.bool_]:
        """Which parameters of the factor stand on its diagonal."""
        return np.array(
            [
                row == column
                for _, effects, _ in self.terms
                for column in range(effects)
                for row in range(column, effects)
            ]
        )


@lru_cache(maxsize=16)
def _patterns(layout: Layout, symmetric: bool) -> Floats:
    """Return the patterns of a layout; kept, because each step of a fit asks for them."""
    found = []
    for start, effects, copies in layout.terms:
        for column in range(effects):
            for row in range(column, effects):
                pattern = np.zeros((layout.q, layout.q))
                at = start + effects * np.arange(copies)
                pattern[at + row, at + column] = 1.0
                if symmetric:
                    pattern[at + column, at + row] = 1.0
                found.append(pattern)
    return np.array(found)


@dataclass(frozen=True, slots=True)
class Blocks:
    """All that the likelihood needs of the data, summed within groups.

    Parameters
    ----------
    cross : array, shape (groups, q + p, q + p)
        Products of the columns of random effects and of orthonormal fixed ones.
    with_y : array, shape (groups, q + p)
    yy : float
    sizes : array of int, shape (groups,)
    layout : Layout
    r : array, shape (p, p)
        Triangle that leads from the orthonormal columns back to the fixed ones.
    centre, scale : float
        Of the outcome.
    """

    cross: Floats
    with_y: Floats
    yy: float
    sizes: Ints
    layout: Layout
    r: Floats
    centre: float
    scale: float

    @property
    def n(self) -> int:
        """Observations."""
        return int(self.sizes.sum())

    @property
    def p(self) -> int:
        """Fixed coefficients."""
        return len(self.r)


@dataclass(frozen=True, slots=True)
class Point:
    """The parts of the likelihood at one value of the factor, in units of the scaled outcome.

    Parameters
    ----------
    logdet : float
        Of the covariance over the residual variance.
    information : array, shape (p, p)
        X' V^-1 X for orthonormal X, residual variance 1.
    beta : array, shape (p,)
    squares : float
        Penalised residual sum of squares.
    effects : array, shape (groups, q)
        Predicted random effects.
    lower : array, shape (groups, q, q)
        Cholesky factor of F'AF + I, with F the factor and A the products of random columns.
    reduced : array, shape (groups, q, p)
        Solution of ``lower`` for F' Z' X.
    spherical : array, shape (groups, q)
        Random effects before the factor.
    """

    logdet: float
    information: Floats
    beta: Floats
    squares: float
    effects: Floats
    lower: Floats
    reduced: Floats
    spherical: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model.

    Parameters
    ----------
    theta : array
        Factor of the covariance over the residual deviation.
    sigma2 : float
        Residual variance of the scaled outcome.
    point : Point
    loglik : float
        Of the outcome as it came.
    converged, singular : bool
    """

    theta: Floats
    sigma2: float
    point: Point
    loglik: float
    converged: bool
    singular: bool


def blocks(y: Floats, x: Floats, z: list[Floats], rows: list[Ints], layout: Layout) -> Blocks:
    """Return the sums of a model.

    Parameters
    ----------
    y : array, shape (n,)
    x : array, shape (n, p)
        Fixed columns, the first of ones, of full rank.
    z : list of array, shape (size, q)
        Columns of random effects, by group.
    rows : list of array of int
        Rows of each group.
    layout : Layout
    """
    centre, scale = float(y.mean()), float(y.std())
    scaled = (y - centre) / scale
    orthonormal, r = np.linalg.qr(x)
    both = [np.hstack([zg, orthonormal[at]]) for zg, at in zip(z, rows, strict=True)]
    return Blocks(
        np.array([u.T @ u for u in both]),
        np.array([u.T @ scaled[at] for u, at in zip(both, rows, strict=True)]),
        float(scaled @ scaled),
        np.array([len(at) for at in rows]),
        layout,
        r,
        centre,
        scale,
    )


def at_point(data: Blocks, theta: Floats) -> Point:
    """Return the parts of the likelihood for a factor of the covariance."""
    q = data.layout.q
    factor = np.tensordot(theta, data.layout.patterns(symmetric=False), axes=1)
    a, b, xx = data.cross[:, :q, :q], data.cross[:, :q, q:], data.cross[:, q:, q:].sum(axis=0)
    c, xy = data.with_y[:, :q], data.with_y[:, q:].sum(axis=0)
    lower = np.asarray(np.linalg.cholesky(factor.T @ a @ factor + np.eye(q)), dtype=np.float64)
    both = np.linalg.solve(lower, factor.T @ np.concatenate([b, c[:, :, None]], axis=2))
    bx, cy = both[:, :, :-1], both[:, :, -1]
    information = xx - np.einsum("gqi,gqj->ij", bx, bx)
    beta = np.linalg.solve(information, xy - np.einsum("gqi,gq->i", bx, cy))
    left = data.yy - float((cy**2).sum())
    squares = left - float(beta @ information @ beta)
    spherical = np.linalg.solve(lower.transpose(0, 2, 1), (cy - bx @ beta)[:, :, None])[:, :, 0]
    logdet = 2 * float(np.log(np.diagonal(lower, axis1=1, axis2=2)).sum())
    return Point(logdet, information, beta, squares, spherical @ factor.T, lower, bx, spherical)


def deviance(data: Blocks, point: Point, *, reml: bool) -> float:
    """Return minus twice the log-likelihood, the residual variance profiled out."""
    df = data.n - data.p if reml else data.n
    found = point.logdet + df * (1 + np.log(2 * np.pi * point.squares / df))
    if reml:
        found += float(np.linalg.slogdet(point.information)[1])
        found += 2 * float(np.log(np.abs(np.diag(data.r))).sum())
    return float(found + 2 * df * np.log(data.scale))


def slopes(data: Blocks, theta: Floats, point: Point, *, reml: bool) -> Floats:
    """Return the derivatives of the deviance by the parameters of the factor.

    Notes
    -----
    With E the pattern of a parameter, H = F'AF + I, residuals r, spherical effects u, and N =
    Z'V^-1 X: of the log-determinant 2 tr(H^-1 F'A E); of the squares -2 r'Z E u; of log |X'V^-1 X|,
    the trace of -2 (X'V^-1 X)^-1 N'E F'N.
    """
    q, patterns = data.layout.q, data.layout.patterns(symmetric=False)
    factor = np.tensordot(theta, patterns, axes=1)
    a, b, c = data.cross[:, :q, :q], data.cross[:, :q, q:], data.with_y[:, :q]
    upper = point.lower.transpose(0, 2, 1)
    fa = factor.T @ a
    curve = np.linalg.solve(upper, np.linalg.solve(point.lower, fa)).sum(axis=0)
    left = c - b @ point.beta - np.einsum("gij,gj->gi", a, point.effects)
    pull = left.T @ point.spherical
    df = data.n - data.p if reml else data.n
    found = 2 * np.einsum("ij,mji->m", curve, patterns)
    found -= 2 * df / point.squares * np.einsum("ij,mij->m", pull, patterns)
    if reml:
        n = b - a @ (factor @ np.linalg.solve(upper, point.reduced))
        weighted = np.einsum(
            "gip,pr,gjr->ij", n, np.linalg.inv(point.information), n, optimize=True
        )
        found -= 2 * np.einsum("ij,mij->m", weighted @ factor, patterns)
    return np.asarray(found)


def fit(data: Blocks, *, reml: bool = True) -> Fit:
    """Return the model with the largest likelihood, from several starts.

    Variances of zero are found exactly: deviations are bounded below by zero, and one next to zero
    is set there if the likelihood does not fall.
    """
    diagonal = data.layout.diagonal
    bounds = [(0.0, None) if on else (None, None) for on in diagonal]

    def objective(theta: Floats) -> float:
        return deviance(data, at_point(data, theta), reml=reml)

    def with_slopes(theta: Floats) -> tuple[float, Floats]:
        point = at_point(data, theta)
        return deviance(data, point, reml=reml), slopes(data, theta, point, reml=reml)

    found = [
        minimize(
            with_slopes,
            np.where(diagonal, start, 0.0),
            jac=True,
            bounds=bounds,
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-8, "maxiter": 500},
        )
        for start in (1.0, 0.1)
    ]
    best = min(found, key=lambda one: float(one.fun))
    theta, least = np.asarray(best.x), float(best.fun)
    converged = True
    if abs(found[0].fun - found[1].fun) > AGREED:
        # One start was led astray; a search without slopes settles which.
        again = minimize(objective, theta, method="Nelder-Mead", bounds=bounds)
        converged = bool(best.fun - again.fun < AGREED)
        theta, least = np.asarray(again.x), float(again.fun)
    theta, least = _at_boundary(theta, least, diagonal, objective)
    point = at_point(data, theta)
    df = data.n - data.p if reml else data.n
    singular = bool((theta[diagonal] < AT_ZERO).any())
    return Fit(theta, point.squares / df, point, -least / 2, converged, singular)


def _at_boundary(
    theta: Floats,
    least: float,
    diagonal: NDArray[np.bool_],
    objective: Callable[[Floats], float],
) -> tuple[Floats, float]:
    """Return parameters with deviations next to zero set to zero, where that costs nothing."""
    for at in np.flatnonzero(diagonal & (theta < 100 * AT_ZERO)):
        trial = theta.copy()
        trial[at] = 0.0
        value = objective(trial)
        if value <= least + 1e-9:
            theta, least = trial, min(value, least)
    return theta, least


def covariance(data: Blocks, found: Fit) -> Floats:
    """Return the covariance of the random effects of a group, in units of the outcome."""
    factor = np.tensordot(found.theta, data.layout.patterns(symmetric=False), axes=1)
    return np.asarray(factor @ factor.T * found.sigma2 * data.scale**2)
