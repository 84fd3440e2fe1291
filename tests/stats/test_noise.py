"""Binary noise, and results that don't depend on the unit of measurement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from workbench.stats import (
    Result,
    association,
    bootstrap,
    convergence,
    level_transitions,
    mean_against_target,
    mean_change,
    no_change,
    permutation_test,
    requirement_change,
    several_groups,
    several_waves,
    share_improved,
    sign_flip_test,
    spread,
    stability,
    two_groups,
    two_raters_numeric,
    typical_change,
)
from workbench.stats.noise import grain, settled, spread_out

CODES = [f"{i:05d}" for i in range(24)]
GROUPS = pd.Series(list("ABC") * 8, index=CODES)


def scores(seed: int) -> pd.Series:
    """Return scores with one decimal, many of them equal."""
    rng = np.random.default_rng(seed)
    return pd.Series(np.round(rng.normal(50, 3, 24) * 2) / 2, index=CODES)


COMPARISONS: dict[str, Callable[[pd.Series, pd.Series], Result]] = {
    "mean_change": mean_change,
    "typical_change": typical_change,
    "share_improved": share_improved,
    "stability": stability,
    "convergence": convergence,
    "association": association,
    "sign_flip_test": lambda b, a: sign_flip_test(b[:12], a[:12]),
    "two_raters_numeric": two_raters_numeric,
    "two_groups": lambda b, a: two_groups(a, GROUPS, group="A"),
    "several_groups": lambda b, a: several_groups(a, GROUPS, ordered=True),
    "spread": lambda b, a: spread(a, GROUPS, group="A", reference="B"),
    "permutation_test": lambda b, a: permutation_test(a[:12], GROUPS, group="A", reference="B"),
    "several_waves": lambda b, a: several_waves(pd.DataFrame({"1": b, "2": a, "3": a + (a - b)})),
    "mean_against_target": lambda b, a: mean_against_target(a, float(b.mean())),
}


@pytest.mark.parametrize("scale", [1e9, 1e-9, 1e-3, 3.0])
@pytest.mark.parametrize("name", COMPARISONS)
def test_the_unit_of_measurement_is_of_no_account(name: str, scale: float) -> None:
    before, after = scores(1), scores(2) + 1
    plain = COMPARISONS[name](before, after)
    scaled = COMPARISONS[name](before * scale, after * scale)
    assert plain.refusal is None
    assert scaled.refusal is None
    assert scaled.verdict == plain.verdict
    # Fligner and Killeen rank distances from medians, in which R keeps the noise, too.
    noisy = {"Fligner-Killeen", "fligner_p"}
    for one, other in zip((scaled.test, *scaled.tests), (plain.test, *plain.tests), strict=True):
        assert one is not None
        assert other is not None
        assert one.name in noisy or one.p == pytest.approx(other.p, rel=1e-8), one.name
    for name_, value in plain.details.items():
        is_p = name_.startswith("p_") or "_p_" in name_ or name_.endswith("_p")
        if is_p and value is not None and name_ not in noisy:
            assert scaled[name_] == pytest.approx(value, rel=1e-8), name_


def test_a_bootstrap_of_small_values_counts_no_replicate_as_equal() -> None:
    values = scores(3)
    plain = bootstrap(values, replicates=999)
    small = bootstrap(values * 1e-9, replicates=999)
    assert small["share_tied"] == plain["share_tied"]
    assert small["expanded_low"] * 1e9 == pytest.approx(plain["expanded_low"], rel=1e-9)


@pytest.mark.parametrize("scale", [1.0, 1e9, 1e-9])
def test_equal_changes_are_equal_whatever_the_arithmetic(scale: float) -> None:
    before, after = np.array([0.1, 0.2, 0.7]) * scale, np.array([0.3, 0.4, 0.9]) * scale
    assert len(np.unique(settled(after - before, grain(before, after)))) == 1
    assert not spread_out(np.array([0.1 + 0.2, 0.3]) * scale)


def test_an_outlier_does_not_make_others_equal() -> None:
    values = np.append(np.linspace(0, 100, 41), 1e12)
    assert len(np.unique(settled(values, grain(values)))) == 42


def test_small_changes_are_not_written_as_zero() -> None:
    before, after = scores(1) * 1e-6, scores(2) * 1e-6 + 1e-5
    text = mean_change(before, after).sentence("en")
    assert "0.00001" in text
    assert "between 0 and 0)" not in text


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_infinite_counts_as_not_measured(infinite: float) -> None:
    before, after = scores(1), scores(2)
    other = after.where(after.index != CODES[0], infinite)
    missing = after.where(after.index != CODES[0])
    for function in (mean_change, typical_change, share_improved, convergence, stability):
        assert dict(function(before, other).details) == dict(function(before, missing).details)
        assert function(before, other).n == 23


def test_digits_in_texts_are_numbers_and_other_texts_are_errors() -> None:
    before, after = scores(1), scores(2)
    assert dict(mean_change(before.map(str), after).details) == dict(
        mean_change(before, after).details
    )
    with pytest.raises(ValueError, match="after: 'n/d' of unit 00003 is no number"):
        mean_change(before, after.map(str).where(after.index != "00003", "n/d"))


@pytest.mark.parametrize("kind", ["Float64", "Int64", "int64", "float32", "category", "object"])
def test_the_kind_of_column_is_of_no_account(kind: str) -> None:
    before, after = scores(1).round(), scores(2).round()
    found = mean_change(before.astype(kind), after.astype(kind))
    assert dict(found.details) == dict(mean_change(before, after).details)


def test_what_does_not_exist_is_none_and_not_nan() -> None:
    before = pd.Series(50.0, index=CODES)
    assert mean_change(before, scores(1))["correlation"] is None
    opposite = convergence(scores(1), 100 - scores(1))
    assert opposite["pitman_morgan_r"] == 0
    assert opposite.test is not None
    assert opposite.test.p == 1


def test_constant_and_equal_outcomes_are_refused_in_words() -> None:
    flat = pd.Series(0.3, index=CODES)
    for result in (
        mean_change(flat, flat),
        no_change(flat, flat + 0.1, margin=1.0),
        two_groups(flat + 0.1 - 0.1, GROUPS, group="A"),
        several_groups(flat, GROUPS),
        requirement_change(flat > 0, flat > 0),
        level_transitions(flat.map(lambda _: "a"), flat.map(lambda _: "a"), ["a", "b"]),
    ):
        assert result.refusal is not None
        assert result.refusal.reason == "no_variation"
        for tag in ("es-MX", "en"):
            assert len(result.sentence(tag).split(". ")) >= 2
