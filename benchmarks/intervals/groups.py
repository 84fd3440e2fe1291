"""Coverage of the intervals of groups: two, several, against one, spread, shares, resampling."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from intervals import Drawn, cover, covers, given
from intervals.made import all_held, of, of_groups, series
from workbench.stats import (
    Interval,
    Result,
    against_reference_group,
    bootstrap,
    permutation_test,
    sign_flip_test,
    spread,
    two_groups,
    two_proportions,
)
from workbench.stats.pairwise import anova, games_howell, tukey
from workbench.stats.pairwise import trend as line

# Group a lies 5 above b; deviations 6 where they are equal.
GAP, SD = 5.0, 6.0


@cover(
    {
        "difference of two groups, Welch": "exact",
        "standardised difference, noncentral t": "exact",
        "standardised difference, Hedges' g": "approximate",
        "probability of superiority, log odds": "approximate",
        "shift of two groups, order statistics": "conservative",
    }
)
def normal(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    parts = rng.normal(50 + GAP, SD, n // 2), rng.normal(50, SD, n - n // 2)
    result = two_groups(*of_groups(*parts), group="a", reference="b")
    above = float(ndtr(GAP / SD / np.sqrt(2)))
    return (
        (given(result), GAP),
        (of(result, "cohens_d"), GAP / SD),
        (of(result, "hedges_g"), GAP / SD),
        (of(result, "prob_superiority"), above),
        (of(result, "hl_shift"), GAP),
    )


@cover(
    {
        "difference of two groups, Welch; unequal size and spread": "approximate",
        "probability of superiority, log odds; unequal size and spread": "approximate",
    },
    sizes=(20, 60),
)
def unequal(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    """A quarter of the units spreads three times as much as the rest."""
    small = n // 4
    parts = rng.normal(50 + GAP, 12, small), rng.normal(50, 4, n - small)
    result = two_groups(*of_groups(*parts), group="a", reference="b")
    above = float(ndtr(GAP / np.hypot(12, 4)))
    return (given(result), GAP), (of(result, "prob_superiority"), above)


# Answers from 1 to 5, as of a questionnaire.
ANSWERS = np.arange(1.0, 6.0)
IN_A, IN_B = np.array([0.1, 0.15, 0.25, 0.3, 0.2]), np.array([0.25, 0.3, 0.2, 0.15, 0.1])


@cover(
    {
        "difference of two groups, Welch; answers from 1 to 5": "approximate",
        "probability of superiority, log odds; answers from 1 to 5": "approximate",
    }
)
def tied(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    parts = rng.choice(ANSWERS, n // 2, p=IN_A), rng.choice(ANSWERS, n - n // 2, p=IN_B)
    result = two_groups(*of_groups(*parts), group="a", reference="b")
    above = np.tril(np.ones((5, 5)), -1) + np.eye(5) / 2
    return (
        (given(result), float(ANSWERS @ (IN_A - IN_B))),
        (of(result, "prob_superiority"), float(IN_A @ above @ IN_B)),
    )


@covers("difference of two groups, Welch; skewed, unequal size", kind="broken", sizes=(20, 60))
def welch_skewed(rng: np.random.Generator, n: int) -> Drawn:
    parts = rng.exponential(10, n // 4), rng.exponential(5, n - n // 4)
    return given(two_groups(*of_groups(*parts), group="a", reference="b")), 5.0


@covers("shift of two groups, order statistics; heavy tails", kind="conservative")
def shift_heavy(rng: np.random.Generator, n: int) -> Drawn:
    parts = 5 + 4 * rng.standard_t(2, n // 2), 4 * rng.standard_t(2, n - n // 2)
    return of(two_groups(*of_groups(*parts), group="a", reference="b"), "hl_shift"), 5.0


@covers("shift of two groups, order statistics; steps of five", kind="conservative")
def shift_tied(rng: np.random.Generator, n: int) -> Drawn:
    steps = 5.0 * rng.choice(9, n, p=np.array([1, 2, 3, 4, 5, 4, 3, 2, 1]) / 25)
    parts = steps[: n // 2] + 5, steps[n // 2 :]
    return of(two_groups(*of_groups(*parts), group="a", reference="b"), "hl_shift"), 5.0


# -- several groups ---------------------------------------------------------------------------

# Three groups; units are shared out among them. What `several_groups` puts together is called by
# its parts, as its other tables would take most of the time.
NAMES = ("a", "b", "c")
MEANS = np.array([50.0, 53.0, 58.0])
STEPS = np.array([MEANS[1] - MEANS[0], MEANS[2] - MEANS[0], MEANS[2] - MEANS[1]])


def three(
    rng: np.random.Generator, n: int, sds: tuple[float, ...] = (SD, SD, SD)
) -> tuple[np.ndarray, ...]:
    """Return the values of three groups."""
    return tuple(
        rng.normal(mean, sd, size) for mean, sd, size in zip(MEANS, sds, shares_of(n), strict=True)
    )


def shares_of(n: int) -> list[int]:
    """Return the sizes of three groups of n units in all."""
    return [len(part) for part in np.array_split(np.arange(n), 3)]


@covers("all pairs of three groups at once, Games-Howell", sizes=(12, 20, 60), draws=1000)
def all_pairs(rng: np.random.Generator, n: int) -> Drawn:
    return all_held(games_howell(three(rng, n), NAMES, 0.95), STEPS, "ci_low", "ci_high")


@covers(
    "all pairs of three groups at once, Games-Howell; unequal spread",
    sizes=(12, 20, 60),
    draws=1000,
)
def all_pairs_unequal(rng: np.random.Generator, n: int) -> Drawn:
    parts = three(rng, n, (3.0, 6.0, 12.0))
    return all_held(games_howell(parts, NAMES, 0.95), STEPS, "ci_low", "ci_high")


@covers("all pairs of three groups at once, Tukey", kind="exact")
def all_pairs_alike(rng: np.random.Generator, n: int) -> Drawn:
    return all_held(tukey(three(rng, n), NAMES, 0.95), STEPS, "ci_low", "ci_high")


def between(n: int) -> float:
    """Return the share of variance between three groups of these sizes."""
    sizes = np.array(shares_of(n)) / n
    variance = float(sizes @ (MEANS - sizes @ MEANS) ** 2)
    return variance / (variance + SD**2)


@covers("share of variance between groups (eta2, omega2), noncentral F", kind="exact")
def explained(rng: np.random.Generator, n: int) -> Drawn:
    found = anova(three(rng, n), 0.95)
    return Interval(found["eta_ci_low"], found["eta_ci_high"]), between(n)


@covers("trend over ordered groups, tau-b, jackknife")
def trend(rng: np.random.Generator, n: int) -> Drawn:
    # Of all pairs of units those of different groups are in order or not; values are not tied.
    sizes = shares_of(n)
    several = [sizes[0] * sizes[1], sizes[0] * sizes[2], sizes[1] * sizes[2]]
    ahead = float(np.dot(several, 2 * ndtr(STEPS / SD / np.sqrt(2)) - 1))
    truth = ahead / np.sqrt(sum(several) * n * (n - 1) / 2)
    found = line(three(rng, n), 0.95)
    return Interval(float(found["kendall_ci_low"]), float(found["kendall_ci_high"])), truth


@covers("all groups against one at once, Dunnett", kind="exact", sizes=(12, 20, 60), draws=2000)
def dunnett(rng: np.random.Generator, n: int) -> Drawn:
    result = against_reference_group(*of_groups(*three(rng, n)), reference="a")
    if result.refusal is not None:
        return None, 0.0
    return all_held(result.tables["contrasts"], STEPS[:2], "ci_low", "ci_high")


@covers(
    "all groups against one at once, Dunnett; unequal spread",
    kind="broken",
    sizes=(12, 20, 60),
    draws=2000,
)
def dunnett_unequal(rng: np.random.Generator, n: int) -> Drawn:
    parts = three(rng, n, (3.0, 6.0, 12.0))
    result = against_reference_group(*of_groups(*parts), reference="a")
    if result.refusal is not None:
        return None, 0.0
    return all_held(result.tables["contrasts"], STEPS[:2], "ci_low", "ci_high")


# -- spread -----------------------------------------------------------------------------------


def ratio(first: np.ndarray, second: np.ndarray) -> Interval | None:
    """Return the interval of the ratio of two deviations."""
    return given(spread(*of_groups(first, second), group="a", reference="b"))


@covers("ratio of two deviations, Bonett")
def ratio_normal(rng: np.random.Generator, n: int) -> Drawn:
    return ratio(rng.normal(50, 9, n // 2), rng.normal(50, 6, n - n // 2)), 1.5


@covers("ratio of two deviations, Bonett; uneven sizes", sizes=(20, 60))
def ratio_uneven(rng: np.random.Generator, n: int) -> Drawn:
    return ratio(rng.normal(50, 9, n // 4), rng.normal(50, 6, n - n // 4)), 1.5


@covers("ratio of two deviations, Bonett; skewed")
def ratio_skewed(rng: np.random.Generator, n: int) -> Drawn:
    return ratio(rng.gamma(4, 3, n // 2), rng.gamma(4, 2, n - n // 2)), 1.5


@covers("widest to narrowest of three groups, Bonett; all alike")
def widest(rng: np.random.Generator, n: int) -> Drawn:
    return given(spread(*of_groups(*three(rng, n)))), 1.0


# -- shares -----------------------------------------------------------------------------------


def shares(rng: np.random.Generator, n: int, p: float, q: float) -> Result:
    """Return the comparison of two halves, of which these shares meet a requirement."""
    first, second = n // 2, n - n // 2
    parts = (rng.random(first) < p).astype(float), (rng.random(second) < q).astype(float)
    return two_proportions(*of_groups(*parts), group="a", reference="b")


@cover(
    {
        "difference of shares, Newcombe; any two shares alike": "approximate",
        "ratio of shares, logarithm; any two shares alike": "approximate",
        "odds ratio of shares, logarithm; any two shares alike": "approximate",
    },
    sizes=(10, 20, 60),
)
def any_shares(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    p, q = rng.uniform(size=2)
    result = shares(rng, n, p, q)
    return (
        (given(result), p - q),
        (of(result, "risk_ratio"), p / q),
        (of(result, "odds_ratio"), p / (1 - p) / (q / (1 - q))),
    )


@covers("difference of shares, Newcombe; rare", sizes=(10, 20, 60))
def newcombe_rare(rng: np.random.Generator, n: int) -> Drawn:
    return given(shares(rng, n, 0.12, 0.04)), 0.08


# -- resampling -------------------------------------------------------------------------------


@covers("difference of two groups, inverted permutation", kind="conservative", draws=1000)
def permuted(rng: np.random.Generator, n: int) -> Drawn:
    parts = rng.normal(50 + GAP, SD, n // 2), rng.normal(50, SD, n - n // 2)
    return given(permutation_test(*of_groups(*parts), group="a", reference="b")), GAP


@covers("mean change, inverted sign flips", kind="conservative", draws=1000)
def flipped(rng: np.random.Generator, n: int) -> Drawn:
    before = rng.normal(50, 10, n)
    return given(sign_flip_test(series(before), series(before + rng.normal(3, 6, n)))), 3.0


@covers("mean, bootstrap BCa", sizes=(40, 60, 120), draws=2000)
def boot_mean(rng: np.random.Generator, n: int) -> Drawn:
    return given(bootstrap(series(rng.normal(3, 6, n)), "mean")), 3.0


@covers("mean, bootstrap BCa; skewed", sizes=(40, 60, 120), draws=2000)
def boot_skewed(rng: np.random.Generator, n: int) -> Drawn:
    return given(bootstrap(series(rng.exponential(5, n)), "mean")), 5.0


@covers("trimmed mean, bootstrap BCa", sizes=(40, 60, 120), draws=2000)
def boot_trimmed(rng: np.random.Generator, n: int) -> Drawn:
    return given(bootstrap(series(rng.standard_t(3, n)), "trimmed_mean")), 0.0


@covers("median, bootstrap BCa", sizes=(40, 60, 120), draws=2000)
def boot_median(rng: np.random.Generator, n: int) -> Drawn:
    return given(bootstrap(series(rng.normal(3, 6, n)), "median")), 3.0


@covers("deviation, bootstrap BCa", sizes=(40, 60, 120), draws=2000)
def boot_sd(rng: np.random.Generator, n: int) -> Drawn:
    return given(bootstrap(series(rng.normal(3, 6, n)), "sd")), 6.0
