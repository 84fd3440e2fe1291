"""Shares of two groups, against R and at the edges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.stats.reference import Case
from workbench.stats import two_proportions

Reference = Callable[[str], Case]


def counted(x1: int, n1: int, x2: int, n2: int) -> tuple[pd.Series, pd.Series]:
    met = [1] * x1 + [0] * (n1 - x1) + [1] * x2 + [0] * (n2 - x2)
    codes = [f"{i:05d}" for i in range(n1 + n2)]
    return pd.Series(met, index=codes), pd.Series(["a"] * n1 + ["b"] * n2, index=codes)


def test_two_proportions_agree_with_r(reference: Reference) -> None:
    case = reference("prop2_observational_a")
    frame = case.data().set_index("mun_code")
    result = two_proportions(frame[case.spec["y"]], frame[case.spec["group"]], group=1)
    case.agree(dict(result.details))
    assert result.interval is not None
    assert result.interval.low == pytest.approx(case.expected["newcombe_low"])
    assert result.effect("risk_ratio").value == pytest.approx(case.expected["risk_ratio"])


@pytest.mark.parametrize(
    ("table", "ratio", "odds"),
    [
        ((10, 10, 0, 10), None, None),
        ((0, 12, 5, 15), 0.0, 0.0),
        ((12, 12, 9, 15), 12 * 15 / (9 * 12), None),
        ((0, 12, 0, 15), None, None),
        ((12, 12, 15, 15), 1.0, None),
    ],
    ids=["apart", "none of one", "all of one", "none", "all"],
)
def test_a_count_of_zero_leaves_the_difference(
    table: tuple[int, int, int, int], ratio: float | None, odds: float | None
) -> None:
    result = two_proportions(*counted(*table), group="a", reference="b")
    assert result["risk_ratio"] == (None if ratio is None else pytest.approx(ratio))
    assert result["odds_ratio"] == odds
    assert result["or_wald_high"] is None
    assert result.interval is not None
    assert -1 <= result.interval.low <= result.estimate <= result.interval.high <= 1
    assert any("ratios say little" in note for note in result.notes("en"))
    assert "nan" not in result.sentence("en").lower()


def test_the_exact_test_stands_where_a_cell_is_expected_small() -> None:
    sparse = two_proportions(*counted(1, 12, 5, 15), group="a")
    dense = two_proportions(*counted(20, 60, 35, 60), group="a")
    assert sparse.test.name == "Fisher exact"
    assert dense.test.name == "chi-squared"
    assert dense.tests[0].p == dense["fisher_p"]


@pytest.mark.parametrize(
    ("table", "margin", "verdict", "words"),
    [
        ((45, 60, 20, 60), None, "positive", "Per 100, 42 more of “a” than of “b” reach green"),
        ((20, 60, 45, 60), None, "negative", "Per 100, 42 fewer of “a” than of “b” reach green"),
        ((30, 60, 32, 60), None, "undetermined", "cannot be told"),
        ((300, 600, 305, 600), 0.1, "negligible", "within the 10 per 100 that count"),
    ],
)
def test_each_verdict_has_its_sentence(
    table: tuple[int, int, int, int], margin: float | None, verdict: str, words: str
) -> None:
    result = two_proportions(
        *counted(*table), group="a", reference="b", margin=margin, predicate="reach green"
    )
    assert result.verdict == verdict
    assert words in result.sentence("en")


def test_few_are_refused_and_gaps_are_counted_out() -> None:
    met, groups = counted(2, 4, 5, 15)
    refused = two_proportions(met, groups, group="a")
    assert refused.refusal is not None
    assert refused.refusal.reason == "too_few"
    assert refused["x1"] == 2
    met, groups = counted(5, 10, 5, 15)
    met = met.astype(float)
    met.iloc[0] = np.nan
    assert two_proportions(met, groups, group="a").dropped[0].n == 1


def test_what_is_neither_yes_nor_no_is_an_error() -> None:
    met, groups = counted(5, 10, 5, 15)
    with pytest.raises(ValueError, match=r"met holds 3\.0"):
        two_proportions(met.replace({1: 3}), groups, group="a")
    assert two_proportions(met.astype(bool), groups, group="a")["x1"] == 5


@pytest.mark.parametrize(("n", "given"), [(9, False), (10, True)])
def test_the_ratio_of_shares_of_small_groups_has_no_interval(n: int, given: bool) -> None:
    codes = [f"{i:05d}" for i in range(n + 20)]
    met = pd.Series([1.0, 0.0] * ((n + 20) // 2) + [1.0] * (n % 2), codes)
    groups = pd.Series(["a"] * n + ["b"] * 20, codes)
    result = two_proportions(met, groups, group="a", reference="b")
    assert (result.effect("risk_ratio").interval is not None) is given
    assert result.effect("odds_ratio").interval is not None
    assert any("ratio of shares" in note for note in result.notes("en")) is not given
