"""Correlations of many columns at once, pair by pair of what is there, with their p-values."""

from __future__ import annotations

from itertools import permutations
from math import factorial
from typing import Literal

import numpy as np
import pandas as pd
import scipy.special as special
import scipy.stats as sp

from workbench.errors import Problem, Reason, ScoringError, did_you_mean
from workbench.language import Message
from workbench.stats.measured import Floats, numeric_frame

Method = Literal["pearson", "spearman", "kendall"]
METHODS: tuple[Method, ...] = ("pearson", "spearman", "kendall")
# Up to so many units without ties the distribution of Spearman's sum is counted out.
COUNTED_OUT = 9
SPEARMAN_SERIES, KENDALL_EXACT = 1290, 50
# Edgeworth's series for Spearman's sum (Best and Roberts 1975, algorithm AS 89).
_SERIES = (0.2274, 0.2531, 0.1745, 0.0758, 0.1033, 0.3932, 0.0879, 0.0151, 0.0072, 0.0831, 0.0131,
           4.6e-4)  # fmt: skip


def correlation_table(
    first: pd.DataFrame, second: pd.DataFrame | None = None, *, method: Method = "pearson"
) -> pd.DataFrame:
    """Return the correlation of each column with each other.

    Parameters
    ----------
    first : DataFrame of float
        Units by columns.
    second : DataFrame of float, optional
        Of the same units; the columns of ``first`` themselves by default.
    method : {"pearson", "spearman", "kendall"}
        Kendall's is tau-b.

    Returns
    -------
    DataFrame
        Columns of ``first`` by columns of ``second``; each pair from the units that have both.
        Missing where a pair has fewer than two units or one value only.

    Raises
    ------
    ScoringError
        If the method is unknown.
    """
    _known(method)
    x, y = _aligned(first, second)
    found = _coefficients(x.to_numpy(), y.to_numpy(), method)
    return pd.DataFrame(found, index=x.columns, columns=y.columns)


def p_value_table(
    first: pd.DataFrame, second: pd.DataFrame | None = None, *, method: Method = "pearson"
) -> pd.DataFrame:
    """Return the two-sided p-value of each correlation of :func:`correlation_table`.

    Notes
    -----
    Pearson: t with n - 2 degrees of freedom. Spearman: exact up to nine units without ties,
    Edgeworth's series up to 1,290, else t. Kendall: exact below fifty units without ties, else
    normal with the variance under ties. So R's ``cor.test`` does by default. A column with itself
    has 0.

    Raises
    ------
    ScoringError
        If the method is unknown.
    """
    _known(method)
    x, y = _aligned(first, second)
    found = _p_values(x.to_numpy(), y.to_numpy(), method)
    same = np.equal.outer(x.columns.to_numpy(), y.columns.to_numpy())
    return pd.DataFrame(np.where(same, 0.0, found), index=x.columns, columns=y.columns)


def _known(method: str) -> None:
    """Refuse a method that there is not."""
    if method not in METHODS:
        what = Message("there is no correlation {method}", method=method)
        fix = did_you_mean(method, METHODS)
        raise ScoringError(Problem(Reason.PARAMETER_VALUE, what, fix=fix))


def _aligned(first: pd.DataFrame, second: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables as numbers, of the same units."""
    x = numeric_frame(first)
    return x, x if second is None else numeric_frame(second).reindex(x.index)


# -- coefficients ---------------------------------------------------------------------------------


def _coefficients(x: Floats, y: Floats, method: Method) -> Floats:
    """Return correlations, shape (columns of x, columns of y)."""
    if method == "pearson" and not (np.isnan(x).any() or np.isnan(y).any()):
        return _products(x, y)
    if method == "spearman" and not (np.isnan(x).any() or np.isnan(y).any()):
        return _products(sp.rankdata(x, axis=0), sp.rankdata(y, axis=0))
    found = np.full((x.shape[1], y.shape[1]), np.nan)
    for i, j, a, b in _pairs(x, y):
        if len(a) < 2 or a.min() == a.max() or b.min() == b.max():
            continue
        if method == "kendall":
            found[i, j] = sp.kendalltau(a, b, method="asymptotic").statistic
        else:
            columns = (a, b) if method == "pearson" else (sp.rankdata(a), sp.rankdata(b))
            found[i, j] = _products(columns[0][:, None], columns[1][:, None])[0, 0]
    return found


def _products(x: Floats, y: Floats) -> Floats:
    """Return product-moment correlations of columns without gaps."""
    if len(x) < 2:
        return np.full((x.shape[1], y.shape[1]), np.nan)
    a, b = x - x.mean(axis=0), y - y.mean(axis=0)
    # A column of one value leaves rounding only, which is no correlation of 1.
    sizes = [np.where(np.ptp(z, axis=0) > 0, np.sqrt((d**2).sum(axis=0)), np.nan)
             for z, d in ((x, a), (y, b))]  # fmt: skip
    return np.asarray(np.clip((a.T @ b) / np.outer(*sizes), -1, 1), dtype=np.float64)


def _pairs(x: Floats, y: Floats) -> list[tuple[int, int, Floats, Floats]]:
    """Return both columns of each pair, of the units that have both."""
    there_x, there_y = ~np.isnan(x), ~np.isnan(y)
    found = []
    for i in range(x.shape[1]):
        for j in range(y.shape[1]):
            both = there_x[:, i] & there_y[:, j]
            found.append((i, j, x[both, i], y[both, j]))
    return found


# -- p-values -------------------------------------------------------------------------------------


def _p_values(x: Floats, y: Floats, method: Method) -> Floats:
    """Return p-values, shape (columns of x, columns of y)."""
    r = _coefficients(x, y, method)
    found = np.full_like(r, np.nan)
    if method == "pearson":
        n = (~np.isnan(x)).astype(float).T @ (~np.isnan(y)).astype(float)
        return _by_t(r, n)
    for i, j, a, b in _pairs(x, y):
        if np.isnan(r[i, j]):
            continue
        ties = min(np.unique(a).size, np.unique(b).size) < len(a)
        rule = _spearman_p if method == "spearman" else _kendall_p
        found[i, j] = rule(r[i, j], a, b, ties)
    return found


def _by_t(r: Floats, n: Floats) -> Floats:
    """Return p-values of correlations by t."""
    df = np.where(n > 2, n - 2, np.nan)
    with np.errstate(all="ignore"):
        t = np.sqrt(df) * np.abs(r) / np.sqrt(np.maximum(1 - r**2, 0.0))
    return np.asarray(2 * special.stdtr(df, -t), dtype=np.float64)


def _spearman_p(rho: float, a: Floats, _b: Floats, ties: bool) -> float:
    """Return the p-value of Spearman's correlation."""
    n = len(a)
    if ties or n > SPEARMAN_SERIES:
        return float(_by_t(np.array(rho), np.array(float(n))))
    middle = (n**3 - n) / 6
    total = round(middle * (1 - rho))
    above = total > middle
    tail = _counted_out(n, total) if n <= COUNTED_OUT else _series(n, total, above=above)
    if n <= COUNTED_OUT:
        tail = tail if above else 1 - _counted_out(n, total + 2)
    return min(2 * tail, 1.0)


def _counted_out(n: int, total: float) -> float:
    """Return how often the sum of squared differences of ranks is so large, or larger."""
    if total <= 0:
        return 1.0
    # Last rank by rank: all orders of nine are 362,880 rows of nine small numbers.
    orders = np.array(list(permutations(range(n))), dtype=np.int64)
    sums = ((orders - np.arange(n)) ** 2).sum(axis=1)
    return float((sums >= total).sum() / factorial(n))


def _series(n: int, total: float, *, above: bool) -> float:
    """Return the tail beyond a sum of squared differences of ranks, by Edgeworth's series."""
    least = total if above else total + 2
    if least > (n**3 - n) / 3:
        return 0.0 if above else 1.0
    if least <= 0:
        return 1.0 if above else 0.0
    b = 1 / n
    x = (6 * (least - 1) * b / (n**2 - 1) - 1) * np.sqrt(n - 1)
    y = x * x
    c = _SERIES
    inner = c[8] - c[9] * b + y * b * (c[10] - c[11] * y)
    outer = -c[3] + b * (c[4] + c[5] * b) - y * b * (c[6] + c[7] * b - y * inner)
    part = x * b * (c[0] + b * (c[1] + c[2] * b) + y * outer) / np.exp(y / 2)
    tail = special.ndtr(-x) + part if above else special.ndtr(x) - part
    return float(np.clip(tail, 0, 1))


def _kendall_p(tau: float, a: Floats, b: Floats, ties: bool) -> float:
    """Return the p-value of Kendall's tau-b."""
    exact = not ties and len(a) < KENDALL_EXACT
    method: Literal["exact", "asymptotic"] = "exact" if exact else "asymptotic"
    return float(sp.kendalltau(a, b, method=method).pvalue)
