"""Places and shrunken scores, against R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp
from statsmodels.stats.multitest import multipletests

from tests.stats.reference import Case
from workbench.stats import ranges_apart, rank_ranges, shrunken_scores

Reference = Callable[[str], Case]


def scores(case: Case) -> tuple[pd.Series, pd.Series]:
    frame = case.data().set_index("mun_code")
    return frame["score"], frame["se"]


def invented(n: int, seed: int) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    codes = [f"{i:05d}" for i in range(n)]
    return pd.Series(rng.normal(50, 8, n), codes), pd.Series(rng.uniform(1, 4, n), codes)


def test_places_agree_with_r(reference: Reference) -> None:
    case = reference("ranks_scores_a")
    result = rank_ranges(*scores(case))
    found = dict(result.details)
    case.agree(found, only=set(case.expected) - {"units"})
    units = result.tables["units"]
    for wanted in case.expected["units"]:
        row = units.loc[wanted["id"]]
        exact = ("rank", "holm_low", "holm_high", "unadjusted_low", "unadjusted_high")
        assert [row[name] for name in exact] == [wanted[name] for name in exact]
        assert row["expected_rank"] == pytest.approx(wanted["expected_rank"], abs=1e-8)
        assert row["mc_prob_top"] == pytest.approx(wanted["mc_prob_top3"], abs=0.01)
        for name in (n for n in wanted if n.startswith(("csranks", "mc_rank"))):
            near = np.atleast_1d(wanted[name]) - row[name]
            assert abs(near).min() <= 1, (wanted["id"], name)


def test_a_place_has_its_range() -> None:
    result = rank_ranges(*invented(12, 3), unit="00004")
    assert result.interval is not None
    assert result.interval.low <= result.estimate <= result.interval.high  # type: ignore[operator]
    assert "place" in result.sentence("en")
    assert "from" in result.sentence("en")


def test_less_is_better_mirrors_the_places() -> None:
    x, se = invented(12, 3)
    more, less = (rank_ranges(x, se, direction=d).tables["units"] for d in (1, -1))
    assert (more["rank"] + less["rank"] == 13).all()
    assert (more["holm_low"] + less["holm_high"] == 13).all()


def test_order_shift_and_scale_are_of_no_account() -> None:
    x, se = invented(15, 5)
    one = rank_ranges(x, se).tables["units"]
    two = rank_ranges((7 * x - 3).sample(frac=1, random_state=1), 7 * se).tables["units"]
    pd.testing.assert_frame_equal(one.drop(columns=_BARS), two.drop(columns=_BARS))


_BARS = ["score", "se", "compare_low", "compare_high"]


def test_equal_scores_share_a_place_and_tell_nothing() -> None:
    x = pd.Series(5.0, index=list("abcdef"))
    result = rank_ranges(x, x * 0 + 1)
    units = result.tables["units"]
    assert (units["rank"] == 1).all()
    assert (units["holm_low"] == 1).all()
    assert (units["holm_high"] == 6).all()
    assert np.allclose(units["expected_rank"], 3.5)
    assert result["critical_pairs_holm"] == 0


def test_scores_without_error_are_told_apart_for_certain() -> None:
    x = pd.Series([1.0, 2, 3, 4, 5, 6], index=list("abcdef"))
    se = pd.Series([0.0, 0, 0, 0, 0, 100], index=list("abcdef"))
    units = rank_ranges(x, se).tables["units"]
    assert list(units.loc["b", ["holm_low", "holm_high"]]) == [4, 5]


@pytest.mark.parametrize("reason", ["no_error", "too_few", "not_measured", "all_zero"])
def test_no_range_without_error(reason: str) -> None:
    x, se = invented(8, 1)
    result = {
        "no_error": lambda: rank_ranges(x, None),
        "too_few": lambda: rank_ranges(x[:4], se),
        "not_measured": lambda: rank_ranges(x, se, unit="99999"),
        "all_zero": lambda: rank_ranges(x, se * 0),
    }[reason]()
    assert result.refusal is not None
    assert result.refusal.reason == ("no_error" if reason == "all_zero" else reason)
    assert result.interval is None


def test_a_negative_error_is_a_mistake() -> None:
    x, se = invented(8, 1)
    with pytest.raises(ValueError, match="negative"):
        rank_ranges(x, -se)


def test_many_units_get_the_set_of_the_one_asked_about() -> None:
    x, se = invented(260, 2)
    units = rank_ranges(x, se, unit="00007", replicates=200, draws=2000).tables["units"]
    assert units["csranks_marginal_low"].notna().sum() == 1
    assert np.isfinite(units.loc["00007", "csranks_marginal_high"])


def test_shrunken_scores_agree_with_r(reference: Reference) -> None:
    case = reference("shrinkage_scores_a")
    result = shrunken_scores(*scores(case))
    names = {"HKSJ_ci_low": "ci_low", "HKSJ_ci_high": "ci_high", "HKSJ_p": "p"}
    for method in ("DL", "PM", "REML"):
        wanted = case.expected[method]
        for name in ("tau2", "I2", "pred_low", "pred_high"):
            assert result[f"{method}_{name}"] == pytest.approx(wanted[name], rel=1e-5)
        for name in ("mu", "se"):
            assert result[f"{method}_{name}"] == pytest.approx(wanted[name]["intrcpt"], rel=1e-5)
        assert result["Q"] == pytest.approx(wanted["Q"])
        assert result["Qp"] == pytest.approx(wanted["Qp"], rel=1e-6)
        table = result.tables[method]
        for row in wanted["shrunk"]:
            for name in ("raw", "blup", "blup_se"):
                assert table.loc[row["id"], name] == pytest.approx(row[name], rel=1e-5)
    for ours, theirs in names.items():
        wanted = case.expected["REML_HKSJ"][theirs]
        assert result[f"REML_{ours}"] == pytest.approx(wanted, rel=1e-5)


def test_a_shrunken_score_lies_between_raw_and_mean() -> None:
    x, se = invented(20, 9)
    result = shrunken_scores(x, se, unit="00003")
    units = result.tables["units"]
    mean = result["REML_mu"]
    assert (((units["blup"] - mean) * (units["raw"] - units["blup"])) >= 0).all()
    assert result.estimate == units.loc["00003", "blup"]
    assert result.sentence("en").startswith("00003 has ")
    assert "place" in " ".join(result.notes("en"))


def test_no_spread_beyond_chance_is_said() -> None:
    x = pd.Series([50.0, 50.1, 49.9, 50.2, 49.8, 50.0], index=list("abcdef"))
    result = shrunken_scores(x, x * 0 + 2)
    assert result["REML_tau2"] == 0
    assert result["PM_tau2"] == 0
    assert result["DL_tau2"] == 0
    assert result.sentence("en").startswith("No differences between the 6 municipalities")


def test_a_covariate_takes_over_what_it_explains() -> None:
    rng = np.random.default_rng(11)
    codes = [f"{i:05d}" for i in range(40)]
    fact = pd.DataFrame({"capacity": rng.normal(0, 1, 40)}, index=codes)
    x = 50 + 6 * fact["capacity"] + rng.normal(0, 1, 40)
    se = pd.Series(2.0, index=codes)
    plain, with_fact = shrunken_scores(x, se), shrunken_scores(x, se, covariates=fact)
    assert with_fact["REML_tau2"] < plain["REML_tau2"] / 10  # type: ignore[operator]
    slope = with_fact.tables["coefficients"].loc[("REML", "capacity"), "estimate"]
    assert slope == pytest.approx(6, abs=0.7)


def test_a_fact_that_does_not_vary_is_refused() -> None:
    x, se = invented(20, 9)
    result = shrunken_scores(x, se, covariates=pd.DataFrame({"same": 1.0}, index=x.index))
    assert result.refusal is not None
    assert result.refusal.reason == "no_variation"


@pytest.mark.parametrize("equal", [True, False])
def test_ranges_are_those_of_holm_over_all_pairs(equal: bool) -> None:
    rng = np.random.default_rng(4)
    x = np.round(rng.normal(50, 10, 40), 1)
    se = np.full(40, 2.5) if equal else rng.uniform(1, 4, 40)
    found = ranges_apart(x, se)
    i, j = np.triu_indices(40, 1)
    z = (x[i] - x[j]) / np.hypot(se[i], se[j])
    told = multipletests(2 * sp.norm.sf(np.abs(z)), alpha=0.05, method="holm")[0]
    better = np.where(z > 0, i, j)[told]
    worse = np.where(z > 0, j, i)[told]
    assert found.pairs == told.sum()
    assert list(found.low) == list(1 + np.bincount(worse, minlength=40))
    assert list(found.high) == list(40 - np.bincount(better, minlength=40))
