"""Whether two figures of the same units go together."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.special as special
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.correlation import (
    PEARSON,
    SPEARMAN_FIELLER,
    bonett_wright,
    fisher_interval,
    kendall_interval,
    spearman_interval,
)
from workbench.stats.grouped import constant
from workbench.stats.noise import grain, settled
from workbench.stats.pairs import Floats, matched
from workbench.stats.result import (
    Effect,
    Interval,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

Method = Literal["spearman", "pearson", "kendall"]
METHODS = {
    "spearman": Message("Spearman's rank correlation"),
    "pearson": Message("Pearson's correlation"),
    "kendall": Message("Kendall's tau-b"),
}
FIRST, SECOND = Message("the first figure"), Message("the second")


def association(
    first: pd.Series,
    second: pd.Series,
    *,
    method: Method = "spearman",
    margin: float | None = None,
    level: float = 0.95,
    first_name: object = FIRST,
    second_name: object = SECOND,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether two figures of the same units go together.

    Parameters
    ----------
    first, second : Series of float
        One number a unit, indexed by its code; missing where it was not measured.
    method : {"spearman", "pearson", "kendall"}
        Which one is the estimate and decides the verdict; the others stand beside.
    margin : float, optional
        Smallest relevant correlation, declared before the data were seen.
    level : float
        Of the intervals.
    first_name, second_name : Message or str
        What the figures are, with their articles, for sentences.
    labels : Labels
        How the units are called.
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate from -1 to 1; effects ``spearman`` (interval after Bonett and Wright), ``pearson``
        and ``kendall_tau_b`` (after Fisher, and by the jackknife).

    Raises
    ------
    ValueError
        If the method is unknown.

    Notes
    -----
    The p-values of Spearman and Pearson are by t with n - 2 degrees of freedom; that of Kendall is
    normal with the variance under ties. A correlation names no cause.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(METHODS)}")
    called = Labels(nouns=labels.nouns, before=first_name, after=second_name)
    pairs = matched(first, second, called)
    names = {"first": first_name, "second": second_name}
    what = Message("Whether {first} and {second} go together cannot be computed.", **names)
    instead = Message("The figures can be listed side by side.")
    refusal = too_few(pairs.n, "correlation", what, instead, sizes)
    for series, name in ((pairs.before, first_name), (pairs.after, second_name)):
        if refusal is None and constant(series):
            why = Message("In {figure} all are the same.", figure=name)
            refusal = Refusal("no_variation", what, why, instead)
    common: dict[str, Any] = {
        "question": "association",
        "family": "association",
        "n": pairs.n,
        "method": METHODS[method],
        "design": "two figures of the same units",
        "dropped": pairs.dropped,
        "unit": "correlation",
        "fingerprint": pairs.fingerprint,
    }
    if refusal is not None:
        return Result(**common, refusal=refusal, details={"n": pairs.n})
    x, y = (settled(figures, grain(figures)) for figures in (pairs.before, pairs.after))
    details, effects, tests = _correlations(x, y, level)
    chosen = effects[method]
    interval = chosen.interval
    narrow = _correlations(x, y, 0.90)[1][method].interval
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    perfect = method == "pearson" and abs(chosen.value) >= 1 - 1e-12
    return Result(
        **common,
        conventions=("ties share the mean rank", "Spearman's interval after Bonett and Wright"),
        estimate=chosen.value,
        interval=interval,
        effects=(chosen, *(e for name, e in effects.items() if name != method)),
        test=tests[method],
        tests=tuple(t for name, t in tests.items() if name != method),
        margin=margin,
        verdict=verdict,
        warnings=(
            *few(pairs.n, "correlation", sizes),
            *((Message("The order is the same throughout: no interval is known."),) * perfect),
        ),
        sentences=(
            _sentence(chosen, verdict, margin, names, labels),
            Message("That figures go together does not say that one causes the other."),
        ),
        details=details,
    )


def _correlations(
    x: Floats, y: Floats, level: float
) -> tuple[dict[str, float], dict[str, Effect], dict[str, Test]]:
    """Return the three correlations: numbers by name, sizes of effect and tests by method."""
    n = len(x)
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    rho = float(np.clip(np.corrcoef(sp.rankdata(x), sp.rankdata(y))[0, 1], -1, 1))
    tau, z = _kendall(x, y)
    p_r, p_rho = (_t_p(value, n) for value in (r, rho))
    p_tau = float(2 * special.ndtr(-abs(z)))
    pearson = fisher_interval(r, PEARSON, n - 3, level)
    spearman = fisher_interval(rho, bonett_wright(rho), n - 3, level)
    kendall = kendall_interval(x, y, level)
    fieller = fisher_interval(rho, SPEARMAN_FIELLER, n - 3, level)
    fisher = fisher_interval(rho, PEARSON, n - 3, level)
    details = {"n": n, "pearson": r, "pearson_p": p_r, "spearman": rho, "spearman_p_t": p_rho}
    details |= {"kendall_tau_b": tau, "kendall_z": z, "kendall_p_asymptotic": p_tau}
    for name, (low, high) in {
        "pearson_ci": pearson,
        "spearman_ci_bonett_wright": spearman,
        "spearman_ci_fieller": fieller,
        "spearman_ci_fisher": fisher,
        "kendall_ci": kendall,
    }.items():
        details |= {f"{name}_low": low, f"{name}_high": high}
    effects = {
        "spearman": Effect(
            "spearman", rho, Interval(*spearman_interval(rho, n, level), level, "Bonett-Wright")
        ),
        "pearson": Effect("pearson", r, Interval(*pearson, level, "Fisher z")),
        "kendall": Effect(
            "kendall_tau_b", tau, Interval(*kendall, level, "jackknife, Fisher's scale")
        ),
    }
    tests = {
        "spearman": Test("Spearman t", _t(rho, n), (n - 2.0,), p_rho),
        "pearson": Test("Pearson t", _t(r, n), (n - 2.0,), p_r),
        "kendall": Test("Kendall z", z, (), p_tau),
    }
    return details, effects, tests


def _t(r: float, n: int) -> float:
    """Return a correlation over its error; infinite for a perfect one."""
    rest = 1 - r * r
    return float(np.copysign(np.inf, r)) if rest <= 0 else float(r * np.sqrt((n - 2) / rest))


def _t_p(r: float, n: int) -> float:
    """Return the two-sided p of a correlation."""
    return float(2 * special.stdtr(n - 2, -abs(_t(r, n))))


def _kendall(x: Floats, y: Floats) -> tuple[float, float]:
    """Return Kendall's tau-b and its z with the variance under ties (Kendall 1970, 4)."""
    n = float(len(x))
    tau = float(sp.kendalltau(x, y, method="asymptotic").statistic)
    tx, ty = (np.unique(values, return_counts=True)[1].astype(float) for values in (x, y))
    pairs = n * (n - 1)
    twos = [(t * (t - 1)).sum() for t in (tx, ty)]
    threes = [(t * (t - 1) * (t - 2)).sum() for t in (tx, ty)]
    fives = [(t * (t - 1) * (2 * t + 5)).sum() for t in (tx, ty)]
    variance = (
        (pairs * (2 * n + 5) - sum(fives)) / 18
        + twos[0] * twos[1] / (2 * pairs)
        + threes[0] * threes[1] / (9 * pairs * (n - 2))
    )
    score = tau * np.sqrt((pairs - twos[0]) * (pairs - twos[1])) / 2
    return tau, float(score / np.sqrt(variance))


def _sentence(
    chosen: Effect,
    verdict: Verdict,
    margin: float | None,
    names: dict[str, object],
    labels: Labels,
) -> Sentence:
    """Return whether two figures go together, in words."""
    interval = chosen.interval or Interval(-1.0, 1.0)
    values = {
        **names,
        "nouns": labels.nouns,
        "r": rounded(chosen.value, 2),
        "low": rounded(interval.low, 2),
        "high": rounded(interval.high, 2),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Message(
                "Among the {nouns}, where {first} is higher, {second} tends to be higher, too "
                "(correlation {r} of at most 1, probably between {low} and {high}).",
                **values,
            )
        case Verdict.NEGATIVE:
            return Message(
                "Among the {nouns}, where {first} is higher, {second} tends to be lower "
                "(correlation {r} of at least −1, probably between {low} and {high}).",
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Message(
                "Among the {nouns} there is no appreciable association of {first} and {second}: "
                "less than the {margin} that counts.",
                margin=rounded(margin or 0.0, 2),
                **values,
            )
    return Message(
        "Whether among the {nouns} {first} and {second} go together cannot be told from these data "
        "(correlation probably {low} to {high}).",
        **values,
    )
