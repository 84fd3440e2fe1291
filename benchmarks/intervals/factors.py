"""Coverage of the intervals of factors and of two figures: regressions, correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn, cover, covers, given
from intervals.made import codes, of, series
from workbench.stats import (
    association,
    factors,
    factors_over_waves,
    ordinal_factors,
    quantile_factors,
    yes_no_factors,
)

# -- two figures ------------------------------------------------------------------------------

R = 0.6
CORRELATIONS = ("Spearman, Bonett-Wright", "Pearson, Fisher z", "Kendall, jackknife")
EFFECTS = ("spearman", "pearson", "kendall_tau_b")


@cover({f"correlation, {name}": "approximate" for name in CORRELATIONS})
def correlations(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    first, noise = rng.normal(size=(2, n))
    result = association(series(first), series(R * first + np.sqrt(1 - R**2) * noise))
    truths = 6 / np.pi * np.arcsin(R / 2), R, 2 / np.pi * np.arcsin(R)
    return tuple((of(result, name), truth) for name, truth in zip(EFFECTS, truths, strict=True))


# Two answers from 1 to 5, the more alike the likelier.
TABLE = np.exp(-np.abs(np.subtract.outer(np.arange(5), np.arange(5))))
TABLE /= TABLE.sum()


def correlations_of(table: np.ndarray) -> tuple[float, float, float]:
    """Return Spearman's (with mid ranks), Pearson's and Kendall's tau-b of a table of shares."""
    k = np.arange(len(table))
    first, second = table.sum(axis=1), table.sum(axis=0)
    ranks = [part.cumsum() - part / 2 for part in (first, second)]

    def linear(x: np.ndarray, y: np.ndarray) -> float:
        x, y = x - first @ x, y - second @ y
        return float(x @ table @ y / np.sqrt((first @ x**2) * (second @ y**2)))

    signs = np.sign(np.subtract.outer(k, k))
    ahead = np.einsum("ij,kl,ik,jl", table, table, signs, signs)
    apart = np.sqrt((1 - (first**2).sum()) * (1 - (second**2).sum()))
    return linear(*ranks), linear(k, k), float(ahead / apart)


# Pearson's and Spearman's take for granted that figures go together as normal ones do.
@cover(
    {
        "correlation, Spearman, Bonett-Wright; answers from 1 to 5": "broken",
        "correlation, Pearson, Fisher z; answers from 1 to 5": "broken",
        "correlation, Kendall, jackknife; answers from 1 to 5": "approximate",
    }
)
def correlations_tied(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    cell = rng.choice(25, n, p=TABLE.ravel())
    result = association(series(cell // 5.0), series(cell % 5.0))
    truths = correlations_of(TABLE)
    return tuple((of(result, name), truth) for name, truth in zip(EFFECTS, truths, strict=True))


# -- regressions ------------------------------------------------------------------------------

SLOPE = 2.0


def one_factor(x: np.ndarray, **more: np.ndarray) -> pd.DataFrame:
    """Return the table of factors."""
    return pd.DataFrame({"x": x, **more}, index=codes(len(x)))


@covers("slope of a factor, HC3", sizes=(20, 60))
def slope(rng: np.random.Generator, n: int) -> Drawn:
    x = rng.normal(size=n)
    return given(factors(series(50 + SLOPE * x + rng.normal(0, 5, n)), one_factor(x))), SLOPE


@covers("slope of a factor, HC3; spread grows with it", sizes=(20, 60))
def slope_uneven(rng: np.random.Generator, n: int) -> Drawn:
    x = rng.uniform(0, 2, n)
    outcome = 50 + SLOPE * x + (1 + 3 * x) * rng.normal(size=n)
    return given(factors(series(outcome), one_factor(x))), SLOPE


@covers("slope of a factor, HC3; skewed factor, one of three", sizes=(40, 60))
def slope_skewed(rng: np.random.Generator, n: int) -> Drawn:
    x, two, three = rng.lognormal(0, 1, n), rng.normal(size=n), rng.random(n) < 0.5
    outcome = 50 + SLOPE * x + two + 2 * three + rng.normal(0, 5, n)
    table = one_factor(x, two=two, three=three)
    return given(factors(series(outcome), table, focus="x")), SLOPE


def grouped(rng: np.random.Generator, n: int) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Return the cluster of each unit, its number and the error of units, of n clusters."""
    number = np.repeat(np.arange(n), 3 + np.arange(n) % 5)
    error = rng.normal(0, 3, n)[number] + rng.normal(0, 5, len(number))
    return series(np.array([f"c{c:03d}" for c in number])), number, error


@covers("slope of a factor of clusters, CR2")
def slope_clusters(rng: np.random.Generator, n: int) -> Drawn:
    own, number, error = grouped(rng, n)
    x = rng.normal(size=n)[number]
    result = factors(series(50 + SLOPE * x + error), one_factor(x), clusters=own)
    return given(result), SLOPE


@covers("slope of a factor of units within clusters, CR2")
def slope_within(rng: np.random.Generator, n: int) -> Drawn:
    own, number, error = grouped(rng, n)
    x = rng.normal(size=n)[number] + rng.normal(size=len(number))
    result = factors(series(50 + SLOPE * x + error), one_factor(x), clusters=own)
    return given(result), SLOPE


@covers("slope of a factor over waves, two-way fixed effects", draws=1000)
def over_waves(rng: np.random.Generator, n: int) -> Drawn:
    index = pd.MultiIndex.from_product([codes(n), range(4)], names=["unit", "wave"])
    x = (rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))).cumsum(axis=1)
    error = rng.normal(0, 5, (n, 4))
    error[:, 1:] += 0.5 * error[:, :-1]
    y = rng.normal(50, 10, (n, 1)) + np.arange(4) + SLOPE * x + error
    table = pd.DataFrame({"x": x.ravel()}, index)
    return given(factors_over_waves(pd.Series(y.ravel(), index), table)), SLOPE


@cover(
    {
        "difference of shares by a factor, logit": "approximate",
        "odds ratio of a factor, logit, Wald": "approximate",
    },
    sizes=(40, 60, 200),
    draws=1000,
)
def yes_no(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    x = rng.normal(size=n)
    share = 1 / (1 + np.exp(-(0.3 + 0.8 * x)))
    result = yes_no_factors(series(rng.random(n) < share), one_factor(x))
    # The average difference is that of the units measured.
    return (given(result), float((share * (1 - share) * 0.8).mean())), (
        of(result, "odds_ratio"),
        float(np.exp(0.8)),
    )


@cover(
    {
        "difference of shares by a yes or no, logit": "approximate",
        "odds ratio of a yes or no, logit, Wald": "approximate",
    },
    sizes=(40, 60, 200),
    draws=1000,
)
def yes_no_group(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    x = np.arange(n) % 2 == 0
    result = yes_no_factors(series(rng.random(n) < np.where(x, 0.7, 0.4)), one_factor(x))
    return (given(result), 0.3), (of(result, "odds_ratio"), 0.7 / 0.3 / (0.4 / 0.6))


@covers("difference of shares by a factor of clusters, logit, CR1", draws=1000)
def yes_no_clusters(rng: np.random.Generator, n: int) -> Drawn:
    own, number, _ = grouped(rng, n)
    part = number % 2 == 0
    # Clusters differ about the shares .7 and .4 of their kind.
    chance = np.where(np.arange(n) % 2 == 0, rng.beta(7, 3, n), rng.beta(4, 6, n))[number]
    answers = series(rng.random(len(number)) < chance)
    return given(yes_no_factors(answers, one_factor(part), clusters=own)), 0.3


@cover(
    {
        "log odds of a level, proportional odds": "approximate",
        "odds ratio of a level, proportional odds, Wald": "approximate",
    },
    sizes=(20, 60, 200),
    draws=1000,
)
def levels(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    x = rng.normal(size=n)
    hidden = 0.8 * x + rng.logistic(size=n)
    level = series(np.digitize(hidden, [-1.0, 1.0]).astype(float))
    result = ordinal_factors(level, one_factor(x), levels=[0.0, 1.0, 2.0])
    return (given(result), 0.8), (of(result, "odds_ratio"), float(np.exp(0.8)))


@cover(
    {
        "slope at the median, quantile regression, bootstrap": "approximate",
        "slope at the top less at the bottom, quantile regression": "approximate",
    },
    sizes=(20, 60),
    draws=100,
)
def quantiles(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    x = rng.normal(size=n)
    outcome = series(50 + SLOPE * x + rng.normal(0, 5, n))
    result = quantile_factors(outcome, one_factor(x))
    return (given(result), SLOPE), (of(result, "top_less_bottom"), 0.0)
