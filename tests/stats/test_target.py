"""Against a target, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.reference import Case
from workbench.stats import (
    Verdict,
    mean_against_target,
    share_against_target,
    unit_against_target,
)

Reference = Callable[[str], Case]


def units(values: list[float]) -> pd.Series:
    return pd.Series(values, index=[f"{i:05d}" for i in range(len(values))], dtype=float)


def test_agrees_with_r(reference: Reference) -> None:
    case = reference("target_waves_a")
    values = case.data().set_index("mun_code")[case.spec["y"]]
    mean = mean_against_target(values, case.spec["target"])
    share = share_against_target(values, case.spec["share"], threshold=case.spec["target"])
    case.agree(dict(mean.details) | dict(share.details))
    assert mean.estimate == mean["gap"]
    assert mean.effect("d").value == mean["d"]
    assert share.interval is not None
    assert share.interval.low == share["clopper_low"]


@pytest.mark.parametrize(
    ("target", "verdict", "words"),
    [
        (40.0, Verdict.POSITIVE, "9.5 points above the target of 40. The target is met."),
        (60.0, Verdict.NEGATIVE, "10.5 points below the target of 60. The target is not met."),
        (50.0, Verdict.UNDETERMINED, "Whether the target is met cannot be told from these data."),
    ],
)
def test_verdict_follows_the_interval(target: float, verdict: Verdict, words: str) -> None:
    result = mean_against_target(units([float(v) for v in range(40, 60)]), target)
    assert result.verdict is verdict
    assert result.sentence("en").endswith(words)


def test_less_is_better_turns_the_verdict_and_not_the_numbers() -> None:
    values = units([float(v) for v in range(40, 60)])
    more, less = (mean_against_target(values, 60, direction=d) for d in (1, -1))
    assert more.verdict is Verdict.NEGATIVE
    assert less.verdict is Verdict.POSITIVE
    assert more.interval == less.interval


def test_a_margin_makes_it_at_the_target() -> None:
    values = units([49.0, 51.0] * 30)
    assert mean_against_target(values, 50).verdict is Verdict.UNDETERMINED
    assert mean_against_target(values, 50, margin=1.0).verdict is Verdict.NEGLIGIBLE


def test_without_error_the_distance_is_a_fact() -> None:
    result = mean_against_target(units([1.0, 2.0]), 3, reading="none")
    assert result.estimate == -1.5
    assert result.interval is None
    assert result.verdict is None
    assert result.test is None


def test_shift_moves_nothing_but_the_mean() -> None:
    values = units(list(np.random.default_rng(4).normal(50, 8, 25)))
    one, two = mean_against_target(values, 50), mean_against_target(values + 7, 57)
    assert one["t"] == pytest.approx(two["t"])
    assert one.interval is not None
    assert two.interval is not None
    assert one.interval.low == pytest.approx(two.interval.low)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "nothing_measured"),
        ([np.nan] * 9, "nothing_measured"),
        ([1.0] * 5, "too_few"),
        ([4.0] * 9, "no_variation"),
    ],
)
def test_what_cannot_be_tested_is_refused(values: list[float], reason: str) -> None:
    result = mean_against_target(units(values), 3)
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert result.test is None
    assert "nan" not in result.sentence("en")


def test_a_whole_share_has_an_interval_and_no_certainty() -> None:
    result = share_against_target(units([1.0] * 12), 1.0)
    assert result.verdict is Verdict.UNDETERMINED
    assert result.interval is not None
    # 0.025 ** (1 / 12), the lower end where all succeed.
    assert result.interval.low == pytest.approx(0.025 ** (1 / 12))
    assert "12 of 12 municipalities reach the mark" in result.sentence("en")


def test_a_threshold_counts_the_value_itself() -> None:
    assert share_against_target(units([0.1 + 0.2] * 6), 0.5, threshold=0.3)["n_meeting"] == 6
    assert share_against_target(units([5.0] * 6), 0.5, threshold=4, direction=-1)["n_meeting"] == 0


def test_a_share_without_threshold_needs_zeros_and_ones() -> None:
    with pytest.raises(ValueError, match="give a threshold"):
        share_against_target(units([0.5] * 8), 0.5)


@pytest.mark.parametrize(
    ("value", "options", "verdict", "words"),
    [
        (70.0, {}, Verdict.POSITIVE, "10 points above the target of 60. The target is met."),
        (50.0, {}, Verdict.NEGATIVE, "10 points below the target of 60. The target is not met."),
        (50.0, {"direction": -1}, Verdict.POSITIVE, "The target is met."),
        (63.0, {}, Verdict.UNDETERMINED, "probably between 57.1 and 68.9"),
        (60.5, {"margin": 10.0}, Verdict.NEGLIGIBLE, "within the margin declared"),
    ],
)
def test_one_unit_by_its_own_error(
    value: float, options: dict[str, int], verdict: Verdict, words: str
) -> None:
    result = unit_against_target(value, 60.0, std_error=3.0, unit="León", **options)  # type: ignore[arg-type]
    assert result.verdict is verdict
    assert words in result.sentence("en")
    assert result.interval is not None
    # 1.959964 standard errors to each side of the distance.
    assert result.interval.high == pytest.approx(value - 60 + 1.959964 * 3, abs=1e-5)


def test_one_unit_without_an_error_is_a_recorded_value() -> None:
    result = unit_against_target(50.0, 60.0, unit="León")
    assert result.interval is None
    assert result.verdict is None
    assert result.reading == "none"
    assert "10 points away" in result.sentence("en")
    assert "No source of error is stated" in result.sentence("en")
    assert "reaches the target" in unit_against_target(60.0, 60.0).sentence("en")
    assert unit_against_target(float("nan"), 60.0, unit="León").refusal is not None
    with pytest.raises(ValueError, match="std_error"):
        unit_against_target(50.0, 60.0, std_error=0.0)
