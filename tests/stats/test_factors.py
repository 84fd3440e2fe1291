"""Factors of a score, against R, statsmodels, and conditions under which they must be refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.stats.nested import agree
from tests.stats.reference import Case
from workbench.stats import Result, Verdict, factors, factors_over_waves
from workbench.stats.linear import aliased, cr2_covariance, fit_ols

Reference = Callable[[str], Case]


@pytest.fixture
def scores() -> tuple[pd.Series, pd.DataFrame]:
    """A score of 60 units, with a number, a yes or no, and a category."""
    rng = np.random.default_rng(11)
    codes = [f"{i:05d}" for i in range(60)]
    found = pd.DataFrame(
        {
            "size": rng.normal(10, 2, 60),
            "council": rng.integers(0, 2, 60),
            "region": rng.choice(["north", "centre", "south"], 60),
        },
        index=codes,
    )
    return 20 + 3 * found["size"] + rng.normal(0, 3, 60), found


def refused(result: Result) -> str:
    """Return the reason of a refusal, whose text must be whole."""
    assert result.refusal is not None
    assert "nan" not in result.sentence("en").lower()
    assert result.estimate is None
    return result.refusal.reason


def test_errors_for_unequal_spread_agree_with_r(reference: Reference) -> None:
    case = reference("ols_mtcars_hc")
    cars = case.data().set_index("model")
    result = factors(cars["mpg"], cars[["wt", "hp"]])
    agree(case, result.details)
    assert result.estimate == pytest.approx(case.expected["coef"]["wt"], rel=1e-9)
    assert result.interval is not None
    assert result.interval.low == pytest.approx(case.expected["ci_HC3"]["wt"]["low"], rel=1e-8)


def test_errors_within_clusters_agree_with_r(reference: Reference) -> None:
    case = reference("ols_waves_a_hc_cluster")
    towns = case.data().set_index("mun_code")
    found = towns[["score_base", "participant"]].assign(
        **{"log(population)": np.log(towns["population"])}
    )
    result = factors(towns["score_followup"], found, focus="participant", clusters=towns["state"])
    agree(case, result.details)
    assert result.test is not None
    assert result.test.p == pytest.approx(case.expected["p_CR2_satterthwaite"]["participant"])
    assert any("6 groups" in note for note in result.notes("en"))


def test_slopes_within_units_agree_with_r(reference: Reference) -> None:
    case = reference("twfe_grunfeld")
    firms = case.data().set_index(["firm", "year"])
    result = factors_over_waves(firms["inv"], firms[["value", "capital"]])
    # R's file calls the share explained by the whole fit, unit effects included, within.
    agree(case, result.details, rename={"within_r2": "r2_with_effects"})


def test_errors_agree_with_statsmodels(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    result = factors(outcome, found[["size", "council"]])
    design = sm.add_constant(found[["size", "council"]].astype(float))
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        other = sm.OLS(outcome, design).fit(cov_type=kind, use_t=True)
        assert result[f"se_{kind}/size"] == pytest.approx(other.bse["size"], rel=1e-10)


def test_unit_effects_within_clusters_do_not_change_the_reduced_bias_errors() -> None:
    rng = np.random.default_rng(4)
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(12)], range(5)])
    gaps = rng.random(60) > 0.15
    x = pd.Series(rng.normal(size=60), index=index)[gaps]
    y = 2 * x + rng.normal(size=60)[gaps]
    result = factors_over_waves(y, x.to_frame("x"))
    dummies = [
        pd.get_dummies(x.index.get_level_values(i), dtype=float, drop_first=i == 1) for i in (0, 1)
    ]
    design = np.column_stack([x.to_numpy(), *(d.to_numpy() for d in dummies)])
    codes = np.unique(x.index.get_level_values(0), return_inverse=True)[1]
    whole = cr2_covariance(fit_ols(design, y.to_numpy()), codes)
    assert result["se_cluster_CR2/x"] == pytest.approx(np.sqrt(whole.covariance[0, 0]), rel=1e-8)
    assert result["df_CR2_satterthwaite/x"] == pytest.approx(whole.df[0], rel=1e-6)


def test_order_of_rows_is_of_no_account(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    one = factors(outcome, found)
    two = factors(outcome.sample(frac=1, random_state=3), found.sample(frac=1, random_state=4))
    assert one.fingerprint == two.fingerprint
    assert dict(one.details) == dict(two.details)


def test_shift_and_scale_of_the_score_follow(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    one, two = factors(outcome, found), factors(10 * outcome + 7, found)
    assert two.estimate == pytest.approx(10 * float(one.estimate or 0))
    assert two["p_HC3/size"] == pytest.approx(one["p_HC3/size"], rel=1e-6)


def test_a_category_is_tested_as_a_whole(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    result = factors(outcome, found, focus="region", reference={"region": "south"})
    assert result.estimate is None
    assert result.test is not None
    assert result.test.name == "F"
    assert result.test.df[0] == 2
    assert "region: north" in result.sentence("en")
    assert "Allowance is made for 2 other factors." in result.sentence("en")


def test_sentences_by_verdict(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    found["noise"] = np.random.default_rng(5).normal(size=60)
    higher = factors(outcome, found[["size"]])
    assert higher.verdict is Verdict.POSITIVE
    assert "points higher than for those with size of" in higher.sentence("en")
    assert "does not say what causes what" in higher.sentence("en")
    lower = factors(-outcome, found[["size"]])
    assert lower.verdict is Verdict.NEGATIVE
    assert "points lower" in lower.sentence("en")
    unknown = factors(outcome, found[["noise"]])
    assert unknown.verdict is Verdict.UNDETERMINED
    assert "cannot be told from these data" in unknown.sentence("en")
    tiny = factors(outcome, found[["noise"]], margin=100.0)
    assert tiny.verdict is Verdict.NEGLIGIBLE
    assert "no appreciable difference" in tiny.sentence("en")


def test_missing_and_infinite_values_are_counted_out(
    scores: tuple[pd.Series, pd.DataFrame],
) -> None:
    outcome, found = scores
    found.loc[found.index[:3], "size"] = np.nan
    found.loc[found.index[3], "size"] = -np.inf
    result = factors(outcome, found)
    assert result.n == 56
    assert [part.n for part in result.dropped] == [4]


def test_an_empty_category_is_left_out_and_named(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    found["region"] = pd.Categorical(found["region"], ["centre", "islands", "north", "south"])
    result = factors(outcome, found)
    assert any("islands" in note for note in result.notes("en"))
    assert "coef/regionislands" not in result.details


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda y, x: (y[:15], x), "too_few"),
        (lambda y, x: (y * 0, x), "no_variation"),
        (lambda y, x: (y, x.assign(again=2 * x["size"] + 1)), "collinear"),
        (lambda y, x: (y, x.assign(same=4.0)), "collinear"),
        (lambda y, x: (3 * x["size"], x[["size"]]), "no_variation"),
        (lambda y, x: (y[:0], x), "too_few"),
    ],
    ids=["few", "constant", "repeated", "steady", "exact", "none"],
)
def test_what_cannot_be_computed_is_refused(
    scores: tuple[pd.Series, pd.DataFrame], change: Callable[..., object], reason: str
) -> None:
    outcome, found = change(*scores)  # type: ignore[misc]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refused(factors(outcome, found)) == reason


def test_clusters_that_are_too_few_or_one_sided_are_refused(
    scores: tuple[pd.Series, pd.DataFrame],
) -> None:
    outcome, found = scores
    states = pd.Series([f"s{i % 5}" for i in range(60)], index=found.index)
    few = factors(outcome, found, clusters=states)
    assert refused(few) == "too_few"
    assert few["coef/size"] == pytest.approx(factors(outcome, found)["coef/size"])
    states = pd.Series([f"s{i % 8}" for i in range(60)], index=found.index)
    treated = found.assign(treated=(states == "s3").astype(int))
    assert refused(factors(outcome, treated, focus="treated", clusters=states)) == "one_cluster"
    beside = factors(outcome, treated, focus="size", clusters=states)
    assert any("treated occurs in one group only" in note for note in beside.notes("en"))


def test_one_unit_alone_in_a_category_gets_other_errors(
    scores: tuple[pd.Series, pd.DataFrame],
) -> None:
    outcome, found = scores
    alone = (found.index == found.index[7]).astype(int)
    result = factors(outcome, found[["size"]].assign(alone=alone))
    assert "HC1" in str(result.method)
    assert any("One case alone" in note for note in result.notes("en"))


def test_steady_factors_are_refused_within_units() -> None:
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(20)], range(3)])
    rng = np.random.default_rng(1)
    y = pd.Series(rng.normal(size=60), index=index)
    steady = pd.DataFrame({"area": np.repeat(rng.normal(size=20), 3)}, index=index)
    assert refused(factors_over_waves(y, steady)) == "collinear"
    moving = steady.assign(x=rng.normal(size=60))[["x"]]
    assert factors_over_waves(y, moving).refusal is None


def test_wrong_options_are_errors(scores: tuple[pd.Series, pd.DataFrame]) -> None:
    outcome, found = scores
    with pytest.raises(ValueError, match="focus: height"):
        factors(outcome, found, focus="height")
    with pytest.raises(ValueError, match="reference of region: east"):
        factors(outcome, found, reference={"region": "east"})
    with pytest.raises(ValueError, match="stands twice"):
        factors(pd.concat([outcome, outcome[:1]]), found)
    with pytest.raises(ValueError, match="expected unit, wave"):
        factors_over_waves(outcome, found)


def test_a_category_of_one_level_does_not_vary() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=60), "state": "A"})
    result = factors(pd.Series(rng.normal(size=60)), frame, focus="state")
    assert result.refusal is not None
    assert result.refusal.reason == "collinear"
    assert "state" in result.sentence("en")


def test_numbers_that_came_as_objects_are_numbers() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=60)})
    score = pd.Series(rng.normal(size=60))
    as_objects = factors(score.astype(object), frame.astype(object))
    assert dict(as_objects.details) == dict(factors(score, frame).details)


def test_columns_far_from_zero_are_no_copies_of_the_column_of_ones() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=80)
    design = np.column_stack([np.ones(80), 1e9 + x, 1e9 + 3 * x, np.full(80, 7.5)])
    assert aliased(design) == [2, 3]
