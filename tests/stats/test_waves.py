"""Three waves or more, against R and by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.stats as sp
from statsmodels.stats.anova import AnovaRM

from tests.stats.reference import Case
from workbench.stats import Verdict, several_waves

Reference = Callable[[str], Case]


def panel(rng: np.random.Generator, n: int, rises: list[float], noise: float = 3.0) -> pd.DataFrame:
    """Return units with a level of their own that rises as said."""
    own = rng.normal(50, 10, (n, 1))
    values = own + np.array(rises) + rng.normal(0, noise, (n, len(rises)))
    codes = [f"{i:05d}" for i in range(n)]
    return pd.DataFrame(values, index=codes, columns=[f"20{19 + i}" for i in range(len(rises))])


def test_several_waves_agree_with_r(reference: Reference) -> None:
    case = reference("waves_panel_a")
    wide = case.data().pivot(index="mun_code", columns="wave", values="score")
    result = several_waves(wide)
    case.agree(dict(result.details), only=set(case.expected) - {"means"})
    assert result.tables["waves"]["mean"].to_dict() == pytest.approx(case.expected["means"])
    assert result.effect("kendalls_W").value == pytest.approx(case.expected["kendalls_W"])


def test_anova_agrees_with_statsmodels() -> None:
    wide = panel(np.random.default_rng(1), 12, [0, 1, 2, 2])
    tidy = wide.rename_axis("unit").melt(ignore_index=False, var_name="wave").reset_index()
    table = AnovaRM(tidy, "value", "unit", within=["wave"]).fit().anova_table
    result = several_waves(wide)
    assert result["rm_F"] == pytest.approx(table["F Value"].iloc[0])
    assert result["rm_p"] == pytest.approx(table["Pr > F"].iloc[0])


def test_pairs_are_adjusted_together() -> None:
    wide = panel(np.random.default_rng(2), 20, [0, 1, 3])
    pairs = several_waves(wide).tables["pairs"]
    row = pairs.loc[("2019", "2021")]
    library = sp.ttest_rel(wide["2021"], wide["2019"])
    assert row["p_t"] == pytest.approx(library.pvalue)
    bounds = library.confidence_interval(1 - 0.05 / 3)
    assert (row["low_all"], row["high_all"]) == pytest.approx((bounds.low, bounds.high))
    assert row["p_wilcoxon"] == pytest.approx(sp.wilcoxon(wide["2021"] - wide["2019"]).pvalue)
    smallest = pairs["p_t"].min()
    assert pairs["p_t_holm"].min() == pytest.approx(min(1.0, 3 * smallest))


def test_missing_visits_are_left_out_and_counted() -> None:
    wide = panel(np.random.default_rng(3), 12, [0, 1, 3])
    wide.iloc[0, 1] = np.nan
    wide.iloc[1, :] = np.nan
    result = several_waves(wide.sample(frac=1, random_state=0))
    assert (result.n, result["n_excluded"]) == (10, 1)
    assert result.fingerprint == several_waves(wide).fingerprint
    assert "not measured in every round" in result.notes("en")[0]


def test_a_shift_and_a_scale_change_no_test() -> None:
    wide = panel(np.random.default_rng(4), 15, [0, 1, 3, 2])
    one, other = several_waves(wide), several_waves(7 + 3 * wide)
    for name in ("friedman_p", "rm_p", "p_gg", "mauchly_p", "kendalls_W"):
        assert one[name] == pytest.approx(other[name]), name


@pytest.mark.parametrize(
    ("rises", "margin", "verdict", "words"),
    [
        ([0, 8, 8], None, Verdict.POSITIVE, "a rise shows in 1 step"),
        ([8, 0, 0], None, Verdict.NEGATIVE, "a fall shows in 1 step"),
        ([0, 0, 0], None, Verdict.UNDETERMINED, "In 2 of 2 steps"),
        ([0, 0, 0], 3.0, Verdict.NEGLIGIBLE, "no appreciable change"),
    ],
    ids=["rose", "fell", "unclear", "negligible"],
)
def test_waves_in_words(
    rises: list[float], margin: float | None, verdict: Verdict, words: str
) -> None:
    result = several_waves(panel(np.random.default_rng(6), 40, rises), margin=margin)
    assert result.verdict is verdict
    assert words in result.sentence("en")


def test_all_rank_the_waves_alike() -> None:
    # Kendall's W is 1, so Conover's comparison has no error left to divide by.
    wide = panel(np.random.default_rng(9), 10, [0, 50, 99], noise=1.0)
    result = several_waves(wide)
    assert result["kendalls_W"] == pytest.approx(1.0)
    assert result.tables["pairs"]["p_conover_holm"].isna().all()
    assert result.tables["pairs"]["p_wilcoxon"].max() == pytest.approx(2 / 2**10)


@pytest.mark.parametrize(
    ("wide", "reason"),
    [
        (pd.DataFrame(np.eye(8)[:, :2], columns=["a", "b"]), "too_few_waves"),
        (pd.DataFrame(np.eye(5), columns=list("abcde")), "too_few"),
        (pd.DataFrame(np.full((9, 3), 4.0), columns=list("abc")), "no_variation"),
        (pd.DataFrame(np.arange(9.0)[:, None] + [0, 0.1, 0.3]), "no_variation"),
        (pd.DataFrame(columns=list("abc"), dtype=float), "too_few"),
    ],
    ids=["two waves", "five units", "no change", "same change", "nobody"],
)
def test_what_cannot_be_compared(wide: pd.DataFrame, reason: str) -> None:
    result = several_waves(wide)
    assert result.refusal is not None
    assert result.refusal.reason == reason
    assert result.test is None
    assert "nan" not in result.sentence("en")


def test_more_waves_than_units_have_no_check_of_sphericity() -> None:
    wide = panel(np.random.default_rng(8), 7, [0, 0, 1, 1, 2, 2, 3, 3, 4])
    result = several_waves(wide)
    assert result["mauchly_p"] is None
    assert result.checks == ()
    assert 1 / 8 <= float(result["greenhouse_geisser_eps"] or 0) <= 1
