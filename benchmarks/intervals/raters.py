"""Coverage of the intervals of agreement: two raters, several, consistency of questions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn, cover, covers, given
from intervals.made import codes, ends, of, series
from workbench.stats import (
    Interval,
    fleiss_kappa,
    internal_consistency,
    intraclass_correlation,
    several_raters,
    two_raters,
    two_raters_numeric,
)

ITEMS = (10, 20, 60)
AGREED = 0.7
SHARES = np.array([0.2, 0.5, 0.3])


def judged(rng: np.random.Generator, n: int, raters: int, shares: np.ndarray) -> np.ndarray:
    """Return ratings whose kappa and alpha are 0.7, however disagreements count.

    With that probability an item is clear and all see the same, else each judges by chance with
    the same shares: so every pair of ratings agrees beyond chance by 0.7.
    """
    clear, own = (
        rng.choice(len(shares), (n, 1), p=shares),
        rng.choice(len(shares), (n, raters), p=shares),
    )
    return np.where(rng.random((n, 1)) < AGREED, clear, own)


@cover(
    {
        "agreement of two raters, kappa, squared weights": "approximate",
        "agreement of two raters, kappa, unweighted": "approximate",
        "share of items two raters agree on, Clopper-Pearson": "conservative",
    },
    sizes=ITEMS,
)
def kappas(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    first, second = (series(column) for column in judged(rng, n, 2, SHARES).T)
    squared, plain = (
        two_raters(first, second, weights=weights, categories=[0, 1, 2])
        for weights in ("squared", "unweighted")
    )
    same = AGREED + (1 - AGREED) * float(SHARES @ SHARES)
    return (
        (given(squared), AGREED),
        (given(plain), AGREED),
        (of(plain, "percent_agreement"), same),
    )


@covers("agreement of two raters, kappa, unweighted; yes or no, one rare", sizes=ITEMS)
def kappa_rare(rng: np.random.Generator, n: int) -> Drawn:
    ratings = judged(rng, n, 2, np.array([0.85, 0.15]))
    first, second = (series(ratings[:, i]) for i in (0, 1))
    result = two_raters(first, second, weights="unweighted", categories=[0, 1])
    return given(result), AGREED


@covers("agreement of several raters, Krippendorff's alpha, bootstrap", sizes=ITEMS, draws=2000)
def alphas(rng: np.random.Generator, n: int) -> Drawn:
    ratings = judged(rng, n, 3, SHARES).astype(float)
    # A tenth of the ratings is missing.
    ratings[rng.random(ratings.shape) < 0.1] = np.nan
    result = several_raters(framed(ratings), categories=[0.0, 1.0, 2.0])
    return given(result), AGREED


@covers("agreement of several raters, Fleiss' kappa, bootstrap", sizes=ITEMS, draws=2000)
def fleiss(rng: np.random.Generator, n: int) -> Drawn:
    result = fleiss_kappa(framed(judged(rng, n, 4, SHARES)), categories=[0, 1, 2])
    return given(result), AGREED


def framed(ratings: np.ndarray) -> pd.DataFrame:
    """Return items by raters."""
    return pd.DataFrame(
        ratings, index=codes(len(ratings)), columns=list("abcdefgh")[: ratings.shape[1]]
    )


@cover(
    {
        "bias of two raters, t": "exact",
        "limit of agreement, noncentral t": "exact",
    },
    sizes=ITEMS,
)
def bland(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    first, gap = rng.normal(50, 10, n), rng.normal(2, 4, n)
    result = two_raters_numeric(series(first), series(first - gap))
    limit = ends(result, "limit_high_ci_low", "limit_high_ci_high")
    return (result.interval, 2.0), (limit, 2 + 1.959963984540054 * 4)


# Variances of items, raters and rest, and raters.
OF_ITEMS, OF_RATERS, REST, RATERS = 9.0, 1.0, 4.0, 4
TWO_WAY = {
    "ICC2": OF_ITEMS / (OF_ITEMS + OF_RATERS + REST),
    "ICC2k": OF_ITEMS / (OF_ITEMS + (OF_RATERS + REST) / RATERS),
    "ICC3": OF_ITEMS / (OF_ITEMS + REST),
    "ICC3k": OF_ITEMS / (OF_ITEMS + REST / RATERS),
}
ONE_WAY = {"ICC1": OF_ITEMS / (OF_ITEMS + REST), "ICC1k": OF_ITEMS / (OF_ITEMS + REST / RATERS)}


def forms(ratings: np.ndarray, truths: dict[str, float]) -> tuple[Drawn, ...]:
    """Return the intervals of the forms named."""
    table = intraclass_correlation(framed(ratings)).tables["forms"]
    return tuple(
        (Interval(float(table.loc[form, "ci_low"]), float(table.loc[form, "ci_high"])), truth)
        for form, truth in truths.items()
    )


@cover(
    {
        "intraclass correlation, absolute agreement ICC2": "approximate",
        "intraclass correlation, absolute agreement of the mean ICC2k": "approximate",
        "intraclass correlation, consistency ICC3": "exact",
        "intraclass correlation, consistency of the mean ICC3k": "exact",
    },
    sizes=ITEMS,
)
def two_way(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    ratings = 50 + np.sqrt(OF_ITEMS) * rng.normal(size=(n, 1))
    ratings = ratings + np.sqrt(OF_RATERS) * rng.normal(size=RATERS)
    return forms(ratings + np.sqrt(REST) * rng.normal(size=(n, RATERS)), TWO_WAY)


@cover(
    {
        "intraclass correlation, one-way ICC1": "exact",
        "intraclass correlation, one-way of the mean ICC1k": "exact",
    },
    sizes=ITEMS,
)
def one_way(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    ratings = 50 + np.sqrt(OF_ITEMS) * rng.normal(size=(n, 1))
    return forms(ratings + np.sqrt(REST) * rng.normal(size=(n, RATERS)), ONE_WAY)


@covers("consistency of five questions, alpha, Feldt", kind="exact", sizes=(30, 60))
def feldt(rng: np.random.Generator, n: int) -> Drawn:
    # Parallel questions that correlate by .4.
    answers = np.sqrt(0.4) * rng.normal(size=(n, 1)) + np.sqrt(0.6) * rng.normal(size=(n, 5))
    result = internal_consistency(pd.DataFrame(answers, codes(n), list("abcde")))
    return given(result), 5 * 0.4 / (1 + 4 * 0.4)


# Feldt's interval takes normal answers for granted; here some units answer all questions alike.
@covers(
    "consistency of five questions, alpha, Feldt; answers from 1 to 5",
    kind="broken",
    sizes=(30, 60),
)
def feldt_answers(rng: np.random.Generator, n: int) -> Drawn:
    # An item is clear with probability .4: all give the same answer; so pairs correlate by .4.
    share, shares = 0.4, np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    same, own = rng.choice(5, (n, 1), p=shares), rng.choice(5, (n, 5), p=shares)
    answers = np.where(rng.random((n, 1)) < share, same, own) + 1.0
    result = internal_consistency(pd.DataFrame(answers, codes(n), list("abcde")))
    return given(result), 5 * share / (1 + 4 * share)
