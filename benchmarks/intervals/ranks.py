"""Coverage of the intervals of places, shrunken scores, targets, and rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn, cover, covers, given
from intervals.made import all_held, codes, of, series
from workbench.stats import (
    Interval,
    funnel,
    mean_against_target,
    observed_expected,
    rank_ranges,
    share_against_target,
    shrunken_scores,
    standardised_rates,
)

# -- places -----------------------------------------------------------------------------------


@cover(
    {
        "places of all units at once, Holm": "conservative",
        "places of all units at once, resampled": "approximate",
        "place of one unit, resampled": "approximate",
    },
    draws=500,
)
def places(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    errors = rng.uniform(1, 4, n)
    truth = rng.normal(50, 5, n)
    place = (truth[:, None] < truth).sum(axis=1) + 1.0
    scores = series(truth + errors * rng.normal(size=n))
    result = rank_ranges(scores, series(errors), replicates=500, draws=2000)
    units = result.tables["units"].loc[scores.index]
    low, high = (float(units[f"csranks_marginal_{end}"].iloc[0]) for end in ("low", "high"))
    return (
        all_held(units, place, "holm_low", "holm_high"),
        all_held(units, place, "csranks_simultaneous_low", "csranks_simultaneous_high"),
        (Interval(low, high), float(place[0])),
    )


@cover(
    {
        "shrunken score of one unit, empirical Bayes": "approximate",
        "mean of shrunken scores, HKSJ": "approximate",
    }
)
def shrunken(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    errors = rng.uniform(2, 8, n)
    truth = rng.normal(50, 6, n)
    result = shrunken_scores(series(truth + errors * rng.normal(size=n)), series(errors))
    own = result.tables["units"].loc["00000"] if result.refusal is None else None
    interval = None if own is None else Interval(float(own["low"]), float(own["high"]))
    return (interval, float(truth[0])), (given(result), 50.0)


@covers("shrunken score of one unit, Fay-Herriot")
def fay_herriot(rng: np.random.Generator, n: int) -> Drawn:
    errors, wealth = rng.uniform(2, 8, n), rng.normal(size=n)
    truth = 50 + 4 * wealth + rng.normal(0, 5, n)
    result = shrunken_scores(
        series(truth + errors * rng.normal(size=n)),
        series(errors),
        covariates=pd.DataFrame({"wealth": wealth}, codes(n)),
        unit="00000",
    )
    return given(result), float(truth[0])


@covers("shrunken score of one unit, empirical Bayes; units nearly alike")
def shrunken_alike(rng: np.random.Generator, n: int) -> Drawn:
    errors = rng.uniform(4, 8, n)
    truth = rng.normal(50, 2, n)
    scores = series(truth + errors * rng.normal(size=n))
    return given(shrunken_scores(scores, series(errors), unit="00000")), float(truth[0])


# -- against a target -------------------------------------------------------------------------


@cover(
    {
        "distance of the mean from a target, t": "exact",
        "distance in deviations, noncentral t": "exact",
    }
)
def target(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    result = mean_against_target(series(rng.normal(55, 10, n)), 50.0)
    return (given(result), 5.0), (of(result, "d"), 0.5)


@cover(
    {
        "share against a target, Clopper-Pearson": "conservative",
        "share against a target, Wilson; any share alike": "approximate",
    }
)
def share(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    p = rng.uniform()
    result = share_against_target(series((rng.random(n) < p).astype(float)), 0.5)
    wilson = Interval(float(result["wilson_low"]), float(result["wilson_high"]))
    return (given(result), p), (wilson, p)


# -- rates ------------------------------------------------------------------------------------


@covers("share of one unit in a funnel, Wilson; any share alike")
def in_funnel(rng: np.random.Generator, n: int) -> Drawn:
    # n is the number of cases of the unit; eleven others stand around it.
    shares = np.append(rng.uniform(), rng.uniform(0.2, 0.8, 11))
    cases = np.append(n, np.full(11, 100))
    events = rng.binomial(cases, shares)
    result = funnel(series(events), series(cases), unit="00000")
    return given(result), float(shares[0])


@cover(
    {
        "observed over expected events, exact Poisson": "conservative",
        "observed over expected events, Byar": "approximate",
    },
    sizes=(3, 8, 20, 60),
)
def ratios(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    # n is the number of events to be expected at a ratio of 1.
    ratio = float(rng.uniform(0.5, 2))
    counts = series(np.array([rng.poisson(ratio * n), n]).astype(float))
    result = observed_expected(counts, series(np.full(2, float(n))))
    row = result.tables["units"].iloc[0]
    return tuple(
        (Interval(float(row[f"{name}_low"]), float(row[f"{name}_high"])), ratio)
        for name in ("exact", "byar")
    )


@covers("directly standardised rate, Fay-Feuer", kind="conservative", sizes=(20, 60))
def direct(rng: np.random.Generator, n: int) -> Drawn:
    # n is the number of events to be expected in the unit; rates rise from group to group of ages.
    people = np.array([4000.0, 3000, 2000, 1000])
    rates = np.array([1.0, 2, 4, 8])
    rates *= n / (people @ rates)
    standard = np.array([0.2, 0.3, 0.3, 0.2])
    groups = ["a", "b", "c", "d"]
    result = standardised_rates(
        pd.DataFrame(rng.poisson(people * rates, (2, 4)), codes(2), groups),
        pd.DataFrame(np.tile(people, (2, 1)), codes(2), groups),
        pd.Series(standard, groups),
    )
    row = result.tables["direct"].iloc[0]
    if not np.isfinite(row["direct_rate"]):
        return None, 0.0
    low, high = float(row["fay_feuer_low"]), float(row["fay_feuer_high"])
    return Interval(low, high), float(standard @ rates)
