"""Coverage of the intervals of surveys: by kind of sample, adjusted, of two populations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn, covers, given
from workbench.stats import SurveyDesign, survey_estimate, two_populations

ASKED = (30, 60, 200)


@covers("mean of a survey, t", sizes=ASKED)
def simple(rng: np.random.Generator, n: int) -> Drawn:
    return given(survey_estimate(pd.DataFrame({"y": rng.normal(6, 2, n)}), "y")), 6.0


@covers("share of a survey, logit; any share alike", sizes=ASKED)
def share(rng: np.random.Generator, n: int) -> Drawn:
    p = rng.uniform()
    return given(survey_estimate(pd.DataFrame({"y": (rng.random(n) < p) * 1.0}), "y")), p


@covers("share of a survey, logit; 5 of 100", sizes=ASKED)
def share_rare(rng: np.random.Generator, n: int) -> Drawn:
    return given(survey_estimate(pd.DataFrame({"y": (rng.random(n) < 0.05) * 1.0}), "y")), 0.05


@covers("mean of a survey, strata of unequal weight, without replacement", sizes=ASKED)
def strata(rng: np.random.Generator, n: int) -> Drawn:
    # Thirds of the answers from strata of 100, 300 and 600 people.
    frames, total = [], 0.0
    for name, size, mean in (("a", 100, 4.0), ("b", 300, 6.0), ("c", 600, 7.0)):
        people = rng.normal(mean, 2, size)
        total += people.sum()
        asked = rng.choice(people, n // 3, replace=False)
        frames.append(pd.DataFrame({"y": asked, "h": name, "N": size, "w": size / (n // 3)}))
    design = SurveyDesign(weights="w", strata="h", fpc="N")
    return given(survey_estimate(pd.concat(frames, ignore_index=True), "y", design=design)), (
        total / 1000
    )


@covers("mean of a survey, clusters of 10", sizes=(6, 12, 40))
def clustered(rng: np.random.Generator, n: int) -> Drawn:
    # n is the number of clusters.
    block = np.repeat(np.arange(n), 10)
    y = 6 + rng.normal(0, 1, n)[block] + rng.normal(0, 2, len(block))
    frame = pd.DataFrame({"y": y, "block": block})
    return given(survey_estimate(frame, "y", design=SurveyDesign(clusters="block"))), 6.0


@covers("share of a survey, logit; clusters of 10", sizes=(6, 12, 40))
def clustered_share(rng: np.random.Generator, n: int) -> Drawn:
    block = np.repeat(np.arange(n), 10)
    y = (rng.random(len(block)) < rng.beta(2, 6, n)[block]) * 1.0
    frame = pd.DataFrame({"y": y, "block": block})
    return given(survey_estimate(frame, "y", design=SurveyDesign(clusters="block"))), 0.25


CELLS = pd.DataFrame({"age": ["young", "middle", "old"], "N": [500, 300, 200]})
MEANS, ANSWER = np.array([5.0, 6.0, 8.0]), np.array([0.2, 0.4, 0.4])


@covers("mean of a survey, post-stratified", sizes=ASKED)
def adjusted(rng: np.random.Generator, n: int) -> Drawn:
    # The young are half of the people and a fifth of those who answer.
    age = rng.choice(3, n, p=ANSWER)
    frame = pd.DataFrame({"y": rng.normal(MEANS[age], 2), "age": CELLS["age"].to_numpy()[age]})
    result = survey_estimate(frame, "y", design=SurveyDesign(population=CELLS))
    return given(result), float(MEANS @ CELLS["N"] / 1000)


@covers("mean of a survey, raked to two margins", sizes=ASKED)
def raked(rng: np.random.Generator, n: int) -> Drawn:
    # Means add up over both margins, so raking has no bias.
    age, sex = rng.choice(3, n, p=ANSWER), rng.choice(2, n, p=[0.7, 0.3])
    frame = pd.DataFrame(
        {
            "y": rng.normal(MEANS[age] + 2.0 * sex, 2),
            "age": CELLS["age"].to_numpy()[age],
            "sex": np.array(["f", "m"])[sex],
        }
    )
    margins = (
        CELLS.set_index("age")["N"],
        pd.Series([500, 500], pd.Index(["f", "m"], name="sex")),
    )
    result = survey_estimate(frame, "y", design=SurveyDesign(margins=margins))
    return given(result), float(MEANS @ CELLS["N"] / 1000) + 1.0


@covers("difference of two populations, t; unequal spread", sizes=ASKED)
def two(rng: np.random.Generator, n: int) -> Drawn:
    first = pd.DataFrame({"y": rng.normal(6, 2, n)})
    second = pd.DataFrame({"y": rng.normal(7, 1, 30)})
    return given(two_populations(first, second, "y")), -1.0


@covers("difference of two populations, t; shares", sizes=ASKED)
def two_shares(rng: np.random.Generator, n: int) -> Drawn:
    first = pd.DataFrame({"y": (rng.random(n) < 0.1) * 1.0})
    second = pd.DataFrame({"y": (rng.random(30) < 0.4) * 1.0})
    return given(two_populations(first, second, "y")), -0.3
