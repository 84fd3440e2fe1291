"""Agreement of two evaluators on numbers: bias and limits of agreement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.measured import once
from workbench.stats.noise import grain, settled
from workbench.stats.ratings import (
    ITEMS,
    few_items,
    incomplete,
    mark,
    numbers,
    rated,
    refused,
    too_few_items,
)
from workbench.stats.result import (
    Check,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes
from workbench.stats.wording import Labels


def two_raters_numeric(
    first: pd.Series,
    second: pd.Series,
    *,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = ITEMS,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far two evaluators' numbers lie apart (limits of agreement).

    Parameters
    ----------
    first, second : Series of float
        One number an item, indexed by its code.
    margin : float, optional
        Largest difference between the two that is acceptable, declared before.
    level : float
    labels : Labels
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: mean of first less second (bias) with a t interval. ``details``: ``limit_low``,
        ``limit_high`` and their intervals. With a margin the verdict is about the limits:
        ``positive`` if both outer ends lie within it, ``negative`` if the inner ends lie outside.

    Notes
    -----
    Limits: bias -+ 1.96 sd (Bland and Altman 1999, doi:10.1177/096228029900800204), each with its
    exact interval by the noncentral t (Carkeet 2015, doi:10.1097/OPX.0000000000000513): that of
    sd sqrt(1/n + 1.96^2 / (2 (n - 1))) and t ends too soon on the outer side.
    """
    for series in (first, second):
        once(series.index)
    frame = rated(pd.DataFrame({"first": first, "second": second}))
    whole = frame.dropna()
    n = len(whole)
    dropped = incomplete(len(frame) - n, labels)
    values = numbers(whole)
    gap = settled(values[:, 0] - values[:, 1], grain(values))
    details: dict[str, Number] = {"n": n, "same": int((gap == 0).sum())}
    if n:
        details |= {"bias": float(gap.mean()), "percent_agreement": float((gap == 0).mean())}
    refusal = too_few_items(n, sizes)
    if refusal is None and np.ptp(gap) == 0:
        why = Message("All differences between the two are {gap}.", gap=rounded(float(gap[0])))
        what = Message("How far the numbers of the two evaluators lie apart has no spread.")
        refusal = Refusal("no_variation", what, why, Message("That difference can be stated."))
    if refusal is not None:
        return refused(
            "two_raters_numeric",
            Message("Bland and Altman"),
            frame,
            refusal,
            n=n,
            dropped=dropped,
            details=details,
        )
    bias, sd = float(gap.mean()), float(gap.std(ddof=1))
    z, t = float(sp.norm.ppf(0.5 + level / 2)), float(sp.t.ppf(0.5 + level / 2, n - 1))
    limits = Interval(bias - z * sd, bias + z * sd, level, "limits of agreement")
    near, far = (
        float(sp.nct.ppf(p, n - 1, z * np.sqrt(n))) * sd / np.sqrt(n)
        for p in (0.5 - level / 2, 0.5 + level / 2)
    )
    interval = Interval(bias - t * sd / np.sqrt(n), bias + t * sd / np.sqrt(n), level, "t")
    mean = values.mean(axis=1)
    checks: tuple[Check, ...] = ()
    if np.ptp(mean) > 0:
        trend = sp.pearsonr(gap, mean)
        doubt = Message("The two differ more at one end of the scale than at the other.")
        checks = (Check("trend", float(trend.statistic), float(trend.pvalue), doubt),)
    verdict = None
    if margin is not None:
        # What is left of the margin beyond the larger limit, with the uncertainty of that limit.
        room = margin - abs(bias)
        verdict = verdict_of(Interval(room - far, room - near, level))
    statistic = bias / (sd / np.sqrt(n))
    p = float(2 * sp.t.sf(abs(statistic), n - 1))
    return Result(
        "two_raters_numeric",
        "agreement",
        n,
        Message("Bland and Altman"),
        design="raters",
        dropped=dropped,
        reading="raters",
        estimate=bias,
        interval=interval,
        effects=(Effect("limits_of_agreement", z * sd, limits),),
        test=Test("t", statistic, (n - 1.0,), p),
        margin=margin,
        verdict=verdict,
        checks=checks,
        warnings=few_items(n, sizes),
        sentences=_sentences(bias, limits, verdict, margin, labels),
        details=details
        | {
            "sd": sd,
            "t": statistic,
            "p": p,
            "ci_low": interval.low,
            "ci_high": interval.high,
            "limit_low": limits.low,
            "limit_low_ci_low": bias - far,
            "limit_low_ci_high": bias - near,
            "limit_high": limits.high,
            "limit_high_ci_low": bias + near,
            "limit_high_ci_high": bias + far,
        },
        fingerprint=mark(whole),
    )


def _sentences(
    bias: float, limits: Interval, verdict: Verdict | None, margin: float | None, labels: Labels
) -> tuple[Sentence, ...]:
    """Return how far the two lie apart in words, and whether that is acceptable."""
    values = {
        **labels.values,
        "bias": rounded(abs(bias)),
        "low": rounded(limits.low),
        "high": rounded(limits.high),
        "margin": rounded(margin or 0.0),
        "share": rounded(100 * limits.level, 1),
    }
    where = Message(
        "On average the first rates as the second does; in {share} of 100 {nouns} the "
        "first lies between {low} and {high} {unit} from the second.",
        **values,
    )
    shown = round(bias, 1)
    if shown > 0:
        where = Message(
            "On average the first rates {bias} {unit} higher than the second; in {share} of 100 "
            "{nouns} the first lies between {low} and {high} {unit} from the second.",
            **values,
        )
    elif shown < 0:
        where = Message(
            "On average the first rates {bias} {unit} lower than the second; in {share} of 100 "
            "{nouns} the first lies between {low} and {high} {unit} from the second.",
            **values,
        )
    match verdict:
        case Verdict.POSITIVE:
            return where, Message("That is within the {margin} {unit} declared.", **values)
        case Verdict.NEGATIVE:
            return where, Message("That is more than the {margin} {unit} declared.", **values)
        case Verdict.UNDETERMINED:
            return where, Message(
                "Whether that is within the {margin} {unit} declared cannot be told from these "
                "data.",
                **values,
            )
    return (where,)
