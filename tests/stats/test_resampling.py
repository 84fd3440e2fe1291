"""Permutations, sign flips and the bootstrap, against R and by brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import bootstrap, permutation_test, sign_flip_test, trimmed_mean, two_groups

Reference = Callable[[str], Case]


def sleep(case: Case) -> tuple[pd.Series, pd.Series]:
    wide = case.data().pivot(index="ID", columns="group", values="extra")
    return wide[1], wide[2]


def test_permutation_of_groups_agrees_with_r(reference: Reference) -> None:
    case = reference("permutation_groups_a")
    frame = case.data().set_index("mun_code")
    result = permutation_test(frame["score"], frame["participant"], group=1, reference=0)
    case.agree(dict(result.details))
    assert result.seed is None
    assert "Of all 6,435 arrangements" in result.sentence("en")


def test_permutation_within_blocks_agrees_with_r(reference: Reference) -> None:
    case = reference("permutation_blocks_a")
    frame = case.data().set_index("mun_code")
    blocks = frame["state"].sample(frac=1, random_state=1)
    result = permutation_test(frame["score"], frame["participant"], group=1, blocks=blocks)
    case.agree(dict(result.details))


def test_sign_flips_agree_with_r(reference: Reference) -> None:
    case = reference("permutation_sleep_signflip")
    before, after = sleep(case)
    result = sign_flip_test(before, after)
    case.agree(dict(result.details))
    assert result.estimate == pytest.approx(1.58)


def test_the_interval_holds_what_the_test_does_not_reject(reference: Reference) -> None:
    frame = reference("permutation_groups_a").data().set_index("mun_code")
    score, group = frame["score"], frame["participant"]
    interval = permutation_test(score, group, group=1).interval
    for end, inward in ((interval.low, 1), (interval.high, -1)):
        for side in (1, -1):
            taken = score - (end + side * 1e-6) * group
            p = permutation_test(taken, group, group=1)["p_two_sided_doubled"]
            assert (p > 0.05) == (side == inward)
    before, after = sleep(reference("permutation_sleep_signflip"))
    interval = sign_flip_test(before, after).interval
    for end, inward in ((interval.low, 1), (interval.high, -1)):
        for side in (1, -1):
            p = sign_flip_test(before + end + side * 1e-6, after)["p_two_sided_doubled"]
            assert (p > 0.05) == (side == inward)


def large(n: int = 150) -> tuple[pd.Series, pd.Series, pd.Series]:
    rng = np.random.default_rng(4)
    codes = [f"{i:05d}" for i in range(n)]
    groups = pd.Series(rng.integers(0, 2, n), index=codes)
    states = pd.Series(rng.choice(["x", "y", "z"], n), index=codes)
    return pd.Series(rng.normal(50, 10, n), index=codes) + 4 * groups, groups, states


def test_random_arrangements_are_near_theory_and_repeat() -> None:
    values, groups, states = large()
    one = permutation_test(values, groups, group=1, seed=3)
    again = permutation_test(values.sample(frac=1, random_state=9), groups, group=1, seed=3)
    assert dict(one.details) == dict(again.details)
    assert (one.seed, one.replicates) == (3, 9_999)
    assert one["p_two_sided_abs"] == pytest.approx(one["asymptotic_p"], abs=0.01)
    welch = two_groups(values, groups, group=1).interval
    assert one.interval.low == pytest.approx(welch.low, abs=0.3)
    assert one.interval.high == pytest.approx(welch.high, abs=0.3)
    within = permutation_test(values, groups, group=1, blocks=states, replicates=4_999)
    assert within["p_two_sided_abs"] == pytest.approx(within["asymptotic_p"], abs=0.015)
    assert within.estimate == within["difference_within_blocks"]
    flips = sign_flip_test(values, values + 2 + values.sample(frac=1, random_state=5).values / 50)
    assert flips.replicates == 9_999
    assert flips["p_two_sided_abs"] == pytest.approx(1 / 10_000)


def test_blocks_of_one_group_say_nothing() -> None:
    values, groups, states = large(24)
    states.iloc[:5] = "alone"
    groups.iloc[:5] = 1
    result = permutation_test(values, groups, group=1, blocks=states)
    assert [part.n for part in result.dropped] == [5]
    assert (
        result["arrangements"]
        == permutation_test(values[5:], groups, group=1, blocks=states)["arrangements"]
    )


def test_few_arrangements_leave_no_interval() -> None:
    values = pd.Series([1.0, 2, 5, 7, 3, 9, 4, 8])
    blocks = pd.Series(["p", "p", "q", "q", "r", "r", "s", "s"])
    result = permutation_test(values, pd.Series([0, 1] * 4), group=1, blocks=blocks)
    assert result["arrangements"] == 16
    assert result.interval.low == -np.inf
    assert result.verdict == "undetermined"
    assert "16 arrangements are too few" in result.sentence("en")


def test_what_cannot_be_rearranged_is_refused() -> None:
    values, groups = pd.Series([5.0] * 12), pd.Series([0, 1] * 6)
    assert permutation_test(values, groups, group=1).refusal.reason == "no_variation"
    assert permutation_test(values[:6], groups, group=1).refusal.reason == "too_few"
    assert permutation_test(values, groups, group=9).refusal.reason == "too_few"
    assert sign_flip_test(values, values).refusal.reason == "too_few"


@pytest.mark.parametrize(
    ("shift", "margin", "verdict", "words"),
    [
        (9, None, "positive", "above"),
        (-9, None, "negative", "below"),
        (0.5, None, "undetermined", "cannot be told"),
        (0, 8.0, "negligible", "less than the 8 points"),
    ],
)
def test_each_verdict_has_its_sentence(
    shift: float, margin: float | None, verdict: str, words: str
) -> None:
    rng = np.random.default_rng(2)
    groups = pd.Series([0, 1] * 40)
    values = pd.Series(rng.normal(50, 10, 80)) + shift * groups
    result = permutation_test(values, groups, group=1, margin=margin, replicates=1_999)
    assert result.verdict == verdict
    assert words in result.sentence("en")
    flips = sign_flip_test(
        values, values + shift + rng.normal(0, 4, 80), margin=margin, replicates=1_999
    )
    said = {"above": "rose", "below": "fell"}.get(words, words)
    if verdict != "undetermined":
        assert said in flips.sentence("en")


@pytest.mark.parametrize("name", ["boot_bca_sleep_mean", "boot_bca_waves_a_trimmed"])
def test_the_bootstrap_agrees_with_r(reference: Reference, name: str) -> None:
    case = reference(name)
    if name == "boot_bca_sleep_mean":
        before, after = sleep(case)
        result = bootstrap(after - before, "mean", replicates=20_000)
    else:
        frame = case.data().set_index("mun_code")
        change = frame["score_followup"] - frame["score_base"]
        result = bootstrap(change, trimmed_mean(0.2), replicates=20_000)
    expected = case.expected
    case.agree(dict(result.details), only={"estimate", "jackknife_acceleration", "boot_se"})
    for kind in ("bca", "percentile"):
        width = expected[f"{kind}_high"] - expected[f"{kind}_low"]
        for end in (f"{kind}_low", f"{kind}_high"):
            assert result[end] == pytest.approx(expected[end], abs=0.03 * width)
    assert (result.seed, result.replicates) == (20260101, 20_000)
    # Neither has as many units as an interval needs that holds: R's stand beside.
    assert result.interval is None


def test_units_are_drawn_as_a_whole_and_any_statistic_will_do() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, 60)
    frame = pd.DataFrame({"x": x, "y": x + rng.normal(0, 0.5, 60)})

    def slope(sample: np.ndarray) -> np.ndarray:
        a, b = sample[..., 0], sample[..., 1]
        a = a - a.mean(axis=-1, keepdims=True)
        return (a * b).sum(axis=-1) / (a * a).sum(axis=-1)

    result = bootstrap(frame, slope, replicates=2_000, null=0.0)
    assert result.estimate == pytest.approx(np.polyfit(frame["x"], frame["y"], 1)[0])
    assert result.verdict == "positive"
    again = bootstrap(frame.sample(frac=1, random_state=1), slope, replicates=2_000, null=0.0)
    assert dict(again.details) == dict(result.details)
    moved = bootstrap(3 * frame["x"] + 7, "mean", replicates=2_000)
    plain = bootstrap(frame["x"], "mean", replicates=2_000)
    assert moved["bca_low"] == pytest.approx(3 * plain["bca_low"] + 7)


def test_too_few_units_drawn_again_give_no_interval_and_more_give_that_of_t() -> None:
    half = np.random.default_rng(1).normal(size=30)
    # As far above as below, so that only the width is in question.
    values = pd.Series(np.concatenate([half, -half]))
    few = bootstrap(values[1:], null=1.0)
    assert (few.interval, few.verdict) == (None, None)
    assert "none is given below 60" in " ".join(few.notes("en"))
    assert "between" not in few.sentence("en")
    enough = bootstrap(values, null=1.0)
    assert enough.notes("en") == []
    assert enough.verdict == "negative"
    reach = sp.t.ppf(0.975, 59) * values.std() / np.sqrt(60)
    # 19,999 replicates know a quantile of 2.5 % to about 1 % of the width.
    assert enough.interval.high == pytest.approx(reach, rel=0.025)
    assert enough.interval.low == pytest.approx(-reach, rel=0.025)
    assert enough.interval.high == enough["expanded_high"]
    assert enough["bca_high"] < 0.98 * reach


def test_a_deviation_drawn_again_has_no_interval() -> None:
    values = pd.Series(np.random.default_rng(4).normal(size=60))
    found = bootstrap(values, "sd", replicates=500)
    assert found.interval is None
    assert found.estimate == pytest.approx(values.std())
    assert "interval of a deviation" in " ".join(found.notes("en"))


def test_lumpy_values_are_named_and_none_is_refused() -> None:
    values = pd.Series([1.0] * 30 + [2.0] * 30 + [np.nan])
    lumpy = bootstrap(values, "median")
    assert any("different values only" in note for note in lumpy.notes("en"))
    # Where no interval is given there is none that could be coarse.
    assert not any("coarse" in note for note in bootstrap(values[1:], "median").notes("en"))
    assert lumpy["bca_low"] <= lumpy.estimate <= lumpy["bca_high"]
    assert lumpy.dropped[0].n == 1
    assert bootstrap(pd.Series([1.0] * 20)).refusal.reason == "no_variation"
    assert bootstrap(pd.Series([1.0, 2.0])).refusal.reason == "too_few"
    with pytest.raises(ValueError, match="statistic is 'mode'"):
        bootstrap(values, "mode")
    with pytest.raises(ValueError, match="gave shape"):
        bootstrap(values, lambda sample: sample)
