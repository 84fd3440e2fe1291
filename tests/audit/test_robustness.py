"""Ranges of places over choices, and Sobol indices of known models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.reference import read_case
from workbench.audit import Index, rank_robustness, sobol_indices
from workbench.audit.alternatives import LISTS
from workbench.audit.counts import counted_quantiles
from workbench.audit.draws import places_of, simulate
from workbench.audit.places import row_places
from workbench.audit.sobol import sobol_estimates
from workbench.audit.variants import Variants
from workbench.errors import ScoringError
from workbench.specs.instrument import PercentileRank, ZScore
from workbench.specs.robustness import Robustness
from workbench.stats import Result


def values(n: int = 20, k: int = 5, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = [f"i{j}" for j in range(k)]
    codes = pd.Index([f"{i:05d}" for i in range(n)], name="unit")
    return pd.DataFrame(rng.uniform(10, 90, (n, k)), index=codes, columns=columns)


def flat(frame: pd.DataFrame, scale: str | None = None, **options: object) -> Index:
    rows = [{"code": c, "parent": "index"} for c in frame] + [{"code": "index", "parent": None}]
    index = Index.make(frame, pd.DataFrame(rows))
    scaled = (
        index.normalise(scale, range=(1, 100)) if scale == "min_max" else index.normalise(scale)
    )
    return scaled.aggregate("arithmetic", **{"min_availability": 0.0, **options})


WIDE = Robustness(
    normalise=(
        PercentileRank(method="percentile_rank", range=(1.0, 100.0)),
        ZScore(method="z_score", mean=50.0, sd=10.0),
    ),
    aggregate=("harmonic",),
    draws=300,
)


def robust(frame: pd.DataFrame, plan: Robustness = WIDE, **options: object) -> Result:
    return rank_robustness(flat(frame, "min_max"), plan, **options)  # type: ignore[arg-type]


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


def test_sobol_of_outputs_is_that_of_coinr() -> None:
    """SA_estimate's arithmetic on the design of SA_sample: A, B, then A with one column of B."""
    rng = np.random.default_rng(3)
    n, d = 50, 3
    a, b = rng.random((n, d)), rng.random((n, d))
    mixed = [np.where(np.arange(d) == i, b, a) for i in range(d)]

    def model(x: np.ndarray) -> np.ndarray:
        return x @ np.array([1.0, 2, 3]) + 4

    ya, yb = model(a), model(b)
    variance = np.var(np.r_[ya, yb], ddof=1)
    found = sobol_estimates(np.r_[ya, yb, *map(model, mixed)], ["x", "y", "z"])
    for name, m in zip(found.index, mixed, strict=True):
        assert found.loc[name, "S1"] == pytest.approx((yb * (model(m) - ya)).mean() / variance)
        assert found.loc[name, "ST"] == pytest.approx(
            ((ya - model(m)) ** 2).sum() / (2 * n * variance)
        )
    for wrong in (np.ones(250), ya[:49], np.full(250, np.nan)):
        with pytest.raises(ScoringError, match="outputs of a design"):
            sobol_estimates(wrong, ["x", "y", "z"])


def test_sobol_asks_for_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        sobol_indices(lambda x: x[:, 0], ["a"], bounds=[(0, 1)], samples=1000)


def test_sobol_of_a_constant_is_refused() -> None:
    result = sobol_indices(lambda x: x[:, 0] * 0 + 3, ["a", "b"], bounds=[(0, 1)] * 2, samples=64)
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"


def test_one_choice_alone_has_no_index() -> None:
    result = sobol_indices(
        lambda x: x.sum(axis=1), ["a", "b"], bounds=[(0, 1)] * 2, groups=["g", "g"], samples=64
    )
    assert result.refusal is not None
    assert "Only one choice" in result.sentence("en")
    plan = Robustness(one_out=False, draws=200, sobol_samples=64)
    found = robust(values(), plan)
    assert found.refusal is None
    assert "indices" not in found.tables


def test_seed_zero_repeats() -> None:
    one, two = (
        sobol_indices(
            lambda x: x.sum(axis=1) ** 2, ["a", "b"], bounds=[(0, 1)] * 2, samples=64, seed=0
        )
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.tables["indices"], two.tables["indices"])


def test_a_place_lies_in_its_range_and_repeats() -> None:
    frame = values()
    one = robust(frame, unit="00003")
    two = robust(frame.sample(frac=1, random_state=2), unit="00003")
    assert one.interval is not None
    assert two.interval is not None
    assert (one.interval.low, one.interval.high) == (two.interval.low, two.interval.high)
    assert one.interval.low <= one["median"] <= one.interval.high  # type: ignore[operator]
    units = one.tables["units"]
    assert (units["low"] <= units["high"]).all()
    assert (units["score_low"] <= units["score_high"]).all()
    assert (units["least"] <= units["low"]).all()
    assert one.reading == "none"
    assert one.verdict is None
    assert "with other reasonable weights and rules it would be between" in one.sentence("en")


def test_what_is_found_does_not_depend_on_the_threads() -> None:
    index = flat(values(40, 6), "min_max")
    variants = Variants(index, WIDE)
    base = index.ranks().to_numpy(dtype=np.int32)
    one, three = (simulate(variants, base, 900, seed=4, workers=w) for w in (1, 3))
    for name in ("places", "scores", "shift"):
        assert np.array_equal(getattr(one, name), getattr(three, name))


def test_counted_ranges_are_those_of_all_draws() -> None:
    # The same draws kept whole, and summed up by numpy.
    index = flat(values(12, 4), "min_max")
    plan = Robustness(one_out=False, draws=500)
    variants = Variants(index, plan)
    found = simulate(variants, index.ranks().to_numpy(dtype=np.int32), 500, seed=9)
    rng = np.random.default_rng([9, 1, 0])
    uniform = rng.random((500, 4))
    weights = 1 + 0.25 * (2 * uniform - 1)
    z = index.data["normalised"].to_numpy()
    scores = z @ (weights / weights.sum(axis=1, keepdims=True)).T
    by_hand = pd.DataFrame(scores).rank(ascending=False).to_numpy()
    assert found.places[:, 0] == pytest.approx(by_hand.mean(axis=1))
    for column, p in ((1, 0.5), (2, 0.05), (3, 0.95)):
        assert found.places[:, column] == pytest.approx(np.quantile(by_hand, p, axis=1))
    assert found.scores[:, 0] == pytest.approx(scores.mean(axis=1))
    # Bins of 2,048 between ends three spreads apart.
    width = 3 * np.ptp(scores, axis=1).max() / 1000
    assert found.scores[:, 2] == pytest.approx(np.quantile(scores, 0.05, axis=1), abs=width)


def test_a_quantile_of_counts_is_that_of_the_values() -> None:
    x = np.repeat([1, 2, 4, 7], [3, 1, 5, 2])
    shares = (0.0, 0.05, 0.31, 0.5, 0.95, 1.0)
    found = counted_quantiles(np.array([1, 2, 4, 7]), np.array([3, 1, 5, 2]), shares)
    assert found == pytest.approx(np.quantile(x, shares))


def test_the_best_in_all_stays_first() -> None:
    frame = values()
    frame.loc["00007"] = 100.0
    units = robust(frame).tables["units"]
    row = units.loc["00007", ["rank", "low", "high", "moved_far", "top"]]
    assert list(row) == [1, 1, 1, 0, 1]


def test_one_indicator_out_by_hand() -> None:
    frame = values(k=3)
    plan = Robustness(weight_share=0.0, draws=200)
    result = rank_robustness(flat(frame), plan)
    for column in frame:
        by_hand = frame.drop(columns=column).mean(axis=1).rank(ascending=False)
        assert (result.tables["one_out"][column] == by_hand).all()
    assert (result.tables["units"]["rank"] == frame.mean(axis=1).rank(ascending=False)).all()


def test_what_is_varied_is_what_has_an_index() -> None:
    frame = values()
    frame.iloc[2, 1] = np.nan
    plan = WIDE.model_copy(
        update={
            "missing": ("available", "median", "lowest"),
            "impute": ("mean",),
            "one_out": False,
            "sobol_samples": 64,
        }
    )
    result = robust(frame, plan)
    assert list(result.tables["indices"].index) == [
        "impute",
        "normalise",
        "aggregate",
        "missing",
        "weights",
    ]
    assert np.isfinite(result.tables["units"].to_numpy()).all()
    options = result.tables["choices"].loc["normalise"]
    assert list(options.index) == [
        "as the index",
        "percentile_rank (range [1.0, 100.0])",
        "z_score (mean 50.0, sd 10.0)",
    ]
    assert options["draws"].sum() == 300


def test_steps_keep_their_order() -> None:
    # What was filled in first is not screened out by another scale.
    frame = values(20, 5)
    frame.iloc[3, :3] = np.nan
    rows = [{"code": c, "parent": "index"} for c in frame] + [{"code": "index", "parent": None}]
    made = Index.make(frame, pd.DataFrame(rows)).impute("median").screen(min_available=0.9)
    made = made.treat("shape").normalise("min_max").aggregate("arithmetic")
    assert made.aggregated["index"].notna().all()
    variants = Variants(made, Robustness(normalise=("z_score",), treat=("none",)))
    for normalise, treat in ((0, 0), (1, 0), (0, 1), (1, 1)):
        picks = np.zeros(len(LISTS), dtype=int)
        picks[LISTS.index("normalise")], picks[LISTS.index("treat")] = normalise, treat
        found = variants.scores(picks, np.nan, variants.base[None, :])[:, 0]
        other = made.what_if(
            **({"normalise": "z_score"} if normalise else {}), **({"treat": None} if treat else {})
        )
        assert found == pytest.approx(other.aggregated["index"].to_numpy(), rel=1e-12)


def test_who_loses_the_score_under_a_choice_is_told() -> None:
    frame = values(20, 5)
    frame.iloc[3, 0] = np.nan
    rows = [{"code": c, "parent": "index"} for c in frame] + [{"code": "index", "parent": None}]
    made = Index.make(frame, pd.DataFrame(rows)).impute("median").normalise("min_max")
    plan = Robustness(impute=("none",), one_out=False, draws=200)
    result = rank_robustness(made.aggregate("arithmetic"), plan)
    units = result.tables["units"]
    assert (units["scored"] < 1).sum() == 1
    assert units["scored"].iloc[3] == pytest.approx(0.5, abs=0.12)
    assert units["low"].notna().all()
    warning = result.warnings[0].text("en")
    assert warning.startswith("1 of the municipalities has no score under some choices")


def test_nothing_varied_is_refused() -> None:
    fixed = Robustness(weight_share=0.0, one_out=False)
    result = robust(values(), fixed)
    assert result.refusal is not None
    assert result.refusal.reason == "not_declared"
    assert robust(values(n=3)).refusal is not None


def test_how_many_move_is_said() -> None:
    result = robust(values())
    n = result["units_can_move"]
    assert result.estimate == n / 20  # type: ignore[operator]
    assert f"{n} of 20 municipalities would move more than 5 places" in result.sentence("en")


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Robustness(normalise=("z_scores",)), r"normalise\[0\]: z_scores"),
        (Robustness(aggregate=("geometric",), normalise=("z_score",)), "scores above 0"),
        (Robustness(impute=("latest",)), "one wave only"),
        (Robustness(aggregate=("none",)), "left without a rule"),
        (Robustness(measurement=True), "no indicator has a standard error"),
    ],
)
def test_what_cannot_be_applied_is_an_error(plan: Robustness, words: str) -> None:
    frame = values()
    frame.iloc[0] = -500.0
    with pytest.raises(ScoringError, match=words):
        robust(frame, plan)


@pytest.mark.parametrize(("node", "words"), [("i0", "i0 is no group"), ("indx", "no node indx")])
def test_a_node_that_is_no_group_is_told(node: str, words: str) -> None:
    with pytest.raises(ScoringError, match=words):
        robust(values(), node=node)


def test_errors_of_measurement_move_places() -> None:
    frame = values(15, 4)
    errors = pd.DataFrame(0.0, index=frame.index, columns=frame.columns)
    errors.loc["00003"] = 15.0
    plan = Robustness(weight_share=0.0, one_out=False, measurement=True, draws=400)
    one, two = (rank_robustness(flat(frame), plan, errors=errors) for _ in range(2))
    units = one.tables["units"]
    pd.testing.assert_frame_equal(units, two.tables["units"])
    wide = (units["high"] - units["low"]).idxmax()
    assert wide == "00003"
    # Of the mean of four with an error of 15 each: 7.5.
    sure = units.loc["00003", "score_high"] - units.loc["00003", "score_low"]
    assert sure == pytest.approx(2 * 1.645 * 7.5, rel=0.15)


def test_places_of_a_panel_are_within_waves() -> None:
    frame = pd.concat({"2020": values(seed=1), "2021": values(seed=2) + 50}, names=["wave"])
    frame = frame.swaplevel().rename_axis(["unit", "wave"])
    rows = [{"code": c, "parent": "index"} for c in frame] + [{"code": "index", "parent": None}]
    index = Index.make(frame, pd.DataFrame(rows)).normalise("min_max").aggregate("arithmetic")
    result = rank_robustness(index, Robustness(draws=200), unit="00003")
    units = result.tables["units"]
    assert units["most"].max() == 20
    assert list(units.groupby(level="wave")["rank"].max()) == [20, 20]
    assert result.estimate == units.loc[("00003", "2021"), "rank"]


def test_ties_share_the_best_place() -> None:
    scores = np.array([[3.0, 0.1 + 0.2, 0.3, np.nan, 1.0]])
    assert row_places(scores).tolist() == [[1, 3, 3, 0, 2]]


def test_places_of_many_draws_are_those_of_each() -> None:
    rng = np.random.default_rng(3)
    scores = rng.integers(0, 9, (30, 40)).astype(float)
    by_hand = pd.DataFrame(scores).rank(ascending=False, method="min").to_numpy()
    assert np.array_equal(row_places(scores.T.copy()).T, by_hand)
    index = flat(values(30), "min_max")
    assert np.array_equal(places_of(Variants(index, WIDE), scores).T, by_hand)


@given(seed=st.integers(0, 1000), gaps=st.floats(0, 0.3), factor=st.floats(0.01, 100))
@settings(max_examples=12, deadline=None)
def test_neither_the_order_of_units_nor_the_scale_of_weights_counts(
    seed: int, gaps: float, factor: float
) -> None:
    rng = np.random.default_rng(seed)
    frame = values(12, 4, seed)
    frame = frame.mask(rng.random(frame.shape) < gaps)
    rows = [{"code": c, "parent": "index", "weight": 1.0 + i} for i, c in enumerate(frame)]
    nodes = pd.DataFrame([*rows, {"code": "index", "parent": None, "weight": 1.0}])
    plan = Robustness(normalise=("z_score",), draws=200)

    def units(data: pd.DataFrame, times: float) -> pd.DataFrame:
        table = nodes.assign(weight=nodes["weight"] * times)
        made = Index.make(data, table).normalise("min_max").aggregate(min_availability=0.0)
        return rank_robustness(made, plan, seed=seed).tables["units"]

    own = units(frame, 1.0)
    shuffled = units(frame.iloc[rng.permutation(len(frame))], 1.0)
    pd.testing.assert_frame_equal(shuffled.loc[own.index], own, rtol=1e-9, check_exact=False)
    pd.testing.assert_frame_equal(units(frame, factor), own, rtol=1e-9, check_exact=False)


@given(seed=st.integers(0, 1000), more=st.floats(0.5, 40))
@settings(max_examples=12, deadline=None)
def test_a_better_value_never_costs_places(seed: int, more: float) -> None:
    frame = values(12, 4, seed)
    better = frame.copy()
    # On fixed goalposts, so that nobody else's score is touched.
    better.iloc[5, 2] += more
    plan = Robustness(one_out=True, draws=200)

    def units(data: pd.DataFrame) -> pd.DataFrame:
        rows = [{"code": c, "parent": "index"} for c in data] + [{"code": "index", "parent": None}]
        made = Index.make(data, pd.DataFrame(rows))
        scaled = made.normalise("goalposts", lower=0, upper=200, range=(1, 100))
        return rank_robustness(scaled.aggregate("arithmetic"), plan, seed=seed).tables["units"]

    before, after = units(frame), units(better)
    for name in ("rank", "mean", "low", "high", "least", "most"):
        assert after[name].iloc[5] <= before[name].iloc[5]
    assert after["top"].iloc[5] >= before["top"].iloc[5]
