"""Two populations asked the same: citizens and officials, who are never the same persons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import numeric
from workbench.stats.result import (
    Dropped,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    Verdict,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few, too_few
from workbench.stats.survey import PEOPLE, Mean, weighted_mean
from workbench.stats.survey_design import Sample, SurveyDesign, drawn_sample
from workbench.stats.wording import Labels

WHAT = Message("How far the two populations differ cannot be computed.")
METHOD = Message("difference of design-based means")


def two_populations(
    first: pd.DataFrame,
    second: pd.DataFrame,
    variable: str,
    *,
    first_design: SurveyDesign | None = None,
    second_design: SurveyDesign | None = None,
    names: tuple[object, object] = (Message("citizens"), Message("officials")),
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PEOPLE,
    sizes: Sizes | None = None,
) -> Result:
    """Return how two populations that were asked the same differ.

    Parameters
    ----------
    first, second : DataFrame
        One row a person; different persons in each.
    variable : str
        Column of the answer in both: numbers on the same scale, or 0 and 1.
    first_design, second_design : SurveyDesign, optional
        How each was sampled.
    names : tuple of Message or Text
        What each population is called, in the plural.
    margin : float, optional
        Smallest relevant difference, declared before the data were seen.
    level : float
    labels : Labels
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: mean of the first less that of the second, with a t interval; test t.

    Notes
    -----
    The samples are independent, so variances add. Degrees of freedom by Welch and Satterthwaite
    from those of each design; ``df_sum`` (as R's survey counts for two strata) stands in
    ``details`` with its interval.
    """
    parts: list[tuple[Sample, np.ndarray, np.ndarray]] = []
    for frame, design in ((first, first_design), (second, second_design)):
        if variable not in frame:
            raise ValueError(f"the respondents have no column {variable}")
        sample = drawn_sample(frame, design or SurveyDesign())
        if isinstance(sample, Refusal):
            return _refused(len(frame), sample, {}, ())
        y = numeric(sample.frame[variable], variable).to_numpy(dtype=np.float64)
        parts.append((sample, y, ~np.isnan(y)))
    counts = [int(there.sum()) for _, _, there in parts]
    dropped = tuple(part for sample, _, _ in parts for part in sample.dropped)
    details: dict[str, Number] = {"n_first": counts[0], "n_second": counts[1]}
    refusal = _refusal(counts, parts, sizes)
    if refusal is not None:
        return _refused(sum(counts), refusal, details, dropped)
    a, b = (weighted_mean(y, there, sample) for sample, y, there in parts)
    degrees = [sample.df for sample, _, _ in parts]
    gap, se = a.mean - b.mean, float(np.hypot(a.se, b.se))
    if se == 0:
        why = Message("Within each of the two all answered alike.")
        instead = Message("The two answers can be stated as they are.")
        return _refused(sum(counts), Refusal("no_variation", WHAT, why, instead), details, dropped)
    df = se**4 / sum(m.se**4 / d for m, d in zip((a, b), degrees, strict=True))
    careful = float(np.hypot(a.careful, b.careful))
    rests_on = careful**4 / sum(
        m.careful**4 / sample.careful_df
        for m, (sample, _, _) in zip((a, b), parts, strict=True)
        if m.careful
    )
    interval = _interval(gap, careful, rests_on, level)
    narrow = _interval(gap, careful, rests_on, 0.90)
    beside = _interval(gap, se, sum(degrees), level)
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    p = float(2 * sp.t.sf(abs(gap / se), df))
    share = all(bool(np.isin(y[there], (0.0, 1.0)).all()) for _, y, there in parts)
    pooled = float(np.sqrt((a.variance + b.variance) / 2))
    details |= {
        "mean_first": a.mean,
        "se_first": a.se,
        "mean_second": b.mean,
        "se_second": b.se,
        "difference": gap,
        "se": se,
        "t": gap / se,
        "df": df,
        "p": p,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "df_sum": sum(degrees),
        "p_df_sum": float(2 * sp.t.sf(abs(gap / se), sum(degrees))),
        "ci_low_df_sum": beside.low,
        "ci_high_df_sum": beside.high,
    }
    return Result(
        "two_populations",
        "groups",
        sum(counts),
        METHOD,
        design="two surveys",
        dropped=dropped,
        conventions=("degrees of freedom by Welch and Satterthwaite",),
        reading="sample",
        estimate=gap,
        unit="share" if share else "points",
        interval=interval,
        effects=(Effect("standardised", gap / pooled),) if pooled else (),
        test=Test("t", gap / se, (df,), p),
        margin=margin,
        verdict=verdict,
        warnings=few(min(counts), "survey_domain", sizes),
        sentences=(_sentence(a, b, interval, verdict, share, names, labels),),
        details=details,
        fingerprint=fingerprint(*(np.sort(y[there]) for _, y, there in parts)),
    )


def _interval(gap: float, se: float, df: float, level: float) -> Interval:
    """Return a t interval."""
    reach = float(sp.t.ppf(0.5 + level / 2, df)) * se
    return Interval(gap - reach, gap + reach, level, "t")


def _refusal(
    counts: list[int],
    parts: list[tuple[Sample, np.ndarray, np.ndarray]],
    sizes: Sizes | None,
) -> Refusal | None:
    """Return why the two can't be compared."""
    instead = Message("The answers of each can be described.")
    few_answers = too_few(min(counts), "survey_domain", WHAT, instead, sizes)
    if few_answers is None and min(sample.df for sample, _, _ in parts) < 1:
        why = Message("There is no more than one group of answers per stratum to compare.")
        return Refusal("no_variation", WHAT, why, instead)
    return few_answers


def _refused(
    n: int, refusal: Refusal, details: dict[str, Number], dropped: tuple[Dropped, ...]
) -> Result:
    """Return a result that holds a refusal."""
    return Result(
        "two_populations",
        "groups",
        n,
        METHOD,
        design="two surveys",
        dropped=dropped,
        reading="sample",
        refusal=refusal,
        details=details,
    )


def _sentence(
    a: Mean,
    b: Mean,
    interval: Interval,
    verdict: Verdict,
    share: bool,
    names: tuple[object, object],
    labels: Labels,
) -> Sentence:
    """Return the difference in words, by its verdict."""
    scale = 100.0 if share else 1.0
    ends = sorted((abs(interval.low), abs(interval.high)))
    values = {
        **labels.values,
        "first": names[0],
        "second": names[1],
        "one": rounded(scale * a.mean),
        "other": rounded(scale * b.mean),
        "size": rounded(scale * abs(a.mean - b.mean)),
        "least": rounded(scale * ends[0]),
        "most": rounded(scale * ends[1]),
        "low": rounded(scale * interval.low),
        "high": rounded(scale * interval.high),
    }
    n = a.n + b.n
    match verdict:
        case Verdict.POSITIVE:
            return Counted(
                "On {outcome}, by {n} answer: {one} among {first} and {other} among {second}; it "
                "is {size} higher among {first} (probably between {least} and {most}).",
                "On {outcome}, by {n} answers: {one} among {first} and {other} among {second}; it "
                "is {size} higher among {first} (probably between {least} and {most}).",
                n,
                **values,
            )
        case Verdict.NEGATIVE:
            return Counted(
                "On {outcome}, by {n} answer: {one} among {first} and {other} among {second}; it "
                "is {size} lower among {first} (probably between {least} and {most}).",
                "On {outcome}, by {n} answers: {one} among {first} and {other} among {second}; it "
                "is {size} lower among {first} (probably between {least} and {most}).",
                n,
                **values,
            )
        case Verdict.NEGLIGIBLE:
            return Counted(
                "On {outcome}, by {n} answer: {one} among {first} and {other} among {second}; "
                "there is no appreciable difference.",
                "On {outcome}, by {n} answers: {one} among {first} and {other} among {second}; "
                "there is no appreciable difference.",
                n,
                **values,
            )
    return Counted(
        "On {outcome}, by {n} answer: {one} among {first} and {other} among {second}; whether "
        "they differ cannot be told from these data (difference probably {low} to {high}).",
        "On {outcome}, by {n} answers: {one} among {first} and {other} among {second}; whether "
        "they differ cannot be told from these data (difference probably {low} to {high}).",
        n,
        **values,
    )
