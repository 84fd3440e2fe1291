"""Trajectories of units with the rounds that each one has, and the differences that last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import numeric, numeric_frame, once
from workbench.stats.mixed import (
    Columns,
    Model,
    effects,
    fitted,
    lasting,
    numbers,
    prepared,
    tables,
)
from workbench.stats.mixed_refusals import METHOD, NO_NOISE, astray, cannot, refused, with_gaps
from workbench.stats.mixed_words import (
    GROUPS,
    UNITS,
    Nouns,
    coefficient_sentence,
    pace_sentence,
    paces_sentence,
    share_sentences,
)
from workbench.stats.result import (
    Dropped,
    Result,
    Sentence,
    Test,
    verdict_of,
)
from workbench.stats.sizes import Sizes, few
from workbench.stats.wording import PLAIN, Labels

CONVENTIONS = (
    "intervals and p by Kenward and Roger; Satterthwaite and z stand in the table of coefficients",
    "a variance of zero is reported as zero",
)
# With fewer waves a pace of its own for each unit can't be told from noise.
WAVES_FOR_PACES = 4


def mixed_model(
    frame: pd.DataFrame,
    *,
    outcome: str,
    groups: str,
    fixed: Sequence[str] = (),
    within: str | None = None,
    slope: str | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    nouns: Nouns = GROUPS,
    sizes: Sizes | None = None,
) -> Result:
    """Return a linear mixed model of rows in groups.

    Parameters
    ----------
    frame : DataFrame
        One row an observation; rows with a gap are left out.
    outcome : str
        Column of the outcome.
    groups : str
        Column of the groups that differ by chance: ``(1|groups)`` in lme4.
    fixed : sequence of str
        Columns of numbers, beside the intercept.
    within : str, optional
        Column of groups inside of those: ``(1|groups/within)``.
    slope : str, optional
        Fixed column whose coefficient differs between the innermost groups, together with their
        intercept: ``(slope|groups)``, or ``(1|groups) + (slope|groups:within)``.
    level : float
        Of the intervals.
    labels, sizes
        As of :func:`mean_change`.
    nouns : Nouns
        What the groups are called.

    Returns
    -------
    Result
        Estimate: the coefficient of the first fixed column, else the mean. Effects: shares of the
        variance by level, ``icc`` with an exact interval where there is one level and no slope.
        Tables ``fixed``, ``variance`` and ``blup`` (predicted effects of groups).

    Raises
    ------
    ValueError
        If the slope is none of the fixed columns.

    Notes
    -----
    Restricted maximum likelihood (REML); that of ``ml_loglik``, ``ml_aic`` and ``ml_bic`` is the
    full one, for the comparison of models. Missing rows are taken to be missing at random.
    """
    data = prepared(frame, Columns(outcome, tuple(fixed), groups, within, slope))
    question, family = "mixed_model", "association"
    refusal = cannot(data, sizes)
    if refusal is not None:
        return refused(question, family, data, refusal)
    model = fitted(data)
    if not model.reml.converged:
        return refused(question, family, data, astray())
    at = 1 if fixed else 0
    interval = model.interval(at, level)
    verdict = verdict_of(interval) if fixed else None
    result = _told(question, family, model, at, level, sizes)
    said = coefficient_sentence(
        fixed[0] if fixed else None, float(result.estimate or 0.0), interval, verdict, labels
    )
    return replace(
        result,
        dropped=with_gaps(data),
        verdict=verdict,
        sentences=(said, *share_sentences(model, lasting(model, level), nouns, over_time=False)),
    )


def variance_between(
    values: pd.Series,
    groups: pd.Series,
    *,
    level: float = 0.95,
    nouns: Nouns = GROUPS,
    sizes: Sizes | None = None,
) -> Result:
    """Return how much of the variance lies between groups.

    Parameters
    ----------
    values : Series of float
        One entry an observation.
    groups : Series of str
        Group of each, on the same index.
    level : float
        Of the interval.
    nouns : Nouns
        What the groups are called.
    sizes : mapping, optional
        Smallest sizes; the defaults if left out.

    Returns
    -------
    Result
        Estimate: share of the variance between groups (the intraclass correlation), with Wald's
        exact interval and the exact test that it is zero; details and tables as of
        :func:`mixed_model`.
    """
    for series in (values, groups):
        once(series.index)
    frame = pd.DataFrame({"value": numeric(values), "group": groups})
    data = prepared(frame, Columns("value", (), "group"))
    question, family = "variance_between", "chance"
    refusal = cannot(data, sizes)
    if refusal is not None:
        return refused(question, family, data, refusal)
    model = fitted(data)
    found = lasting(model, level)
    if not model.reml.converged or found is None:
        return refused(question, family, data, astray())
    df = (len(data.names) - 1.0, float(data.n - len(data.names)))
    return replace(
        _told(question, family, model, 0, level, sizes),
        dropped=with_gaps(data),
        estimate=found.share.value,
        unit="share",
        interval=found.share.interval,
        test=Test("F of groups, exact", found.statistic, df, found.p),
        verdict=verdict_of(found.share.interval),
        sentences=share_sentences(model, found, nouns, over_time=False),
    )


def trajectories(
    wide: pd.DataFrame,
    *,
    times: Sequence[float] | None = None,
    states: pd.Series | None = None,
    paces: bool | None = None,
    margin: float | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    nouns: Nouns = UNITS,
    sizes: Sizes | None = None,
) -> Result:
    """Return the mean change a round, and how much of the variance lasts from round to round.

    Parameters
    ----------
    wide : DataFrame of float, index units, columns waves in their order
        Missing where a unit was not measured; each one counts with the waves that it has.
    times : sequence of float, optional
        When the waves were, such as years; their positions 0, 1, 2, ... if left out.
    states : Series of str, optional
        Group of each unit, by its code: its differences are told apart from those inside it.
    paces : bool, optional
        Whether each unit has a pace of its own; by default if there are four waves or more, enough
        measurements, and the variance of the paces is found to be above zero.
    margin : float, optional
        Smallest relevant change a step, declared before.
    level, labels, sizes
        As of :func:`mean_change`.
    nouns : Nouns
        What the groups are called, and what a step is: *round*, *year*.

    Returns
    -------
    Result
        Estimate: mean change a step; effects, tables and details as of :func:`mixed_model`, and
        ``paces_p``: the test that all share one pace.

    Raises
    ------
    ValueError
        If ``times`` has not as many entries as there are waves, or a unit stands twice.
    """
    frame, dropped, remarks = _tidy(wide, times, states, labels)
    outer, within = ("unit", None) if states is None else ("state", "unit")
    plain = Columns("value", ("wave",), outer, within)
    question, family = "trajectories", "change"
    data = prepared(frame, replace(plain, slope="wave") if paces else plain)
    refusal = cannot(data, sizes)
    if refusal is not None:
        return replace(refused(question, family, data, refusal), dropped=dropped)
    alone = fitted(prepared(frame, plain))
    model, more = _with_paces(frame, alone, paces, wide.shape[1])
    if not (model.reml.converged and alone.reml.converged):
        return replace(refused(question, family, data, astray()), dropped=dropped)
    result = _told(question, family, model, 1, level, sizes)
    interval, narrow = (model.interval(1, at) for at in (level, 0.90))
    verdict = verdict_of(interval, narrow=narrow, margin=margin)
    pace = float(result.estimate or 0.0)
    said = pace_sentence(data.innermost, pace, interval, verdict, margin, labels, nouns)
    differ = _paces_differ(model, alone)
    if differ and differ["paces_p"] < 1 - level:
        further: tuple[Sentence, ...] = (paces_sentence(model, pace, labels, nouns),)
    else:
        further = share_sentences(alone, lasting(alone, level), nouns, over_time=True)
    return replace(
        result,
        design="panel",
        dropped=dropped,
        conventions=(*CONVENTIONS, "shares of variance are those of one pace for all"),
        effects=effects(alone, level),
        margin=margin,
        verdict=verdict,
        warnings=(*result.warnings, *remarks, *more),
        sentences=(said, *further),
        details={**result.details, **differ},
    )


# -- parts ------------------------------------------------------------------------------------


def _tidy(
    wide: pd.DataFrame, times: Sequence[float] | None, states: pd.Series | None, labels: Labels
) -> tuple[pd.DataFrame, tuple[Dropped, ...], tuple[Sentence, ...]]:
    """Return one row a visit, who is left out, and what a reader must know of missing visits."""
    for index in (wide.index, pd.Index([]) if states is None else states.index):
        if index.has_duplicates:
            raise ValueError(f"unit {index[index.duplicated()][0]} stands twice")
    if times is not None and len(times) != wide.shape[1]:
        raise ValueError(f"times: {len(times)} entries for {wide.shape[1]} waves")
    measured = numeric_frame(wide).dropna(how="all")
    dropped: tuple[Dropped, ...] = ()
    if states is not None:
        known = measured.index.isin(states.dropna().index)
        if n := int((~known).sum()):
            text = Counted(
                "{n} of the {nouns} has no group and is left out.",
                "{n} of the {nouns} have no group and are left out.",
                n,
                nouns=labels.nouns,
            )
            dropped = (Dropped(n, text),)
        measured = measured[known]
    at = np.arange(wide.shape[1], dtype=float) if times is None else np.asarray(times, dtype=float)
    values = measured.to_numpy(dtype=np.float64)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(measured.index.astype("str"), wide.shape[1]),
            "wave": np.tile(at, len(measured)),
            "value": values.ravel(),
        }
    )
    if states is not None:
        frame["state"] = np.repeat(
            states.loc[measured.index].astype("str").to_numpy(), wide.shape[1]
        )
    missing = int(np.isnan(values).sum())
    if not missing:
        return frame, dropped, ()
    remark = Counted(
        "{n} measurement is missing; the result holds if it is missing for no reason that has to "
        "do with its value.",
        "{n} measurements are missing; the result holds if they are missing for no reason that has "
        "to do with their values.",
        missing,
    )
    return frame, dropped, (remark,)


def _with_paces(
    frame: pd.DataFrame, plain: Model, wanted: bool | None, waves: int
) -> tuple[Model, tuple[Sentence, ...]]:
    """Return the model in which each unit has its own pace, where it is wanted or can be found."""
    data = prepared(frame, replace(plain.data.columns, slope="wave"))
    if wanted:
        return fitted(data), ()
    few_visits = data.n <= 2 * data.innermost or waves < WAVES_FOR_PACES
    if wanted is False or few_visits or data.noise < NO_NOISE:
        return plain, ()
    model = fitted(data)
    if model.reml.converged and not model.reml.singular:
        return model, ()
    return plain, (Message("Differences of pace could not be told from noise; all share one."),)


def _paces_differ(model: Model, plain: Model) -> dict[str, float]:
    """Return the test that all share one pace; nothing where the model has but one.

    Notes
    -----
    Twice the difference of log-likelihoods is a mixture in halves of chi-squared with 1 and 2
    degrees of freedom (Stram and Lee 1994, doi:10.2307/2533455).
    """
    if model.data.columns.slope is None:
        return {}
    found = max(0.0, 2 * (model.reml.loglik - plain.reml.loglik))
    p = sum(float(sp.chi2.sf(found, df)) for df in (1, 2)) / 2
    return {"paces_chi2": found, "paces_p": p}


def _told(
    question: str,
    family: str,
    model: Model,
    at: int,
    level: float,
    sizes: Sizes | None,
) -> Result:
    """Return the numbers of a model, with one of its coefficients as the estimate."""
    estimate = float(model.coefficients(model.reml)[at])
    interval, own = model.interval(at, level), model.errors
    t, df = estimate / float(own.se_adjusted[at]), float(own.df[at])
    boundary: tuple[Sentence, ...] = ()
    if model.reml.singular:
        boundary = (
            Message(
                "At some level no differences beyond noise could be detected: a variance is zero, "
                "and the result is that of a model without it."
            ),
        )
    return Result(
        question,
        family,
        model.data.n,
        METHOD,
        design="groups",
        conventions=CONVENTIONS,
        estimate=estimate,
        interval=interval,
        effects=effects(model, level),
        test=Test("t, Kenward-Roger", t, (df,), float(2 * sp.t.sf(abs(t), df))),
        warnings=(*few(len(model.data.names), "mixed_groups", sizes), *boundary),
        details=numbers(model, level),
        tables=tables(model, level),
        fingerprint=model.data.fingerprint,
    )
