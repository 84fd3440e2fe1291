"""Change between two waves of the same units: on average, typically, how many, and none at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp
from statsmodels.stats.proportion import proportion_confint

from workbench.language import Counted, Message
from workbench.stats.noncentral import noncentrality, small_sample_factor
from workbench.stats.pairs import DECIMALS, Floats, Pairs, matched
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

NOT_A_CAUSE = Message("This describes the change; it does not say what caused it.")


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
        _no_pairs(pairs, labels)
        or _same(pairs, labels)
        or too_few(
            pairs.n,
            "paired",
            Message("The mean change cannot be tested."),
            Message("The change of each one can be shown."),
            sizes,
        )
    )
    details = _described(pairs)
    if refusal is not None:
        return _refused("mean_change", "paired t test", pairs, refusal, details, labels)
    change, df = pairs.change, float(pairs.n - 1)
    mean, sd = float(change.mean()), float(change.std(ddof=1))
    se = sd / np.sqrt(pairs.n)
    t = mean / se
    p = float(2 * sp.t.sf(abs(t), df))
    interval = _t_interval(mean, se, df, level)
    narrow = _t_interval(mean, se, df, 0.90)
    effects = _standardised(pairs, t, df, level)
    shapiro = sp.shapiro(change)
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
        "shapiro_w_difference": float(shapiro.statistic),
        "shapiro_p_difference": float(shapiro.pvalue),
    }
    doubt = Message(
        "The changes are not spread like a normal distribution; the typical change stands beside."
    )
    return Result(
        "mean_change",
        "change",
        pairs.n,
        "paired t test",
        design="paired",
        dropped=pairs.dropped,
        estimate=mean,
        interval=interval,
        effects=effects,
        test=Test("t", t, (df,), p),
        margin=margin,
        verdict=verdict,
        checks=(Check("shapiro", float(shapiro.statistic), float(shapiro.pvalue), doubt),),
        warnings=few(pairs.n, "paired", sizes),
        sentences=(_mean_sentence(pairs, mean, interval, verdict, margin, labels), NOT_A_CAUSE),
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
        _no_pairs(pairs, labels)
        or _same(pairs, labels)
        or too_few(
            len(moved),
            "paired",
            Message("The typical change cannot be tested."),
            Message("The change of each one can be shown."),
            sizes,
        )
    )
    if refusal is not None:
        return _refused(
            "typical_change", "Wilcoxon signed rank", pairs, refusal, _described(pairs), labels
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
        "Wilcoxon signed rank, exact" if exact else "Wilcoxon signed rank, normal",
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
        sentences=(_typical_sentence(pairs, estimate, interval, labels),),
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
        _no_pairs(pairs, labels)
        or _same(pairs, labels)
        or too_few(
            movers,
            "movers",
            Message("Whether more improved than worsened cannot be tested."),
            Message("None changed by more than what counts as noise."),
            sizes,
        )
    )
    if refusal is not None:
        return _refused("share_improved", "sign test", pairs, refusal, _described(pairs), labels)
    p = float(sp.binomtest(up, movers).pvalue)
    wilson = _share_interval(up, pairs.n, level, "wilson")
    exact = _share_interval(up, pairs.n, level, "beta")
    among = _share_interval(up, movers, level, "beta")
    verdict = verdict_of(among, null=0.5)
    return Result(
        "share_improved",
        "change",
        pairs.n,
        "exact sign test, Wilson interval",
        design="paired",
        dropped=pairs.dropped,
        estimate=up / pairs.n,
        unit="share",
        interval=wilson,
        effects=(Effect("share_up_among_movers", up / movers, among),),
        test=Test("sign", None, (), p),
        verdict=verdict,
        warnings=few(movers, "movers", sizes),
        sentences=(_share_sentence(pairs, up, down, noise, labels),),
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


def _t_interval(mean: float, se: float, df: float, level: float) -> Interval:
    """Return a t interval."""
    reach = float(sp.t.ppf(0.5 + level / 2, df) * se)
    return Interval(mean - reach, mean + reach, level, "t")


def _share_interval(count: int, n: int, level: float, method: str) -> Interval:
    """Return an interval of a share: ``wilson`` or, exact, ``beta`` (Clopper and Pearson)."""
    low, high = proportion_confint(count, n, alpha=1 - level, method=method)
    return Interval(float(low), float(high), level, method)


def _standardised(pairs: Pairs, t: float, df: float, level: float) -> tuple[Effect, ...]:
    """Return the change in deviations, by every convention, the first with an interval."""
    change, root = pairs.change, np.sqrt(pairs.n)
    mean, d = float(change.mean()), t / root
    low, high = noncentrality(t, df, level)
    factor = small_sample_factor(df)
    sd = [float(x.std(ddof=1)) for x in (pairs.before, pairs.after)]
    r = _correlation(pairs)
    kind = "noncentral t"
    others = {
        "d_av": mean / (sum(sd) / 2) if any(sd) else np.nan,
        "d_baseline_sd": mean / sd[0] if sd[0] else np.nan,
        "d_rm": d * np.sqrt(2 * (1 - r)),
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


def _correlation(pairs: Pairs) -> float:
    """Return the correlation of both measurements; NaN where one does not vary."""
    if pairs.n < 2 or not (np.ptp(pairs.before) and np.ptp(pairs.after)):
        return float("nan")
    return float(np.corrcoef(pairs.before, pairs.after)[0, 1])


def _described(pairs: Pairs) -> dict[str, float | int | None]:
    """Return what describes the pairs, before any test."""
    if pairs.n == 0:
        return {"n": 0}
    several = pairs.n > 1
    return {
        "n": pairs.n,
        "mean_base": float(pairs.before.mean()),
        "mean_followup": float(pairs.after.mean()),
        "mean_difference": float(pairs.change.mean()),
        "median_difference": float(np.median(pairs.change)),
        "sd_base": float(pairs.before.std(ddof=1)) if several else None,
        "sd_followup": float(pairs.after.std(ddof=1)) if several else None,
        "sd_difference": float(pairs.change.std(ddof=1)) if several else None,
        "correlation": _correlation(pairs),
    }


def _wilcoxon_details(
    pairs: Pairs, moved: Floats, ranks: Floats, rising: float
) -> dict[str, float | int | None]:
    """Return the numbers of the signed rank test under each convention."""
    _, pratt = signed_ranks(pairs.change, "pratt")
    rising_pratt = float(pratt[moved > 0].sum())
    found: dict[str, float | int | None] = {
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


def _no_pairs(pairs: Pairs, labels: Labels) -> Refusal | None:
    """Return the refusal of two waves without a unit in common."""
    if pairs.n:
        return None
    return Refusal(
        "no_common_units",
        Message("The change cannot be computed."),
        Message(
            "None of the {nouns} was measured both in {before} and in {after}.", **labels.values
        ),
        Message(
            "The average of each round can be compared, knowing that they are different {nouns}.",
            **labels.values,
        ),
    )


def _same(pairs: Pairs, labels: Labels) -> Refusal | None:
    """Return the refusal of changes that are all the same."""
    change = pairs.change
    if pairs.n < 2 or np.ptp(change) > 10.0**-DECIMALS:
        return None
    what: Sentence
    if change[0] == 0:
        what = Counted(
            "The one of the {nouns} that was measured both times did not change.",
            "None of the {n} {nouns} changed.",
            pairs.n,
            nouns=labels.nouns,
        )
    else:
        what = Message(
            "All {nouns} changed by the same {change} {unit}.",
            change=rounded(float(change[0])),
            **labels.values,
        )
    return Refusal(
        "no_variation",
        what,
        Message("Where nothing varies there is no test."),
        Message("The count says all there is to say."),
    )


def _refused(
    question: str,
    method: str,
    pairs: Pairs,
    refusal: Refusal,
    details: dict[str, float | int | None],
    labels: Labels,
) -> Result:
    """Return a result that holds a refusal and what can be described."""
    frame = pd.DataFrame(
        {"before": pairs.before, "after": pairs.after, "change": pairs.change},
        index=pd.Index(pairs.units, name="unit"),
    )
    return Result(
        question,
        "change",
        pairs.n,
        method,
        design="paired",
        dropped=pairs.dropped,
        refusal=refusal,
        details=details,
        tables={"changes": frame},
        fingerprint=pairs.fingerprint,
    )


# -- sentences --------------------------------------------------------------------------------


def _mean_sentence(
    pairs: Pairs,
    mean: float,
    interval: Interval,
    verdict: Verdict,
    margin: float | None,
    labels: Labels,
) -> Sentence:
    """Return the mean change in words, by its verdict."""
    values = {
        **labels.values,
        "size": rounded(abs(mean)),
        "mean": rounded(mean),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "least": rounded(min(abs(interval.low), abs(interval.high))),
        "most": rounded(max(abs(interval.low), abs(interval.high))),
    }
    match verdict:
        case Verdict.POSITIVE:
            return Counted(
                "Between {before} and {after}, {outcome} of {n} of the {nouns} measured both times "
                "rose by {size} {unit} on average (probably between {least} and {most}).",
                "Between {before} and {after}, {outcome} of the {n} {nouns} measured both times "
                "rose by {size} {unit} on average (probably between {least} and {most}).",
                pairs.n,
                **values,
            )
        case Verdict.NEGATIVE:
            return Counted(
                "Between {before} and {after}, {outcome} of {n} of the {nouns} measured both times "
                "fell by {size} {unit} on average (probably between {least} and {most}).",
                "Between {before} and {after}, {outcome} of the {n} {nouns} measured both times "
                "fell by {size} {unit} on average (probably between {least} and {most}).",
                pairs.n,
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Counted(
                "Between {before} and {after} there was no appreciable change in {outcome} of {n} "
                "of the {nouns} measured both times: less than the {margin} {unit} that count.",
                "Between {before} and {after} there was no appreciable change in {outcome} of the "
                "{n} {nouns} measured both times: less than the {margin} {unit} that count.",
                pairs.n,
                margin=rounded(margin or 0.0),
                **values,
            )
    return Counted(
        "Whether {outcome} of {n} of the {nouns} measured both in {before} and {after} rose or "
        "fell on average cannot be told from these data (probably {low} to {high} {unit}).",
        "Whether {outcome} of the {n} {nouns} measured both in {before} and {after} rose or fell "
        "on average cannot be told from these data (probably {low} to {high} {unit}).",
        pairs.n,
        **values,
    )


def _typical_sentence(
    pairs: Pairs, estimate: float, interval: Interval, labels: Labels
) -> Sentence:
    """Return the typical change in words."""
    return Counted(
        "The typical change was {estimate} {unit} (probably between {low} and {high}); {n} of "
        "{all} {nouns} did not change.",
        "The typical change was {estimate} {unit} (probably between {low} and {high}); {n} of "
        "{all} {nouns} did not change.",
        int((pairs.change == 0).sum()),
        estimate=rounded(estimate),
        low=rounded(interval.low),
        high=rounded(interval.high),
        all=rounded(pairs.n, 0),
        **labels.values,
    )


def _share_sentence(pairs: Pairs, up: int, down: int, noise: float, labels: Labels) -> Sentence:
    """Return how many improved in words."""
    values = {**labels.values, "all": rounded(pairs.n, 0), "down": rounded(down, 0)}
    if noise:
        return Counted(
            "{n} of {all} {nouns} improved by more than {noise} {unit}; {down} worsened.",
            "{n} of {all} {nouns} improved by more than {noise} {unit}; {down} worsened.",
            up,
            noise=rounded(noise),
            **values,
        )
    return Counted(
        "{n} of {all} {nouns} improved; {down} worsened.",
        "{n} of {all} {nouns} improved; {down} worsened.",
        up,
        **values,
    )
