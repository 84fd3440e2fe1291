"""Ranges of places over choices, and Sobol indices of known models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.reference import read_case
from workbench.audit import Choices, rank_robustness, sobol_indices
from workbench.audit.choices import places


def index(n: int = 20, k: int = 5, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = [f"i{j}" for j in range(k)]
    codes = [f"{i:05d}" for i in range(n)]
    return pd.DataFrame(rng.uniform(10, 90, (n, k)), index=codes, columns=columns)


def test_sobol_of_a_weighted_sum(shared: object) -> None:
    case = read_case(shared / "reference" / "stats", "sobol_additive_a")  # type: ignore[operator]
    weights = np.array(case.spec["weights"])
    result = sobol_indices(
        lambda x: x @ weights,
        list("abcd"),
        bounds=[(0.0, float(np.sqrt(v))) for v in case.spec["variances"]],
        distributions=["norm"] * 4,
        samples=2**12,
    )
    for order in ("S1", "ST"):
        found = result.tables["indices"][order].to_numpy()
        assert found == pytest.approx(case.expected[order], abs=0.02)
    assert result.estimate == pytest.approx(1, abs=0.02)
    assert "b: 35 of every 100" in result.sentence("en")


def test_sobol_of_an_interaction() -> None:
    # Ishigami: S1 = .3139, .4424, 0; ST = .5576, .4424, .2437 (Saltelli and others 2008).
    def ishigami(x: np.ndarray) -> np.ndarray:
        a, b, c = x.T
        return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)

    result = sobol_indices(ishigami, list("abc"), bounds=[(-np.pi, np.pi)] * 3, samples=2**12)
    table = result.tables["indices"]
    assert table["S1"].to_numpy() == pytest.approx([0.3139, 0.4424, 0], abs=0.02)
    assert table["ST"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert (table["ST_low"] < table["ST"]).all()


def test_sobol_asks_for_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        sobol_indices(lambda x: x[:, 0], ["a"], bounds=[(0, 1)], samples=1000)


def test_sobol_of_a_constant_is_refused() -> None:
    result = sobol_indices(lambda x: x[:, 0] * 0 + 3, ["a", "b"], bounds=[(0, 1)] * 2, samples=64)
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"


def test_seed_zero_repeats() -> None:
    one, two = (
        sobol_indices(
            lambda x: x.sum(axis=1) ** 2, ["a", "b"], bounds=[(0, 1)] * 2, samples=64, seed=0
        )
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.tables["indices"], two.tables["indices"])


def test_a_place_lies_in_its_range_and_repeats() -> None:
    frame = index()
    one = rank_robustness(frame, unit="00003", draws=400)
    two = rank_robustness(frame.sample(frac=1, random_state=2), unit="00003", draws=400)
    assert one.interval == two.interval
    assert one.interval is not None
    assert one.interval.low <= one["median"] <= one.interval.high  # type: ignore[operator]
    units = one.tables["units"]
    assert (units["low"] <= units["high"]).all()
    assert one.reading == "none"
    assert one.verdict is None
    assert "with other reasonable weights and rules it would be between" in one.sentence("en")


def test_the_best_in_all_stays_first() -> None:
    frame = index()
    frame.loc["00007"] = 100.0
    units = rank_robustness(frame, draws=300).tables["units"]
    assert list(units.loc["00007", ["rank", "low", "high", "moved_far"]]) == [1, 1, 1, 0]


def test_less_is_better_is_turned() -> None:
    frame = index()
    turned = Choices(directions=dict.fromkeys(frame.columns, -1), normalisations=("min_max",))
    straight = Choices(normalisations=("min_max",))
    one = rank_robustness(frame, turned, draws=50).tables["units"]["rank"]
    two = rank_robustness(-frame, straight, draws=50).tables["units"]["rank"]
    pd.testing.assert_series_equal(one, two)


def test_one_indicator_out_by_hand() -> None:
    frame = index(k=3)
    choices = Choices(normalisations=("none",), aggregations=("arithmetic",), weight_share=0)
    result = rank_robustness(frame, choices, draws=200)
    for column in frame:
        by_hand = frame.drop(columns=column).mean(axis=1).rank(ascending=False)
        assert (result.tables["one_out"][column] == by_hand).all()
    assert (result.tables["units"]["rank"] == frame.mean(axis=1).rank(ascending=False)).all()


def test_what_is_varied_is_what_has_an_index() -> None:
    frame = index()
    frame.iloc[2, 1] = np.nan
    choices = Choices(missing=("available", "median", "lowest"), one_out=False)
    result = rank_robustness(frame, choices, draws=100, sobol_samples=64)
    assert list(result.tables["indices"].index) == [
        "normalisation",
        "aggregation",
        "missing",
        "weights",
    ]
    assert np.isfinite(result.tables["units"].to_numpy()).all()


def test_nothing_varied_is_refused() -> None:
    fixed = Choices(
        weight_share=0, normalisations=("min_max",), aggregations=("arithmetic",), one_out=False
    )
    result = rank_robustness(index(), fixed)
    assert result.refusal is not None
    assert result.refusal.reason == "not_declared"
    assert rank_robustness(index(n=3)).refusal is not None
    assert rank_robustness(index().assign(i1=5.0)).refusal is not None


def test_how_many_move_is_said() -> None:
    result = rank_robustness(index(), draws=300)
    n = result["units_can_move"]
    assert result.estimate == n / 20  # type: ignore[operator]
    assert f"{n} of 20 municipalities would move more than 5 places" in result.sentence("en")


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (Choices(weights={"x": 1.0}), "no indicator x"),
        (Choices(weight_share=2.0), "0 to 1"),
        (Choices(aggregations=("mode",)), "not mode"),  # type: ignore[arg-type]
        (Choices(directions={"i1": 0}), "1 or -1"),
    ],
)
def test_wrong_choices_are_mistakes(choices: Choices, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rank_robustness(index(), choices)


def test_ties_share_the_best_place() -> None:
    scores = np.array([[3.0], [0.1 + 0.2], [0.3], [np.nan], [1.0]])
    assert places(scores)[:, 0] == pytest.approx([1, 3, 3, np.nan, 2], nan_ok=True)
