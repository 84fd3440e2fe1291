"""Coverage of the intervals of a programme: two waves, several, weighting, staggered starts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from intervals import Drawn, cover, covers, given
from intervals.made import codes, ends, series
from workbench.stats import (
    effect_several_waves,
    effect_staggered,
    effect_two_waves,
    effect_weighted,
)

EFFECT = 3.0
DRAWS = 1000


def halves(n: int) -> np.ndarray:
    """Return the first half of so many units as participants."""
    return np.arange(n) < n // 2


@cover(
    {
        "effect over two waves, Welch": "exact",
        "effect over two waves, analysis of covariance, HC3": "approximate",
    },
    sizes=(12, 20, 60),
    draws=DRAWS,
)
def two_waves(rng: np.random.Generator, n: int) -> tuple[Drawn, ...]:
    # Both starts alike, so that both questions have the same answer.
    before, part = rng.normal(50, 10, n), halves(n)
    after = 20 + 0.6 * before + EFFECT * part + rng.normal(0, 5, n)
    result = effect_two_waves(series(before), series(after), series(part))
    ancova = ends(result, "ancova_ci_HC3_low", "ancova_ci_HC3_high")
    return (given(result), EFFECT), (ancova, EFFECT)


@covers(
    "effect over two waves, Welch; a quarter takes part, unequal spread",
    sizes=(20, 60),
    draws=DRAWS,
)
def two_waves_unequal(rng: np.random.Generator, n: int) -> Drawn:
    before, part = rng.normal(50, 10, n), np.arange(n) < n // 4
    change = np.where(part, rng.normal(2 + EFFECT, 12, n), rng.normal(2, 4, n))
    return given(effect_two_waves(series(before), series(before + change), series(part))), EFFECT


# Units of one cluster resemble each other; clusters have 3 to 7 units.
def clusters(n: int) -> np.ndarray:
    """Return the cluster of each unit, of n clusters."""
    return np.repeat(np.arange(n), 3 + np.arange(n) % 5)


@covers("effect over two waves, CR2; starts by cluster", draws=DRAWS)
def two_waves_clusters(rng: np.random.Generator, n: int) -> Drawn:
    cluster = clusters(n)
    part = cluster % 2 == 0
    before = rng.normal(50, 10, len(cluster))
    change = 2 + EFFECT * part + rng.normal(0, 3, n)[cluster] + rng.normal(0, 5, len(cluster))
    own = series(np.array([f"c{c:03d}" for c in cluster]))
    result = effect_two_waves(series(before), series(before + change), series(part), clusters=own)
    return given(result), EFFECT


@covers(
    "effect over two waves, CR2; a quarter of the clusters takes part",
    sizes=(8, 20, 60),
    draws=DRAWS,
)
def two_waves_few_clusters(rng: np.random.Generator, n: int) -> Drawn:
    cluster = clusters(n)
    part = cluster % 4 == 0
    before = rng.normal(50, 10, len(cluster))
    change = 2 + EFFECT * part + rng.normal(0, 3, n)[cluster] + rng.normal(0, 5, len(cluster))
    own = series(np.array([f"c{c:03d}" for c in cluster]))
    result = effect_two_waves(series(before), series(before + change), series(part), clusters=own)
    return given(result), EFFECT


def panel(rng: np.random.Generator, n: int, waves: int) -> np.ndarray:
    """Return scores without a programme: units and waves differ, errors last from wave to wave."""
    error = rng.normal(0, 5, (n, waves))
    for wave in range(1, waves):
        error[:, wave] = 0.5 * error[:, wave - 1] + np.sqrt(0.75) * error[:, wave]
    return rng.normal(50, 10, (n, 1)) + 1.5 * np.arange(waves) + error


def framed(values: np.ndarray) -> pd.DataFrame:
    """Return units by waves."""
    return pd.DataFrame(values, index=codes(len(values)), columns=range(1, values.shape[1] + 1))


@covers("effect over several waves, two-way fixed effects", sizes=(12, 20, 60), draws=DRAWS)
def several(rng: np.random.Generator, n: int) -> Drawn:
    scores, part = panel(rng, n, 5), halves(n)
    scores[part, 3:] += EFFECT
    return given(effect_several_waves(framed(scores), series(part), 4)), EFFECT


@covers(
    "effect over several waves, two-way fixed effects; a quarter takes part",
    sizes=(20, 60),
    draws=DRAWS,
)
def several_quarter(rng: np.random.Generator, n: int) -> Drawn:
    scores, part = panel(rng, n, 5), np.arange(n) < n // 4
    scores[part, 3:] += EFFECT
    return given(effect_several_waves(framed(scores), series(part), 4)), EFFECT


@covers("effect over several waves; starts by cluster", sizes=(8, 20, 60), draws=DRAWS)
def several_clusters(rng: np.random.Generator, n: int) -> Drawn:
    cluster = clusters(n)
    part = cluster % 2 == 0
    scores = panel(rng, len(cluster), 5) + panel(rng, n, 5)[cluster] / 2
    scores[part, 3:] += EFFECT
    own = series(np.array([f"c{c:03d}" for c in cluster]))
    result = effect_several_waves(framed(scores), series(part), 4, clusters=own)
    return given(result), EFFECT


@covers("effect by weighting, all units, AIPW", sizes=(60, 120, 240), draws=DRAWS)
def weighted(rng: np.random.Generator, n: int) -> Drawn:
    result, truth = _weighted(rng, n, "ate")
    return given(result), truth


@covers("effect by weighting, participants, AIPW", sizes=(60, 120, 240), draws=DRAWS)
def weighted_participants(rng: np.random.Generator, n: int) -> Drawn:
    result, truth = _weighted(rng, n, "att")
    return given(result), truth


def _weighted(rng, n, estimand):
    facts = rng.normal(size=(n, 2))
    part = rng.random(n) < 1 / (1 + np.exp(-0.7 * facts[:, 0]))
    # The effect is alike for all, so it is that of all units and of participants.
    outcome = 50 + 4 * facts[:, 0] + 3 * facts[:, 1] + EFFECT * part + rng.normal(0, 5, n)
    frame = pd.DataFrame(facts, index=codes(n), columns=["size", "wealth"])
    return effect_weighted(series(outcome), series(part), frame, estimand=estimand), EFFECT


@covers("effect of staggered starts, group average", sizes=(20, 60, 120), draws=DRAWS)
def staggered(rng: np.random.Generator, n: int) -> Drawn:
    scores, start = _staggered(rng, n)
    return given(effect_staggered(framed(scores), series(start))), EFFECT


@covers(
    "effect of staggered starts, group average; starts by cluster", sizes=(8, 20, 60), draws=DRAWS
)
def staggered_clusters(rng: np.random.Generator, n: int) -> Drawn:
    cluster = clusters(n)
    start = np.array([3.0, np.nan, 4.0, np.nan])[np.arange(n) % 4][cluster]
    scores = panel(rng, len(cluster), 5) + panel(rng, n, 5)[cluster] / 2
    _start(scores, start)
    own = series(np.array([f"c{c:03d}" for c in cluster]))
    return given(effect_staggered(framed(scores), series(start), clusters=own)), EFFECT


def _staggered(rng, n):
    # A quarter starts in the third wave, a quarter in the fourth, the others never.
    start = np.array([3.0, np.nan, 4.0, np.nan])[np.arange(n) % 4]
    scores = panel(rng, n, 5)
    _start(scores, start)
    return scores, start


def _start(scores: np.ndarray, start: np.ndarray) -> None:
    for wave in range(scores.shape[1]):
        scores[start <= wave + 1, wave] += EFFECT
