"""Two groups in one wave, against R and by brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import Labels, Verdict, two_groups
from workbench.stats.rank_sums import differences_at, exact_p, ranked

Reference = Callable[[str], Case]


def columns(case: Case) -> tuple[pd.Series, pd.Series]:
    frame = case.data()
    frame = frame.set_index("mun_code") if "mun_code" in frame else frame
    return frame[case.spec["y"]], frame[case.spec["group"]]


def drawn(n: int = 40, shift: float = 0.0, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    codes = [f"{i:05d}" for i in range(2 * n)]
    groups = pd.Series(["a", "b"] * n, index=codes)
    values = pd.Series(rng.normal(50, 10, 2 * n), index=codes) + shift * (groups == "a")
    return values, groups


@pytest.mark.parametrize("name", ["two_groups_small_a_exact", "two_groups_toothgrowth"])
def test_two_groups_agree_with_r(reference: Reference, name: str) -> None:
    case = reference(name)
    result = two_groups(*columns(case), group=case.spec["x"], reference=case.spec["ref"])
    # R's root finding for ties and the optimiser of a package follow other definitions.
    other = {n for n in case.expected if n.startswith(("r_wilcox", "effectsize"))}
    case.agree(dict(result.details), only=set(case.expected) - other)
    assert result.estimate == pytest.approx(case.expected["difference"])
    assert result.effect("hedges_g").value == pytest.approx(case.expected["hedges_g"])


def test_the_interval_of_superiority_stays_within_bounds(reference: Reference) -> None:
    case = reference("two_groups_small_a_exact")
    result = two_groups(*columns(case), group=1, reference=0)
    assert result["prob_y_greater_x_ci_low"] < 0
    interval = result.effect("prob_superiority").interval
    assert interval is not None
    assert 0 < interval.low < result["prob_superiority_x"] < interval.high < 1
    delta = result.effect("cliffs_delta").interval
    assert delta is not None
    assert delta.low == pytest.approx(2 * interval.low - 1)


def test_direction_of_superiority_is_that_of_scipy_turned() -> None:
    values, groups = drawn(12, shift=8.0)
    result = two_groups(values, groups, group="a", reference="b")
    x, y = values[groups == "a"], values[groups == "b"]
    assert result["prob_superiority_x"] > 0.5
    assert result["U_x"] == sp.mannwhitneyu(x, y).statistic
    theirs = sp.brunnermunzel(x, y)
    assert abs(result["brunner_munzel_stat"]) == pytest.approx(abs(theirs.statistic))
    assert result["brunner_munzel_stat"] < 0
    assert result["brunner_munzel_p"] == pytest.approx(theirs.pvalue)


def test_exact_p_with_ties_by_enumeration() -> None:
    x, y = np.array([1.0, 2, 2, 5]), np.array([2.0, 3, 5, 5, 7])
    got, doubled = exact_p(ranked(x, y))
    both = np.concatenate([x, y])
    ranks = sp.rankdata(both)
    from itertools import combinations

    sums = np.array([ranks[list(c)].sum() for c in combinations(range(9), 4)])
    seen = ranks[:4].sum()
    assert got == pytest.approx((abs(sums - 20) >= abs(seen - 20) - 1e-9).mean())
    tails = (sums <= seen + 1e-9).mean(), (sums >= seen - 1e-9).mean()
    assert doubled == pytest.approx(min(1, 2 * min(tails)))


@pytest.mark.parametrize("decimals", [0, 1, 6])
def test_differences_of_large_samples_are_those_of_all(decimals: int) -> None:
    rng = np.random.default_rng(decimals)
    x = np.sort(rng.normal(0, 5, 300).round(decimals))
    y = np.sort(rng.integers(-9, 20, 400).astype(float))
    every = np.sort(np.round(np.subtract.outer(x, y), 10).ravel())
    places = [1, 2, 700, 60_000, 60_001, 119_999, 120_000]
    assert differences_at(x, y, places) == [every[p - 1] for p in places]


def test_order_of_rows_and_names_of_groups_are_of_no_account() -> None:
    values, groups = drawn(shift=4)
    one = two_groups(values, groups, group="a", reference="b")
    mixed = two_groups(
        values.sample(frac=1, random_state=3), groups.sample(frac=1, random_state=4), group="a"
    )
    assert dict(one.details) == dict(mixed.details)
    assert one.fingerprint == mixed.fingerprint
    other = two_groups(values, groups.map({"a": 7, "b": 2}), group="7", reference=2)
    assert dict(other.details) == dict(one.details)


def test_shift_and_scale_and_exchange() -> None:
    values, groups = drawn(shift=4)
    one = two_groups(values, groups, group="a")
    moved = two_groups(3 * values - 200, groups, group="a")
    turned = two_groups(values, groups, group="b")
    assert moved.estimate == pytest.approx(3 * one.estimate)
    for name in ("welch_t", "hedges_g", "cliffs_delta", "mwu_p_no_continuity"):
        assert moved[name] == pytest.approx(one[name])
    assert turned.estimate == pytest.approx(-one.estimate)
    assert turned.interval.low == pytest.approx(-one.interval.high)
    assert turned["hl_shift_exact_ci_low"] == pytest.approx(-one["hl_shift_exact_ci_high"])


def test_units_without_value_or_group_are_counted_out() -> None:
    values, groups = drawn()
    values.iloc[:3] = np.nan
    groups.iloc[5] = None
    result = two_groups(values.drop(values.index[-1]), groups, group="a", reference="b")
    assert result.n == 80 - 5
    assert sum(part.n for part in result.dropped) == 5
    assert len(result.notes("en")) == 2


def test_a_third_group_is_not_among_the_others_when_one_is_named() -> None:
    values, groups = drawn()
    groups.iloc[:20] = "c"
    assert two_groups(values, groups, group="a", reference="b").n == 60
    assert two_groups(values, groups, group="a").n == 80


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([1.0, 2, 3], [1.0, 2, 3, 4, 5], "too_few"),
        ([], [1.0, 2, 3, 4, 5], "too_few"),
        ([5.0] * 6, [5.0] * 7, "no_variation"),
        ([5.0] * 6, [6.0] * 7, "no_variation"),
    ],
    ids=["three", "empty category", "all equal", "equal within"],
)
def test_what_cannot_be_tested_is_refused(x: list[float], y: list[float], reason: str) -> None:
    values = pd.Series([*x, *y], dtype=float)
    groups = pd.Categorical(["x"] * len(x) + ["y"] * len(y), categories=["x", "y", "z"])
    result = two_groups(values, pd.Series(groups), group="x", reference="y")
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert result.test is None
    assert result["n_y"] == len(y)
    assert "nan" not in result.sentence("en").lower()


def test_groups_apart_have_no_interval_by_ranks() -> None:
    values = pd.Series([1.0, 2, 3, 4, 5, 11, 12, 13, 14, 15])
    result = two_groups(values, pd.Series(["x"] * 5 + ["y"] * 5), group="x")
    assert result["brunner_munzel_p"] is None
    assert result["rank_biserial_ci_low"] is None
    assert result.effect("prob_superiority").interval is None
    assert any("do not overlap" in note for note in result.notes("en"))
    assert result.verdict is Verdict.NEGATIVE


@pytest.mark.parametrize(
    ("shift", "margin", "verdict", "words"),
    [
        (15, None, "positive", "points above those of “those who took part”"),
        (-15, None, "negative", "points below those of"),
        (1, None, "undetermined", "cannot be told"),
        (0, 6.0, "negligible", "less than the 6 points that count"),
    ],
)
def test_each_verdict_has_its_sentence(
    shift: float, margin: float | None, verdict: str, words: str
) -> None:
    values, groups = drawn(shift=shift)
    names = {"b": "those who took part"}
    result = two_groups(values, groups, group="a", reference="b", margin=margin, names=names)
    assert result.verdict == verdict
    assert words in result.sentence("en")
    assert "of 100 pairings" in result.sentence("en")
    assert "significant" not in result.sentence("en")


def test_labels_stand_in_sentences() -> None:
    values, groups = drawn(shift=15)
    labels = Labels(nouns="states", outcome="the index", unit="tenths")
    text = two_groups(values, groups, group="a", labels=labels).sentence("en")
    assert "In the index, the states of “a” (40)" in text
    assert "tenths" in text
