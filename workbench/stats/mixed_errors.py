"""Standard errors and degrees of freedom of the coefficients of a mixed model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.stats.mixed_fit import Blocks, Fit, Floats, at_point

# Step of differences, relative to the residual deviation that parameters are measured in.
STEP = 2e-3


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of all coefficients, in units of the outcome and of the columns as they came.

    Parameters
    ----------
    se, se_adjusted : array, shape (p,)
        By the model, and with the correction of Kenward and Roger.
    df, df_satterthwaite : array, shape (p,)
        By the expected information (Kenward and Roger) and by the observed one (Satterthwaite).
    """

    se: Floats
    se_adjusted: Floats
    df: Floats
    df_satterthwaite: Floats


@dataclass(frozen=True, slots=True)
class Pieces:
    """What Kenward and Roger need: W, P and Q by parameter of the covariance.

    Parameters
    ----------
    weights : array, shape (r, r)
        Covariance of the parameters, from their expected information.
    first : array, shape (r, p, p)
    second : array, shape (r, r, p, p)
    phi : array, shape (p, p)
    """

    weights: Floats
    first: Floats
    second: Floats
    phi: Floats


def errors(data: Blocks, found: Fit) -> Errors:
    """Return the errors of the coefficients.

    Notes
    -----
    With V = sum of gamma_r G_r, P_r = -X' V^-1 G_r V^-1 X, Q_rs = X' V^-1 G_r V^-1 G_s V^-1 X, Phi
    = (X' V^-1 X)^-1 and W the inverse of the expected information, the adjusted covariance is Phi +
    2 Phi (sum W_rs (Q_rs - P_r Phi P_s)) Phi, and the degrees of freedom of a coefficient c are
    2 (c' Phi c)^2 / sum W_rs (c' Phi P_r Phi c)(c' Phi P_s Phi c) (Kenward and Roger 1997,
    doi:10.2307/2533558, which for one coefficient is this). Satterthwaite takes the observed
    information of the factor and the residual deviation instead, by differences.
    """
    pieces = _pieces(data, found)
    back = np.asarray(np.linalg.inv(data.r), dtype=np.float64)
    phi, w = pieces.phi, pieces.weights
    middle = np.einsum("rs,rsij->ij", w, pieces.second)
    middle -= np.einsum("rs,rij,jk,skl->il", w, pieces.first, phi, pieces.first, optimize=True)
    adjusted = phi + 2 * phi @ middle @ phi
    slopes = np.einsum("ci,ij,rjk,kl,cl->cr", back, phi, pieces.first, phi, back, optimize=True)
    variance = np.einsum("ci,ij,cj->c", back, phi, back)
    spread = np.einsum("cr,rs,cs->c", slopes, w, slopes)
    corrected = np.einsum("ci,ij,cj->c", back, adjusted, back)
    return Errors(
        np.sqrt(variance) * data.scale,
        np.sqrt(np.maximum(corrected, 0.0)) * data.scale,
        2 * variance**2 / spread,
        _satterthwaite(data, found, back),
    )


def _pieces(data: Blocks, found: Fit) -> Pieces:
    """Return W, P, Q and Phi; all products of V^-1 reduced to the columns of a group."""
    q, s2 = data.layout.q, found.sigma2
    factor = np.tensordot(found.theta, data.layout.patterns(symmetric=False), axes=1)
    a = data.cross[:, :q, :q]
    inner = np.linalg.inv(factor.T @ a @ factor + np.eye(q))
    shrink = factor @ inner @ factor.T
    # V^-1 U = U T for the columns U of a group, so that U' V^-k U = U'U T^k.
    step = np.tile(np.eye(data.cross.shape[1]), (len(a), 1, 1))
    step[:, :q, :] -= shrink @ data.cross[:, :q, :]
    step /= s2
    k1 = data.cross @ step
    k2 = k1 @ step
    k3 = k2 @ step
    z, m = data.layout.patterns(symmetric=True), k1[:, :q, :q]
    n1, n2 = k1[:, :q, q:], k2[:, :q, q:]
    r, p = len(z) + 1, data.p
    first, second, traces = np.zeros((r, p, p)), np.zeros((r, r, p, p)), np.zeros((r, r))
    for i, zi in enumerate(z):
        left = n1.transpose(0, 2, 1) @ zi
        first[i] = -(left @ n1).sum(axis=0)
        for j, zj in enumerate(z):
            second[i, j] = (left @ m @ zj @ n1).sum(axis=0)
            traces[i, j] = np.einsum("gij,gji->", m @ zi, m @ zj)
        second[i, -1] = (left @ n2).sum(axis=0)
        second[-1, i] = second[i, -1].T
        traces[i, -1] = traces[-1, i] = np.einsum("ij,gji->", zi, k2[:, :q, :q])
    first[-1], second[-1, -1] = -k2[:, q:, q:].sum(axis=0), k3[:, q:, q:].sum(axis=0)
    sa = shrink @ a
    trace = data.n - 2 * np.einsum("gii->", sa) + np.einsum("gij,gji->", sa, sa)
    traces[-1, -1] = trace / s2**2
    phi = np.linalg.inv(k1[:, q:, q:].sum(axis=0))
    information = traces - 2 * np.einsum("ij,rsji->rs", phi, second)
    information += np.einsum("ij,rjk,kl,sli->rs", phi, first, phi, first, optimize=True)
    return Pieces(2 * np.linalg.pinv(information, hermitian=True), first, second, phi)


def _satterthwaite(data: Blocks, found: Fit, back: Floats) -> Floats:
    """Return degrees of freedom by the observed information of factor and residual deviation."""
    at = np.append(found.theta, np.sqrt(found.sigma2))
    df = data.n - data.p

    def deviance(x: Floats) -> float:
        point = at_point(data, x[:-1])
        logdet = float(np.linalg.slogdet(point.information)[1])
        sigma = float(x[-1])
        return point.logdet + logdet + 2 * df * float(np.log(sigma)) + point.squares / sigma**2

    def variances(x: Floats) -> Floats:
        phi = np.linalg.inv(at_point(data, x[:-1]).information) * x[-1] ** 2
        return np.asarray(np.einsum("ci,ij,cj->c", back, phi, back))

    values, vectors = np.linalg.eigh(_second_derivatives(deviance, at))
    good = values > 1e-8 * values.max()
    covariance = 2 * (vectors[:, good] / values[good]) @ vectors[:, good].T
    slopes = _first_derivatives(variances, at)
    spread = np.einsum("cr,rs,cs->c", slopes, covariance, slopes)
    return np.asarray(2 * variances(at) ** 2 / spread)


def _first_derivatives(function: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Return derivatives by differences of fourth order, shape (values, parameters)."""
    found = []
    for i in range(len(at)):
        h = np.zeros(len(at))
        h[i] = STEP * max(1.0, abs(at[i]))
        near, far = (function(at + k * h) - function(at - k * h) for k in (1, 2))
        found.append((8 * near - far) / (12 * h[i]))
    return np.array(found).T


def _second_derivatives(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return second derivatives by differences of fourth order, shape (parameters, parameters)."""
    steps = np.diag(STEP * np.maximum(1.0, np.abs(at)))
    size = len(at)
    found = np.zeros((size, size))
    middle = function(at)

    def cross(i: int, j: int, k: float) -> float:
        a, b = k * steps[i], k * steps[j]
        corners = function(at + a + b) - function(at + a - b)
        corners += function(at - a - b) - function(at - a + b)
        return float(corners / (4 * k**2 * steps[i, i] * steps[j, j]))

    for i in range(size):
        h = steps[i]
        near, far = (function(at + k * h) + function(at - k * h) - 2 * middle for k in (1, 2))
        found[i, i] = (16 * near - far) / (12 * h[i] ** 2)
        for j in range(i):
            found[i, j] = found[j, i] = (4 * cross(i, j, 1) - cross(i, j, 2)) / 3
    return found
