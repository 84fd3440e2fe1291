"""That nothing changed must be shown; and what change could have been seen at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import scipy.stats as sp
from scipy.optimize import brentq
from statsmodels.stats.weightstats import ttost_paired

from workbench.language import Counted, Message
from workbench.stats.change_words import mean_sentence
from workbench.stats.paired import described, no_pairs, no_variation, refused, t_interval
from workbench.stats.pairs import matched
from workbench.stats.result import (
    Effect,
    Number,
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

TOST = Message("two one-sided t tests")
USUAL_POWER = 0.8


def no_change(
    before: pd.Series,
    after: pd.Series,
    *,
    margin: float | None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether the mean change lies within a margin that was declared before (TOST).

    Parameters
    ----------
    before, after : Series of float
        One number a unit, indexed by code.
    margin : float or None
        Smallest relevant change; refused where none was declared.
    level, labels, sizes
        As of :func:`mean_change`.

    Returns
    -------
    Result
        Estimate: mean change with its t interval at ``level``; effect ``change_90`` with the 90 %
        interval that decides. ``details["mde_paired"]``: the change that could have been seen.

    Raises
    ------
    ValueError
        If the margin is not above 0.

    Notes
    -----
    Negligible where both one-sided tests at 5 % reject, which is where the 90 % interval lies
    inside the margin (Lakens 2017, doi:10.1177/1948550617697177).
    """
    if margin is not None and not margin > 0:
        raise ValueError(f"margin: {margin}; expected a number above 0")
    limit = np.nan if margin is None else margin
    pairs = matched(before, after, labels)
    refusal = (
        _no_margin(margin)
        or no_pairs(pairs, labels)
        or no_variation(pairs, labels)
        or too_few(
            pairs.n,
            "paired",
            Message("Whether the change is negligible cannot be tested."),
            Message("The change of each one can be shown."),
            sizes,
        )
    )
    if refusal is not None:
        return refused("no_change", TOST, pairs, refusal, described(pairs))
    p, lower, upper = ttost_paired(pairs.after, pairs.before, -limit, limit)
    mean, sd, df = float(pairs.change.mean()), float(pairs.change.std(ddof=1)), pairs.n - 1
    se = sd / np.sqrt(pairs.n)
    interval, narrow = (t_interval(mean, se, df, at) for at in (level, 0.90))
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    least = sd * detectable(pairs.n)
    said: tuple[Sentence, ...] = (mean_sentence(pairs.n, mean, interval, verdict, margin, labels),)
    if verdict is Verdict.UNDETERMINED:
        said = (*said, _not_shown(limit, labels), _seen(pairs.n, least, labels))
    return Result(
        "no_change",
        "change",
        pairs.n,
        TOST,
        design="paired",
        dropped=pairs.dropped,
        conventions=("the 90 % interval inside the margin is both one-sided tests at 5 %",),
        estimate=mean,
        interval=interval,
        effects=(Effect("change_90", mean, narrow),),
        test=Test("TOST", None, (float(df),), float(p)),
        tests=(
            Test("above the lower end of the margin", float(lower[0]), (df,), float(lower[1])),
            Test("below the upper end of the margin", float(upper[0]), (df,), float(upper[1])),
        ),
        margin=margin,
        verdict=verdict,
        warnings=few(pairs.n, "paired", sizes),
        sentences=said,
        details={
            **described(pairs),
            "delta": limit,
            "mean": mean,
            "se": float(se),
            "t_lower": float(lower[0]),
            "p_lower": float(lower[1]),
            "t_upper": float(upper[0]),
            "p_upper": float(upper[1]),
            "p_tost": float(p),
            "ci_low": interval.low,
            "ci_high": interval.high,
            "ci90_low": narrow.low,
            "ci90_high": narrow.high,
            "equivalent": narrow.inside(limit),
            "mde_paired": least,
        },
        fingerprint=pairs.fingerprint,
    )


def detectable_change(
    n: int,
    sd: float,
    *,
    smallest: float | None = None,
    power: float = USUAL_POWER,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return the smallest mean change that so many units let one see.

    Parameters
    ----------
    n : int
        Units measured both times.
    sd : float
        Deviation of the changes, from an earlier study or these data.
    smallest : float, optional
        A change of interest, for which the units needed are given.
    power : float
        How often a change of the size found is to be seen, 0-1.
    level : float
        Of the test: 0.95 for p below 0.05.
    labels, sizes
        As of :func:`mean_change`.

    Returns
    -------
    Result
        Estimate: the change in points; ``details`` also holds it in deviations (``dz``), that
        between two groups of n each (``mde_two_groups_each``), and the units needed for half a
        deviation (``n_for_dz_0.5``) and for ``smallest`` (``n_for_smallest``).

    Raises
    ------
    ValueError
        If ``sd`` is not above 0, or ``power`` or ``level`` lie outside of their ranges.

    Notes
    -----
    Solves the power of the two-sided t test by the noncentral t for the effect or for n. A test
    that rejects on the wrong side is not counted as seeing the effect.
    """
    for name, value, good in (
        ("sd", sd, sd > 0),
        ("power", power, 1 - level < power < 1),
        ("level", level, 0 < level < 1),
    ):
        if not good:
            raise ValueError(f"{name}: {value}; expected a value within its range")
    question, method = "detectable_change", Message("power of the paired t test")
    refusal = too_few(
        n,
        "paired",
        Message("What change could be seen cannot be said."),
        Message("The change of each one can be shown."),
        sizes,
    )
    if refusal is not None:
        return Result(question, "change", n, method, design="paired", refusal=refusal)
    dz = detectable(n, power, level)
    details: dict[str, Number] = {
        "n_pairs": n,
        "sd_difference": sd,
        "power": power,
        "alpha": 1 - level,
        "mde_paired": sd * dz,
        "dz": dz,
        "mde_two_groups_each": sd * detectable(n, power, level, groups=True),
        "n_for_dz_0.5": needed(0.5, power, level),
    }
    if smallest is not None:
        details["n_for_smallest"] = needed(abs(smallest) / sd, power, level)
    return Result(
        question,
        "change",
        n,
        method,
        design="paired",
        reading="none",
        estimate=sd * dz,
        warnings=few(n, "paired", sizes),
        sentences=(_seen(n, sd * dz, labels),),
        details=details,
    )


# -- parts ------------------------------------------------------------------------------------


def detectable(
    n: int, power: float = USUAL_POWER, level: float = 0.95, *, groups: bool = False
) -> float:
    """Return the effect in deviations that a t test of n pairs (or n in each group) sees."""
    df, scale = (2 * n - 2, np.sqrt(n / 2)) if groups else (n - 1, np.sqrt(n))

    def missing(effect: float) -> float:
        return _power(effect * scale, df, level) - power

    return _root(missing, 1e-6, _normal_sum(power, level) / scale)


def needed(effect: float, power: float = USUAL_POWER, level: float = 0.95) -> float:
    """Return the pairs, not rounded, that a t test needs for an effect in deviations."""

    def missing(n: float) -> float:
        return _power(effect * np.sqrt(n), n - 1, level) - power

    return _root(missing, 2.0, 2.0 + (_normal_sum(power, level) / effect) ** 2)


def _power(noncentrality: float, df: float, level: float) -> float:
    """Return how often the two-sided t test rejects on the side of the effect."""
    critical = sp.t.ppf(0.5 + level / 2, df)
    return float(sp.nct.sf(critical, df, noncentrality))


def _normal_sum(power: float, level: float) -> float:
    """Return the normal approximation of effect times root n: where to look for the exact one.

    Far beyond it the noncentral t is not computed any more.
    """
    return float(sp.norm.ppf(0.5 + level / 2) + sp.norm.ppf(power))


def _root(missing: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function crosses zero, from a first guess of the upper end."""
    if missing(low) >= 0:
        return low
    while missing(high) < 0:
        high *= 2.0
    return float(brentq(missing, low, high, xtol=1e-12, rtol=1e-12))


def _no_margin(margin: float | None) -> Refusal | None:
    """Return the refusal where no margin was declared."""
    if margin is not None:
        return None
    return Refusal(
        "not_declared",
        Message("Whether the change is negligible cannot be said."),
        Message("The smallest change that counts was not declared beforehand."),
        Message("The mean change can be given with its range."),
    )


def _not_shown(margin: float, labels: Labels) -> Sentence:
    """Return that a negligible change is not shown either."""
    return Message(
        "Nor do they show that the change is smaller than the {margin} {unit} that count.",
        margin=rounded(margin),
        unit=labels.unit,
    )


def _seen(n: int, least: float, labels: Labels) -> Sentence:
    """Return what change could have been seen."""
    return Counted(
        "With {n} of the {nouns}, only changes of about {least} {unit} or more could have been "
        "seen.",
        "With {n} {nouns}, only changes of about {least} {unit} or more could have been seen.",
        n,
        least=rounded(least),
        **labels.values,
    )
