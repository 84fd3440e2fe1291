"""Against a target: a mean, or the share of units that reach a mark."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import scipy.stats as sp
from statsmodels.stats.proportion import proportion_confint

from workbench.language import Counted, Message
from workbench.stats.measured import Floats, Measured, measured
from workbench.stats.noise import grain, settled
from workbench.stats.noncentral import noncentrality
from workbench.stats.result import (
    Check,
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
from workbench.stats.signed_ranks import EXACT_UP_TO, exact_p, normal_p, signed_ranks
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

Reading = Literal["superpopulation", "sample", "none"]

VERDICTS = {
    Verdict.POSITIVE: Message("The target is met."),
    Verdict.NEGATIVE: Message("The target is not met."),
    Verdict.NEGLIGIBLE: Message("That is at the target, within the margin declared."),
    Verdict.UNDETERMINED: Message("Whether the target is met cannot be told from these data."),
}


def mean_against_target(
    values: pd.Series,
    target: float,
    *,
    direction: Literal[1, -1] = 1,
    margin: float | None = None,
    level: float = 0.95,
    reading: Reading = "superpopulation",
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return how far the mean lies from a target (one-sample t).

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by code.
    target : float
    direction : {1, -1}
        -1 where less is better: the target is met below it.
    margin : float, optional
        Distance that counts as being at the target, declared before the data were seen.
    level : float
        Of the interval.
    reading : {"superpopulation", "sample", "none"}
        Where the error comes from. With ``none`` (every unit of interest was measured and the
        measure has no error) the distance is a fact: no interval, no test, no verdict.
    labels : Labels
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: mean less target, with its t interval; effect ``d``, the distance in deviations
        (interval by the noncentral t). Verdict ``positive``: meets it.

    Notes
    -----
    ``details`` holds the signed rank test of the distances beside, exact given ties and normal
    with continuity correction; units exactly at the target are left out of it.
    """
    sample = measured(values, labels)
    gap = settled(sample.values - target, grain(sample.values))
    details: dict[str, float | int | None] = {"n": sample.n, "target": target}
    if sample.n:
        details |= {"mean": float(sample.values.mean()), "gap": float(gap.mean())}
    refusal = _mean_refusal(gap, target, labels, sizes) if reading != "none" else None
    if refusal is None and not sample.n:
        refusal = _nobody(labels)
    if refusal is not None:
        return _refused(
            "mean_against_target", Message("one-sample t test"), sample, refusal, details
        )
    if reading == "none":
        return Result(
            "mean_against_target",
            "target",
            sample.n,
            Message("distance of the mean"),
            design="one wave",
            dropped=sample.dropped,
            reading=reading,
            estimate=float(gap.mean()),
            sentences=(_mean_sentence(sample.n, float(gap.mean()), None, target, labels),),
            details=details,
            fingerprint=sample.fingerprint,
        )
    df, sd = float(sample.n - 1), float(gap.std(ddof=1))
    mean, root = float(gap.mean()), float(np.sqrt(sample.n))
    t = mean / sd * root
    test = Test("t", t, (df,), float(2 * sp.t.sf(abs(t), df)))
    interval = _t_interval(mean, sd / root, df, level)
    narrow = _t_interval(mean, sd / root, df, 0.90)
    low, high = noncentrality(t, df, level)
    effect = Effect("d", mean / sd, Interval(low / root, high / root, level, "noncentral t"))
    verdict = verdict_of(
        turned(interval, direction), narrow=turned(narrow, direction), margin=margin
    )
    shapiro = sp.shapiro(gap)
    doubt = Message("The values are not spread like a normal distribution.")
    return Result(
        "mean_against_target",
        "target",
        sample.n,
        Message("one-sample t test"),
        design="one wave",
        dropped=sample.dropped,
        reading=reading,
        estimate=mean,
        interval=interval,
        effects=(effect,),
        test=test,
        margin=margin,
        verdict=verdict,
        checks=(Check("shapiro", float(shapiro.statistic), float(shapiro.pvalue), doubt),),
        warnings=few(sample.n, "one_sample", sizes),
        sentences=(_mean_sentence(sample.n, mean, interval, target, labels), VERDICTS[verdict]),
        details=details
        | {
            "sd": sd,
            "se": sd / root,
            "t": t,
            "df": df,
            "p": test.p,
            "gap_ci_low": interval.low,
            "gap_ci_high": interval.high,
            "gap_ci90_low": narrow.low,
            "gap_ci90_high": narrow.high,
            "d": mean / sd,
        }
        | _ranked(gap),
        fingerprint=sample.fingerprint,
    )


def share_against_target(
    values: pd.Series,
    share: float,
    *,
    threshold: float | None = None,
    direction: Literal[1, -1] = 1,
    level: float = 0.95,
    reading: Reading = "superpopulation",
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return whether the share of units that reach a mark meets a target (exact binomial).

    Parameters
    ----------
    values : Series of float
        One number a unit, indexed by code; 0 and 1 where there is no ``threshold``.
    share : float
        Target, from 0 to 1, exclusive of neither.
    threshold : float, optional
        A unit reaches the mark at this value or beyond it.
    direction : {1, -1}
        -1 where a unit reaches the mark at the threshold or below it.
    level, reading, labels, sizes
        As of :func:`mean_against_target`.

    Returns
    -------
    Result
        Estimate: the share, with its exact (Clopper-Pearson) interval; Wilson's in ``details``.

    Raises
    ------
    ValueError
        If the target is no share, or values without a threshold are not 0 and 1.

    Notes
    -----
    The p-value adds all outcomes that are at most as probable as the one observed.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share: a target is a number from 0 to 1, not {share}")
    sample = measured(values, labels)
    met = _met(sample.values, threshold, direction)
    n, count = sample.n, int(met.sum())
    details: dict[str, float | int | None] = {"n": n, "n_meeting": count, "share_target": share}
    refusal = too_few(
        n,
        "proportion",
        Message("Whether the share meets the target cannot be tested."),
        Message("Those that reach the mark can be named."),
        sizes,
    )
    if reading == "none" and n:
        refusal = None
    if n:
        details["share_meeting"] = count / n
    if refusal is not None:
        return _refused(
            "share_against_target", Message("exact binomial test"), sample, refusal, details
        )
    sentence = Counted(
        "{n} of {all} {nouns} reaches the mark; the target is {target} of every 100.",
        "{n} of {all} {nouns} reach the mark; the target is {target} of every 100.",
        count,
        all=rounded(n, 0),
        target=rounded(100 * share, 1),
        **labels.values,
    )
    if reading == "none":
        return Result(
            "share_against_target",
            "target",
            n,
            Message("share"),
            design="one wave",
            dropped=sample.dropped,
            reading=reading,
            estimate=count / n,
            unit="share",
            sentences=(sentence,),
            details=details,
            fingerprint=sample.fingerprint,
        )
    exact = _share_interval(count, n, level, "beta")
    wilson = _share_interval(count, n, level, "wilson")
    p = float(sp.binomtest(count, n, share).pvalue)
    verdict = verdict_of(exact, null=share)
    return Result(
        "share_against_target",
        "target",
        n,
        Message("exact binomial test, Clopper-Pearson interval"),
        design="one wave",
        dropped=sample.dropped,
        conventions=("two-sided p: outcomes at most as probable as the observed one",),
        reading=reading,
        estimate=count / n,
        unit="share",
        interval=exact,
        test=Test("binomial", None, (), p),
        verdict=verdict,
        warnings=few(n, "proportion", sizes),
        sentences=(sentence, _likely(exact), VERDICTS[verdict]),
        details=details
        | {
            "binom_p": p,
            "clopper_low": exact.low,
            "clopper_high": exact.high,
            "wilson_low": wilson.low,
            "wilson_high": wilson.high,
        },
        fingerprint=sample.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _t_interval(mean: float, se: float, df: float, level: float) -> Interval:
    """Return a t interval."""
    reach = float(sp.t.ppf(0.5 + level / 2, df) * se)
    return Interval(mean - reach, mean + reach, level, "t")


def _share_interval(count: int, n: int, level: float, method: str) -> Interval:
    """Return an interval of a share: ``wilson`` or, exact, ``beta`` (Clopper and Pearson)."""
    low, high = proportion_confint(count, n, alpha=1 - level, method=method)
    return Interval(float(low), float(high), level, method)


def turned(interval: Interval, direction: int) -> Interval:
    """Return an interval in which more is better."""
    if direction > 0:
        return interval
    return Interval(-interval.high, -interval.low, interval.level, interval.kind)


def _met(values: Floats, threshold: float | None, direction: int) -> Floats:
    """Return 1 for each value that reaches the mark."""
    if threshold is not None:
        beyond = settled(direction * (values - threshold), grain(values)) >= 0
        return beyond.astype(np.float64)
    odd = values[~np.isin(values, (0.0, 1.0))]
    if odd.size:
        raise ValueError(f"values: 0 or 1 was expected, not {odd[0]:g}; give a threshold")
    return values


def _ranked(gap: Floats) -> dict[str, float | int | None]:
    """Return the signed rank test of the distances, under both conventions."""
    moved, ranks = signed_ranks(gap)
    if not len(moved):
        return {}
    rising = float(ranks[moved > 0].sum())
    exact = exact_p(ranks, rising) if len(moved) <= EXACT_UP_TO else None
    return {
        "wilcoxon_W_plus": rising,
        "wilcoxon_p_exact": exact,
        "wilcoxon_p_continuity": normal_p(ranks, rising, continuity=True)[1],
        "wilcoxon_p_normal": normal_p(ranks, rising, continuity=False)[1],
    }


def _mean_refusal(
    gap: Floats, target: float, labels: Labels, sizes: Sizes | None
) -> Refusal | None:
    """Return why the mean can't be held against the target."""
    if not len(gap):
        return _nobody(labels)
    what = Message("Whether the mean meets the target cannot be tested.")
    few_units = too_few(
        len(gap), "one_sample", what, Message("The distance of each one can be shown."), sizes
    )
    if few_units is not None or np.ptp(gap) > 0:
        return few_units
    why = Message(
        "All of the {nouns} have the same value, {value}.",
        nouns=labels.nouns,
        value=rounded(target + float(gap[0])),
    )
    instead = Message("The distance to the target can be stated as it is.")
    return Refusal("no_variation", what, why, instead)


def _nobody(labels: Labels) -> Refusal:
    """Return the refusal where nothing was measured."""
    return Refusal(
        "nothing_measured",
        Message("Whether the mean meets the target cannot be tested."),
        Message("None of the {nouns} was measured.", nouns=labels.nouns),
        Message("It can be once there are values."),
    )


def _refused(
    question: str,
    method: Sentence,
    sample: Measured,
    refusal: Refusal,
    details: dict[str, float | int | None],
) -> Result:
    """Return a result that holds a refusal and the values that there are."""
    frame = pd.DataFrame({"value": sample.values}, index=pd.Index(sample.units, name="unit"))
    return Result(
        question,
        "target",
        sample.n,
        method,
        design="one wave",
        dropped=sample.dropped,
        refusal=refusal,
        details=details,
        tables={"units": frame},
        fingerprint=sample.fingerprint,
    )


# -- sentences --------------------------------------------------------------------------------


def _mean_sentence(
    n: int, gap: float, interval: Interval | None, target: float, labels: Labels
) -> Sentence:
    """Return where the mean lies from the target, in words."""
    values = {
        **labels.values,
        "size": rounded(abs(gap)),
        "target": rounded(target),
        "low": rounded(target + interval.low) if interval else rounded(0),
        "high": rounded(target + interval.high) if interval else rounded(0),
        "mean": rounded(target + gap),
    }
    if interval is None:
        return Counted(
            "The mean of {outcome} of {n} of the {nouns} is {mean}; the target is {target}.",
            "The mean of {outcome} of the {n} {nouns} is {mean}; the target is {target}.",
            n,
            **values,
        )
    if gap < 0:
        return Counted(
            "The mean of {outcome} of {n} of the {nouns} is {mean} (probably between {low} and "
            "{high}), {size} {unit} below the target of {target}.",
            "The mean of {outcome} of the {n} {nouns} is {mean} (probably between {low} and "
            "{high}), {size} {unit} below the target of {target}.",
            n,
            **values,
        )
    return Counted(
        "The mean of {outcome} of {n} of the {nouns} is {mean} (probably between {low} and "
        "{high}), {size} {unit} above the target of {target}.",
        "The mean of {outcome} of the {n} {nouns} is {mean} (probably between {low} and "
        "{high}), {size} {unit} above the target of {target}.",
        n,
        **values,
    )


def _likely(interval: Interval) -> Sentence:
    """Return the interval of a share in words."""
    return Message(
        "That is probably between {low} and {high} of every 100.",
        low=rounded(100 * interval.low, 1),
        high=rounded(100 * interval.high, 1),
    )
