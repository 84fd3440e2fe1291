"""Rates made comparable: standardised directly and indirectly, and observed against expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy.special as special
import scipy.stats as sp

from workbench.language import Counted, Message
from workbench.stats.measured import numeric, numeric_frame, once
from workbench.stats.pairs import Floats
from workbench.stats.result import (
    Dropped,
    Interval,
    Number,
    Refusal,
    Result,
    Sentence,
    Test,
    fingerprint,
    rounded,
    verdict_of,
)
from workbench.stats.sizes import Sizes, default_sizes
from workbench.stats.wording import PLAIN, Labels

PER = 1000


def observed_expected(
    observed: pd.Series,
    expected: pd.Series,
    *,
    unit: str | None = None,
    level: float = 0.95,
    labels: Labels = PLAIN,
    names: dict[str, object] | None = None,
) -> Result:
    """Return which units have more or fewer events than expected (exact Poisson).

    Parameters
    ----------
    observed : Series of int
        Events of each unit, by its code.
    expected : Series of float
        Events that it would have had under common rates.
    unit : str, optional
        The unit that the sentence and the verdict are about; all of them if left out.
    level : float
    labels : Labels
    names : dict, optional
        How units are called in sentences, by code.

    Returns
    -------
    Result
        ``tables["units"]``, by code: ``O, E, ratio``, its exact interval and Byar's, the exact p,
        and the limits of a funnel around 1 (``funnel_low95`` below zero means no lower limit).

    Notes
    -----
    See :func:`ratios`. Of a unit without events only the upper end says something.
    """
    frame, dropped = _known({"O": observed, "E": expected}, labels, frame_positive="E")
    common: dict[str, Any] = {
        "question": "observed_expected",
        "family": "chance",
        "n": len(frame),
        "method": Message("Observed over expected, exact Poisson"),
        "design": "units against common rates",
        "dropped": dropped,
        "unit": "ratio",
        "fingerprint": fingerprint(frame.index, frame.to_numpy().ravel()),
    }
    if frame.empty or (unit is not None and unit not in frame.index):
        refusal = Refusal(
            "not_measured",
            Message("Events cannot be compared with what is expected."),
            Message("Observed or expected events are not known."),
            Message("The events that are known can be listed."),
        )
        return Result(**common, refusal=refusal, details={"n": len(frame)})
    table = ratios(frame["O"], frame["E"], level)
    above, below = int((table["exact_low"] > 1).sum()), int((table["exact_high"] < 1).sum())
    details: dict[str, Number] = {"n": len(table), "n_above": above, "n_below": below}
    details |= {"observed": float(table["O"].sum()), "expected": float(table["E"].sum())}
    answer: dict[str, Any] = {
        "sentences": (
            Counted(
                "In {outcome}, of {all} {nouns} {n} lies outside what chance gives: {above} above, "
                "{below} below.",
                "In {outcome}, of {all} {nouns} {n} lie outside what chance gives: {above} above, "
                "{below} below.",
                above + below,
                all=rounded(len(table), 0),
                above=rounded(above, 0),
                below=rounded(below, 0),
                outcome=labels.outcome,
                nouns=labels.nouns,
            ),
        )
    }
    if unit is not None:
        answer = _about(table.loc[[unit]].iloc[0], (names or {}).get(unit, unit), level, labels)
    return Result(**common, **answer, details=details, tables={"units": table})


def ratios(observed: pd.Series, expected: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Return observed over expected events with intervals, by unit.

    Notes
    -----
    Exact: half the chi-squared quantiles with ``2 O`` and ``2 O + 2`` degrees of freedom, over E
    (Garwood 1936); the lower end of no events is 0. Byar: ``O (1 - 1/(9 O) - z/(3 sqrt O))^3``, the
    upper end with O + 1 and plus (Breslow and Day 1987). The funnel interpolates Poisson quantiles
    as :func:`funnel.limits` does binomial ones.
    """
    o, e = observed.to_numpy(dtype=np.float64), expected.to_numpy(dtype=np.float64)
    tail, z = (1 - level) / 2, float(special.ndtri(0.5 + level / 2))
    positive = np.maximum(o, 1.0)
    byar = positive * (1 - 1 / (9 * positive) - z / (3 * np.sqrt(positive))) ** 3
    more = o + 1
    return pd.DataFrame(
        {
            "O": o,
            "E": e,
            "ratio": o / e,
            "exact_low": np.where(o > 0, sp.chi2.ppf(tail, 2 * positive) / 2, 0.0) / e,
            "exact_high": sp.chi2.ppf(1 - tail, 2 * more) / 2 / e,
            "byar_low": np.where(o > 0, byar, 0.0) / e,
            "byar_high": more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3 / e,
            "p_exact_minlike": [_poisson_p(a, b) for a, b in zip(o, e, strict=True)],
            "funnel_low95": _poisson_limit(e, 0.025),
            "funnel_high95": _poisson_limit(e, 0.975),
        },
        index=observed.index.rename("unit"),
    )


def _poisson_limit(expected: Floats, tail: float) -> Floats:
    """Return the interpolated Poisson quantile of a ratio."""
    r = sp.poisson.ppf(tail, expected)
    spare = (sp.poisson.cdf(r, expected) - tail) / sp.poisson.pmf(r, expected)
    return np.asarray((r - spare) / expected)


def _poisson_p(observed: float, expected: float) -> float:
    """Return the probability of a count that is as likely as the observed one, or less."""
    if not expected > 0:
        return float("nan")
    here = float(sp.poisson.pmf(observed, expected)) * (1 + 1e-7)
    far = int(np.ceil(max(observed, expected))) + 1
    while sp.poisson.pmf(far, expected) > here:
        far *= 2
    likely = np.flatnonzero(sp.poisson.pmf(np.arange(far + 1), expected) > here)
    if not len(likely):
        return 1.0
    tails = sp.poisson.cdf(likely[0] - 1, expected) + sp.poisson.sf(likely[-1], expected)
    return float(min(1.0, tails))


def standardised_rates(
    events: pd.DataFrame,
    population: pd.DataFrame,
    standard: pd.Series,
    *,
    reference_rates: pd.Series | None = None,
    per: float = PER,
    level: float = 0.95,
    labels: Labels = PLAIN,
    sizes: Sizes | None = None,
) -> Result:
    """Return rates as if all units had the same composition (Fay and Feuer; exact Poisson).

    Parameters
    ----------
    events, population : DataFrame
        One row a unit, by its code; one column a stratum, such as a group of ages.
    standard : Series of float
        Standard population of each stratum.
    reference_rates : Series of float, optional
        Rates by stratum for the indirect method; those of all units together if left out.
    per : float
        Base of the rates in the sentence, such as 1000.
    level, labels, sizes
        As of :func:`mean_change`.

    Returns
    -------
    Result
        ``tables["direct"]``: ``events, crude, direct_rate, variance, fay_feuer_low``,
        ``normal_low`` and so on, missing below ten events; ``tables["indirect"]``: ``observed,
        expected, smr, exact_low, exact_high``, Byar's ends and the exact p.

    Notes
    -----
    Direct: ``r = sum w x``, ``v = sum w^2 x`` with ``w`` the standard share over the population;
    gamma interval with ends ``v/(2 r) chi2(a/2, 2 r^2/v)`` and, with the largest weight ``m``,
    ``(v + m^2)/(2 (r + m)) chi2(1 - a/2, 2 (r + m)^2/(v + m^2))`` (Fay and Feuer 1997).
    """
    strata = list(standard.index)
    frame, dropped = _strata(events, population, strata, labels)
    common: dict[str, Any] = {
        "question": "standardised_rates",
        "family": "chance",
        "n": len(frame["events"]),
        "method": Message("Direct (Fay-Feuer) and indirect (exact Poisson) standardisation"),
        "design": "units by strata",
        "dropped": dropped,
        "unit": "rate",
        "fingerprint": fingerprint(
            frame["events"].index, frame["events"].to_numpy().ravel(), standard.to_numpy()
        ),
    }
    x, n = frame["events"], frame["population"]
    if x.empty or not (x.to_numpy().sum() > 0 or reference_rates is not None):
        refusal = Refusal(
            "no_events",
            Message("Rates cannot be standardised."),
            Message("No events are known by stratum."),
            Message("The populations can be listed."),
        )
        return Result(**common, refusal=refusal, details={"n": len(x)})
    least = (sizes or default_sizes())["events"].refuse
    direct = _direct(x, n, standard.astype("float64"), least, level)
    rates = x.sum() / n.sum() if reference_rates is None else reference_rates.reindex(strata)
    expected = (n * rates).sum(axis=1)
    indirect = ratios(x.sum(axis=1), expected.where(expected > 0), level)
    indirect = indirect.rename(columns={"O": "observed", "E": "expected", "ratio": "smr"})
    return Result(
        **common,
        conventions=(
            "direct: weights of the standard population; gamma interval of Fay and Feuer",
            "indirect: rates of all units together"
            if reference_rates is None
            else "indirect: given rates",
        ),
        warnings=_indirect_only(direct, labels),
        sentences=(_rates_sentence(direct, per, labels),),
        details={"n": len(x), "n_direct": int(direct["direct_rate"].notna().sum())},
        tables={"direct": direct, "indirect": indirect},
    )


def _direct(
    x: pd.DataFrame, n: pd.DataFrame, standard: pd.Series, least: float, level: float
) -> pd.DataFrame:
    """Return directly standardised rates, missing where there are too few events."""
    share = (standard / standard.sum()).to_numpy()
    people, counts = n.to_numpy(), x.to_numpy()
    enough = (counts.sum(axis=1) >= least) & (people > 0).all(axis=1)
    weight = np.where(enough[:, None], share / np.where(people > 0, people, np.nan), np.nan)
    rate, variance = (weight * counts).sum(axis=1), (weight**2 * counts).sum(axis=1)
    largest = weight.max(axis=1)
    tail, z = (1 - level) / 2, float(special.ndtri(0.5 + level / 2))
    shifted, spread = rate + largest, variance + largest**2
    low = variance / (2 * rate) * sp.chi2.ppf(tail, 2 * rate**2 / variance)
    high = spread / (2 * shifted) * sp.chi2.ppf(1 - tail, 2 * shifted**2 / spread)
    return pd.DataFrame(
        {
            "events": counts.sum(axis=1),
            "population": people.sum(axis=1),
            "crude": counts.sum(axis=1) / people.sum(axis=1),
            "direct_rate": rate,
            "variance": variance,
            "fay_feuer_low": low,
            "fay_feuer_high": high,
            "normal_low": rate - z * np.sqrt(variance),
            "normal_high": rate + z * np.sqrt(variance),
        },
        index=x.index.rename("unit"),
    )


def _strata(
    events: pd.DataFrame, population: pd.DataFrame, strata: list[object], labels: Labels
) -> tuple[dict[str, pd.DataFrame], tuple[Dropped, ...]]:
    """Return events and population of the units that have both in every stratum."""
    for table in (events, population):
        missing = [name for name in strata if name not in table.columns]
        if missing:
            raise ValueError(f"no column for the stratum {missing[0]}")
        once(table.index)
    units = events.index.union(population.index).sort_values()
    x = numeric_frame(events[strata], "events").reindex(units)
    n = numeric_frame(population[strata], "population").reindex(units)
    # People without a stratum of their own are no gap; events without people are one.
    sound = (x >= 0).all(axis=1) & (n >= 0).all(axis=1) & ~((n <= 0) & (x > 0)).any(axis=1)
    kept = sound & (n.sum(axis=1) > 0)
    return {"events": x[kept], "population": n[kept]}, _unknown(int((~kept).sum()), labels)


def _known(
    series: dict[str, pd.Series], labels: Labels, *, frame_positive: str
) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Return the units that have every figure, one of them above zero."""
    for one in series.values():
        once(one.index)
    frame = pd.DataFrame({name: numeric(one, name) for name, one in series.items()}).sort_index()
    kept = frame.notna().all(axis=1) & (frame >= 0).all(axis=1) & (frame[frame_positive] > 0)
    return frame[kept], _unknown(int((~kept).sum()), labels)


def _unknown(n: int, labels: Labels) -> tuple[Dropped, ...]:
    """Return the units that are left out for want of a figure."""
    if not n:
        return ()
    why = Counted(
        "Of {n} of the {nouns} events or population are not known: it is left out.",
        "Of {n} of the {nouns} events or population are not known: they are left out.",
        n,
        nouns=labels.nouns,
    )
    return (Dropped(n, why),)


def _indirect_only(direct: pd.DataFrame, labels: Labels) -> tuple[Sentence, ...]:
    """Return a warning about units that have an indirect rate only."""
    n = int(direct["direct_rate"].isna().sum())
    if not n:
        return ()
    return (
        Counted(
            "{n} of the {nouns} has too few events, or a stratum without people: it is compared "
            "with what is expected only.",
            "{n} of the {nouns} have too few events, or a stratum without people: they are "
            "compared with what is expected only.",
            n,
            nouns=labels.nouns,
        ),
    )


def _rates_sentence(direct: pd.DataFrame, per: float, labels: Labels) -> Sentence:
    """Return the range of standardised rates in words."""
    known = direct.dropna(subset=["direct_rate"])
    common = {"per": rounded(per, 0), "outcome": labels.outcome, "nouns": labels.nouns}
    if known.empty:
        return Message(
            "In {outcome}, none of the {nouns} has events enough for a standardised rate; each can "
            "be compared with what is expected.",
            **common,
        )
    low, high = (
        known.loc[known.index[known["direct_rate"].to_numpy().argsort()[at]]] for at in (0, -1)
    )
    return Counted(
        "In {outcome}, the standardised rate of {n} of the {nouns} is {first} per {per} (probably "
        "between {low} and {high}).",
        "In {outcome}, standardised rates of {n} {nouns} go from {first} per {per} (probably "
        "between {low} and {high}) to {last} (probably between {low2} and {high2}).",
        len(known),
        first=rounded(per * low["direct_rate"]),
        low=rounded(per * low["fay_feuer_low"]),
        high=rounded(per * low["fay_feuer_high"]),
        last=rounded(per * high["direct_rate"]),
        low2=rounded(per * high["fay_feuer_low"]),
        high2=rounded(per * high["fay_feuer_high"]),
        **common,
    )


def _about(row: pd.Series, name: object, level: float, labels: Labels) -> dict[str, Any]:
    """Return estimate, interval, verdict and sentence about one unit."""
    interval = Interval(float(row["exact_low"]), float(row["exact_high"]), level, "exact Poisson")
    values = {
        "unit": name,
        "outcome": labels.outcome,
        "observed": rounded(row["O"], 0),
        "expected": rounded(row["E"]),
        "ratio": rounded(row["ratio"]),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
    }
    if row["O"] == 0:
        text = Message(
            "In {outcome}, “{unit}” has no events where {expected} are expected: at most {high} "
            "times as many as expected are compatible with that.",
            **values,
        )
    else:
        text = Message(
            "In {outcome}, “{unit}” has {observed} events where {expected} are expected: {ratio} "
            "times as many (probably between {low} and {high} times).",
            **values,
        )
    return {
        "estimate": float(row["ratio"]),
        "interval": interval,
        "verdict": verdict_of(interval, null=1.0),
        "test": Test("Poisson, exact", None, (), float(row["p_exact_minlike"])),
        "sentences": (text,),
    }
