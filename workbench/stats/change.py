"""Change between two waves of the same units: on average, typically, how many, and none at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Message
from workbench.stats.change_words import (
    NOT_A_CAUSE,
    mean_sentence,
    share_sentence,
    typical_sentence,
)
from workbench.stats.noncentral import noncentrality, small_sample_factor
from workbench.stats.paired import (
    correlation,
    described,
    no_pairs,
    no_variation,
    refused,
    share_interval,
    t_interval,
)
from workbench.stats.pairs import Floats, Pairs, matched
from workbench.stats.result import (
    Check,
    Effect,
    Interval,
    Number,
    Result,
    Sentence,
    Test,
    verdict_of,
)
from workbench.stats.signed_ranks import (
    EXACT_UP_TO,
    exact_p,
    normal_p,
    signed_ranks,
    walsh,
    walsh_interval,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.wording import PLAIN, Labels

# The p-value of Shapiro and Wilk is an approximation made for up to so many.
SHAPIRO_UP_TO = 5000


def mean_change(
    before: pd.Series,
    after: pd.Series,
    *,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return the mean change of the units measured both times (paired t).

    Parameters
    ----------
    before, after : Series of float
        One number a unit, indexed by code.
    margin : float, optional
        Smallest relevant change, declared before the data were seen.
    level : float
        Of the interval.
    labels : Labels
        What is compared, for sentences.
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate in points, its t interval; effects ``d_z`` (change over its own deviation, interval
        by the noncentral t), ``hedges_gz``, ``d_baseline_sd``, ``d_av``, ``d_rm``.

    Notes
    -----
    ``d_z = mean / sd(change)``, ``d_baseline_sd = mean / sd(before)``, ``d_av`` over the mean of
    both deviations, ``d_rm = d_z sqrt(2 (1 - r))`` (Lakens 2013).
    """
    pairs = matched(before, after, labels)
    refusal = (
        no_pairs(pairs, labels)
        or no_variation(pairs, labels)
        or too_few(
            pairs.n,
            "paired",
            Message("The mean change cannot be tested."),
            Message("The change of each one can be shown."),
            sizes,
        )
    )
    details = described(pairs)
    if refusal is not None:
        return refused("mean_change", Message("paired t test"), pairs, refusal, details)
    change, df = pairs.change, float(pairs.n - 1)
    mean, sd = float(change.mean()), float(change.std(ddof=1))
    se = sd / np.sqrt(pairs.n)
    t = mean / se
    p = float(2 * sp.t.sf(abs(t), df))
    interval = t_interval(mean, se, df, level)
    narrow = t_interval(mean, se, df, 0.90)
    effects = _standardised(pairs, t, df, level)
    shape = _normality(change)
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    details |= {
        "se": se,
        "t": t,
        "df": df,
        "p": p,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "ci90_low": narrow.low,
        "ci90_high": narrow.high,
        "shapiro_w_difference": shape[0].statistic if shape else None,
        "shapiro_p_difference": shape[0].p if shape else None,
    }
    return Result(
        "mean_change",
        "change",
        pairs.n,
        Message("paired t test"),
        design="paired",
        dropped=pairs.dropped,
        estimate=mean,
        interval=interval,
        effects=effects,
        test=Test("t", t, (df,), p),
        margin=margin,
        verdict=verdict,
        checks=shape,
        warnings=few(pairs.n, "paired", sizes),
        sentences=(mean_sentence(pairs.n, mean, interval, verdict, margin, labels), NOT_A_CAUSE),
        details=details,
        fingerprint=pairs.fingerprint,
    )


def typical_change(
    before: pd.Series,
    after: pd.Series,
    *,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return the typical change, without assuming a normal distribution (Wilcoxon signed rank).

    Parameters
    ----------
    before, after, level, labels, sizes
        As of :func:`mean_change`.

    Returns
    -------
    Result
        Estimate: the Hodges-Lehmann median of the Walsh averages of all pairs, those without change
        included; effect ``rank_biserial``. The test leaves pairs without change out.

    Notes
    -----
    The p-value is exact given the ties up to 200 pairs, else normal without continuity correction;
    the interval is by order statistics of the Walsh averages, exact without ties and approximate
    with them. ``details`` holds the numbers under the other conventions.
    """
    pairs = matched(before, after, labels)
    moved, ranks = signed_ranks(pairs.change)
    refusal = (
        no_pairs(pairs, labels)
        or no_variation(pairs, labels)
        or too_few(
            len(moved),
            "paired",
            Message("The typical change cannot be tested."),
            Message("The change of each one can be shown."),
            sizes,
        )
    )
    if refusal is not None:
        return refused(
            "typical_change", Message("Wilcoxon signed rank"), pairs, refusal, described(pairs)
        )
    rising = float(ranks[moved > 0].sum())
    ties = len(np.unique(np.abs(moved))) < len(moved)
    exact = len(moved) <= EXACT_UP_TO
    z, p_normal = normal_p(ranks, rising, continuity=False)
    p = exact_p(ranks, rising) if exact else p_normal
    averages = walsh(pairs.change)
    estimate = float(np.median(averages))
    low, high, attained = walsh_interval(averages, pairs.n, level)
    interval = Interval(low, high, level, "Walsh order statistics")
    verdict = verdict_of(interval)
    biserial = float(2 * rising / ranks.sum() - 1)
    details = _wilcoxon_details(pairs, moved, ranks, rising) | {
        "hodges_lehmann_all_pairs_incl_zeros": estimate,
        "ci_low": low,
        "ci_high": high,
        "level_attained": attained,
        "p": p,
        "z": z,
    }
    approximate: tuple[Sentence, ...] = ()
    if ties or len(moved) < pairs.n:
        approximate = (Message("Some changes are equal or zero, so the interval is approximate."),)
    return Result(
        "typical_change",
        "change",
        pairs.n,
        Message("Wilcoxon signed rank, exact")
        if exact
        else Message("Wilcoxon signed rank, normal"),
        design="paired",
        dropped=pairs.dropped,
        conventions=(
            "pairs without change are left out of the test and kept in the estimate",
            "p exact given ties" if exact else "normal without continuity correction",
        ),
        estimate=estimate,
        interval=interval,
        effects=(Effect("rank_biserial", biserial),),
        test=Test("W", rising, (), p),
        verdict=verdict,
        warnings=(*few(len(moved), "paired", sizes), *approximate),
        sentences=(typical_sentence(pairs, estimate, interval, labels),),
        details=details,
        fingerprint=pairs.fingerprint,
    )


def share_improved(
    before: pd.Series,
    after: pd.Series,
    *,
    noise: float = 0.0,
    direction: int = 1,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return how many units improved and how many worsened (exact sign test, Wilson interval).

    Parameters
    ----------
    before, after, level, labels, sizes
        As of :func:`mean_change`.
    noise : float
        Changes up to this size count as none.
    direction : {1, -1}
        -1 where less is better.
    """
    pairs = matched(before, after, labels)
    better = direction * pairs.change
    up, down = int((better > noise).sum()), int((better < -noise).sum())
    movers = up + down
    refusal = (
        no_pairs(pairs, labels)
        or (None if pairs.change.any() else no_variation(pairs, labels))
        or too_few(
            movers,
            "movers",
            Message("Whether more improved than worsened cannot be tested."),
            Message("None changed by more than what counts as noise."),
            sizes,
        )
    )
    if refusal is not None:
        what = ("share_improved", Message("sign test"), pairs, refusal, described(pairs))
        return refused(*what, family="balance")
    p = float(sp.binomtest(up, movers).pvalue)
    wilson = share_interval(up, pairs.n, level, "wilson")
    exact = share_interval(up, pairs.n, level, "beta")
    among = share_interval(up, movers, level, "beta")
    verdict = verdict_of(among, null=0.5)
    return Result(
        "share_improved",
        "balance",
        pairs.n,
        Message("exact sign test, Wilson interval"),
        design="paired",
        dropped=pairs.dropped,
        estimate=up / pairs.n,
        unit="share",
        interval=wilson,
        effects=(Effect("share_up_among_movers", up / movers, among),),
        test=Test("sign", None, (), p),
        verdict=verdict,
        warnings=few(movers, "movers", sizes),
        sentences=(share_sentence(pairs, up, down, noise, labels),),
        details={
            "n": pairs.n,
            "improved": up,
            "worsened": down,
            "unchanged": pairs.n - movers,
            "sign_test_p": p,
            "share_improved": up / pairs.n,
            "wilson_low": wilson.low,
            "wilson_high": wilson.high,
            "clopper_pearson_low": exact.low,
            "clopper_pearson_high": exact.high,
        },
        fingerprint=pairs.fingerprint,
    )


# -- parts ------------------------------------------------------------------------------------


def _standardised(pairs: Pairs, t: float, df: float, level: float) -> tuple[Effect, ...]:
    """Return the change in deviations, by every convention, the first with an interval."""
    change, root = pairs.change, np.sqrt(pairs.n)
    mean, d = float(change.mean()), t / root
    low, high = noncentrality(t, df, level)
    factor = small_sample_factor(df)
    sd = [float(x.std(ddof=1)) for x in (pairs.before, pairs.after)]
    r = correlation(pairs)
    kind = "noncentral t"
    others = {
        "d_av": mean / (sum(sd) / 2) if any(sd) else np.nan,
        "d_baseline_sd": mean / sd[0] if sd[0] else np.nan,
        "d_rm": np.nan if r is None else d * np.sqrt(2 * (1 - r)),
    }
    return (
        Effect("d_z", d, Interval(low / root, high / root, level, kind)),
        Effect(
            "hedges_gz",
            factor * d,
            Interval(factor * low / root, factor * high / root, level, kind),
        ),
        *(Effect(name, float(value)) for name, value in others.items() if np.isfinite(value)),
    )


def _normality(change: Floats) -> tuple[Check, ...]:
    """Return the check of a normal distribution; none where so many units don't need it."""
    if len(change) > SHAPIRO_UP_TO:
        return ()
    found = sp.shapiro(change)
    doubt = Message(
        "The changes are not spread like a normal distribution; the typical change stands beside."
    )
    return (Check("shapiro", float(found.statistic), float(found.pvalue), doubt),)


def _wilcoxon_details(
    pairs: Pairs, moved: Floats, ranks: Floats, rising: float
) -> dict[str, Number]:
    """Return the numbers of the signed rank test under each convention."""
    _, pratt = signed_ranks(pairs.change, "pratt")
    rising_pratt = float(pratt[moved > 0].sum())
    found: dict[str, Number] = {
        "n_pairs": pairs.n,
        "n_dropped_missing": sum(part.n for part in pairs.dropped),
        "n_zero": pairs.n - len(moved),
        "n_used": len(moved),
        "has_ties": int(len(np.unique(np.abs(moved))) < len(moved)),
        "W_plus": rising,
        "W_minus": float(ranks.sum() - rising),
        "rank_biserial": float(2 * rising / ranks.sum() - 1),
        "hodges_lehmann_zeros_dropped": float(np.median(walsh(moved))),
        "median_difference": float(np.median(pairs.change)),
        "n_improved": int((moved > 0).sum()),
        "n_worsened": int((moved < 0).sum()),
        "p_asymptotic_continuity": normal_p(ranks, rising, continuity=True)[1],
        "p_asymptotic_no_continuity": normal_p(ranks, rising, continuity=False)[1],
    }
    for name, r, w in (("wilcoxon", ranks, rising), ("pratt", pratt, rising_pratt)):
        z, p = normal_p(r, w, continuity=False)
        found[f"z_zero_{name}"], found[f"p_asymptotic_zero_{name}"] = z, p
        exact = exact_p(r, w) if len(moved) <= EXACT_UP_TO else None
        found[f"p_exact_conditional_zero_{name}"] = exact
    return found
