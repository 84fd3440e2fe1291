"""Missing values as a joint normal distribution expects them: expectation and maximisation."""

from __future__ import annotations

import numpy as np

from workbench.errors import Place, Problem, Reason, ScoringError
from workbench.language import Message
from workbench.scoring.states import Floats

MOST_ROUNDS = 5000
SETTLED = 1e-8
# Share of the variances added where the covariance cannot be inverted: parts that add up to others.
RIDGE = 1e-8


def expected(x: Floats, names: list[str]) -> Floats:
    """Return values with those missing at their expectation given those that are there.

    Parameters
    ----------
    x : array of float, shape (cases, indicators)
    names : list of str
        Of the indicators, for errors.

    Raises
    ------
    ScoringError
        If there are fewer complete or partly complete cases than indicators, an indicator without
        two different values, or the rounds do not settle.

    Notes
    -----
    The mean and covariance that make what is there most likely, where values are missing at random
    and jointly normal. Nothing is drawn, so that the same data give the same values; a case of
    which nothing is known gets the means.

    References
    ----------
    Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977), Maximum likelihood from incomplete data
    via the EM algorithm, Journal of the Royal Statistical Society B 39.
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 3.
    """
    gaps = np.isnan(x)
    if not gaps.any():
        return x
    _check(x, gaps, names)
    centre, spread = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    z = (x - centre) / spread
    mean, covariance = np.zeros(x.shape[1]), np.eye(x.shape[1])
    patterns, member = np.unique(gaps, axis=0, return_inverse=True)
    for _ in range(MOST_ROUNDS):
        filled, extra = _filled(z, mean, covariance, patterns, member.ravel())
        new_mean = filled.mean(axis=0)
        centred = filled - new_mean
        new_covariance = (centred.T @ centred + extra) / len(z)
        change = max(np.abs(new_mean - mean).max(), np.abs(new_covariance - covariance).max())
        mean, covariance = new_mean, new_covariance
        if change < SETTLED:
            filled, _ = _filled(z, mean, covariance, patterns, member.ravel())
            return np.where(gaps, filled * spread + centre, x)
    what = Message("the joint distribution does not settle in {n} rounds", n=MOST_ROUNDS)
    fix = Message("Impute within groups (level=2), or by mean or median.")
    raise ScoringError(Problem(Reason.CALIBRATION, what, Place("impute"), fix=fix))


def _filled(
    z: Floats, mean: Floats, covariance: Floats, patterns: np.ndarray, member: np.ndarray
) -> tuple[Floats, Floats]:
    """Return values with expectations in the gaps, and the covariance that these leave out."""
    filled, extra = z.copy(), np.zeros_like(covariance)
    ridged = covariance + RIDGE * np.diag(np.diag(covariance))
    for number, gap in enumerate(patterns):
        if not gap.any():
            continue
        rows, there = member == number, ~gap
        if not there.any():
            filled[rows] = mean
            extra += rows.sum() * covariance
            continue
        b = np.linalg.solve(ridged[np.ix_(there, there)], covariance[np.ix_(there, gap)])
        filled[np.ix_(rows, gap)] = mean[gap] + (z[np.ix_(rows, there)] - mean[there]) @ b
        left = covariance[np.ix_(gap, gap)] - covariance[np.ix_(gap, there)] @ b
        extra[np.ix_(gap, gap)] += rows.sum() * left
    return filled, extra


def _check(x: Floats, gaps: np.ndarray, names: list[str]) -> None:
    """Refuse data of which no joint distribution can be told."""
    problems = []
    for place, name in enumerate(names):
        there = x[~gaps[:, place], place]
        if len(np.unique(there)) < 2:
            what = Message("{code} has no two different values", code=name)
            problems.append(Problem(Reason.CALIBRATION, what, Place("impute"), code=name))
    cases = int((~gaps.all(axis=1)).sum())
    if cases < x.shape[1] + 2:
        what = Message("too few units for a joint distribution of {n} indicators", n=x.shape[1])
        need = Message("at least {n}", n=x.shape[1] + 2)
        fix = Message("Impute within groups (level=2), or by mean or median.")
        problems.append(Problem(Reason.CALIBRATION, what, Place("impute"), str(cases), need, fix))
    if problems:
        raise ScoringError(problems)
