"""Words of every family and verdict, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from workbench.stats import (
    Result,
    Verdict,
    association,
    convergence,
    effect_two_waves,
    factors,
    funnel,
    level_transitions,
    mean_against_target,
    mean_change,
    no_change,
    permutation_test,
    requirement_change,
    sign_flip_test,
    spread,
    two_groups,
    two_proportions,
    two_raters_numeric,
)
from workbench.stats.wording import FAMILIES

LANGUAGES = ("es-MX", "en")
CODES = [f"{i:05d}" for i in range(60)]
GROUPS = pd.Series(["A", "B"] * 30, index=CODES)
NOISE = pd.Series(np.random.default_rng(7).normal(0, 4, 60).round(1), index=CODES)
START = pd.Series(np.random.default_rng(8).normal(50, 10, 60).round(1), index=CODES)
IN_A = (GROUPS == "A").astype(float)
# A shift of the mean that gives each verdict, and the margin declared.
SHIFTS = {
    Verdict.POSITIVE: (8.0, 1.0),
    Verdict.NEGATIVE: (-8.0, 1.0),
    Verdict.NEGLIGIBLE: (0.0, 6.0),
    Verdict.UNDETERMINED: (0.0, None),
}
CAUSAL = {
    "es-MX": r"efecto|impacto|gracias a|debido a|a causa de",
    "en": r"\beffects?\b|impact|thanks to|due to",
}
# "no dice qué lo causó", "does not say what causes what": the one place where causes are named.
DENIED = r"no dice qu[eé][^.]*|does not say (what|that)[^.]*|sin causa[^.]*|without any cause[^.]*"
NO_CHANGE = {"es-MX": r"no hubo cambio(?! apreciable)", "en": r"no change"}


def yes(share: float) -> pd.Series:
    """Return answers of which a share is yes, spread evenly over the units."""
    return pd.Series((np.arange(60) * 7919 % 60) < 60 * share, index=CODES)


COMPARISONS: dict[str, Callable[[float, float | None], Result]] = {
    "mean_change": lambda s, m: mean_change(START, START + NOISE + s, margin=m),
    "no_change": lambda s, m: no_change(START, START + NOISE + s, margin=m or 0.1),
    "sign_flip_test": lambda s, m: sign_flip_test(
        START, START + NOISE + s, margin=m, replicates=999
    ),
    "two_groups": lambda s, m: two_groups(NOISE + s * IN_A, GROUPS, group="A", margin=m),
    "permutation_test": lambda s, m: permutation_test(
        NOISE + s * IN_A, GROUPS, group="A", margin=m, replicates=999
    ),
    "mean_against_target": lambda s, m: mean_against_target(NOISE + s, 0.0, margin=m),
    "effect_two_waves": lambda s, m: effect_two_waves(
        START, START + NOISE + s * IN_A, IN_A, margin=m
    ),
    "factors": lambda s, m: factors(NOISE + s * IN_A, pd.DataFrame({"A": IN_A}), margin=m),
    "association": lambda s, m: association(
        START, s * START + 20 * NOISE, margin=None if m is None else 0.5
    ),
    "two_proportions": lambda s, m: two_proportions(
        yes(0.5) if s == 0 else ((s > 0) == IN_A), GROUPS, group="A", margin=m and 0.5
    ),
    "requirement_change": lambda s, m: requirement_change(
        yes(0.5 - s / 20), yes(0.5 + s / 20) if s else ~yes(0.5), margin=m and 0.5
    ),
    "convergence": lambda s, m: convergence(
        START,
        50 + (START - 50) * (1 + s / 20) + NOISE / 4 if m else START[::-1].set_axis(CODES),
        margin=m and 0.3,
    ),
}


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("verdict", SHIFTS)
@pytest.mark.parametrize("name", COMPARISONS)
def test_sentences_agree_with_verdict_and_rules(name: str, verdict: Verdict, tag: str) -> None:
    shift, margin = SHIFTS[verdict]
    result = COMPARISONS[name](shift, margin)
    assert result.refusal is None
    assert result.verdict == verdict
    text = result.sentence(tag)
    _follows_the_rules(text, tag, result)
    undetermined = r"no se puede|ni descart|cannot be told|neither show nor rule out"
    told = re.search(undetermined, text, re.IGNORECASE) is None
    assert told == (verdict is not Verdict.UNDETERMINED), text
    if verdict in (Verdict.POSITIVE, Verdict.NEGATIVE):
        assert re.search(r"probablemente|probably", text), text
        assert COMPARISONS[name](-shift, margin).sentence(tag) != text


def _follows_the_rules(text: str, tag: str, result: Result) -> None:
    """Check the rules that hold for every sentence."""
    if result.family != "effect":
        assert not re.search(CAUSAL[tag], re.sub(DENIED, "", text), re.IGNORECASE), text
    if result.verdict is not Verdict.NEGLIGIBLE:
        assert not re.search(NO_CHANGE[tag], text, re.IGNORECASE), text
    assert not re.search(r"significa|signific", text), text
    assert not re.search(r"\bnan\b|\binf\b|None|[{}]", text), text
    if result.unit == "points":
        assert not re.search(r"\d\.\d{2,}", text), text


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_four_words_of_its_own(family: str, tag: str) -> None:
    words = [FAMILIES[family][str(verdict)].text(tag) for verdict in Verdict]
    assert len(set(words)) == 4
    if family != "effect":
        assert not any(re.search(CAUSAL[tag], word) for word in words)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_less_is_better_turns_the_verdict_and_not_the_numbers(tag: str) -> None:
    below = mean_against_target(NOISE - 8, 0.0, direction=-1)
    assert below.verdict is Verdict.POSITIVE
    assert below.estimate is not None
    assert below.estimate < 0
    assert re.search(r"se cumple|is met", below.sentence(tag))
    above = mean_against_target(NOISE + 8, 0.0, direction=-1)
    assert above.verdict is Verdict.NEGATIVE
    assert re.search(r"no se cumple|is not met", above.sentence(tag))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_levels_chance_spread_and_limits_follow_the_rules(tag: str) -> None:
    levels = START.map(lambda x: "low" if x < 50 else "high")
    events, cases = pd.Series(range(5, 65), index=CODES), pd.Series(100, index=CODES)
    for result in (
        level_transitions(levels, levels.where(NOISE > 0, "high"), ["low", "high"]),
        funnel(events, cases, unit=CODES[-1]),
        spread(NOISE * (1 + 4 * IN_A), GROUPS, group="A", reference="B"),
        two_raters_numeric(START, START + NOISE / 10, margin=5.0),
    ):
        assert result.refusal is None
        _follows_the_rules(result.sentence(tag), tag, result)
