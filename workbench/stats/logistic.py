"""Logistic regression on arrays: maximum likelihood, Firth's penalised likelihood, separation.

Written here because one fit must bear a penalty and an offset, which gives profile intervals and an
answer under separation; the tests compare with R's glm and brglm2, and with statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize as opt
import scipy.special as special
import scipy.stats as sp

from workbench.stats.linear import centred, inverse_root
from workbench.stats.pairs import Floats

_STEPS = 200
# Newton's steps end when no coefficient, in deviations of its column, moves more than this.
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class LogitFit:
    """A fit of a yes or no.

    Attributes
    ----------
    beta : array of float, shape (k,)
    root : array of float, shape (k, k)
        Of the covariance, which is ``root @ root.T``.
    chance : array of float, shape (n,)
        Fitted probability of yes.
    loglik : float
        With Firth's penalty where there is one.
    converged : bool
    """

    beta: Floats
    root: Floats
    chance: Floats
    loglik: float
    converged: bool

    @property
    def covariance(self) -> Floats:
        """Inverse of the expected information at the coefficients, shape (k, k)."""
        return np.asarray(self.root @ self.root.T)


def fit_logit(
    design: Floats, answers: Floats, *, firth: bool = False, offset: Floats | None = None
) -> LogitFit:
    """Return the fit of yes (1) and no (0).

    Parameters
    ----------
    design : array of float, shape (n, k)
        Of full rank.
    answers : array of float, shape (n,)
    firth : bool
        Whether half the log determinant of the information is added, which keeps every coefficient
        finite under separation (Firth 1993; Heinze and Schemper 2002).
    offset : array of float, shape (n,), optional
        Added to the linear predictor.

    Notes
    -----
    Newton's method on columns that are scaled, and centred where the first is one of ones; steps
    halved until the likelihood does not fall. The way back is exact.
    """
    x, back = _scaled(design)
    shift = np.zeros(len(answers)) if offset is None else offset
    beta = np.zeros(x.shape[1])
    value = _loglik(x, answers, beta, shift, firth)
    converged = False
    for _ in range(_STEPS):
        information, chance = _parts(x, beta, shift)
        rest = answers - chance
        if firth:
            rest += _leverage(x, chance, information) * (0.5 - chance)
        step = np.linalg.lstsq(information, x.T @ rest, rcond=None)[0]
        # Under separation the steps never end; a long one is shortened, not trusted.
        step *= min(1.0, 5.0 / max(float(np.abs(step).max(initial=0.0)), 1e-300))
        for _ in range(40):
            tried = _loglik(x, answers, beta + step, shift, firth)
            if tried >= value - 1e-12 * abs(value):
                break
            step /= 2
        beta, value = beta + step, tried
        if np.abs(step).max(initial=0.0) < _CLOSE:
            converged = True
            break
    information, chance = _parts(x, beta, shift)
    root = back @ inverse_root(information)
    if firth:
        value -= float(np.linalg.slogdet(back)[1])
    return LogitFit(back @ beta, root, chance, value, converged)


def _scaled(design: Floats) -> tuple[Floats, Floats]:
    """Return scaled columns, and the matrix that takes their coefficients to the units they had."""
    if design.size == 0 or not (design[:, 0] == 1).all():
        scale = np.sqrt(np.square(design).mean(axis=0))
        scale = np.where(scale > 0, scale, 1.0)
        return design / scale, np.diag(1 / scale)
    columns, middle, size = centred(design[:, 1:])
    back = np.diag(np.concatenate([[1.0], 1 / size]))
    back[0, 1:] = -middle / size
    return np.column_stack([design[:, 0], columns]), back


def odds(log_odds: Floats | float) -> Floats:
    """Return odds, or their ratio, from logarithms: infinite where too large to be written."""
    with np.errstate(over="ignore"):
        return np.exp(log_odds)


def separation(design: Floats, answers: Floats) -> Floats | None:
    """Return a direction that parts yes from no, None where there is none.

    Parameters
    ----------
    design : array of float, shape (n, k)
        With a column of ones first.
    answers : array of float, shape (n,)

    Returns
    -------
    array of float, shape (k,), or None
        Coefficients b of the columns, levelled, with x'b >= 0 for every yes and <= 0 for every no,
        and not 0 for all: the likelihood has no maximum (Albert and Anderson 1984).

    Notes
    -----
    Found by linear programming (Konis 2007): the greatest sum of +-x'b over -1 <= b <= 1.
    """
    rows = np.column_stack([design[:, 0], levelled(design[:, 1:])])
    return recession(np.where(answers == 1, 1.0, -1.0)[:, None] * rows)


def levelled(columns: Floats) -> Floats:
    """Return columns less their median over their usual distance from it.

    A line parts the units or does not, whatever the units of measurement; a few far away must not
    make all others look the same to the solver.
    """
    around = columns - np.median(columns, axis=0)
    usual = np.median(np.abs(around), axis=0)
    usual = np.where(usual > 0, usual, np.abs(around).max(axis=0, initial=0.0))
    return np.asarray(around / np.where(usual > 0, usual, 1.0), dtype=np.float64)


def recession(rows: Floats) -> Floats | None:
    """Return a direction d with ``rows @ d >= 0``, not all 0; None where there is none.

    Parameters
    ----------
    rows : array of float, shape (m, k)
    """
    # The length of a row does not change on which side a direction leaves it.
    length = np.abs(rows).max(axis=1, initial=0.0)
    scaled = np.unique(rows[length > 0] / length[length > 0, None], axis=0)
    found = opt.linprog(
        -scaled.sum(axis=0),
        A_ub=-scaled,
        b_ub=np.zeros(len(scaled)),
        bounds=[(-1.0, 1.0)] * rows.shape[1],
        method="highs",
    )
    if found.status != 0 or float(found.fun or 0.0) > -1e-7:
        return None
    return np.asarray(found.x, dtype=np.float64)


def profile_interval(
    design: Floats, answers: Floats, best: LogitFit, j: int, level: float
) -> tuple[float, float]:
    """Return the profile likelihood interval of a coefficient; an end it has not is infinite.

    Parameters
    ----------
    design : array of float, shape (n, k)
    answers : array of float, shape (n,)
    best : LogitFit
        By maximum likelihood, without penalty.
    j : int
    level : float

    Notes
    -----
    Values at which twice the loss of likelihood, the other coefficients fitted anew, equals the
    quantile of chi-squared (Venzon and Moolgavkar 1988).
    """
    limit = float(sp.chi2.ppf(level, 1)) / 2
    middle, se = float(best.beta[j]), float(np.sqrt(best.covariance[j, j]))
    others = np.delete(design, j, axis=1)
    own = design[:, j] - (design[:, j].mean() if j else 0.0)

    def loss(value: float) -> float:
        fit = fit_logit(others, answers, offset=own * value)
        return best.loglik - fit.loglik - limit

    def end(side: float) -> float:
        reach = side * 2 * se
        for _ in range(12):
            if loss(middle + reach) > 0:
                return float(opt.brentq(loss, middle, middle + reach, xtol=1e-9 * se))
            reach *= 1.7
        return side * float("inf")

    # Of an intercept far from all that was seen the others can't be fitted anew closely enough.
    if loss(middle) >= 0:
        return -np.inf, np.inf
    return end(-1.0), end(1.0)


def _loglik(x: Floats, answers: Floats, beta: Floats, shift: Floats, firth: bool) -> float:
    """Return the log-likelihood, with the penalty where it is asked for."""
    linear = x @ beta + shift
    value = float(answers @ linear - np.logaddexp(0.0, linear).sum())
    if firth:
        information, _ = _parts(x, beta, shift)
        value += 0.5 * float(np.linalg.slogdet(information)[1])
    return value


def _parts(x: Floats, beta: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Return the information and fitted chances."""
    chance = special.expit(x @ beta + shift)
    return x.T @ (x * (chance * (1 - chance))[:, None]), chance


def _leverage(x: Floats, chance: Floats, information: Floats) -> Floats:
    """Return the leverages of the weighted design."""
    inverse = np.linalg.pinv(information, hermitian=True)
    return np.asarray(chance * (1 - chance) * ((x @ inverse) * x).sum(axis=1))
