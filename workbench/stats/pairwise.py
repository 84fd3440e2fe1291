"""Several groups: overall tests, every pair of groups, and a trend over groups in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.optimize as opt
import scipy.special as special
import scipy.stats as sp

from workbench.stats.correlation import kendall_interval
from workbench.stats.families import holm
from workbench.stats.noise import grain, settled
from workbench.stats.pairs import Floats
from workbench.stats.rank_sums import ranked
from workbench.stats.result import Check, Interval, Number, Sentence, verdict_of
from workbench.stats.simultaneous import studentized_range_p, studentized_range_quantile

Parts = Sequence[Floats]
# Beyond this the distribution function loses its digits.
_LARGEST_F = 1e7


def welch_anova(parts: Parts) -> dict[str, float]:
    """Return Welch's test that all means are equal, without equal variances (Welch 1951).

    Notes
    -----
    Weights ``n/s^2``; ``F = sum w (m - M)^2 / (k - 1) / (1 + 2 (k - 2) L / (k^2 - 1))`` with ``L =
    sum (1 - w/W)^2 / (n - 1)``; degrees of freedom ``k - 1`` and ``(k^2 - 1) / (3 L)``.
    """
    n, means, variances = _moments(parts)
    weights = n / variances
    total, k = weights.sum(), len(parts)
    centre = (weights * means).sum() / total
    lack = ((1 - weights / total) ** 2 / (n - 1)).sum()
    between = (weights * (means - centre) ** 2).sum() / (k - 1)
    statistic = between / (1 + 2 * (k - 2) * lack / (k**2 - 1))
    df = (k**2 - 1) / (3 * lack)
    return {
        "welch_F": float(statistic),
        "welch_df1": float(k - 1),
        "welch_df2": float(df),
        "welch_p": float(special.fdtrc(k - 1, df, statistic)),
    }


def anova(parts: Parts, level: float) -> dict[str, float]:
    """Return the classical analysis of variance and the share of variance between groups.

    Notes
    -----
    The interval of eta squared inverts the noncentral F; that of omega squared does so for the F
    whose eta squared it would be, as the R package effectsize has it, and is too low with few
    units: 95 % are 72 % of three groups with eight. Ends below zero are zero.
    """
    statistic, p = sp.f_oneway(*parts)
    df, rest = len(parts) - 1, sum(map(len, parts)) - len(parts)
    eta = statistic * df / (statistic * df + rest)
    omega = (statistic - 1) * df / (statistic * df + rest + 1)
    # The F whose eta squared is omega squared.
    as_f = max(statistic - 1, 0.0) * rest / (rest + df + 1)
    found = {"anova_F": float(statistic), "anova_p": float(p)}
    for name, value, f in (("eta", eta, statistic), ("omega", omega, as_f)):
        low, high = (nc / (nc + rest) for nc in _noncentrality(f, df, rest, level))
        found |= {f"{name}_squared": float(value)}
        found |= {f"{name}_ci_low": low, f"{name}_ci_high": high}
    return found


def _noncentrality(f: float, df: float, rest: float, level: float) -> tuple[float, float]:
    """Return the noncentralities under which ``f`` lies at the upper and lower tail, from zero.

    Groups that are thousands of deviations apart leave chance to the deviation alone: there ``f
    df`` is the noncentrality over a chi-squared with ``rest`` degrees of freedom, divided by these.
    """

    def end(p: float) -> float:
        def gap(nc: float) -> float:
            return float(special.ncfdtr(df, rest, nc, f) - p)

        if f * df > _LARGEST_F:
            return float(f * df * special.gammainccinv(rest / 2, p) / (rest / 2))
        if gap(0.0) <= 0:
            return 0.0
        high = 1.0
        while gap(high) > 0 and high < 1e9:
            high *= 2.0
        return float(opt.brentq(gap, 0.0, high, xtol=1e-12, rtol=1e-13))

    return end(0.5 + level / 2), end(0.5 - level / 2)


def kruskal(parts: Parts) -> dict[str, float]:
    """Return Kruskal and Wallis' test by ranks and its sizes of effect.

    Notes
    -----
    ``epsilon^2 = H / (n - 1)``, ``eta^2_H = (H - k + 1) / (n - k)`` (Tomczak and Tomczak 2014).
    """
    statistic, p = sp.kruskal(*_settled(parts))
    n, k = sum(map(len, parts)), len(parts)
    return {
        "kruskal_H": float(statistic),
        "kruskal_df": float(k - 1),
        "kruskal_p": float(p),
        "epsilon_squared": float(statistic / (n - 1)),
        "eta_squared_H": float((statistic - k + 1) / (n - k)),
    }


def spreads(parts: Parts) -> dict[str, Number]:
    """Return the tests of Brown and Forsythe and of Fligner and Killeen for equal spread.

    Where all values lie equally far from the median of their group, as half of yes and half of no
    do, there is no test: its numbers are None.
    """
    with np.errstate(all="ignore"):
        levene = sp.levene(*parts, center="median")
        fligner = sp.fligner(*parts, center="median")
    numbers = (*levene, *fligner)
    return {
        name: float(value) if np.isfinite(value) else None
        for name, value in zip(
            ("brown_forsythe_F", "brown_forsythe_p", "fligner_chi2", "fligner_p"),
            numbers,
            strict=True,
        )
    }


def spread_check(found: Mapping[str, Number], text: Sentence) -> tuple[Check, ...]:
    """Return the check of equal spread; none where there is no test."""
    statistic, p = found["brown_forsythe_F"], found["brown_forsythe_p"]
    if statistic is None or p is None:
        return ()
    return (Check("Brown-Forsythe", statistic, p, text),)


def games_howell(parts: Parts, names: Sequence[str], level: float) -> pd.DataFrame:
    """Return the difference of every pair of groups, without equal variances.

    Returns
    -------
    DataFrame
        One row a pair: ``a, b, diff_b_minus_a, se, df, t, p, ci_low, ci_high``, and the interval of
        90 % as ``ci90_low, ci90_high``. Intervals hold for all pairs at once.

    Notes
    -----
    Games and Howell (1976): Welch's error and degrees of freedom for each pair, the studentized
    range of all groups for p and interval (``q sqrt(2)`` errors).
    """
    n, means, variances = _moments(parts)
    share, k = variances / n, len(parts)
    rows = []
    for a, b in combinations(range(k), 2):
        error = float(np.sqrt(share[a] + share[b]))
        df = error**4 / (share[a] ** 2 / (n[a] - 1) + share[b] ** 2 / (n[b] - 1))
        rows.append(_pair_row(names[a], names[b], float(means[b] - means[a]), error, df, k, level))
    return pd.DataFrame(rows)


def tukey(parts: Parts, names: Sequence[str], level: float) -> pd.DataFrame:
    """Return the difference of every pair of groups, with equal variances (Tukey and Kramer)."""
    n, means, variances = _moments(parts)
    k, df = len(parts), float(n.sum() - len(parts))
    pooled = ((n - 1) * variances).sum() / df
    rows = []
    for a, b in combinations(range(k), 2):
        error = float(np.sqrt(pooled * (1 / n[a] + 1 / n[b])))
        row = _pair_row(names[a], names[b], float(means[b] - means[a]), error, df, k, level)
        rows.append({"pair": f"{names[b]}-{names[a]}", "diff": row["diff_b_minus_a"], **row})
    columns = ["pair", "a", "b", "diff", "se", "df", "t", "p", "ci_low", "ci_high"]
    return pd.DataFrame(rows)[columns]


def _pair_row(
    a: str, b: str, difference: float, error: float, df: float, k: int, level: float
) -> dict[str, object]:
    """Return the difference of one pair by the studentized range."""
    root = np.sqrt(2.0)
    t = difference / error
    reach, narrow = (
        studentized_range_quantile(share, k, df) * error / root for share in (level, 0.90)
    )
    return {
        "a": a,
        "b": b,
        "diff_b_minus_a": difference,
        "se": error,
        "df": df,
        "t": t,
        "p": studentized_range_p(abs(t) * root, k, df),
        "ci_low": difference - reach,
        "ci_high": difference + reach,
        "ci90_low": difference - narrow,
        "ci90_high": difference + narrow,
    }


def dunn(parts: Parts, names: Sequence[str]) -> pd.DataFrame:
    """Return the difference in mean rank of every pair of groups (Dunn 1964, Holm).

    Returns
    -------
    DataFrame
        One row a pair: ``a, b, z_b_minus_a, p, p_holm``; ranks and ties of all groups together.
    """
    n = np.array([len(part) for part in parts])
    every = np.concatenate(_settled(parts))
    ranks, total = sp.rankdata(every), len(every)
    ends = np.cumsum(n)
    mean_ranks = [ranks[end - size : end].mean() for end, size in zip(ends, n, strict=True)]
    _, ties = np.unique(every, return_counts=True)
    variance = total * (total + 1) / 12 - (ties**3 - ties).sum() / (12 * (total - 1))
    pairs = list(combinations(range(len(parts)), 2))
    z = np.array(
        [
            (mean_ranks[b] - mean_ranks[a]) / np.sqrt(variance * (1 / n[a] + 1 / n[b]))
            for a, b in pairs
        ]
    )
    p = 2 * special.ndtr(-np.abs(z))
    return pd.DataFrame(
        {
            "a": [names[a] for a, _ in pairs],
            "b": [names[b] for _, b in pairs],
            "z_b_minus_a": z,
            "p": p,
            "p_holm": holm(p),
        }
    )


def trend(parts: Parts, level: float) -> dict[str, float]:
    """Return whether values rise or fall over groups in order.

    Notes
    -----
    Jonckheere and Terpstra: pairs in which the unit of the later group is greater, ties by half,
    against their mean, normal with the variance under ties (Hollander, Wolfe and Chicken 2014,
    6.2). Kendall's tau-b of group and value has the interval of :func:`kendall_interval`.
    """
    codes = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    values = np.concatenate(_settled(parts))
    later = sum(ranked(b, a).u for a, b in combinations(parts, 2))
    n, sizes = float(len(values)), np.array([len(part) for part in parts], dtype=float)
    _, counts = np.unique(values, return_counts=True)
    ties = counts.astype(float)
    mean = (n**2 - (sizes**2).sum()) / 4
    z = float((later - mean) / np.sqrt(_trend_variance(n, sizes, ties)))
    tau, tau_p = sp.kendalltau(codes, values, method="asymptotic")
    low, high = kendall_interval(codes.astype(np.float64), values, level)
    return {
        "jonckheere_J": float(later),
        "jonckheere_z": z,
        "jonckheere_p": float(2 * special.ndtr(-abs(z))),
        "kendall_tau_b": float(tau),
        "kendall_p": float(tau_p),
        "kendall_ci_low": low,
        "kendall_ci_high": high,
    }


def _trend_variance(n: float, sizes: Floats, ties: Floats) -> float:
    """Return the variance of Jonckheere's statistic under ties."""
    first = (
        n * (n - 1) * (2 * n + 5)
        - (sizes * (sizes - 1) * (2 * sizes + 5)).sum()
        - (ties * (ties - 1) * (2 * ties + 5)).sum()
    ) / 72
    triples = (sizes * (sizes - 1) * (sizes - 2)).sum() * (ties * (ties - 1) * (ties - 2)).sum()
    doubles = (sizes * (sizes - 1)).sum() * (ties * (ties - 1)).sum()
    return float(first + triples / (36 * n * (n - 1) * (n - 2)) + doubles / (8 * n * (n - 1)))


def verdicts(table: pd.DataFrame, margin: float | None) -> list[str]:
    """Return what the intervals of a table let one say, row by row."""
    columns = (table[name].to_numpy() for name in ("ci_low", "ci_high", "ci90_low", "ci90_high"))
    return [
        str(verdict_of(Interval(low, high), narrow=Interval(low90, high90, 0.90), margin=margin))
        for low, high, low90, high90 in zip(*columns, strict=True)
    ]


def furthest(table: pd.DataFrame, column: str) -> pd.Series:
    """Return the row whose difference is the largest, either way."""
    return table.iloc[int(table[column].abs().to_numpy().argmax())]


def _settled(parts: Parts) -> list[Floats]:
    """Return groups without binary noise, so that ties are ties."""
    decimals = grain(*parts)
    return [settled(part, decimals) for part in parts]


def _moments(parts: Parts) -> tuple[Floats, Floats, Floats]:
    """Return sizes, means and variances of groups."""
    return (
        np.array([len(part) for part in parts], dtype=float),
        np.array([part.mean() for part in parts]),
        np.array([part.var(ddof=1) for part in parts]),
    )
