"""What a survey of people says about a population, and how two populations differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import Floats, numeric
from workbench.stats.result import (
    Dropped,
    Effect,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    fingerprint,
    rounded,
)
from workbench.stats.sizes import Sizes, default_sizes, few, too_few
from workbench.stats.survey_design import (
    Sample,
    SurveyDesign,
    drawn_sample,
    linearised_variances,
    lonely_strata,
    trimmed,
)
from workbench.stats.wording import Labels

PEOPLE = Labels(nouns=Message("people"), outcome=Message("the answer"))
LARGEST_RATIO = 10.0


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean of those who answered.

    Parameters
    ----------
    mean, se : float
    careful : float
        Standard error that intervals rest on, larger where few answers stand for many people.
    n : int
        Answers.
    variance : float
        Of the answers in the population, n / (n - 1) counted in.
    population : float
        Sum of the weights.
    """

    mean: float
    se: float
    careful: float
    n: int
    variance: float
    population: float

    @property
    def deff(self) -> float | None:
        """Variance over that of a simple random sample without replacement of the same size."""
        unsampled = (self.population - self.n) / self.population
        if unsampled <= 0 or self.variance == 0:
            return None
        return self.se**2 / (self.variance / self.n * unsampled)

    @property
    def deff_replace(self) -> float | None:
        """Variance over that of a simple random sample with replacement."""
        return None if self.variance == 0 else self.se**2 / (self.variance / self.n)


def survey_estimate(
    respondents: pd.DataFrame,
    variable: str,
    *,
    design: SurveyDesign | None = None,
    domains: str | None = None,
    level: float = 0.95,
    labels: Labels = PEOPLE,
    sizes: Sizes | None = None,
) -> Result:
    """Return the mean of an answer in the population, adjusted for who answered.

    Parameters
    ----------
    respondents : DataFrame
        One row a person.
    variable : str
        Column of the answer: numbers, or 0 and 1, of which the mean is a share.
    design : SurveyDesign, optional
        How they were sampled and to which counts they are adjusted; a simple random sample of an
        unlimited population by default.
    domains : str, optional
        Column of groups for which the mean is wanted too.
    level : float
    labels : Labels
        ``nouns``: the people; ``outcome``: what was asked.
    sizes : mapping, optional

    Returns
    -------
    Result
        Estimate: the mean (unit ``points``) or share, with a t interval on clusters less strata
        degrees of freedom (:attr:`Sample.careful_df` after an adjustment), of a share on the logit
        scale. ``details``: ``deff`` (against sampling
        without replacement) and ``deff_replace``, ``effective_n`` and ``kish_deff`` of the weights,
        ``raw_*`` without adjustment. Table ``domains``: mean, se, interval and n, numbers withheld
        where there are fewer answers than the smallest size.

    Notes
    -----
    Variances by linearisation, with the whole design for each domain: people outside it and those
    who did not answer the question count as 0, not as absent. Residuals about margins weigh by the
    base weight (Deville and Sarndal 1992); R's survey 4.1 does not weigh them after raking, which
    differs only if base weights do.

    Raises
    ------
    ValueError
        If a column is missing, or the design is contradictory.
    """
    for column in (variable, domains):
        if column is not None and column not in respondents:
            raise ValueError(f"the respondents have no column {column}")
    design = design or SurveyDesign()
    sample = drawn_sample(respondents, design)
    if isinstance(sample, Refusal):
        return _refused("survey_estimate", len(respondents), sample, {"respondents": 0}, ())
    y = numeric(sample.frame[variable], variable).to_numpy(dtype=np.float64)
    there = ~np.isnan(y)
    n = int(there.sum())
    dropped = (*sample.dropped, *_silent(len(y) - n))
    details: dict[str, Number] = {"respondents": n, "population": sample.population}
    refusal = _too_few_answers(n, sample, sizes)
    if refusal is not None:
        return _refused("survey_estimate", n, refusal, details, dropped)
    found = weighted_mean(y, there, sample)
    interval = mean_interval(found, sample.careful_df, level, share=_is_share(y))
    details |= _details(found, y, there, sample, level)
    raw = _raw(y, there, sample, design, level)
    details |= raw
    tables: dict[str, pd.DataFrame] = {}
    if domains is not None:
        tables["domains"] = _domains(y, there, sample, domains, level, sizes)
    warnings = (*few(n, "survey_domain", sizes), *sample.warnings, *_weight_warnings(sample))
    return Result(
        "survey_estimate",
        "description",
        n,
        _method(design),
        design="survey",
        dropped=dropped,
        conventions=(
            f"interval: {interval.kind}",
            "design effect against sampling without replacement",
        ),
        reading="sample",
        estimate=found.mean,
        unit="share" if _is_share(y) else "points",
        interval=interval,
        effects=(Effect("raw_mean", float(raw["raw_mean"] or 0.0)),),
        warnings=warnings,
        sentences=_estimate_sentences(found, interval, raw, sample, _is_share(y), labels),
        details=details,
        tables=tables,
        fingerprint=fingerprint(np.sort(y[there]), np.sort(sample.weights[there])),
    )


# -- numbers ----------------------------------------------------------------------------------


def weighted_mean(y: Floats, inside: np.ndarray, sample: Sample) -> Mean:
    """Return the mean of a domain with its standard error by the whole design.

    Parameters
    ----------
    y : array of float, shape (respondents,)
        Any number outside the domain.
    inside : array of bool, shape (respondents,)
    sample : Sample
    """
    w = np.where(inside, sample.weights, 0.0)
    value = np.where(inside, y, 0.0)
    total, n = float(w.sum()), int(inside.sum())
    mean = float((w * value).sum() / total)
    away = np.where(inside, value - mean, 0.0)
    variance = float((w * away**2).sum() / total) * n / (n - 1) if n > 1 else 0.0
    se, careful = np.sqrt(np.maximum(linearised_variances(w * away / total, sample), 0.0))
    return Mean(mean, float(se), float(careful), n, variance, total)


def mean_interval(found: Mean, df: float, level: float, *, share: bool) -> Interval:
    """Return the interval of a mean; of a share on the logit scale.

    Notes
    -----
    By t a share can leave 0 to 1, and of 5 in 100 with 200 answers the interval of 95 % holds the
    truth 93 times of 100; on the logit scale (as of svyciprop in R's survey) 97 times.
    """
    t = float(sp.t.ppf(0.5 + level / 2, df)) if df > 0 else np.inf
    if not share:
        reach = t * found.careful
        return Interval(found.mean - reach, found.mean + reach, level, "t")
    if found.se == 0:
        # All answered alike: the exact interval, as of a simple random sample.
        count = found.mean * found.n
        low = sp.beta.ppf((1 - level) / 2, count, found.n - count + 1) if count else 0.0
        high = sp.beta.ppf((1 + level) / 2, count + 1, found.n - count) if count < found.n else 1.0
        return Interval(float(low), float(high), level, "Clopper-Pearson")
    return logit_interval(found.mean, found.careful, t, level)


def logit_interval(p: float, se: float, t: float, level: float) -> Interval:
    """Return the interval of a share on the logit scale."""
    centre, reach = np.log(p / (1 - p)), t * se / (p * (1 - p))
    low, high = (float(1 / (1 + np.exp(-(centre + side * reach)))) for side in (-1, 1))
    return Interval(low, high, level, "logit")


def _details(
    found: Mean, y: Floats, there: np.ndarray, sample: Sample, level: float
) -> dict[str, Number]:
    """Return the numbers of an estimate by name."""
    w = sample.weights[there]
    kish = float(len(w) * (w**2).sum() / w.sum() ** 2)
    t = float(sp.t.ppf(0.5 + level / 2, sample.df))
    ratio = float(w.max() / w.min())
    numbers: dict[str, Number] = {
        "mean": found.mean,
        "se": found.se,
        "deff": found.deff,
        "deff_replace": found.deff_replace,
        "df": sample.df,
        "t_ci_low": found.mean - t * found.se,
        "t_ci_high": found.mean + t * found.se,
        "kish_deff": kish,
        "effective_n": len(w) / kish,
        "weight_min": float(w.min()),
        "weight_max": float(w.max()),
        "weight_ratio": ratio,
    }
    if _is_share(y) and 0 < found.mean < 1 and found.se > 0:
        logit = logit_interval(found.mean, found.se, t, level)
        numbers |= {"logit_ci_low": logit.low, "logit_ci_high": logit.high}
    if ratio > LARGEST_RATIO:
        cut = weighted_mean(y, there, _with(sample, trimmed(sample.weights, LARGEST_RATIO)))
        numbers |= {"trimmed_mean": cut.mean, "trimmed_se": cut.se}
    return numbers


def _raw(
    y: Floats, there: np.ndarray, sample: Sample, design: SurveyDesign, level: float
) -> dict[str, Number]:
    """Return the estimate before the adjustment to the population, by the same design."""
    base = sample.base
    if sample.population is not None and design.weights is None and design.fpc is None:
        base = base * (sample.population / base.sum())
    plain = weighted_mean(y, there, _with(sample, base, adjusted=False))
    t = float(sp.t.ppf(0.5 + level / 2, sample.df))
    return {
        "raw_mean": plain.mean,
        "raw_se": plain.se,
        "raw_deff": plain.deff,
        "raw_df": sample.df,
        "raw_t_ci_low": plain.mean - t * plain.se,
        "raw_t_ci_high": plain.mean + t * plain.se,
    }


def _with(sample: Sample, weights: Floats, *, adjusted: bool = True) -> Sample:
    """Return the sample with other weights."""
    return Sample(
        sample.frame,
        sample.base,
        weights,
        sample.stratum,
        sample.psu,
        sample.rate,
        sample.groups if adjusted else (),
        sample.population,
        sample.dropped,
        sample.warnings,
    )


def _domains(
    y: Floats, there: np.ndarray, sample: Sample, column: str, level: float, sizes: Sizes | None
) -> pd.DataFrame:
    """Return the mean of each domain; withheld where it rests on too few answers."""
    least = (sizes or default_sizes())["survey_domain"].refuse
    group = sample.frame[column]
    rows = {}
    for name in sorted(group.dropna().unique(), key=str):
        inside = there & (group == name).to_numpy()
        n = int(inside.sum())
        row: dict[str, object] = {"n": n, "withheld": n < least}
        row |= dict.fromkeys(("mean", "se", "low", "high", "deff"), np.nan)
        if n >= max(least, 2):
            found = weighted_mean(y, inside, sample)
            interval = mean_interval(found, sample.careful_df, level, share=_is_share(y))
            row |= {"mean": found.mean, "se": found.se, "low": interval.low, "high": interval.high}
            row["deff"] = np.nan if found.deff is None else found.deff
        rows[str(name)] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(column)


def _is_share(y: Floats) -> bool:
    """Return whether all answers are 0 or 1."""
    return bool(np.isin(y[~np.isnan(y)], (0.0, 1.0)).all())


def _method(design: SurveyDesign) -> Sentence:
    """Return the name of the estimate."""
    if design.population is not None:
        return Message("post-stratified mean, linearised variance")
    if design.margins:
        return Message("raked mean, linearised variance")
    return Message("weighted mean, linearised variance")


# -- refusals and sentences -------------------------------------------------------------------


def _silent(n: int) -> tuple[Dropped, ...]:
    """Return those who did not answer the question."""
    why = Counted(
        "{n} person did not answer this question and is left out.",
        "{n} people did not answer this question and are left out.",
        n,
    )
    return (Dropped(n, why),) if n else ()


def _too_few_answers(n: int, sample: Sample, sizes: Sizes | None) -> Refusal | None:
    """Return why the mean can't be stated."""
    what = Message("The average of the population cannot be estimated.")
    instead = Message("The answers can be described without speaking for the others.")
    few_answers = too_few(n, "survey_domain", what, instead, sizes)
    if few_answers is None and sample.df < 1:
        why = Message("There is no more than one group of answers per stratum to compare.")
        return Refusal("no_variation", what, why, instead)
    return few_answers


def _weight_warnings(sample: Sample) -> tuple[Sentence, ...]:
    """Return what is doubtful in weights and strata."""
    found: list[Sentence] = []
    ratio = float(sample.weights.max() / sample.weights.min())
    if ratio > LARGEST_RATIO:
        text = Message(
            "The largest weight is {ratio} times the smallest: a few answers count for many. The "
            "numbers with weights lowered to {limit} times stand beside.",
            ratio=rounded(ratio, 0),
            limit=rounded(LARGEST_RATIO, 0),
        )
        found.append(text)
    lonely = lonely_strata(sample)
    if lonely:
        found.append(
            Counted(
                "{n} stratum has one cluster only; its part of the error is a rough guess.",
                "{n} strata have one cluster only; their part of the error is a rough guess.",
                lonely,
            )
        )
    return tuple(found)


def _refused(
    question: str,
    n: int,
    refusal: Refusal,
    details: dict[str, Number],
    dropped: tuple[Dropped, ...],
) -> Result:
    """Return a result that holds a refusal."""
    return Result(
        question,
        "description",
        n,
        Message("weighted mean, linearised variance"),
        design="survey",
        dropped=dropped,
        reading="sample",
        refusal=refusal,
        details=details,
    )


def _estimate_sentences(
    found: Mean,
    interval: Interval,
    raw: dict[str, Number],
    sample: Sample,
    share: bool,
    labels: Labels,
) -> tuple[Sentence, ...]:
    """Return the estimate in words, with the number before adjustment beside."""
    scale = 100.0 if share else 1.0
    values = {
        **labels.values,
        "mean": rounded(scale * found.mean),
        "low": rounded(scale * interval.low),
        "high": rounded(scale * interval.high),
        "raw": rounded(scale * float(raw["raw_mean"] or 0.0)),
    }
    if share:
        main: Sentence = Counted(
            "On {outcome}: about {mean} of every 100 {nouns} (probably between {low} and {high}), "
            "by {n} answer.",
            "On {outcome}: about {mean} of every 100 {nouns} (probably between {low} and {high}), "
            "by {n} answers.",
            found.n,
            **values,
        )
    else:
        main = Counted(
            "The average of {outcome} among {nouns} is {mean} (probably between {low} and {high}), "
            "by {n} answer.",
            "The average of {outcome} among {nouns} is {mean} (probably between {low} and {high}), "
            "by {n} answers.",
            found.n,
            **values,
        )
    if not sample.adjusted:
        return (main,)
    beside = Message("Without adjusting for who answered it would be {raw}.", **values)
    return main, beside
