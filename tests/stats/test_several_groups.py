"""Several groups: overall, by pairs, in order, against one of them, and in spread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs as posthoc
import scipy.stats as sp

from tests.stats.reference import Case
from workbench.stats import against_reference_group, several_groups, spread
from workbench.stats.simultaneous import (
    dunnett_p,
    studentized_range_p,
    studentized_range_quantile,
)
from workbench.stats.spread import deviation_ratio

Reference = Callable[[str], Case]
ROWS = ("groups", "dunn", "games_howell", "games_howell_unrounded", "tukey")


def columns(case: Case) -> tuple[pd.Series, pd.Series]:
    frame = case.data()
    frame = frame.set_index("mun_code") if "mun_code" in frame else frame
    return frame[case.spec["y"]], frame[case.spec["group"]]


def three(shift: float = 6.0, seed: int = 5) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    groups = pd.Series(np.repeat(["a", "b", "c"], 20), index=[f"{i:05d}" for i in range(60)])
    steps = groups.map({"a": 0, "b": shift, "c": 2 * shift})
    return pd.Series(rng.normal(50, 5, 60), index=groups.index) + steps, groups


@pytest.mark.parametrize("name", ["kgroups_iris_sepal_width", "kgroups_waves_a_popgroup"])
def test_several_groups_agree_with_r(reference: Reference, name: str) -> None:
    case = reference(name)
    result = several_groups(*columns(case), order=list(case.expected["groups"]))
    case.agree(dict(result.details), only=set(case.expected) - set(ROWS))
    groups = result.tables["groups"]
    for group, numbers in case.expected["groups"].items():
        assert groups.loc[group, list(numbers)].tolist() == pytest.approx(list(numbers.values()))
    # R's studentized range is good to 1e-10, and its quantiles to 1e-6 of their size.
    for of, relative in (("dunn", 1e-6), ("games_howell_unrounded", 1e-6), ("tukey", 1e-5)):
        table = result.tables[of.removesuffix("_unrounded")]
        for found, expected in zip(table.to_dict("records"), case.expected[of], strict=True):
            check(found, expected, relative)


def check(found: dict[Any, Any], expected: dict[str, Any], relative: float) -> None:
    for name, value in expected.items():
        if isinstance(value, str):
            assert found[name] == value
        else:
            assert found[name] == pytest.approx(value, rel=relative, abs=1e-7), name


def test_dunnett_agrees_with_r(reference: Reference) -> None:
    case = reference("dunnett_iris")
    result = against_reference_group(*columns(case), reference=case.spec["ref"])
    table = result.tables["contrasts"]
    for found, expected in zip(table.to_dict("records"), case.expected["contrasts"], strict=True):
        check(found, expected, 1e-4)
    assert result.verdict is None
    assert set(table["verdict"]) == {"negative"}
    assert "2 of 2 groups differ" in result.sentence("en")


def test_dunnett_agrees_with_scipy_for_unequal_sizes() -> None:
    rng = np.random.default_rng(3)
    parts = [rng.normal(0.4 * i, 1, n) for i, n in enumerate((9, 5, 14, 21))]
    theirs = sp.dunnett(*parts[1:], control=parts[0], rng=1)
    loadings = tuple(np.sqrt(len(p) / (len(p) + 9)) for p in parts[1:])
    ours = [dunnett_p(abs(t), loadings, 49 - 4) for t in theirs.statistic]
    assert ours == pytest.approx(theirs.pvalue, abs=1e-3)


@pytest.mark.parametrize(("k", "df"), [(2, 1.1), (3, 3.0), (4, 9.2), (10, 35.0), (25, 2467.0)])
def test_the_studentized_range_is_that_of_scipy(k: int, df: float) -> None:
    for q in (0.3, 2.0, 4.5, 9.0):
        theirs = sp.studentized_range.sf(q, k, df)
        assert studentized_range_p(q, k, df) == pytest.approx(theirs, abs=1e-10)
    theirs = sp.studentized_range.ppf(0.95, k, df)
    assert studentized_range_quantile(0.95, k, df) == pytest.approx(theirs, rel=1e-8)


def test_a_group_of_one_is_shown_and_left_out(reference: Reference) -> None:
    case = reference("refuse_singleton_group")
    frame = case.data().set_index("mun_code")
    result = several_groups(frame["score"], frame["pop_group"])
    assert result.test is not None
    expected = case.expected["welch_without_singleton_p"]
    assert result.test.p == pytest.approx(expected, rel=1e-8)
    assert result.tables["groups"].loc["C", "n"] == 1
    assert not result.tables["groups"].loc["C", "tested"]
    assert any("“C” has a single one" in note for note in result.notes("en"))
    assert "C" not in set(result.tables["games_howell"]["b"])
    dunnett = against_reference_group(frame["score"], frame["pop_group"], reference="A")
    assert dunnett.n == 9
    assert [part.n for part in dunnett.dropped] == [1]


def test_a_group_all_alike_is_left_out_and_an_empty_one_named() -> None:
    values, groups = three()
    values[groups == "b"] = 50.0
    category = groups.astype(pd.CategoricalDtype(["a", "b", "c", "d"]))
    result = several_groups(values, category)
    assert result["k"] == 2
    notes = " ".join(result.notes("en"))
    assert "All municipalities of “b” have the same value" in notes
    assert "“d” is empty" in notes
    assert result.tables["groups"].loc["d", "n"] == 0


@pytest.mark.parametrize(
    ("values", "groups", "reason"),
    [
        ([1.0, 2, 3, 4, 5], ["a"] * 5, "too_few_groups"),
        ([1.0, 1, 2, 2], ["a", "a", "b", "b"], "no_variation"),
        ([1.0, 2, 3], ["a", "b", "c"], "too_few_groups"),
        ([], [], "too_few_groups"),
    ],
    ids=["one group", "alike within", "all of one", "empty"],
)
def test_what_cannot_be_tested_is_refused(
    values: list[float], groups: list[str], reason: str
) -> None:
    series = pd.Series(values, dtype=float), pd.Series(groups, dtype="str")
    result = several_groups(*series)
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert against_reference_group(*series, reference="a").refusal is not None
    assert spread(*series).refusal is not None


def test_a_trend_over_groups_in_order() -> None:
    values, groups = three()
    ordered = groups.astype(pd.CategoricalDtype(["a", "b", "c"], ordered=True))
    result = several_groups(values.round(0), ordered)
    frame = pd.DataFrame({"v": values.round(0), "g": groups})
    with pytest.warns(UserWarning, match="Ties"):
        p, z = posthoc.test_jonckheere(frame, val_col="v", group_col="g")
    assert result["jonckheere_z"] == pytest.approx(z)
    assert result["jonckheere_p"] == pytest.approx(p)
    assert "From “a” to “c”, the score tends to be higher" in result.sentence("en")
    falling = several_groups(values, groups, order=["c", "b", "a"], ordered=True)
    assert "tends to be lower" in falling.sentence("en")
    assert "jonckheere_z" not in several_groups(values, groups).details


def test_pairs_have_verdicts_by_interval_and_margin() -> None:
    values, groups = three(shift=0.0)
    plain = several_groups(values, groups)
    assert set(plain.tables["games_howell"]["verdict"]) == {"undetermined"}
    assert "no clear difference" in plain.sentence("en")
    wide = several_groups(values, groups, margin=20.0)
    assert set(wide.tables["games_howell"]["verdict"]) == {"negligible"}
    apart = several_groups(*three(shift=9.0))
    assert set(apart.tables["games_howell"]["verdict"]) == {"positive"}
    assert "furthest apart, “c” lies" in apart.sentence("en")


def test_order_of_rows_is_of_no_account() -> None:
    values, groups = three()
    one = several_groups(values, groups)
    other = several_groups(values.sample(frac=1, random_state=1), groups)
    assert dict(one.details) == dict(other.details)
    pd.testing.assert_frame_equal(one.tables["games_howell"], other.tables["games_howell"])


def test_the_ratio_of_deviations_is_that_of_the_authors() -> None:
    # Example of ci.ratio.sd2 in the R package statpsych (Bonett), which stops after ten rounds.
    x = np.array([32.0, 39, 26, 35, 43, 27, 40, 37, 34, 29])
    y = np.array([36.0, 44, 47, 42, 49, 39, 46, 31, 33, 48])
    assert deviation_ratio(x, y, 0.95) == pytest.approx((0.486279, 1.728396), abs=3e-6)
    low, high = deviation_ratio(x, y, 0.95)
    assert deviation_ratio(y, x, 0.95) == pytest.approx((1 / high, 1 / low))


@pytest.mark.parametrize(
    ("factor", "verdict", "words"),
    [
        (4, "positive", "more spread out"),
        (0.25, "negative", "less"),
        (1, "undetermined", "Whether"),
    ],
)
def test_spread_has_verdicts(factor: float, verdict: str, words: str) -> None:
    values, groups = three(shift=0)
    middle = 50 + (values - 50).where(groups != "a", factor * (values - 50))
    result = spread(middle, groups, group="a", reference="b")
    assert result.verdict == verdict
    assert words in result.sentence("en")


def test_spread_of_all_groups_names_widest_and_narrowest() -> None:
    values, groups = three(shift=0)
    values[groups == "c"] = 50 + 5 * (values[groups == "c"] - 50)
    result = spread(values, groups)
    assert result["n_pairs"] == 3
    parts = [values[groups == g] for g in "abc"]
    assert result["brown_forsythe_p"] == pytest.approx(sp.levene(*parts, center="median").pvalue)
    assert "those of “c”" not in result.sentence("en")
    assert "“c” are more spread out" in result.sentence("en")
    pair = spread(values, groups, group="c", reference="a")
    assert result.interval.low < pair.interval.low or result.estimate > pair.estimate


def test_spread_refuses_a_pair_of_which_one_is_alike() -> None:
    values, groups = three()
    values[groups == "b"] = 1.0
    result = spread(values, groups, group="a", reference="b")
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"
    assert "“b”" in result.sentence("en")


def test_groups_thousands_of_deviations_apart_have_an_interval() -> None:
    rng = np.random.default_rng(1)
    groups = pd.Series(list("ABC") * 20)
    far = groups.map({"A": 1.0, "B": 2e6, "C": 3e9}) + rng.normal(0, 1e-3, 60)
    result = several_groups(far, groups)
    eta = result.effect("eta_squared")
    assert eta.interval is not None
    assert eta.interval.low <= eta.value <= eta.interval.high <= 1


def test_the_range_of_many_groups_agrees_with_scipy() -> None:
    # 32 states: 496 pairs, each with its own degrees of freedom.
    assert studentized_range_p(5.2, 32, 37.4) == pytest.approx(
        sp.studentized_range.sf(5.2, 32, 37.4), abs=1e-10
    )
    assert studentized_range_quantile(0.95, 32, 37.4) == pytest.approx(
        sp.studentized_range.ppf(0.95, 32, 37.4), rel=1e-8
    )
