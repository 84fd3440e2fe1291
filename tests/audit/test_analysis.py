"""Analyses of an index on small cases worked out by hand, or beside scipy and pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.audit import Index, Structure
from workbench.audit.components import principal_components
from workbench.audit.correlations import (
    consistency_by_group,
    correlation_flags,
    correlations,
    size_correlations,
)
from workbench.audit.importance import effective_weights, importance, noisy_weights
from workbench.audit.outranking import outranking
from workbench.audit.places import (
    place_frame,
    result_frame,
    strengths_and_weaknesses,
    unit_frame,
)
from workbench.audit.statistics import availability, availability_by_group, indicator_statistics
from workbench.audit.trends import growth_rate, interpolated, percent_change, trends
from workbench.audit.versions import compare_many, compare_two, correlate_two
from workbench.errors import ScoringError
from workbench.stats.correlation_tables import _series, correlation_table, p_value_table

ROWS = [
    ("a", "g"), ("b", "g"), ("c", "h"), ("d", "h"), ("e", "h"), ("g", "top"), ("h", "top"), ("top", None)
]  # fmt: skip


def structure() -> Structure:
    frame = pd.DataFrame(ROWS, columns=["code", "parent"])
    frame["weight"] = [1, 3, 1, 1, 2, 2, 1, 1]
    frame["direction"] = [1, -1, 1, 1, 1, 1, 1, 1]
    return Structure.from_frame(frame)


def values(n: int = 30, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    units = pd.Index([f"u{i:02d}" for i in range(n)], name="unit")
    x = rng.normal(size=(n, 5)) + rng.normal(size=(n, 1))
    return pd.DataFrame(x, index=units, columns=list("abcde"))


def index(frame: pd.DataFrame | None = None) -> Index:
    made = Index.make(values() if frame is None else frame, structure())
    return made.normalise("min_max").aggregate("arithmetic", min_availability=0.0)


# -- availability, weights -----------------------------------------------------------------------


def test_availability_by_hand() -> None:
    frame = pd.DataFrame({"a": [1.0, 0, np.nan], "b": [0.0, np.nan, np.nan], "c": [2.0, 0, np.nan]})
    found = availability(frame)
    assert found["n_missing"].tolist() == [0, 1, 3]
    assert found["n_zero"].tolist() == [1, 2, 0]
    assert found["available"].tolist() == pytest.approx([1, 2 / 3, 0])
    assert found["nonzero"].tolist() == pytest.approx([2 / 3, 0, np.nan], nan_ok=True)
    whole = values(4)
    whole.loc["u01", ["c", "d"]] = np.nan
    groups = availability_by_group(whole, structure())
    assert groups.loc["u01"].to_dict() == {"g": 1.0, "h": pytest.approx(1 / 3), "top": 0.6}


def test_effective_weights_by_hand() -> None:
    found = effective_weights(structure())
    assert found[["g", "h"]].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert found[list("abcde")].tolist() == pytest.approx([1 / 6, 1 / 2, 1 / 12, 1 / 12, 1 / 6])
    assert found["top"] == 1


def test_importance_is_the_square_of_the_correlation() -> None:
    made = index()
    found = importance(made.aggregated, made.structure).set_index(["node", "parent"])
    r = made.aggregated["a"].corr(made.aggregated["g"])
    assert found.loc[("a", "g"), "importance"] == pytest.approx(r**2)
    assert found.groupby("parent")["importance_share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert found.loc[("b", "g"), "weight"] == 0.75


def test_noisy_weights_stay_within_their_share() -> None:
    found = noisy_weights(structure(), {1: 0.2}, 500, rng=3)
    b = found[("b", "g")]
    assert b.min() >= 2.4
    assert b.max() <= 3.6
    assert (found[("g", "top")] == 2).all()
    assert b.mean() == pytest.approx(3, abs=0.05)


# -- correlations --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_correlations_are_those_of_pandas(method: str) -> None:
    frame = values()
    frame.iloc[3, 1] = frame.iloc[7, 2] = np.nan
    frame["e"] = frame["e"].round(0)
    found = correlation_table(frame, method=method)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, frame.corr(method=method), rtol=1e-12)  # type: ignore[arg-type]


def test_p_values_are_those_of_scipy_and_of_the_published_series() -> None:
    frame = values(25)
    found = p_value_table(frame)
    assert found.loc["a", "b"] == pytest.approx(sp.pearsonr(frame["a"], frame["b"]).pvalue)
    assert found.loc["a", "a"] == 0
    tau = p_value_table(frame, method="kendall").loc["a", "c"]
    assert tau == pytest.approx(sp.kendalltau(frame["a"], frame["c"], method="exact").pvalue)
    ties = frame.round(0)
    rho = p_value_table(ties, method="spearman").loc["a", "b"]
    assert rho == pytest.approx(sp.spearmanr(ties["a"], ties["b"]).pvalue)
    # The example of R's pspearman: AS 89 of 10 units with a sum of 36.
    assert _series(10, 36, above=False) == pytest.approx(0.005825634, abs=5e-10)
    # Counted out: of 4 units the order itself has one chance in 24 at either end.
    four = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 2, 3, 4], "c": [4.0, 3, 2, 1]})
    p = p_value_table(four, method="spearman")
    assert p.loc["a", "b"] == pytest.approx(2 / 24)
    assert p.loc["a", "c"] == pytest.approx(2 / 24)


def test_an_unknown_correlation_is_named() -> None:
    with pytest.raises(ScoringError, match="Did you mean pearson"):
        correlation_table(values(), method="peerson")  # type: ignore[arg-type]


def test_pairs_of_nodes() -> None:
    made = index()
    data, tree = made.aggregated, made.structure
    parents = correlations(data, tree, levels=(1, 2), pairs="parent").set_index(["first", "second"])
    assert list(parents.index) == [("a", "g"), ("b", "g"), ("c", "h"), ("d", "h"), ("e", "h")]
    assert parents.loc[("c", "h"), "correlation"] == pytest.approx(data["c"].corr(data["h"]))
    family = correlations(data, tree, pairs="family")
    assert len(family) == 10
    group = correlations(data, tree, pairs="group")
    assert len(group) == 4 + 9
    raw = correlations(made.data["raw"], tree, directed=True).set_index(["first", "second"])
    assert raw.loc[("a", "b"), "correlation"] == pytest.approx(
        -made.data["raw"]["a"].corr(made.data["raw"]["b"])
    )
    hidden = correlations(data, tree, most_p=0.0)
    assert hidden["correlation"].notna().sum() == 5
    with pytest.raises(ScoringError, match="no level 7"):
        correlations(data, tree, levels=(1, 7))
    with pytest.raises(ScoringError, match="no node z"):
        correlations(data, tree, within=(["z"], None))


def test_flags_name_each_pair_once() -> None:
    frame = values()
    frame["d"] = frame["c"] * 2 + 0.001 * frame["e"]
    found = correlation_flags(frame, structure(), limit=0.99)
    assert found[["group", "first", "second"]].to_numpy().tolist() == [["h", "c", "d"]]
    low = correlation_flags(-frame.assign(b=-frame["a"]), structure(), limit=-0.9, side="low")
    assert low[["first", "second"]].to_numpy().tolist() == [["a", "b"]]
    sizes = size_correlations(frame, pd.DataFrame({"people": -frame["a"]}), limit=0.9)
    assert sizes["correlation"].tolist() == pytest.approx([-1])


def test_alpha_of_groups_and_its_gaps() -> None:
    made = index()
    found = consistency_by_group(made.aggregated, made.structure)
    x = made.aggregated[["a", "b"]]
    by_hand = 2 * (1 - x.var().sum() / x.sum(axis=1).var())
    assert found["g"] == pytest.approx(by_hand)


def test_components_refuse_what_does_not_vary() -> None:
    frame = values().assign(a=1.0)
    with pytest.raises(ScoringError, match="same value of a"):
        principal_components(frame, structure())
    few = values()
    few.iloc[1:, 0] = few.iloc[1:, 2] = np.nan
    with pytest.raises(ScoringError, match="too few units"):
        principal_components(few, structure())


# -- places, versions ----------------------------------------------------------------------------


def test_places_within_groups() -> None:
    frame = pd.DataFrame({"x": [3.0, 1, 2, 2, np.nan], "name": list("abcde")}, index=list("vwxyz"))
    by = pd.Series(["p", "p", "q", "q", None], index=list("vwxyz"))
    assert place_frame(frame)["x"].tolist() == pytest.approx([1, 4, 2, 2, np.nan], nan_ok=True)
    assert place_frame(frame, by)["x"].tolist() == pytest.approx([1, 2, 1, 1, np.nan], nan_ok=True)
    assert place_frame(frame)["name"].tolist() == list("abcde")


def test_ties_are_ties_in_every_table() -> None:
    # Three tenths on two ways, which differ in their last binary digit.
    scores = pd.Series([0.3, 0.1 + 0.2, 0.9], index=list("xyz"))
    frame = pd.DataFrame({"top": scores})
    assert place_frame(frame)["top"].tolist() == [2, 2, 1]
    by = pd.Series(["p", "p", "q"], index=list("xyz"))
    assert place_frame(frame, by)["top"].tolist() == [1, 1, 1]
    assert result_frame(frame, structure())["place"].tolist() == [1, 2, 2]
    assert compare_two(scores, scores)["first"].tolist() == [2, 2, 1]


def test_result_tables() -> None:
    made = index()
    groups = pd.Series(np.where(np.arange(30) % 2, "odd", "even"), index=made.scores.index)
    found = result_frame(made.aggregated, made.structure, use="group_places", by=groups)
    assert found["group"].is_monotonic_increasing
    assert found.groupby("group")["top"].min().tolist() == [1, 1]
    ordered = result_frame(made.aggregated, made.structure, order_by="h", decimals=1)
    assert ordered["h"].is_monotonic_decreasing
    with pytest.raises(ScoringError, match="need the group"):
        result_frame(made.aggregated, made.structure, use="group_places")
    unit = unit_frame(made.aggregated, made.structure, "u04", [3, 2])
    assert list(unit.index) == ["top", "g", "h"]
    assert unit.loc["top", "place"] == made.ranks()["u04"]
    with pytest.raises(ScoringError, match="there is no unit u99"):
        unit_frame(made.aggregated, made.structure, "u99")


def test_strengths_and_weaknesses_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "a": [9.0, 1, 2],
            "b": [9.0, 1, 2],
            "c": [1.0, 0, 0],
            "d": [2.0, 1, 3],
            "e": [5.0, 4, np.nan],
        },
        index=["x", "y", "z"],
    )
    best, worst = strengths_and_weaknesses(
        frame, structure(), "x", strongest=2, weakest=1, directed=True
    )
    # Less of b is better, so that x is last in it: left out by default.
    assert list(best.index) == ["a", "c"]
    assert list(worst.index) == ["d"]
    _, last = strengths_and_weaknesses(
        frame, structure(), "x", weakest=1, directed=True, leave_last=False
    )
    assert list(last.index) == ["b"]
    assert last.loc["b", "place"] == 3
    some, _ = strengths_and_weaknesses(frame, structure(), "x", directed=True, unique=0.7)
    assert "c" not in some.index


def test_two_versions() -> None:
    one = pd.Series([3.0, 2, 1], index=["x", "y", "z"])
    two = pd.Series([1.0, 5, 4, 2], index=["x", "y", "z", "w"])
    found = compare_two(one, two)
    assert found.loc["x"].tolist() == [1, 4, -3, 3]
    assert np.isnan(found.loc["w", "first"])
    assert compare_two(one, two, order_by="shift").index[0] == "x"
    assert compare_two(one, two, by="scores").loc["y", "difference"] == -3
    many = compare_many({"own": one, "other": two, "third": one * 2}, show="shifts")
    assert list(many.columns) == ["own", "other", "third"]
    assert many["third"].tolist() == [0, 0, 0]
    with pytest.raises(ScoringError, match="no unit in common"):
        compare_two(one, pd.Series([1.0], index=["q"]))
    frame = pd.DataFrame({"k": one, "m": one})
    assert correlate_two(frame, frame * 3, ["k"])["k"] == pytest.approx(1)


def test_outranking_by_hand() -> None:
    frame = pd.DataFrame(
        {"a": [3.0, 2, 1], "b": [1.0, 1, 5], "c": [4.0, 2, np.nan]}, index=list("xyz")
    )
    found = outranking(frame, pd.Series({"a": 2.0, "b": 1, "c": 1}))
    assert found.matrix.loc["x", "y"] == pytest.approx((2 + 0.5 + 1) / 4)
    assert found.matrix.loc["y", "x"] == pytest.approx(0.5 / 4)
    assert found.scores["x"] == pytest.approx(3.5 / 4 + 2 / 3)
    # What z does not have counts for neither.
    assert found.matrix.loc["x", "z"] == pytest.approx(2 / 3)
    assert outranking(frame[["a"]]).dominant == 3
    assert outranking(frame[["a"]]).share_dominant == 1
    with pytest.raises(ScoringError, match="not all of them 0"):
        outranking(frame, pd.Series({"a": 0.0, "b": 0, "c": 0}))


@pytest.mark.parametrize("ties", [0.0, -1.0])
def test_copeland_counts_who_is_beaten(ties: float) -> None:
    """As COINr's a_copeland says: 1 above half of the weight, -1 below, and ties by choice."""
    rng = np.random.default_rng(4)
    x, w = rng.integers(0, 3, (12, 4)), np.array([1.0, 2, 1, 2])
    wanted = []
    for i in range(12):
        share = np.array([w[x[i] > x[j]].sum() + w[x[i] == x[j]].sum() / 2 for j in range(12)]) / 6
        won = np.where(np.isclose(share, 0.5), ties, np.sign(share - 0.5))
        wanted.append(won.sum() - won[i])
    units = [f"u{i}" for i in range(12)]
    frame = pd.DataFrame(x, index=units, columns=list("abcd"), dtype=float)
    found = outranking(frame, pd.Series(w, index=list("abcd")))
    np.testing.assert_allclose(found.copeland(ties=ties), wanted)
    assert (found.copeland() != found.copeland(ties=-1.0)).any()


def test_few_values_have_no_shape() -> None:
    found = indicator_statistics(pd.DataFrame({"a": [1.0, 2, 9], "b": [1.0, 2, np.nan]}))
    assert found[["skewness", "kurtosis"]].isna().all(axis=None)
    assert (found["flag_skew_kurtosis"] == "ok").all()


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(8)), st.floats(0.1, 50))
def test_outranking_and_importance_know_neither_order_nor_scale(
    order: list[int], scale: float
) -> None:
    frame = values(8)
    weights = pd.Series([1.0, 2, 1, 1, 3], index=list("abcde"))
    one = outranking(frame, weights).scores
    two = outranking(frame.iloc[order], weights * scale).scores
    np.testing.assert_allclose(two.loc[one.index], one)


# -- trends --------------------------------------------------------------------------------------


def panel(**columns: list[float]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [["u", "v"], [2018, 2019, 2020, 2022]], names=["unit", "time"]
    )
    return pd.DataFrame(columns, index=index)


def test_growth_by_hand() -> None:
    years = np.array([2018.0, 2019, 2020, 2022])
    assert growth_rate(np.array([np.nan, 100, 105, 121.0]), years) == pytest.approx(
        1.21 ** (1 / 3) - 1
    )
    assert growth_rate(np.array([0.0, 5, 2, 0]), years) == 0
    assert np.isnan(growth_rate(np.array([np.nan, 5, np.nan, np.nan]), years))
    assert np.isinf(growth_rate(np.array([0.0, 5, 2, 1]), years))
    assert percent_change(np.array([50.0, np.nan, 60, np.nan]), years, per=10) == pytest.approx(100)
    line = np.polyfit(years, [1.0, 2, 4, 5], 1)
    start = np.polyval(line, 2018)
    assert percent_change(np.array([1.0, 2, 4, 5]), years) == pytest.approx(line[0] / start * 100)
    assert percent_change(np.full(4, 7.0), years) == 0


def test_trends_of_a_panel() -> None:
    nan = np.nan
    frame = panel(a=[1, nan, 4, 8, 2, 2, nan, nan], b=[1, 2, 3, 4, nan, nan, 5, nan])
    found = trends(frame).set_index(["unit", "indicator"])
    assert found.loc[("u", "a"), "trend"] == pytest.approx(8**0.25 - 1)
    assert found.loc[("u", "a"), ["available", "first", "last"]].tolist() == [0.75, 2018, 2022]
    assert found.loc[("v", "a"), "trend"] == 0
    assert np.isnan(found.loc[("v", "b"), "trend"])
    late = trends(frame, latest=2, interpolate=True).set_index(["unit", "indicator"])
    assert late.loc[("u", "a"), "trend"] == pytest.approx(2**0.5 - 1)
    assert late.loc[("u", "a"), "first_latest"] == 2020
    some = trends(frame, times=[2018, 2020]).set_index(["unit", "indicator"])
    assert some.loc[("u", "a"), "trend"] == pytest.approx(1)
    own = trends(frame, measure=lambda y, t: float(np.nanmax(y))).set_index(["unit", "indicator"])
    assert own.loc[("u", "b"), "trend"] == 4
    turned = trends(frame, structure=structure()).set_index(["unit", "indicator"])
    assert turned.loc[("u", "b"), "trend"] < 0
    with pytest.raises(ScoringError, match="no such time"):
        trends(frame, times=[1999])


def test_interpolation_stays_between_values() -> None:
    nan = np.nan
    found = interpolated(panel(a=[1, nan, 4, 8, nan, 2, nan, 8]), at=[2019, 2021])
    assert found.loc["u", "a"].tolist() == [1, 2.5, 4, 6, 8]
    assert found.loc["v", "a"].tolist() == pytest.approx([nan, 2, nan, 6, 8], nan_ok=True)
    with pytest.raises(ScoringError, match="lie within the panel"):
        interpolated(panel(a=[1] * 8), at=[2030])
